"""What people do in the chat, and what they then see."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

CITY = "温州到2025年的城市化率目标是多少？"  # answered by a document in Traditional script
DECIDED = "遂宁市委什么时候通过了这个决定？"
PASSWORD = "correct horse"
WHALES = "鲸鱼怎样在深海里睡觉？"


def turns(page: Page) -> Locator:
    """The questions with their answers, without one that is being written."""
    return page.locator(".pr-turns > .pr-turn")


def ask(page: Page, question: str) -> Locator:
    """Ask with the keyboard; the turn, once it is finished."""
    before = turns(page).count()
    box = page.locator(".pr-question-box")
    box.fill(question)
    box.press("Enter")
    turn = turns(page).nth(before)
    expect(turn).to_be_attached()
    return turn


def open_source(page: Page, turn: Locator, number: int = 1) -> Locator:
    """Click a citation in the text; the mark in the open document."""
    turn.locator(f'.pr-chip[data-number="{number}"]').first.click()
    mark = page.locator("aside#pr-reader mark#pr-mark")
    expect(mark).to_be_visible()
    return mark


def squeezed(text: str) -> str:
    """``text`` without white space, which a page may fold."""
    return "".join(text.split())


def sign_in(page: Page, name: str) -> None:
    """From the sign-in page to the chat."""
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".pr-question-box")).to_be_visible()
