"""A browser whose pages are watched: nothing from elsewhere, no error, no dialog that nobody opened."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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

    def follow(self, context: BrowserContext, origin: str) -> Callable[[], None]:
        """Look at what the pages of ``context`` do, until what is returned is called."""
        listeners: dict[Any, Callable[[Any], None]] = {
            "request": lambda request: self._request(request, origin),
            "console": self._said,
            "weberror": lambda error: self.errors.append(str(error.error)),
            "dialog": self._dialog,
        }
        for event, listener in listeners.items():
            context.on(event, listener)

        def leave() -> None:
            for event, listener in listeners.items():
                context.remove_listener(event, listener)

        return leave

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


class Rooms:
    """Contexts of a browser that visitors leave to others: what a server's scripts were compiled to stays in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[BrowserContext]] = {}

    @contextmanager
    def room(self, url: str, options: dict[str, Any]) -> Iterator[BrowserContext]:
        """One for the server at ``url``, for one visitor at a time, with nothing of the last one's in it."""
        kind = f"{url} {sorted(options.items())}"
        free = self._free.setdefault(kind, [])
        context = free.pop() if free else self._new(url, options)
        yield context
        origin = {"origin": url, "storageTypes": "cookies,local_storage,indexeddb,websql,service_workers,cache_storage"}
        page = context.new_page()
        page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", origin)
        for each in context.pages:
            each.close()
        context.clear_cookies()
        free.append(context)

    def _new(self, url: str, options: dict[str, Any]) -> BrowserContext:
        context = self._browser.new_context(**options)
        context.set_default_timeout(WAIT_MS)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        return context


class Visitors:
    """Opens pages at a server, each visitor with cookies and storage of their own."""

    def __init__(self, rooms: Rooms, watch: Watch) -> None:
        self._rooms = rooms
        self._leaving = ExitStack()
        self.watch = watch

    def arrive(self, url: str, at: str = "/", **options: Any) -> Page:
        """The page ``at`` the server, opened by somebody who has never been there."""
        room = self._rooms.room(url, {"locale": "zh-CN", "viewport": DESK, **options})
        context = self._leaving.enter_context(room)
        self._leaving.callback(self.watch.follow(context, url))
        page = context.new_page()
        page.goto(url + at)
        return page

    def leave(self) -> None:
        self._leaving.close()


@contextmanager
def visiting(rooms: Rooms) -> Iterator[Visitors]:
    """Visitors whose pages have done nothing wrong when they leave."""
    visitors = Visitors(rooms, Watch())
    try:
        yield visitors
    finally:
        visitors.leave()
    complaints = visitors.watch.complaints()
    assert not complaints, complaints
