from __future__ import annotations

from collections.abc import Callable, Generator
from threading import Event

import pytest

from ui.chat.waiting import awaited

PATIENCE_S = 30
Left = Callable[[], bool]


def test_everything_comes_in_order() -> None:
    given = [each for each in awaited(lambda _: iter_of(1, 2, 3), every_s=PATIENCE_S) if each is not None]
    assert given == [1, 2, 3]


def test_silence_is_told_again_and_again_until_something_comes() -> None:
    may = Event()

    def slow(_: Left) -> Generator[int, None, None]:
        may.wait(PATIENCE_S)
        yield 1

    waiting = awaited(slow, every_s=0.01)
    assert [next(waiting), next(waiting)] == [None, None]
    may.set()
    assert [each for each in waiting if each is not None] == [1]


def test_an_error_is_raised_where_it_is_waited_for() -> None:
    def failing(_: Left) -> Generator[int, None, None]:
        yield 1
        raise OSError("gone")

    waiting = awaited(failing, every_s=PATIENCE_S)
    assert next(waiting) == 1
    with pytest.raises(OSError, match="gone"):
        next(waiting)


def test_who_leaves_need_not_wait_and_what_was_waited_for_is_closed() -> None:
    may, closed = Event(), Event()

    def slow(left: Left) -> Generator[int, None, None]:
        lefts.append(left)
        try:
            while True:
                may.wait(PATIENCE_S)
                yield 1
        finally:
            closed.set()

    lefts: list[Left] = []
    waiting = awaited(slow, every_s=0.01)
    assert next(waiting) is None
    assert [left() for left in lefts] == [False]
    waiting.close()
    assert ([left() for left in lefts], closed.is_set()) == ([True], False)
    may.set()
    assert closed.wait(PATIENCE_S)


def iter_of(*values: int) -> Generator[int, None, None]:
    yield from values
