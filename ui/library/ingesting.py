"""Uploaded files on their way into the library: one after the other, watched from many calls."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from rag.errors import PolicyRagError
from rag.index.bundled_model import model_folder
from rag.schema import Progress
from ui.library.adding import Left, NothingReadError, add

if TYPE_CHECKING:
    from rag.chatbot import Chatbot
    from ui.uploads import Taken

logger = logging.getLogger(__name__)

State = Literal["waiting", "preparing", "reading", "embedding", "added", "updated", "unchanged", "failed"]
FINISHED: frozenset[State] = frozenset({"added", "updated", "unchanged", "failed"})
_REMEMBERED = 200  # finished files, of all visitors together
_PATIENCE_SECONDS = 5.0


class BusyError(PolicyRagError):
    """A file is being ingested, and only one thing can change the library at a time."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file: whose it is, where it stands (``done`` of ``total`` documents or chunks), and what came of it.

    ``counts``, ``failed`` and ``skipped`` are those of ``Added``.
    """

    number: int
    owner: str | None
    name: str
    state: State = "waiting"
    done: int = 0
    total: int = 0
    source: str = ""
    reason: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[Left, ...] = ()
    skipped: tuple[Left, ...] = ()


class Ingesting:
    """Ingests files in the order they come, in a thread of its own. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._numbers = count(1)
        self._jobs: dict[int, Job] = {}
        self._queue: deque[tuple[int, Chatbot, Taken]] = deque()
        self._working = False

    def add(self, bot: Chatbot, taken: Taken, owner: str | None) -> None:
        """Ingest what was ``taken`` as soon as those before it are done."""
        with self._lock:
            job = Job(next(self._numbers), owner, taken.place.name)
            self._jobs[job.number] = job
            self._queue.append((job.number, bot, taken))
            self._forget_oldest()
            if not self._working:
                # A daemon: closing the program need not wait, an ingest that is cut short leaves nothing half-done.
                threading.Thread(target=self._work, name="ingest", daemon=True).start()
                self._working = True

    def jobs(self, owner: str | None) -> list[Job]:
        """The files of ``owner``, in the order they came."""
        with self._lock:
            return [job for job in self._jobs.values() if job.owner == owner]

    def clear(self, owner: str | None) -> None:
        """Forget the finished files of ``owner``."""
        with self._lock:
            gone = [job.number for job in self._jobs.values() if job.owner == owner and job.state in FINISHED]
            for number in gone:
                del self._jobs[number]

    @contextmanager
    def between(self, busy: str) -> Iterator[None]:
        """Change the library between two files; ``BusyError`` with the message ``busy`` when one takes long."""
        if not self._writing.acquire(timeout=_PATIENCE_SECONDS):
            raise BusyError(busy)
        try:
            yield
        finally:
            self._writing.release()

    def _work(self) -> None:
        while (next_one := self._next()) is not None:
            number, bot, taken = next_one
            try:
                with self._writing:
                    added = add(bot, taken, progress=partial(self._follow, number, bot))
                left = {"counts": added.counts, "failed": added.failed, "skipped": added.skipped}
                self._note(number, state=added.what, source=added.source, total=added.chunks, **left)
            except NothingReadError as error:
                self._note(number, state="failed", failed=error.failed, skipped=error.skipped)
            except PolicyRagError as error:
                self._note(number, state="failed", reason=str(error))
            except Exception as error:  # a shell: the files behind it must not be lost
                logger.exception("%s could not be ingested", taken.place)
                self._note(number, state="failed", reason=f"{type(error).__name__}: {error}")

    def _next(self) -> tuple[int, Chatbot, Taken] | None:
        with self._lock:
            self._working = bool(self._queue)
            return self._queue.popleft() if self._queue else None

    def _follow(self, number: int, bot: Chatbot, progress: Progress) -> None:
        if progress.stage == "embedding":
            self._note(number, state="embedding", done=progress.done, total=progress.total)
        else:
            state = "reading" if model_is_built(bot) else "preparing"
            self._note(number, state=state, done=progress.done, total=progress.total)

    def _note(self, number: int, **changes: Any) -> None:
        with self._lock:
            if number in self._jobs:
                self._jobs[number] = replace(self._jobs[number], **changes)

    def _forget_oldest(self) -> None:
        finished = [job.number for job in self._jobs.values() if job.state in FINISHED]
        for number in finished[:-_REMEMBERED]:
            del self._jobs[number]


def model_is_built(bot: Chatbot) -> bool:
    """Whether the first ingest finds its model ready; if not, it takes a while longer."""
    return bot.settings.embedding_model != "bundled" or model_folder(bot.settings.state).exists()
