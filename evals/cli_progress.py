"""How ``rag-eval run`` tells its progress: a bar for a person, lines of JSON for a program that watches."""

from __future__ import annotations

import _thread
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from evals.results import Row

_PATIENCE_S = 20


class Tell(Protocol):
    """Told how far a stage is: how many are done, of how many, and the row that is new, if one is."""

    def __call__(self, stage: str, done: int, total: int, row: Row | None = None) -> None: ...


Telling = Callable[[], AbstractContextManager[Tell]]


@contextmanager
def bar() -> Iterator[Tell]:
    """A bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("opening", total=None)

        def tell(stage: str, done: int, total: int, row: Row | None = None) -> None:  # noqa: ARG001  # as Tell has it
            shown.update(task, description=stage, completed=done, total=total)

        yield tell


@contextmanager
def watched() -> Iterator[Tell]:
    """Lines of JSON on stderr: ``stage``, ``done``, ``total``, and of each case its ``id`` and ``outcome``.

    Once stdin is closed the run stops as after Ctrl-C: the program that watched wants no more of it, or is gone.
    """
    from evals.outcomes import outcome

    threading.Thread(target=_stop_at_the_end, args=(sys.stdin.fileno(),), daemon=True).start()

    def tell(stage: str, done: int, total: int, row: Row | None = None) -> None:
        told = {"stage": stage, "done": done, "total": total}
        if row is not None:
            told |= {"id": row.id, "outcome": outcome(row)}
        typer.echo(json.dumps(told), err=True)

    yield tell


def _stop_at_the_end(stdin: int) -> None:
    with suppress(OSError):
        while os.read(stdin, 4096):  # not through sys.stdin, whose lock would be held when the interpreter ends
            pass
    _thread.interrupt_main()
    time.sleep(_PATIENCE_S)  # where the main thread waits for something that never comes, nobody else would end it
    os._exit(1)
