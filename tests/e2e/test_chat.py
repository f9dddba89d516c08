from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from rag import Settings
from tests.conftest import SEEDS
from tests.e2e.chatting import CITY, DECIDED, WHALES, ask, open_source, squeezed, turns
from tests.e2e.served import Served
from tests.e2e.watched import Visitors


def test_a_citation_opens_the_document_at_exactly_the_quoted_words(page: Page) -> None:
    turn = ask(page, CITY)
    expect(turn.locator(".pr-answer")).to_contain_text("72%")
    mark = open_source(page, turn)
    expect(mark).to_be_in_viewport(ratio=1)
    marked, quote = squeezed(mark.inner_text()), squeezed(turn.locator('[data-quote="1"]').inner_text())
    assert marked == quote
    original = SEEDS / "wenzhou-governance-decision-2020.txt"  # in Traditional script, asked in Simplified
    assert marked in squeezed(original.read_text(encoding="utf-8"))
    assert "城市化率達72%以上" in marked


def test_a_chip_shows_the_quote_to_the_pointer_and_to_the_keyboard(page: Page) -> None:
    turn = ask(page, DECIDED)
    chip, tip = turn.locator(".pr-chip").first, page.locator(".pr-tip")
    expect(tip).to_be_hidden()
    chip.hover()
    expect(tip).to_be_visible()
    assert squeezed(tip.inner_text()) == squeezed(turn.locator('[data-quote="1"]').inner_text())
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    chip.focus()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_a_refusal_shows_the_nearest_passages_and_questions_that_are_answered(page: Page) -> None:
    turn = ask(page, WHALES)
    expect(turn.locator(".pr-refusal")).to_contain_text("文件里没有找到足够的依据")
    expect(turn.locator(".pr-source")).to_have_count(3)
    suggested = turn.locator("[data-instead] .pr-example")
    expect(suggested.first).to_be_visible()
    question = suggested.first.inner_text()
    suggested.first.click()
    answered = turns(page).nth(1)
    expect(answered.locator(".pr-asked")).to_have_text(question)
    expect(answered.locator(".pr-chip").first).to_be_visible()
    turn.locator(".pr-place").first.click()
    expect(page.locator("aside#pr-reader mark#pr-mark")).to_be_in_viewport()


def test_an_example_on_the_first_screen_is_asked_with_a_click(page: Page) -> None:
    example = page.locator(".pr-welcome .pr-example").first
    question = example.inner_text()
    example.click()
    expect(turns(page).first.locator(".pr-asked")).to_have_text(question)
    expect(turns(page).first.locator(".pr-chip").first).to_be_visible()
    expect(page.locator(".pr-welcome")).to_have_count(0)


def test_a_follow_up_shows_how_it_was_understood(page: Page) -> None:
    ask(page, CITY)
    turn = ask(page, "那它的中心城区呢？")
    expect(turn.locator(".pr-answer")).to_contain_text(re.compile("检索时理解为：.*温州"))
    expect(turns(page)).to_have_count(2)


def test_the_last_question_is_edited_and_asked_again(page: Page) -> None:
    first = ask(page, DECIDED)
    last = ask(page, WHALES)
    last.locator("[data-do=edit]").click()
    box = last.locator(".pr-edit textarea")
    expect(box).to_be_focused()
    expect(box).to_have_value(WHALES)
    box.fill(CITY)
    box.press("Enter")
    expect(turns(page).nth(1).locator(".pr-asked")).to_have_text(CITY)
    expect(turns(page).nth(1).locator(".pr-answer")).to_contain_text("72%")
    expect(turns(page)).to_have_count(2)
    expect(first.locator("[data-do=edit]")).to_be_hidden()
    page.reload()
    expect(turns(page).locator(".pr-asked")).to_have_text([DECIDED, CITY])


