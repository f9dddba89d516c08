"""Following folders: what changed is ingested as soon as it stays as it is, whether or not the system tells of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from rag.corpus.archive import archive_of
from rag.corpus.sidecar import SIDECAR
from rag.errors import DocumentNotFoundError, StorageError
from rag.index.discovery import find_files
from rag.schema import Failure, IngestReport, Skipped, Waiting

if TYPE_CHECKING:
    from rag.index.ingest import Ingestor
    from rag.index.writer import Report

_Signature = tuple[int, int, int, int]
_Look = dict[Path, _Signature]
_Alarm = Generator[str | None, float, None]

_TICK_MS, _DEBOUNCE_MS = 200, 400


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds. A file counts when it has stayed as it is for ``settle``.

    ``every``: how often to look although nothing was told, for the folders of a network tell nothing; ``unaided``: how
    often where the system tells of no changes at all. ``retries``: when to try again what could not be read; ``busy``:
    the longest wait for an index that cannot be written.
    """

    settle: float = 0.5
    every: float = 60.0
    unaided: float = 2.0
    retries: tuple[float, ...] = (5.0, 30.0, 120.0)
    busy: float = 30.0


class Watcher:
    """Keeps the index of ``ingestor`` up to date with ``paths`` until ``stop`` is set."""

    def __init__(
        self, ingestor: Ingestor, paths: Sequence[Path], *, rhythm: Rhythm | None = None, progress: Report | None = None
    ) -> None:
        self._ingestor = ingestor
        self._paths = paths
        self._rhythm = rhythm or Rhythm()
        self._progress = progress
        self._done: _Look | None = None
        self._pending: dict[Path, tuple[_Signature | None, float]] = {}
        self._failing = _Failing(self._rhythm.retries)
        self._skipped: set[Skipped] = set()

    def events(self, stop: threading.Event) -> Iterator[IngestReport | Waiting]:
        """The report of a full ingest, then one whenever something changed, without what is unchanged.

        ``Waiting`` tells what keeps it from going on; it is tried again by itself.

        Raises:
            DocumentNotFoundError: there is nothing at a path at first. IndexMismatchError, ModelError: as an ingest.
        """
        find_files(self._paths, empty=True)
        while not stop.is_set():
            try:
                with closing(_alarm(self._paths, stop)) as alarm:
                    yield from self._while_there(alarm, stop)
            except DocumentNotFoundError as error:
                yield Waiting(str(error))
                while not all(map(os.path.exists, self._paths)) and not stop.wait(self._rhythm.unaided):
                    pass

    def _while_there(self, alarm: _Alarm, stop: threading.Event) -> Iterator[IngestReport | Waiting]:
        unaided = next(alarm)
        if unaided:
            yield Waiting(f"{unaided} Looking for changes every {self._rhythm.unaided:g} s instead.")
        waited, told = 0.0, ""
        while not stop.is_set():
            try:
                report = self._round()
                waited, told = 0.0, ""
            except StorageError as error:
                if str(error) != told:
                    yield Waiting(str(error))
                waited, told = min(self._rhythm.busy, 2 * waited or 1.0), str(error)
                stop.wait(waited)
                continue
            if report is not None:
                yield report
            alarm.send(self._patience(self._rhythm.unaided if unaided else self._rhythm.every))

    def _patience(self, longest: float) -> float:
        """How long to wait for the next change at most."""
        return self._rhythm.settle if self._pending else min(longest, self._failing.due_in())

    def _round(self) -> IngestReport | None:
        """Ingest what has changed and stays as it is; what came of it, if anything."""
        look = _look(self._paths)
        if self._done is None:
            report = self._ingestor.run(self._paths, progress=self._progress, empty=True)
            self._done = look
            return self._news(report, look, look)
        settled = self._settled(look)
        wanted = settled | self._failing.due(look)
        if not wanted:
            return None
        beside = {path.parent for path in wanted if path.name == SIDECAR}
        wanted |= {path for path in look if path.parent in beside}
        report = self._ingestor.run(self._paths, progress=self._progress, changed=wanted, empty=True)
        for path in settled:
            del self._pending[path]
            self._done.pop(path, None)
        self._done.update((path, look[path]) for path in settled if path in look)
        news = self._news(replace(report, unchanged=()), look, wanted)
        return None if news == IngestReport() else news

    def _settled(self, look: _Look) -> set[Path]:
        """The paths that are otherwise than when they were ingested, and have been so for a while."""
        assert self._done is not None
        now, before, done = monotonic(), self._pending, self._done
        changed = {path for path in {*done, *look} if look.get(path) != done.get(path)}
        self._pending = {
            path: before[path] if path in before and before[path][0] == look.get(path) else (look.get(path), now)
            for path in changed
        }
        return {path for path, (_, since) in self._pending.items() if now - since >= self._rhythm.settle}

    def _news(self, report: IngestReport, look: _Look, tried: Collection[Path]) -> IngestReport:
        """``report`` without what was told before."""
        skipped = tuple(each for each in report.skipped if each not in self._skipped)
        self._skipped = set(report.skipped)
        return replace(report, failed=self._failing.note(report.failed, look, tried), skipped=skipped)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A file that cannot be read: as it was then, why not, how often it was tried, and when to do so again."""

    signature: _Signature | None
    reason: str
    times: int
    due: float


class _Failing:
    """The files that cannot be read, each tried again a few times: another program may have it open, or be at it."""

    def __init__(self, retries: Sequence[float]) -> None:
        self._retries = retries
        self._attempts: dict[Path, _Attempt] = {}

    def note(self, failed: Sequence[Failure], look: _Look, tried: Collection[Path]) -> tuple[Failure, ...]:
        """Those of ``failed`` whose reason is a new one; what was ``tried`` and did not fail is forgotten."""
        before, now = dict(self._attempts), monotonic()
        for path in tried:
            self._attempts.pop(path, None)
        for failure in failed:
            path = _file(failure)
            last = before.get(path)
            times = last.times + 1 if last and last.signature == look.get(path) else 0
            due = now + self._retries[times] if times < len(self._retries) else float("inf")
            self._attempts[path] = _Attempt(look.get(path), failure.reason, times, due)
        return tuple(failure for failure in failed if failure.reason != _reason(before.get(_file(failure))))

    def due(self, look: _Look) -> set[Path]:
        """Those to be tried again now."""
        return {path for path, attempt in self._attempts.items() if path in look and attempt.due <= monotonic()}

    def due_in(self) -> float:
        """Seconds until the next is due."""
        return max(0.1, min((attempt.due for attempt in self._attempts.values()), default=float("inf")) - monotonic())


def _reason(attempt: _Attempt | None) -> str | None:
    return attempt.reason if attempt else None


def _file(failure: Failure) -> Path:
    path = Path(failure.path).resolve()
    inside = archive_of(path)
    return path if inside is None else inside[0]


def _look(paths: Sequence[Path]) -> _Look:
    """What the documents, archives and sidecars at ``paths`` are like, as far as can be seen without reading them."""
    files = {file.real for file in find_files(paths, empty=True).files}
    found = {}
    for path in files | {path.parent / SIDECAR for path in files}:
        try:
            state = path.stat()
        except OSError:
            continue
        found[path] = (state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino)
    return found


def _alarm(paths: Sequence[Path], stop: threading.Event) -> _Alarm:
    """Gives why the system tells of no changes, ``None`` if it does; then waits for one, at most the time sent."""
    from watchfiles import watch

    told = watch(
        *paths,
        watch_filter=None,
        debounce=_DEBOUNCE_MS,
        stop_event=stop,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    try:
        next(told, None)  # from now on, changes are noted
    except OSError as error:
        longest = yield f"The system tells of no changes ({error})."
        while True:
            stop.wait(longest)
            longest = yield None
    longest = yield None
    while True:
        until = monotonic() + longest
        while monotonic() < until and not stop.is_set() and not next(told, None):
            pass
        longest = yield None
