from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.chatting import ask, sign_in
from tests.e2e.served import Served
from tests.e2e.watched import Visitors

NAME = "夜间公交.txt"
NIGHT_BUS = """青山市夜间公交运行办法
第一条 为了方便市民夜间出行，制定本办法。
第二条 夜间公交每二十分钟发出一班，由市公交集团负责。
"""
QUESTION = "夜间公交多久发出一班？"


def library(page: Page, url: str) -> None:
    page.goto(f"{url}/#/library")
    expect(page.locator(".pr-library tbody tr").first).to_be_visible()


def upload(page: Page, *files: Path) -> None:
    page.locator('[data-do="library.chosen"]').set_input_files(files)


def test_a_document_is_uploaded_asked_removed_and_asked_again(
    visitors: Visitors, small: Served, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_text(NIGHT_BUS, encoding="utf-8")
    page = visitors.arrive(small.url)
    expect(page.locator("[data-corpus]")).to_contain_text("2 份文件")
    expect(ask(page, QUESTION).locator(".pr-refusal")).to_be_visible()

    library(page, small.url)
    upload(page, tmp_path / NAME)
    row = page.locator(".pr-library tbody tr", has_text="青山市夜间公交运行办法")
    expect(row).to_be_visible()
    expect(page.locator("[data-corpus]")).to_contain_text("3 份文件")
    page.locator("[data-tab=chat]").click()
    page.locator(".pr-new").click()
    expect(page.locator(".pr-welcome")).to_be_visible()
    turn = ask(page, QUESTION)
    expect(turn.locator(".pr-answer")).to_contain_text("每二十分钟发出一班")
    turn.locator(".pr-chip").first.click()
    expect(page.locator("aside#pr-reader mark#pr-mark")).to_be_in_viewport()
    known = page.url

    library(page, small.url)
    row.locator('[data-do="library.remove"]').click()
    page.get_by_role("dialog").locator("[value=yes]").click()
    expect(row).to_have_count(0)
    expect(page.locator("[data-corpus]")).to_contain_text("2 份文件")
    page.locator("[data-tab=chat]").click()
    page.locator(".pr-new").click()
    expect(page.locator(".pr-welcome")).to_be_visible()
    expect(ask(page, QUESTION).locator(".pr-refusal")).to_be_visible()

    page.goto(known)  # what was answered then is still there, though its source is not
    expect(page.locator(".pr-turn").nth(0).locator(".pr-answer")).to_contain_text("每二十分钟发出一班")


def test_a_removed_document_is_put_back(visitors: Visitors, small: Served) -> None:
    page = visitors.arrive(small.url)
    library(page, small.url)
    row = page.locator(".pr-library tbody tr", has_text="老年助餐")
    row.locator('[data-do="library.remove"]').click()
    page.get_by_role("dialog").locator("[value=yes]").click()
    expect(row).to_have_count(0)
    page.locator('[data-do="library.restore"]').last.click()
    expect(row).to_have_count(1)
    expect(page.locator("[data-corpus]")).to_contain_text("2 份文件")


def test_several_files_are_taken_each_with_what_became_of_it(visitors: Visitors, small: Served, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(NIGHT_BUS, encoding="utf-8")
    (tmp_path / "表.dwg").write_bytes(b"AC1032\n")
    (tmp_path / "空.txt").write_bytes(b"")
    page = visitors.arrive(small.url)
    library(page, small.url)
    visitors.watch.allowed.append("status of 415")
    upload(page, tmp_path / NAME, tmp_path / "表.dwg", tmp_path / "空.txt")
    row = page.locator(".pr-library tbody tr", has_text="青山市夜间公交运行办法")
    expect(row).to_be_visible()
    for name in ("表.dwg", "空.txt"):
        expect(page.locator(".pr-library-under-way li", has_text=name)).to_contain_text("没有入库")
    row.locator('[data-do="library.remove"]').click()
    page.get_by_role("dialog").locator("[value=yes]").click()
    expect(row).to_have_count(0)


def test_the_outline_of_a_document_opens_it_at_a_heading(visitors: Visitors, seeds: Served) -> None:
    page = visitors.arrive(seeds.url)
    library(page, seeds.url)
    page.locator(".pr-library-title a", has_text="遂宁").click()
    heading = page.locator(".pr-library-outline .pr-link").first
    said = heading.inner_text()
    heading.click()
    expect(page.locator("aside#pr-reader mark#pr-mark")).to_be_in_viewport()
    expect(page.locator("aside#pr-reader mark#pr-mark")).to_have_text(said)
    page.keyboard.press("Escape")
    expect(page.locator("aside#pr-reader")).to_be_hidden()
    expect(heading).to_be_focused()


def test_only_an_administrator_changes_the_library(visitors: Visitors, shared: Served) -> None:
    for name, may in (("ann", 1), ("bob", 0)):
        page = visitors.arrive(shared.url)
        sign_in(page, name)
        library(page, shared.url)
        expect(page.locator(".pr-library-drop")).to_have_count(may)
        expect(page.locator('[data-do="library.remove"]')).to_have_count(2 * may)
