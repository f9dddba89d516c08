"""A copy of what a shared catalogue holds, such as a lexical index of this machine's own, kept in step with its log."""

from __future__ import annotations

import threading
from collections.abc import Collection
from pathlib import Path
from time import monotonic
from typing import Protocol

from rag.errors import StorageError
from rag.index.catalog import Catalog
from rag.index.changelog import Position

_EVERY_S = 0.5  # how often at most a question asks whether there is something new
_AT_MOST_S = 1.0  # what one question gives to catching up; the others go on with what is there
_WAIT_S = 120.0  # for another process that keeps the same folder in step


class Copy(Protocol):
    """What follows: how far it is, and how it takes over changes. Taking one over twice does no harm."""

    def position(self) -> Position | None:
        """How far it is; ``None``: it has to be made anew."""

    def make_anew(self) -> None:
        """Make it anew from the catalogue."""

    def take_over(self, added: Collection[str], removed: Collection[str]) -> None:
        """Take the chunks ``added`` anew and forget those ``removed``."""

    def stamp(self, position: Position) -> None:
        """Be at ``position``."""


class Follower:
    """Keeps ``copy`` in step with ``catalog``; threads may share it, and processes take turns by the file ``lock``."""

    def __init__(self, copy: Copy, catalog: Catalog, lock: Path) -> None:
        from filelock import FileLock

        self._copy = copy
        self._catalog = catalog
        self._alone = threading.Lock()
        self._checked = 0.0
        self.lock = FileLock(lock)

    def look(self) -> None:
        """Take over what is new, for a second at most and not while another does; ``catch_up`` does the rest."""
        if monotonic() - self._checked < _EVERY_S or not self._alone.acquire(blocking=False):
            return
        try:
            self._checked = monotonic()
            self._follow(until=monotonic() + _AT_MOST_S, wait=0)
        finally:
            self._alone.release()

    def catch_up(self) -> None:
        """Take over all that is new.

        Raises:
            StorageError: another process is at it and does not come to an end.
        """
        with self._alone:
            if not self._follow(until=None, wait=_WAIT_S):
                raise StorageError(f"another process keeps {self.lock.lock_file} to itself. Stop it, then try again.")
            self._checked = monotonic()

    def _follow(self, *, until: float | None, wait: float) -> bool:
        from filelock import Timeout

        try:
            self.lock.acquire(timeout=wait)
        except Timeout:
            return False
        try:
            while self._step() and (until is None or monotonic() < until):
                pass
        finally:
            self.lock.release()
        return True

    def _step(self) -> bool:
        """Take over a part of what is new; whether there may be more."""
        position = self._copy.position()
        found = self._catalog.changes(position) if position else None
        if found is None:
            start = self._catalog.position()  # before reading: what comes meanwhile is taken over again
            self._copy.make_anew()
            self._copy.stamp(start)
            return True
        if found.until == position:
            return False
        self._copy.take_over(found.added, found.removed)
        self._copy.stamp(found.until)
        return True
