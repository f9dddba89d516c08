"""Whose turn it is with a folder that several processes use: many that read, or one that writes.

The turn is a lock on a file, so that a killed process gives it up. Where the system has no such locks (Windows),
everybody has a turn; one process at a time should use the folder there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover
    fcntl = None  # type: ignore[assignment]

_POLL_S = 0.005


@contextmanager
def turn(path: Path, *, write: bool = False, patience_s: float = float("inf")) -> Iterator[bool]:
    """A turn with what the file ``path`` stands for, alone if it is to ``write``; whether it came in time.

    Who comes to read lets pass who waits to write. ``OSError`` when the file cannot be used.
    """
    until = time.monotonic() + patience_s
    queue = _opened(path.with_suffix(".queue"), write=write)
    file = _opened(path, write=write)
    try:
        came = _take(queue, write, until) and _take(file, write, until)
        if not write:
            _give_up(queue)
        yield came
    finally:
        _give_up(file)
        _give_up(queue)
        for each in (file, queue):
            if each is not None:
                os.close(each)


def _opened(path: Path, *, write: bool) -> int | None:
    """``None``: nobody ever wrote here, so that there is nothing to wait for."""
    try:
        # Locks need no right to write: a folder that may only be read has them too.
        return os.open(path, os.O_RDWR | os.O_CREAT if write else os.O_RDONLY, 0o666)
    except FileNotFoundError:
        if write:
            raise
        return None


def _take(file: int | None, write: bool, until: float) -> bool:
    if file is None or fcntl is None:
        return True
    while True:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL_S)
        else:
            return True


def _give_up(file: int | None) -> None:
    if file is not None and fcntl is not None:
        # Not by closing alone: a process that was forked meanwhile holds the file open as well.
        fcntl.flock(file, fcntl.LOCK_UN)
