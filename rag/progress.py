"""How far a long operation is: bars with rate and time left on a terminal, now and then a line elsewhere; on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from rag.schema import Progress
from rag.terminal import console, printable, told

if TYPE_CHECKING:
    from rich.console import Console

Report = Callable[[Progress], None]
LINE_S = 15.0
"""Seconds between two lines, and before the first: what is done sooner says nothing."""

_SPEED_S = 60.0  # documents are read in bursts, as many as are embedded at once
_UNITS = {"reading": "documents", "embedding": "passages"}


@contextmanager
def progress() -> Iterator[Report]:
    """What shows the progress that it is told, while the block runs."""
    found = console(stderr=True)
    if found.is_terminal:
        with _bars(found) as report:
            yield report
    else:
        yield Lines()


@contextmanager
def _bars(where: Console) -> Iterator[Report]:
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.1f}/s" if task.speed else "")

    class Left(ProgressColumn):
        def render(self, task: Task) -> Text:
            known = task.time_remaining is not None and not task.fields["growing"] and not task.finished
            return Text(f"{timedelta(seconds=int(task.time_remaining or 0))} left" if known else "")

    name = TextColumn("{task.description}", markup=False)
    place = TextColumn("{task.fields[source]}", markup=False, style="dim")
    columns = (name, BarColumn(bar_width=30), MofNCompleteColumn(), Rate(), TimeElapsedColumn(), Left(), place)
    with Bars(*columns, console=where, transient=True, speed_estimate_period=_SPEED_S) as bars:
        tasks: dict[str, TaskID] = {}

        def report(state: Progress) -> None:
            if state.stage not in tasks:
                tasks[state.stage] = bars.add_task(state.stage, source="", growing=False)
            # How many passages there are is known only when all documents are read.
            growing = state.stage == "embedding" and "reading" in tasks and not bars.tasks[tasks["reading"]].finished
            shown = printable(state.source)
            bars.update(tasks[state.stage], completed=state.done, total=state.total, source=shown, growing=growing)

        yield report


class Lines:
    """Tells progress in a line on stderr every so often."""

    def __init__(self, clock: Callable[[], float] = monotonic, every: float = LINE_S) -> None:
        self._clock = clock
        self._every = every
        self._last = self._began = clock()
        self._states: dict[str, Progress] = {}

    def __call__(self, state: Progress) -> None:
        self._states[state.stage] = state
        now = self._clock()
        if now - self._last >= self._every:
            self._last = now
            told(self._line(now - self._began))

    def _line(self, seconds: float) -> str:
        parts = []
        for stage, state in self._states.items():
            part = f"{stage} {state.done:,} of {state.total:,} {_UNITS[stage]}"
            parts.append(f"{part}, {state.done / seconds:,.1f}/s" if stage == "embedding" else part)
        first = next(iter(self._states.values()))
        if 0 < first.done < first.total:
            left = timedelta(seconds=round(seconds * (first.total - first.done) / first.done))
            parts.append(f"about {left} left")
        return "; ".join(parts)
