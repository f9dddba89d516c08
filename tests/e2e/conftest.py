from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import copy_home
from tests.e2e.chatting import PASSWORD
from tests.e2e.served import Served
from tests.e2e.watched import FLAGS, WAIT_MS, Rooms, Visitors, installed, visiting


@pytest.fixture(scope="session")
def program() -> str:
    """The browser to drive; where none is installed, everything here is skipped, before a server is started."""
    with sync_playwright() as playwright:
        found = installed(playwright)
    if found is None:
        pytest.skip("no browser: install chromium, or run `playwright install chromium`")
    return found


@pytest.fixture(scope="module")
def browser(program: str) -> Iterator[Browser]:
    """Chromium, without a window. Not for longer than a module: until it is closed no other test can use asyncio."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS), timeout=120_000)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def rooms(browser: Browser) -> Rooms:
    return Rooms(browser)


@pytest.fixture
def visitors(rooms: Rooms) -> Iterator[Visitors]:
    with visiting(rooms) as visitors:
        yield visitors


@pytest.fixture(scope="session")
def seeds(program: str, seeds_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page on the seeds; a test that changes the library puts it back."""
    with Served(copy_home(seeds_home, tmp_path_factory.mktemp("e2e") / "home")) as served:
        yield served


@pytest.fixture(scope="session")
def small(program: str, library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page on the two small documents, which a test may restart; one that changes the library puts it back."""
    with Served(copy_home(library, tmp_path_factory.mktemp("small") / "home")) as served:
        yield served


@pytest.fixture(scope="session")
def shared(program: str, library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page on the two small documents for ann, who is an administrator, and bob."""
    served = Served(copy_home(library, tmp_path_factory.mktemp("shared") / "home"))
    served.rag("user", "add", "ann", "--admin", "--password-stdin", stdin=f"{PASSWORD}\n")
    served.rag("user", "add", "bob", "--password-stdin", stdin=f"{PASSWORD}\n")
    with served:
        yield served


@pytest.fixture
def page(visitors: Visitors, seeds: Served) -> Page:
    """The first screen, on the seeds."""
    page = visitors.arrive(seeds.url)
    expect(page.locator(".pr-question-box")).to_be_visible()
    return page
