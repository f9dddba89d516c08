from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chatting import CITY, DECIDED, WHALES, ask, open_source, turns
from tests.e2e.served import Served
from tests.e2e.watched import PHONE, Visitors

TABS = ("", "library", "evaluation", "settings")

SIDEWAYS = """() => {
    const wide = document.documentElement.clientWidth, found = [];
    const scrolls = (box) => /auto|scroll/.test(getComputedStyle(box).overflowX) && box.scrollWidth > box.clientWidth;
    if (document.scrollingElement.scrollWidth > wide) found.push('the page');
    for (const element of document.querySelectorAll('.pr-frame *')) {
        const { width, height, right } = element.getBoundingClientRect();
        if (!width || !height || right <= wide + 1 || element.closest('.pr-side')) continue;
        if (!element.checkVisibility()) continue;
        let box = element.parentElement;
        while (box && !scrolls(box)) box = box.parentElement;
        if (!box || box.getAttribute('role') !== 'region')
            found.push(`${element.tagName} ${element.getAttribute('class')} ${right}`);
    }
    return found;
}"""


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.className + ' ' + (document.activeElement.id || '')"))


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until ``selector`` has the focus."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{most} times Tab do not reach {selector}; the focus is on {focused(page)}")


def test_everything_is_done_with_the_keyboard_alone(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    tab_to(page, ".pr-skip")
    page.keyboard.press("Enter")
    tab_to(page, ".pr-question-box")
    page.keyboard.type(CITY)
    page.keyboard.press("Enter")
    turn = turns(page).first
    expect(turn).to_be_attached()
    expect(page.locator(".pr-question-box")).to_be_focused()
    page.locator(".pr-scroll").focus()
    tab_to(page, ".pr-chip")
    expect(page.locator(".pr-tip")).to_be_visible()
    page.keyboard.press("Enter")
    mark = page.locator("aside#pr-reader mark#pr-mark")
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("aside#pr-reader")).to_be_hidden()
    expect(turn.locator(".pr-chip").first).to_be_focused()


