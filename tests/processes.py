"""The processes that a test has started, and waiting for what they do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path


def worker_pids() -> list[int]:
    """The processes that this one has started to read files."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status, command = (folder / "status").read_text(), (folder / "cmdline").read_text()
        except OSError:
            continue
        if f"PPid:\t{os.getpid()}\n" in status and "rag.corpus.worker" in command and "State:\tZ" not in status:
            found.append(int(folder.name))
    return found


def until(condition: Callable[[], object]) -> None:
    """Wait until ``condition`` is true; fails after two minutes."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
