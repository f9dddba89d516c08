"""How long a search takes while another process ingests into the same index."""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING

from rag.errors import PolicyRagError

if TYPE_CHECKING:
    from rag.chatbot import Chatbot


def busy(bot: Chatbot, home: Path, more: Path, questions: Sequence[str], seconds: float) -> dict[str, float | None]:
    """Milliseconds of a search by ``bot`` while a process of its own ingests ``more``, for so many ``seconds``.

    They begin when the other process has become the writer, and end with it at the latest. A search every tenth of a
    second: a person who asks, and no load of its own.
    """
    for question in questions:
        bot.search(question)
    before = len(bot.documents())
    found = []
    with _ingesting(home, more) as process:
        while not (home / "writer.json").exists():
            if process.poll() is not None:
                raise PolicyRagError(f"the ingest of {more} ended before a search could be measured. See above why.")
            sleep(0.05)
        until = monotonic() + seconds
        for question in cycle(questions):
            start = perf_counter()
            bot.search(question)
            found.append((perf_counter() - start) * 1000)
            if monotonic() > until or process.poll() is not None:
                break
            sleep(0.1)
        added = len(bot.documents()) - before
    times = found if len(found) > 1 else found * 2
    return {
        "search while ingesting, p50, ms": statistics.median(times),
        "search while ingesting, p95, ms": statistics.quantiles(times, n=20, method="inclusive")[-1],
        "search while ingesting, calls": float(len(found)),
        "documents ingested meanwhile": float(added),
    }


@contextmanager
def _ingesting(home: Path, more: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "rag.cli", "--home", str(home), "ingest", str(more)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