def test_the_focus_can_be_seen(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    unseen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const each = document.activeElement, look = getComputedStyle(each);
            const around = getComputedStyle(each.closest('.pr-box, label') || each);
            return [look, around].some((style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
                || style.boxShadow !== 'none'); }"""
        )
        if not seen and focused(page).strip():  # outside the page: the bar of the browser
            unseen.append(focused(page))
    assert unseen == []


@pytest.mark.parametrize(("language", "said", "tag"), [("hant", "請用自己的話提問", "zh-Hant"), ("en", "Ask", "en")])
def test_the_language_is_switched_and_stays(page: Page, language: str, said: str, tag: str) -> None:
    page.locator(".pr-tools [data-do=language]").select_option(language)
    expect(page.locator("html")).to_have_attribute("lang", tag)
    expect(page.locator(".pr-welcome h2")).to_contain_text(said)
    page.reload()
    expect(page.locator(".pr-welcome h2")).to_contain_text(said)
    answer = ask(page, DECIDED)  # questions and quotes are never translated
    expect(answer.locator(".pr-answer")).to_contain_text("2019年12月25日中国共产党遂宁市")


@pytest.mark.parametrize(("locale", "tag"), [("zh-TW", "zh-Hant"), ("zh-CN", "zh-Hans"), ("en-GB", "en")])
def test_the_language_of_the_browser_is_the_first(visitors: Visitors, seeds: Served, locale: str, tag: str) -> None:
    page = visitors.arrive(seeds.url, locale=locale)
    expect(page.locator(".pr-frame")).to_have_attribute("lang", tag)


def test_light_and_dark_are_chosen_or_those_of_the_system(page: Page) -> None:
    background = "getComputedStyle(document.querySelector('.pr-page')).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_class(re.compile(r"\bdark\b"))
    dark = page.evaluate(background)
    assert dark != light
    theme = page.locator(".pr-tools [data-do=theme]")
    theme.select_option("light")
    assert page.evaluate(background) == light
    theme.select_option("dark")
    page.emulate_media(color_scheme="light")
    page.reload()
    expect(page.locator("html")).to_have_class(re.compile(r"\bdark\b"))
    assert page.evaluate(background) == dark


def test_a_document_is_printed_dark_on_white_whatever_the_theme(page: Page, seeds: Served) -> None:
    open_source(page, ask(page, CITY))
    look = """() => ['.pr-reader-text', '.pr-reader-title h2', '.pr-page', 'body'].map((part) => {
        const style = getComputedStyle(document.querySelector(part));
        return [style.color, style.backgroundColor, style.colorScheme];
    })"""
    page.emulate_media(media="print")
    light = page.evaluate(look)
    for theme in ("dark", "auto"):
        page.emulate_media(media="screen", color_scheme="dark")
        page.locator(".pr-tools [data-do=theme]").select_option(theme)
        expect(page.locator("html")).to_have_class(re.compile(r"\bdark\b"))
        assert page.evaluate(look) != light
        page.emulate_media(media="print")
        assert page.evaluate(look) == light
    assert light[-1][1] == "rgb(255, 255, 255)"


def test_on_a_phone_nothing_scrolls_sideways(visitors: Visitors, seeds: Served) -> None:
    page = visitors.arrive(seeds.url, viewport=PHONE, has_touch=True, is_mobile=True)
    wide = {}
    for tab in TABS:
        page.goto(f"{seeds.url}/#/{tab}")
        expect(page.locator(f"[data-view={tab or 'chat'}] h2").first).to_be_visible()
        wide[tab] = page.evaluate(SIDEWAYS)
    assert wide == {tab: [] for tab in TABS}


def test_on_a_phone_answers_and_sources_are_read(visitors: Visitors, seeds: Served) -> None:
    page = visitors.arrive(seeds.url, viewport=PHONE, has_touch=True, is_mobile=True)
    turn = ask(page, CITY)
    turn.locator(".pr-why summary").click()
    expect(turn.locator(".pr-why-table")).to_be_visible()
    assert page.evaluate(SIDEWAYS) == []
    mark = open_source(page, turn)
    expect(mark).to_be_in_viewport()
    assert page.evaluate(SIDEWAYS) == []
    bar = page.locator(".pr-reader-bar")
    assert bar.evaluate("bar => bar.offsetHeight < 2 * bar.firstElementChild.offsetHeight")  # one line
    page.go_back()
    expect(page.locator("aside#pr-reader")).to_be_hidden()
    expect(ask(page, WHALES).locator(".pr-example").first).to_be_visible()
    assert page.evaluate(SIDEWAYS) == []


def test_on_a_phone_the_conversations_are_behind_a_button(visitors: Visitors, seeds: Served) -> None:
    page = visitors.arrive(seeds.url, viewport=PHONE, has_touch=True, is_mobile=True)
    ask(page, DECIDED)
    side = page.locator(".pr-side")
    expect(side).not_to_be_in_viewport()
    page.locator(".pr-menu").click()
    expect(page.locator(".pr-menu")).to_have_attribute("aria-expanded", "true")
    expect(side.locator(".pr-entry").first).to_be_in_viewport()
    side.locator(".pr-new").click()
    expect(side).not_to_be_in_viewport()
    expect(page.locator(".pr-welcome")).to_be_visible()


def test_addresses_open_their_tab_and_the_way_back_leads_back(page: Page, seeds: Served) -> None:
    for tab in TABS[1:]:
        page.goto(f"{seeds.url}/#/{tab}")
        expect(page.locator(f"[data-view={tab}]")).to_be_visible()
        expect(page.locator(f"[data-tab={tab}]")).to_have_attribute("aria-current", "page")
        expect(page.locator("[data-view]:visible")).to_have_count(1)
    page.go_back()
    expect(page.locator("[data-view=evaluation]")).to_be_visible()
    page.goto(f"{seeds.url}/#/nothing-of-that-name")
    expect(page.locator(".pr-welcome")).to_be_visible()
    page.goto(f"{seeds.url}/#/c/%E0%A4%A")  # no character
    expect(page.locator("[data-view=chat]")).to_be_visible()


def test_settings_of_the_visitor_hold_for_the_next_question(page: Page, seeds: Served) -> None:
    where = {"where": {"sources": ["suining-governance-decision-2019.txt"]}}
    page.evaluate("values => localStorage.setItem('policy-rag', JSON.stringify(values))", where)
    page.reload()
    expect(page.locator(".pr-limits")).to_contain_text("suining-governance-decision-2019.txt")
    expect(ask(page, CITY).locator(".pr-answer")).not_to_contain_text("72%")
    page.locator("[data-do=everything]").click()
    expect(page.locator(".pr-limits")).to_be_hidden()
    expect(ask(page, CITY).locator(".pr-answer")).to_contain_text("72%")
