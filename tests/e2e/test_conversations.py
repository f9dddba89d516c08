from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.chatting import CITY, DECIDED, ask, sign_in, turns
from tests.e2e.served import Served
from tests.e2e.watched import LOST, Visitors

RATE = "到2025年政务服务事项网上可办率要达到多少？"
MEALS = "多大年纪的老人每餐补助五元？"


def entry(page: Page, title: str) -> str:
    """The id of the conversation in the list that is called ``title``."""
    found = page.locator(".pr-entry", has_text=title).first
    expect(found).to_be_visible()
    return str(found.get_attribute("data-conversation"))


def test_a_reload_and_a_restart_keep_the_conversation(visitors: Visitors, small: Served) -> None:
    visitors.watch.allowed += LOST
    page = visitors.arrive(small.url)
    ask(page, RATE)
    ask(page, MEALS)
    page.reload()
    expect(turns(page).locator(".pr-asked")).to_have_text([RATE, MEALS])
    expect(turns(page).first.locator(".pr-answer")).to_contain_text("98%")
    other = visitors.arrive(small.url)
    expect(other.locator(".pr-question-box")).to_be_visible()
    small.stop()
    try:
        other.locator(".pr-new").click()
        expect(other.locator(".pr-status")).to_contain_text("与服务器的连接断开了")
    finally:
        small.start()
    # A page that was open meanwhile goes on.
    other.locator(".pr-new").click()
    expect(ask(other, RATE).locator(".pr-answer")).to_contain_text("98%")
    page.reload()
    expect(turns(page).locator(".pr-asked")).to_have_text([RATE, MEALS])
    expect(page.locator(".pr-entry", has_text=RATE)).to_have_count(2)
    turns(page).first.locator(".pr-chip").first.click()
    expect(page.locator("aside#pr-reader mark#pr-mark")).to_be_in_viewport()
    assert ask(page, "那它由谁负责？")
    expect(turns(page)).to_have_count(3)


