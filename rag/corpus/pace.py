"""How a reader whose work takes long by its nature, such as the recognition of scanned pages, says that it goes on."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def next_step() -> None:
    """Say that a part of the work is done and another begins: the time limit of a file counts anew from here."""
    for listener in _listeners:
        listener()


def listen(listener: Callable[[], None]) -> None:
    """Have ``listener`` called at each step from now on, in this process."""
    _listeners.append(listener)
