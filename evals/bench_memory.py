"""How much memory a process takes, with all that it starts."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from rag.corpus.confinement import started

_EVERY_S = 0.5
_MB = 1024


def peak_mb() -> float | None:
    """Peak memory of this process in MB.

    Not from ``getrusage``: on Linux its peak goes back to before the process replaced the one that started it.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.is_file() else None
    return int(found[1]) / _MB if found else None


class TreePeak:
    """The most memory that this process and those below it took together while the block ran, looked at twice a second.

    In MB, in ``mb``: the sum of their proportional set sizes, so that what they share counts once. ``None`` where the
    system does not tell.
    """

    def __init__(self) -> None:
        self.mb: float | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            sizes = [size for process in (os.getpid(), *started(os.getpid())) if (size := _size(process)) is not None]
            if sizes:
                self.mb = max(self.mb or 0.0, sum(sizes))
            if self._done.wait(_EVERY_S):
                return


def _size(process: int) -> float | None:
    try:
        found = re.search(r"(?m)^Pss:\s*(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text())
    except OSError:
        return None
    return int(found[1]) / _MB if found else None