def test_conversations_are_found_renamed_and_deleted(visitors: Visitors, small: Served) -> None:
    page = visitors.arrive(small.url)
    ask(page, MEALS)
    known = page.url.rpartition("/")[2]
    mine = page.locator(f'.pr-entry[data-conversation="{known}"]')
    expect(mine.locator("> a")).to_have_attribute("aria-current", "true")
    mine.locator("summary").click()
    mine.locator("[data-do=rename]").click()
    mine.locator(".pr-rename input").fill("餐费")
    page.keyboard.press("Enter")
    expect(mine.locator(".pr-entry-title")).to_have_text("餐费")
    page.locator("[data-do=find]").fill("餐費 补助")
    expect(page.locator(".pr-entry")).to_have_count(1)
    expect(mine.locator(".pr-excerpt")).to_be_visible()
    page.locator("[data-do=find]").fill("火星")
    expect(page.locator(".pr-list")).to_have_text("没有找到")
    page.locator("[data-do=find]").fill("")
    mine.locator("summary").click()
    mine.locator("[data-do=forget]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("删除“餐费”")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(mine).to_be_visible()
    mine.locator("summary").click()
    mine.locator("[data-do=forget]").click()
    dialog.locator("[value=yes]").click()
    expect(mine).to_have_count(0)
    expect(page.locator(".pr-welcome")).to_be_visible()
    expect(page).to_have_url(re.compile(r"#/$"))


def test_the_way_back_leads_to_the_open_conversation_and_to_what_was_typed(visitors: Visitors, small: Served) -> None:
    page = visitors.arrive(small.url)
    turn = ask(page, MEALS)
    turn.locator(".pr-why summary").click()
    box, known = page.locator(".pr-question-box"), page.url
    box.fill("然后呢？")
    for tab in ("library", "settings"):
        page.locator(f"[data-tab={tab}]").click()
        expect(page.locator(f"[data-view={tab}] h2").first).to_be_visible()
        page.locator("[data-tab=chat]").click()
        expect(turn.locator(".pr-why-table")).to_be_visible()
        expect(box).to_have_value("然后呢？")
        expect(page).to_have_url(known)
    page.locator("[data-tab=settings]").click()
    page.locator(".pr-tools [data-do=language]").select_option("en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("[data-tab=chat]").click()
    expect(turns(page).locator(".pr-asked")).to_have_text([MEALS])
    expect(box).to_have_value("然后呢？")
    page.locator(".pr-new").click()
    expect(page.locator(".pr-welcome")).to_be_visible()
    page.locator("[data-tab=library]").click()
    page.locator("[data-tab=chat]").click()
    expect(page.locator(".pr-welcome")).to_be_visible()
    expect(page).to_have_url(re.compile(r"#/$"))


def test_a_conversation_is_exported_and_its_link_copied(visitors: Visitors, small: Served) -> None:
    page = visitors.arrive(small.url)
    ask(page, RATE)
    known = page.url.rpartition("/")[2]
    mine = page.locator(f'.pr-entry[data-conversation="{known}"]')
    mine.locator("summary").click()
    with page.expect_download() as waiting:
        mine.locator('a[href$=".md"]').click()
    assert waiting.value.suggested_filename.endswith(".md")
    assert "98%" in Path(waiting.value.path()).read_text(encoding="utf-8")
    with page.context.expect_page() as opened:
        mine.locator('a[href$=".html"]').click()
    expect(opened.value.locator("body")).to_contain_text("98%")
    opened.value.close()
    mine.locator("[data-do=share]").click()
    expect(page.locator(".pr-status")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == f"{small.url}/#/c/{known}"


def test_two_users_do_not_see_each_others_conversations(visitors: Visitors, shared: Served) -> None:
    ann, bob = (visitors.arrive(shared.url) for _ in range(2))
    sign_in(ann, "ann")
    sign_in(bob, "bob")
    expect(ann.locator(".pr-owner")).to_have_text("ann")
    ask(ann, RATE)
    ask(bob, MEALS)
    known = entry(ann, RATE)
    for each, own in ((ann, RATE), (bob, MEALS)):
        each.reload()
        expect(each.locator(".pr-entry-title")).to_have_text([own])
    bob.goto(f"{shared.url}/#/c/{known}")
    expect(bob.locator(".pr-status")).to_contain_text(known)
    expect(bob.locator(".pr-welcome")).to_be_visible()
    assert bob.request.get(f"{shared.url}/export/{known}.md").status == 404
    assert ann.request.get(f"{shared.url}/export/{known}.md").status == 200


def test_signing_out_ends_at_the_sign_in_page(visitors: Visitors, shared: Served) -> None:
    page = visitors.arrive(shared.url, "/#/c/abc")
    sign_in(page, "bob")
    page.locator("[data-do=sign-out]").click()
    expect(page.get_by_label("密码")).to_be_visible()
    page.get_by_label("用户名").fill("bob")
    page.get_by_label("密码").fill("wrong")
    visitors.watch.allowed.append("401")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert visitors.arrive(shared.url).locator(".pr-question-box").count() == 0


def test_two_browsers_that_ask_at_once_get_each_their_own_answer(visitors: Visitors, seeds: Served) -> None:
    pages = [visitors.arrive(seeds.url) for _ in range(2)]
    asked = (CITY, DECIDED)
    for page, question in zip(pages, asked, strict=True):
        page.locator(".pr-question-box").fill(question)
    for page in pages:
        page.locator(".pr-question-box").press("Enter")
    for page, question, told in zip(pages, asked, ("72%", "2019年12月25日"), strict=True):
        expect(turns(page).locator(".pr-asked")).to_have_text([question])
        expect(turns(page).locator(".pr-answer")).to_contain_text(told)
    urls = {page.url for page in pages}
    assert len(urls) == 2
