"""So many tries in so many minutes, for each key of its own."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

_KEYS = 10_000  # the key that was not tried for longest is forgotten first


class Throttle:
    """At most ``most`` tries within ``seconds`` for each key, counted in this process. For all threads."""

    def __init__(self, *, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._now = most, seconds, now
        self._tries: OrderedDict[Hashable, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: Hashable) -> int:
        """Whole seconds until ``key`` may try again; 0 means now, and this try is counted before it is made."""
        with self._lock:
            now = self._now()
            tries = self._tries.setdefault(key, deque())
            self._tries.move_to_end(key)
            while tries and tries[0] <= now - self._seconds:
                tries.popleft()
            if len(tries) >= self._most:
                return math.ceil(tries[0] + self._seconds - now)
            tries.append(now)
            while len(self._tries) > _KEYS:
                self._tries.popitem(last=False)
            return 0

    def forgive(self, key: Hashable) -> None:
        """Take the latest try of ``key`` back: it was none to count."""
        with self._lock:
            if tries := self._tries.get(key):
                tries.pop()
