"""What ``rag ingest`` prints: the report of one ingest, or with ``--watch`` each change as it comes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rag import terminal
from rag.progress import progress
from rag.reporting import print_json, print_line
from rag.schema import IngestReport, Progress, Waiting

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

Change = Mapping[str, str]


class Engine(StrEnum):
    """What does the work of an ingest."""

    LOCAL = "local"
    RAY = "ray"


def ingest(bot: Chatbot, paths: Sequence[Path], *, engine: Engine = Engine.LOCAL, as_json: bool) -> bool:
    """Ingest ``paths`` and print the report; whether no file failed."""
    _step_back(bot.settings.ingest.nice)
    try:
        # Ray tells of a lost worker on stdout, which belongs to the report.
        with progress() as shown, redirect_stdout(sys.stderr):
            report = bot.ingest(paths, progress=shown, engine=engine.value)
    except KeyboardInterrupt:
        terminal.told("What is written stays; the same command goes on from there.")
        raise
    print_json(report) if as_json else terminal.ingested(report)
    return not report.failed


def watch(bot: Chatbot, paths: Sequence[Path], *, as_json: bool) -> None:
    """Ingest ``paths``, then what changes in them, until Ctrl-C; prints each change, as JSON one a line."""
    _step_back(bot.settings.ingest.nice)
    ready = False
    try:
        with _EachTime() as shown:
            for event in bot.follow(paths, progress=shown):
                shown.close()
                if isinstance(event, IngestReport) and not ready:
                    ready = True
                    _begin(event, paths, as_json=as_json)
                else:
                    _print(changes(event), as_json=as_json)
    except KeyboardInterrupt:
        if not ready:
            raise
        terminal.told("stopped; what is written stays")


def changes(event: IngestReport | Waiting) -> Iterator[Change]:
    """Each change that ``event`` tells of, by name."""
    if isinstance(event, Waiting):
        yield {"event": "waiting", "reason": event.reason}
        return
    yield from ({"event": "moved", "old": each.old, "new": each.new} for each in event.moved)
    for name in ("added", "updated", "removed"):
        yield from ({"event": name, "source": source} for source in getattr(event, name))
    yield from ({"event": "skipped", "path": each.path, "reason": each.reason} for each in event.skipped)
    yield from ({"event": "failed", "path": each.path, "reason": each.reason} for each in event.failed)


def _step_back(nice: int) -> None:
    """Leave the processor to those who ask meanwhile; what is started from here on does the same."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, 0, max(nice, os.getpriority(os.PRIO_PROCESS, 0)))


class _EachTime(ExitStack):
    """Shows progress from the first that it is told until it is closed, and again from the next on."""

    _shown: Callable[[Progress], None] | None = None

    def __call__(self, state: Progress) -> None:
        if self._shown is None:
            self._shown = self.enter_context(progress())
        self._shown(state)

    def close(self) -> None:
        self._shown = None
        super().close()


def _begin(report: IngestReport, paths: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        _print(changes(report), as_json=True)
        print_line({"event": "watching", "paths": [str(path) for path in paths], "unchanged": len(report.unchanged)})
    else:
        terminal.ingested(report)
        terminal.told(f"watching {', '.join(map(str, paths))}  (Ctrl-C stops it)")


def _print(found: Iterator[Change], *, as_json: bool) -> None:
    for change in found:
        print_line(change) if as_json else terminal.changed(change)
