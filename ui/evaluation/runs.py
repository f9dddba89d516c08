"""The run that is under way: one at a time, in a process that ends with this one."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rag.settings import Settings
from ui.evaluation.command import EvaluationError, command, complaint, environment
from ui.evaluation.folder import rows_of
from ui.evaluation.reports import FAILURES

_PATIENCE_S = 15
_TOLD = 60  # lines of what it says that are kept


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``left_s`` is how long it will take, once there is something to reckon from."""

    cases: str
    stage: str = "opening"
    done: int = 0
    total: int = 0
    failed: int = 0
    left_s: float | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How the latest run ended: with the report ``name``, or an ``error``; neither when it was cancelled."""

    cases: str
    name: str | None = None
    error: str | None = None


class Runs:
    """Starts, watches and ends runs. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._progress: Progress | None = None
        self._first_at = 0.0
        self._ended: Ended | None = None

    @property
    def progress(self) -> Progress | None:
        """How far the run is; ``None`` when there is none."""
        with self._lock:
            return self._progress

    @property
    def ended(self) -> Ended | None:
        """How the latest run ended; ``None`` before the first and while one is under way."""
        with self._lock:
            return self._ended

    def start(self, settings: Settings, report: Path, *, cases: str, arguments: Sequence[str | Path] = ()) -> None:
        """Begin a run that will write ``report`` and its page; ``cases`` is what they are called.

        Raises:
            EvaluationError: one is under way, or the process cannot be started.
        """
        with self._lock:
            if self._process is not None:
                raise EvaluationError("a run is under way already. Wait for it, or cancel it.")
            line = command("run", *arguments, "--out", report, "--html", report.with_suffix(".html"), "--watched")
            try:
                process = subprocess.Popen(
                    line,
                    env=environment(settings),
                    stdin=subprocess.PIPE,  # its end is the run's end, however this process ends
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    encoding="utf-8",
                    errors="replace",
                )
            except OSError as error:
                raise EvaluationError(f"the run cannot be started: {error}. Try again.") from error
            self._process, self._progress, self._ended = process, Progress(cases), None
        threading.Thread(target=self._watch, args=(process, report, cases), daemon=True).start()

    def cancel(self) -> None:
        """End the run and forget what it has found; nothing happens when there is none."""
        with self._lock:
            if self._process is None or self._progress is None or self._progress.cancelled:
                return
            self._progress = replace(self._progress, cancelled=True)
            process = self._process
        _close(process)
        late = threading.Timer(_PATIENCE_S, process.kill)
        late.daemon = True
        late.start()

    def _watch(self, process: subprocess.Popen[str], report: Path, cases: str) -> None:
        assert process.stderr is not None
        told: deque[str] = deque(maxlen=_TOLD)
        with process.stderr as lines:
            for line in lines:
                if (step := _step(line)) is None:
                    told.append(line.rstrip("\n"))
                else:
                    self._note(step)
        code = process.wait()
        _close(process)
        with suppress(OSError):
            rows_of(report).unlink(missing_ok=True)
        with self._lock:
            cancelled = self._progress is not None and self._progress.cancelled
            if code == 0:
                self._ended = Ended(cases, name=report.stem)
            else:
                self._ended = Ended(cases, error=None if cancelled else complaint(list(told)))
            self._process = self._progress = None

    def _note(self, step: Mapping[str, object]) -> None:
        stage, done, total = step.get("stage"), step.get("done"), step.get("total")
        if not (isinstance(stage, str) and isinstance(done, int) and isinstance(total, int)):
            return
        with self._lock:
            if self._progress is None:
                return
            failed = self._progress.failed + (step.get("outcome") in FAILURES)
            if done <= 1 or stage != self._progress.stage:  # the first one takes longer: it opens everything
                self._first_at = time.monotonic()
            left = (time.monotonic() - self._first_at) / (done - 1) * (total - done) if done > 1 else None
            self._progress = replace(self._progress, stage=stage, done=done, total=total, failed=failed, left_s=left)


def _step(line: str) -> Mapping[str, object] | None:
    """What a line says about progress; ``None`` when it says something else."""
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _close(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    with suppress(OSError):  # it has ended by itself
        process.stdin.close()
