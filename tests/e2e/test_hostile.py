"""A document whose text, title and file name try to be more than text, and a model that says such things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.answer.model_server import model_server, says
from tests.conftest import bot_on
from tests.e2e.chatting import ask, turns
from tests.e2e.served import Served
from tests.e2e.watched import Visitors
from tests.ui.fragments import PAYLOADS, visible

TEXTS = [text for text in PAYLOADS if "\x00" not in text]
QUESTION = "每人每月补助多少元？"
NAMES = [
    "<img src=x onerror=window.__hacked=1>.txt",
    "' onmouseover='window.__hacked=1' x='.txt",
    '"><svg onload=window.__hacked=1>.md',
    "[x](javascript:window.__hacked=1) ${window.__hacked=1}.txt",
    "#%2F..%2F?a=b&c=d;e+f.txt",
]
ANSWER = "".join(f"{text}[1]。" for text in TEXTS)


def document(name: str) -> str:
    """A document with a hostile title and headings, and every payload as an article."""
    articles = "\n".join(f"第{number}条 {text}，由市政府负责。" for number, text in enumerate(TEXTS, start=1))
    last = f"附则 每人每月补助五百元，由市民政局发放，本办法由{name}解释。"
    return f"{name.removesuffix('.txt')}管理办法\n第一章 {TEXTS[0]}\n{articles}\n{last}\n"


@pytest.fixture(scope="module")
def hostile(program: str, model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page on such documents, with answers by such a model."""
    bot = bot_on({name: document(name) for name in NAMES}, tmp_path_factory.mktemp("hostile"), model_home)
    bot.close()
    with model_server(says(*(ANSWER[start : start + 40] for start in range(0, len(ANSWER), 40)))) as server:
        settings = {"RAG_LLM__MODEL": "openai:m", "RAG_LLM__BASE_URL": f"{server.address}/v1", "RAG_LLM__API_KEY": "k"}
        with Served(bot.settings.state, settings) as served:
            yield served


@pytest.fixture
def page(visitors: Visitors, hostile: Served) -> Iterator[Page]:
    """A page in which nothing of what was shown has run."""
    page = visitors.arrive(hostile.url)
    expect(page.locator(".pr-question-box")).to_be_visible()
    yield page
    assert page.evaluate("window.__hacked") is None
    ours = "script:not([src]), iframe, object, embed, base, form[action], img, video, math, style"
    assert page.locator(".pr-frame").locator(ours).count() == 0
    assert page.evaluate("document.title") == "政策问答"


def hover_all(page: Page, selector: str) -> None:
    """What waits for the pointer or for the focus gets it."""
    page.eval_on_selector_all(
        selector,
        """all => { for (const each of all) for (const type of ['mouseover', 'mouseenter', 'focus', 'toggle'])
            each.dispatchEvent(new Event(type, {bubbles: true})); }""",
    )


def test_questions_and_answers_are_text(page: Page) -> None:
    turn = ask(page, QUESTION)
    expect(turn.locator(".pr-answer")).to_contain_text("window.__hacked")
    hover_all(page, ".pr-frame *")
    turn.locator(".pr-why summary").click()
    expect(turn.locator("[data-why]")).to_contain_text("answer.v1")
    for text in TEXTS[:3]:
        asked = ask(page, f"{text} 由谁负责？")
        assert visible(asked.locator(".pr-asked").inner_text()) == visible(f"{text} 由谁负责？")
        asked.locator("[data-do=edit]").click()
        assert visible(asked.locator(".pr-edit textarea").input_value()) == visible(f"{text} 由谁负责？")
    hover_all(page, ".pr-frame *")
    page.reload()
    expect(turns(page)).to_have_count(4)
    hover_all(page, ".pr-frame *")


def test_documents_are_text_where_they_are_read(page: Page) -> None:
    turn = ask(page, QUESTION)
    turn.locator(".pr-place").first.click()
    reader = page.locator("aside#pr-reader")
    expect(reader.locator("mark#pr-mark")).to_be_visible()
    read = visible(reader.locator(".pr-reader-text").text_content() or "")  # also what is not in view
    assert [text for text in TEXTS if visible(text) not in read] == []
    hover_all(page, ".pr-frame *")
    reader.locator('[data-do="reader.search"]').click()
    reader.locator(".pr-reader-find input").fill("<script>window.__hacked=1</script>")
    page.keyboard.press("Enter")
    expect(reader.locator(".pr-reader-find output")).not_to_be_empty()


def test_documents_are_text_in_the_library(page: Page, hostile: Served) -> None:
    page.goto(f"{hostile.url}/#/library")
    rows = page.locator(".pr-library tbody tr")
    expect(rows).to_have_count(len(NAMES))
    listed = visible(page.locator(".pr-library").inner_text())
    assert [name for name in NAMES if visible(name) not in listed] == []
    hover_all(page, ".pr-frame *")
    for number in range(len(NAMES)):
        page.goto(f"{hostile.url}/#/library")
        rows.nth(number).locator(".pr-library-title a").click()
        expect(page.locator('[data-part="document"] h2')).to_be_visible()
        hover_all(page, ".pr-frame *")
        page.locator(".pr-library-outline .pr-link").first.click()
        expect(page.locator("aside#pr-reader mark#pr-mark")).to_be_visible()
        page.keyboard.press("Escape")
    page.goto(f"{hostile.url}/#/library")
    rows.first.locator('[data-do="library.remove"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator('[data-do="library.find"]').fill(TEXTS[0])
    expect(page.locator("[data-table]")).to_contain_text("没有符合的文件")


def test_titles_of_conversations_are_text(page: Page, hostile: Served) -> None:
    ask(page, TEXTS[4])
    mine = page.locator(f'.pr-entry[data-conversation="{page.url.rpartition("/")[2]}"]')
    expect(mine).to_be_visible()
    hover_all(page, ".pr-side *")
    mine.locator("summary").click()
    mine.locator("[data-do=forget]").click()
    expect(page.get_by_role("dialog")).to_contain_text("<img src=")
    page.keyboard.press("Escape")
    page.locator("[data-do=find]").fill("<b>没有人这样说过</b>")
    expect(page.locator(".pr-list")).to_have_text("没有找到")
    page.locator("[data-do=find]").fill("")
    with page.context.expect_page() as opened:
        mine.locator("summary").click()
        mine.locator('a[href$=".html"]').click()
    printed = opened.value
    expect(printed.locator("body")).to_contain_text("<img src=")
    assert printed.evaluate("window.__hacked") is None
    assert printed.locator("script, img, iframe").count() == 0


def test_settings_and_evaluation_show_documents_as_text(page: Page, hostile: Served) -> None:
    for tab in ("settings", "evaluation"):
        page.goto(f"{hostile.url}/#/{tab}")
        expect(page.locator(f"[data-view={tab}] h2").first).to_be_visible()
        hover_all(page, ".pr-frame *")


def test_addresses_are_no_commands(page: Page, visitors: Visitors, hostile: Served) -> None:
    visitors.watch.allowed.append("status of 404")
    for at in (
        "/#/c/<img src=x onerror=window.__hacked=1>",
        "/#/library/%3Cimg%20src=x%20onerror=window.__hacked=1%3E",
    ):
        other = visitors.arrive(hostile.url, at)
        expect(other.locator(".pr-status")).to_have_text(re.compile("onerror"))
        assert other.evaluate("window.__hacked") is None
    answer = page.request.get(f"{hostile.url}/<script>window.__hacked=1</script>")
    assert (answer.status, "<script>window" in answer.text()) == (404, False)
