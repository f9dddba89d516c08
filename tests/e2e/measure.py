"""How long people wait: ``python -m tests.e2e.measure HOME``, with a home in which the seeds are indexed."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.served import Served
from tests.e2e.watched import DESK, FLAGS, WAIT_MS, installed

QUESTIONS = (
    "温州到2025年的城市化率目标是多少？",
    "遂宁市委什么时候通过了这个决定？",
    "长治市的工作方案由谁负责？",
    "温州“两强三提高”实施方案的期限是多久？",
    "怎样推进水系治理？",
)
TIMES = 10

FIRST_TEXT = """question => new Promise((resolve) => {
    const box = document.querySelector('.pr-question-box'), turns = document.querySelector('.pr-turns');
    const before = turns.querySelectorAll('.pr-turn').length;
    box.value = question;
    const start = performance.now();
    new MutationObserver((_, observer) => {
        const turn = turns.querySelectorAll('.pr-turn')[before];
        if (!turn || !turn.querySelector('.pr-answer > :not(.pr-pending)')) return;
        observer.disconnect();
        turns.getBoundingClientRect(); // laid out
        resolve(performance.now() - start);
    }).observe(turns, { childList: true, subtree: true });
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
})"""

OPENED = """() => new Promise((resolve) => {
    const links = document.querySelectorAll('.pr-library-outline .pr-link'), start = performance.now();
    const look = () => {
        const mark = document.querySelector('#pr-mark'), box = document.querySelector('.pr-reader-scroll');
        const at = mark && mark.getBoundingClientRect(), view = box && box.getBoundingClientRect();
        if (at && at.top >= view.top && at.bottom <= view.bottom) resolve(performance.now() - start);
        else setTimeout(look, 1);
    };
    links[Math.floor(links.length / 2)].click();
    look();
})"""


def arrive(browser: Browser, url: str) -> Page:
    page = browser.new_page(locale="zh-CN", viewport=DESK)
    page.set_default_timeout(WAIT_MS)
    page.goto(url)
    return page


def timed(page: Page, script: str, question: str = "") -> float:
    """The milliseconds that ``script`` promises; not awaited in the page, where Playwright may wait for ever."""
    page.evaluate(
        f"question => {{ window.taken = null; ({script})(question).then((ms) => {{ window.taken = ms; }}); }}", question
    )
    return float(page.wait_for_function("window.taken", polling=20).json_value())


def first_paint(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds until something is painted, and until the first screen with its examples stands."""
    page = arrive(browser, url)
    page.locator(".pr-example").first.wait_for()
    ready = page.evaluate("performance.now()")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.close()
    return painted, ready


def first_texts(browser: Browser, url: str) -> list[float]:
    """Milliseconds from Enter to the first words of an answer, once a first question has been answered."""
    page = arrive(browser, url)
    page.locator(".pr-example").first.wait_for()
    taken = []
    for number in range(TIMES + 1):
        taken.append(timed(page, FIRST_TEXT, QUESTIONS[number % len(QUESTIONS)]))
        page.locator(".pr-turns > .pr-turn").nth(number).wait_for()
    page.close()
    return taken


def opened(browser: Browser, url: str) -> list[float]:
    """Milliseconds from the click to the mark in view, in the middle of the longest document."""
    taken = []
    for _ in range(3):
        page = arrive(browser, f"{url}/#/library/governance-modernisation-compilation.txt")
        page.locator(".pr-library-outline .pr-link").first.wait_for()
        taken.append(timed(page, OPENED))
        page.close()
    return taken


def main(home: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = Served(shutil.copytree(home, Path(folder) / "home", symlinks=True))
        browser = playwright.chromium.launch(executable_path=installed(playwright), args=list(FLAGS))
        served.start()
        painted, ready = first_paint(browser, served.url)
        print(f"first paint after the server is up: {painted:.0f} ms; first screen complete: {ready:.0f} ms")
        painted, ready = first_paint(browser, served.url)
        print(f"the next visitor's: {painted:.0f} ms; {ready:.0f} ms")
        first, *others = first_texts(browser, served.url)
        print(f"first text after Enter: {statistics.median(others):.0f} ms (median of {len(others)}, ", end="")
        print(f"{min(others):.0f} to {max(others):.0f}; the very first question {first:.0f} ms)")
        print(f"90,000 characters at the mark: {', '.join(f'{each:.0f} ms' for each in opened(browser, served.url))}")
        browser.close()
        served.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
