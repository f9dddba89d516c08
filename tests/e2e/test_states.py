"""The main states of the page, light and dark, on a desk and on a phone: looked at by axe, and by people.

With ``SCREENSHOTS`` in the environment, a folder, each is also kept there as a picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.chatting import CITY, WHALES, ask, open_source
from tests.e2e.served import Served
from tests.e2e.watched import PHONE, Visitors

State = Callable[[Page, str], None]  # brings a page, at the address of its server, into this state
Keep = Callable[[Page, str], None]
GRAVE = ("serious", "critical")


def first(page: Page, url: str) -> None:
    expect(page.locator(".pr-welcome")).to_be_visible()


def answer(page: Page, url: str) -> None:
    expect(open_source(page, ask(page, CITY))).to_be_in_viewport()


def why(page: Page, url: str) -> None:
    turn = ask(page, CITY)
    turn.locator(".pr-why summary").click()
    expect(turn.locator(".pr-why-table")).to_be_visible()
    turn.locator("[data-rating=down]").click()
    expect(turn.locator(".pr-comment textarea")).to_be_focused()


def refusal(page: Page, url: str) -> None:
    expect(ask(page, WHALES).locator("[data-instead] .pr-example").first).to_be_visible()


def library(page: Page, url: str) -> None:
    page.goto(f"{url}/#/library")
    expect(page.locator(".pr-library tbody tr").first).to_be_visible()


def document(page: Page, url: str) -> None:
    library(page, url)
    page.locator(".pr-library-title a", has_text="遂宁").click()
    expect(page.locator(".pr-library-outline")).to_be_visible()


def evaluation(page: Page, url: str) -> None:
    page.goto(f"{url}/#/evaluation")
    expect(page.locator("[data-view=evaluation] h2").first).to_be_visible()


def settings(page: Page, url: str) -> None:
    page.goto(f"{url}/#/settings")
    expect(page.locator("[data-view=settings] h2").first).to_be_visible()


def conversations(page: Page, url: str) -> None:
    ask(page, CITY)
    if page.locator(".pr-menu").is_visible():
        page.locator(".pr-menu").click()
    page.locator(".pr-entry summary").first.click()
    expect(page.locator(".pr-menu-list").first).to_be_visible()


STATES: dict[str, State] = {
    each.__name__: each
    for each in (first, answer, why, refusal, library, document, evaluation, settings, conversations)
}


@pytest.fixture
def keep() -> Keep:
    """Keeps a picture of a page under a name, where somebody wants it."""
    folder = os.environ.get("SCREENSHOTS")

    def shoot(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")

    return shoot


def grave(page: Page, *rules: str) -> list[str]:
    """What keeps some people from using the page as it is now, by all rules or by these alone."""
    page.wait_for_function("document.getAnimations().every((each) => each.playState !== 'running')")
    found = Axe().run(page, options={"runOnly": list(rules)} if rules else None).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"][:3]
    ]


def light_and_dark(page: Page, name: str, keep: Keep) -> dict[str, list[str]]:
    """What is grave in a page that is as light or as dark as the system."""
    found = {}
    # Only colours differ between the two.
    for scheme, rules in (("light", ()), ("dark", ("color-contrast",))):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        keep(page, f"{name}-{scheme}")
        found[scheme] = grave(page, *rules)
    return {scheme: problems for scheme, problems in found.items() if problems}


@pytest.mark.parametrize("state", STATES)
def test_nothing_grave_stands_in_anybodys_way(visitors: Visitors, seeds: Served, state: str, keep: Keep) -> None:
    page = visitors.arrive(seeds.url)
    first(page, seeds.url)
    STATES[state](page, seeds.url)
    assert light_and_dark(page, state, keep) == {}


@pytest.mark.parametrize("state", ["answer", "library", "settings"])
def test_nothing_grave_stands_in_anybodys_way_on_a_phone(
    visitors: Visitors, seeds: Served, state: str, keep: Keep
) -> None:
    page = visitors.arrive(seeds.url, viewport=PHONE, has_touch=True, is_mobile=True)
    first(page, seeds.url)
    STATES[state](page, seeds.url)
    keep(page, f"{state}-phone")
    assert grave(page) == []


def test_nothing_grave_stands_in_the_way_of_signing_in(visitors: Visitors, shared: Served, keep: Keep) -> None:
    page = visitors.arrive(shared.url)
    expect(page.get_by_label("密码")).to_be_visible()
    assert light_and_dark(page, "sign-in", keep) == {}


def test_what_is_grave_is_found(page: Page) -> None:
    page.locator("#pr-main").evaluate("main => main.append(document.createElement('button'))")
    assert [each.partition(":")[0] for each in grave(page)] == ["button-name (critical)"]
