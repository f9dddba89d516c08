"""A browser whose pages are watched: nothing from elsewhere, no error, no dialog that nobody opened."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Playwright, Request

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WAIT_MS = 60_000  # for a machine that has other things to do
LEAVING = ("AbortError: signal is aborted", "Connection errored out")  # what Gradio says of an answer it leaves
LOST = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "Failed to fetch")
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def installed(playwright: Playwright) -> str | None:
    """The browser to drive: that of the system, else Playwright's own; ``None`` where neither is there."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


@dataclass
class Watch:
    """What the pages of a test did that they should not have."""

    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)  # parts of errors that a test means to cause

    def follow(self, context: BrowserContext, origin: str) -> None:
        context.on("request", lambda request: self._request(request, origin))
        context.on("console", self._said)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("dialog", self._dialog)

    def complaints(self) -> dict[str, list[str]]:
        errors = [error for error in self.errors if not any(part in error for part in self.allowed)]
        found = {"foreign": self.foreign, "errors": errors, "dialogs": self.dialogs}
        return {name: values for name, values in found.items() if values}

    def _request(self, request: Request, origin: str) -> None:
        at = urlsplit(request.url)
        if at.scheme not in ("data", "blob") and f"{at.scheme}://{at.netloc}" != origin:
            self.foreign.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def _dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


class Visitors:
    """Opens pages at a server, each visitor with cookies and storage of their own."""

    def __init__(self, browser: Browser, watch: Watch) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.watch = watch

    def arrive(self, url: str, at: str = "/", **options: Any) -> Page:
        """The page ``at`` the server, opened by somebody who has never been there."""
        context = self._browser.new_context(**{"locale": "zh-CN", "viewport": DESK, **options})
        context.set_default_timeout(WAIT_MS)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        self._contexts.append(context)
        self.watch.follow(context, url)
        page = context.new_page()
        page.goto(url + at)
        return page

    def leave(self) -> None:
        for context in self._contexts:
            context.close()


@contextmanager
def visiting(browser: Browser) -> Iterator[Visitors]:
    """Visitors whose pages have done nothing wrong when they leave."""
    visitors = Visitors(browser, Watch())
    try:
        yield visitors
    finally:
        visitors.leave()
    complaints = visitors.watch.complaints()
    assert not complaints, complaints
