"""Waiting for what comes slowly, in a way that can be left at any time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")


def awaited(
    begin: Callable[[Callable[[], bool]], Generator[T, None, None]], *, every_s: float
) -> Generator[T | None, None, None]:
    """What ``begin`` gives, and ``None`` whenever nothing has come for ``every_s`` seconds; it runs in a thread.

    A generator that is busy cannot be closed, so whoever wants to leave a silent one would have to wait for it. This
    one can be left: ``begin`` is given what then tells, and its generator is closed as soon as it gives something.
    """
    given: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
    left = Event()

    def run() -> None:
        ended: BaseException | None = None
        try:
            with closing(begin(left.is_set)) as events:
                for event in events:
                    given.put((event,))
                    if left.is_set():
                        break
        except BaseException as error:  # told to whoever waits
            ended = error
        given.put(ended)

    Thread(target=run, daemon=True).start()
    try:
        while True:
            try:
                event = given.get(timeout=every_s)
            except Empty:
                yield None
                continue
            if isinstance(event, BaseException):
                raise event
            if event is None:
                return
            yield event[0]
    finally:
        left.set()