def test_an_edit_is_given_up_with_escape(page: Page) -> None:
    turn = ask(page, DECIDED)
    page.locator(".pr-question-box").press("ArrowUp")
    expect(turn.locator(".pr-edit textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(turn.locator(".pr-edit")).to_be_hidden()
    expect(page.locator(".pr-question-box")).to_be_focused()
    expect(turns(page)).to_have_count(1)


def test_an_answer_is_asked_for_again(page: Page) -> None:
    turn = ask(page, DECIDED)
    turn.evaluate("turn => { turn.dataset.before = 'yes'; }")
    turn.locator("[data-do=retry]").click()
    again = page.locator(".pr-turns > .pr-turn:not([data-before])")
    expect(again).to_be_attached()
    expect(again.locator(".pr-asked")).to_have_text(DECIDED)
    expect(again.locator(".pr-answer")).to_contain_text("2019年12月25日")
    expect(turns(page)).to_have_count(1)


def test_a_rating_with_a_comment_survives_a_reload(page: Page, seeds: Served) -> None:
    turn = ask(page, DECIDED)
    turn.locator("[data-rating=down]").click()
    comment = turn.locator(".pr-comment textarea")
    expect(comment).to_be_focused()
    comment.fill("少了会议名称")
    turn.locator(".pr-comment button").click()
    expect(page.locator(".pr-status")).to_have_text("已记下，谢谢。")
    expect(turn.locator(".pr-commented")).to_have_text("评语：少了会议名称")
    page.reload()
    pressed, told = turns(page).first.locator("[data-rating=down]"), turns(page).first.locator(".pr-commented")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    expect(told).to_have_text("评语：少了会议名称")
    assert "少了会议名称" in seeds.rag("conversations", "feedback")
    pressed.click()
    expect(pressed).to_have_attribute("aria-pressed", "false")
    expect(told).to_be_hidden()
    page.reload()
    expect(turns(page).first.locator("[data-rating=down]")).to_have_attribute("aria-pressed", "false")


def test_why_shows_passages_scores_and_times_and_opens_a_passage(page: Page) -> None:
    turn = ask(page, CITY)
    turn.locator(".pr-why summary").click()
    rows = turn.locator(".pr-why-table tbody tr")
    expect(rows).to_have_count(Settings().k)
    assert turn.locator(".pr-bar i").first.bounding_box()["width"] > 5  # type: ignore[index]
    expect(turn.locator(".pr-times")).to_contain_text("retrieve")
    expect(turn.locator(".pr-why")).to_contain_text("直接摘自原文")
    rows.first.locator("button").click()
    expect(page.locator("aside#pr-reader mark#pr-mark")).to_be_in_viewport()


def test_an_answer_is_copied_with_and_without_its_sources(page: Page) -> None:
    turn = ask(page, DECIDED)
    copied = "navigator.clipboard.readText()"
    turn.locator("[data-do=copy]").first.click()
    expect(page.locator(".pr-status")).to_have_text("已复制")
    assert page.evaluate(copied) == "(2019年12月25日中国共产党遂宁市第七届委员会第九次全体会议通过)"
    turn.locator("[data-do=copy]").nth(1).click()
    page.wait_for_function(f"async () => (await {copied}).includes('[1]')")
    assert "中共遂宁市委关于推进城乡治理制度创新" in page.evaluate(copied)


def test_a_question_that_cannot_be_asked_says_why(page: Page) -> None:
    turn = ask(page, "长" * 1001)
    expect(turn.locator(".pr-notice.pr-bad")).to_contain_text("1001")
    expect(page.locator(".pr-send[type=submit]")).to_be_visible()
    page.locator(".pr-question-box").fill(DECIDED)
    page.keyboard.press("Enter")
    expect(page.locator(".pr-answer")).to_contain_text("2019年12月25日")


def test_an_empty_box_asks_nothing(page: Page) -> None:
    box = page.locator(".pr-question-box")
    box.fill(" \n ")
    box.press("Enter")
    expect(turns(page)).to_have_count(0)
    expect(page.locator(".pr-welcome")).to_be_visible()


def test_shift_and_enter_begins_a_line_and_the_box_grows(page: Page) -> None:
    box = page.locator(".pr-question-box")
    low = box.bounding_box()
    box.press_sequentially("一")
    box.press("Shift+Enter")
    box.press_sequentially("二")
    expect(box).to_have_value("一\n二")
    high = box.bounding_box()
    assert low is not None
    assert high is not None
    assert high["height"] > low["height"]
    expect(turns(page)).to_have_count(0)


@pytest.mark.parametrize("event", [{"isComposing": True}, {"keyCode": 229}])
def test_the_enter_that_chooses_a_character_sends_nothing(page: Page, event: dict[str, object]) -> None:
    box = page.locator(".pr-question-box")
    box.fill("wenzhou")
    box.evaluate(
        "(box, more) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, ...more}))", event
    )
    expect(box).to_have_value("wenzhou")
    expect(page.locator(".pr-turn")).to_have_count(0)


def test_an_input_method_is_left_to_itself(page: Page) -> None:
    box = page.locator(".pr-question-box")
    box.focus()
    typing = page.context.new_cdp_session(page)
    typing.send("Input.imeSetComposition", {"text": "遂宁", "selectionStart": 2, "selectionEnd": 2})
    box.press("Enter")
    expect(page.locator(".pr-turn")).to_have_count(0)
    typing.send("Input.insertText", {"text": "遂宁市"})
    expect(box).to_have_value(re.compile("遂宁市"))


def test_a_link_opens_a_conversation_and_one_that_is_gone_opens_the_first_screen(
    page: Page, visitors: Visitors, seeds: Served
) -> None:
    ask(page, DECIDED)
    expect(page).to_have_url(re.compile(r"#/c/\w+$"))
    other = visitors.arrive(seeds.url, page.url.removeprefix(seeds.url))
    expect(turns(other).locator(".pr-asked")).to_have_text([DECIDED])
    lost = visitors.arrive(seeds.url, "/#/c/0123456789ab")
    expect(lost.locator(".pr-welcome")).to_be_visible()
    expect(lost.locator(".pr-status")).to_contain_text("0123456789ab")
