"""Reading files in other processes, each bounded in time and memory, so that no file can stop or crash this one.

Not ``multiprocessing``: that runs the main script again in each process, and forks a process that may have threads.
"""

from __future__ import annotations

import io
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from rag import errors, schema
from rag.corpus import archive
from rag.corpus.confinement import kill_started, remove
from rag.corpus.worker import HEADER, STEP
from rag.errors import DocumentError, PolicyRagError, StorageError

_MOST_TIMES = 60  # as long as a file may take, one that is read in steps may in all
_REQUESTS = 200  # of one process; what a parser leaks is gone with it
_SECRET = re.compile("^RAG_|KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_MALFORMED = EOFError, ValueError, TypeError, AttributeError, LookupError, pickle.UnpicklingError
_TEMPORARY = "TMPDIR", "TEMP", "TMP"
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """``processes`` at most at once; each may take ``timeout_s`` for a file, and ``memory_mb`` where the system tells.

    The memory is bounded on Linux, the time everywhere.
    """

    processes: int = 1
    timeout_s: float = 60.0
    memory_mb: int = 1024


class Workers:
    """Processes that read files, started when they are needed and kept. Safe to share between threads."""

    def __init__(self, limits: WorkerLimits) -> None:
        self.limits = limits
        self._free = threading.BoundedSemaphore(limits.processes)
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()

    def perform(self, operation: str, *arguments: Any, name: str, **options: Any) -> Any:
        """What ``rag.corpus.worker.OPERATIONS[operation]`` returns; ``name`` is what messages call the file.

        Raises:
            DocumentError: it took too long or too much memory, or crashed. And whatever of ours the operation raises.
        """
        with self._free:
            for last in (False, True):
                process = self._take()
                try:
                    return process.perform((operation, arguments, options), name)
                except _KilledError as error:
                    # By whom? Perhaps for want of memory in the whole machine, and through no fault of the file.
                    if last:
                        raise DocumentError(
                            f"{name}: the process that read it was killed twice. Free some memory, then try again."
                        ) from error
                finally:
                    self._give_back(process)
        raise AssertionError("unreachable")

    def rest(self) -> None:
        """End all but one of the processes that have nothing to do."""
        with self._lock:
            idle, self._idle = self._idle[1:], self._idle[:1]
        for process in idle:
            process.end()

    def close(self) -> None:
        """End every process, whatever it does; whoever waits for it gets an error. The next use starts new ones."""
        with self._lock:
            ending = [*self._idle, *self._busy]
            self._idle = []
        for process in ending:
            process.end()

    def _take(self) -> _Process:
        with self._lock:
            process = self._idle.pop() if self._idle else None
        if process is None or not process.usable():
            process = _Process(self.limits)
        with self._lock:
            self._busy.add(process)
        return process

    def _give_back(self, process: _Process) -> None:
        with self._lock:
            self._busy.discard(process)
            if process.usable():
                self._idle.append(process)
                return
        process.end()


class _KilledError(Exception):
    """The process was killed, and not by us."""


class _Process:
    """One process that performs one request at a time."""

    def __init__(self, limits: WorkerLimits) -> None:
        self._limits = limits
        self._requests = 0
        self._overrun = self._ended = False
        folder = Path(tempfile.mkdtemp(prefix="policy-rag-worker-"))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-B", "-P", "-m", "rag.corpus.worker", str(limits.memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(folder),
                start_new_session=True,  # Ctrl-C is for us
            )
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StorageError(f"cannot start a process that reads files: {error}. Free some memory.") from error
        self.end = weakref.finalize(self, _end, self._process, folder)

    def usable(self) -> bool:
        return self._requests < _REQUESTS and not self._ended and self._process.poll() is None

    def perform(self, request: tuple[Any, ...], name: str) -> Any:
        self._requests += 1
        try:
            with self._timed():
                self._send(pickle.dumps((*request, self._limits.timeout_s)))
            until = monotonic() + _MOST_TIMES * self._limits.timeout_s
            while monotonic() < until:
                with self._timed():
                    reply = self._receive()
                if reply != STEP:
                    return self._result(reply, name)
        except (OSError, *_MALFORMED) as error:
            raise self._why_it_ended(name) from error
        self._ended = True
        raise DocumentError(
            f"{name}: not read within {_MOST_TIMES * self._limits.timeout_s:g} s, page by page. Split it, or raise "
            "RAG_INGEST__TIMEOUT_S."
        )

    @contextmanager
    def _timed(self) -> Iterator[None]:
        timer = threading.Timer(self._limits.timeout_s, self._time_out)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _send(self, request: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(HEADER.pack(len(request)) + request)
        stdin.flush()

    def _receive(self) -> tuple[Any, ...]:
        stdout = self._process.stdout
        assert stdout is not None
        header = stdout.read(HEADER.size)
        size = HEADER.unpack(header)[0] if len(header) == HEADER.size else 0
        # What a hostile file made of its process may say anything.
        reply = stdout.read(size) if 0 < size <= self._limits.memory_mb * 1_000_000 else b""
        if not size or len(reply) < size:
            raise EOFError
        return loads(reply)

    def _result(self, reply: tuple[Any, ...], name: str) -> Any:
        match reply:
            case ("done", value):
                return value
            case ("failed", None, str(message)):
                raise DocumentError(
                    f"{name} cannot be read ({message}). It may be damaged: open it in its own program and save it "
                    "again."
                )
            case ("failed", str(kind), str(message)):
                raise _ERRORS.get(kind, DocumentError)(message)
        self._ended = True  # a process that ran out of memory is in no state to go on
        raise DocumentError(
            f"{name}: reading it takes more than {self._limits.memory_mb} MB of memory. Split it, or raise "
            "RAG_INGEST__MEMORY_MB."
        )

    def _time_out(self) -> None:
        self._overrun = True
        _kill(self._process)  # the thread that waits for it does the rest

    def _why_it_ended(self, name: str) -> Exception:
        self._ended = True
        closed = not self.end.alive and not self._overrun
        self.end()
        code = self._process.returncode
        if self._overrun:
            return DocumentError(
                f"{name}: not read within {self._limits.timeout_s:g} s. Split it, or raise RAG_INGEST__TIMEOUT_S."
            )
        if closed:
            return DocumentError(f"{name}: reading it was broken off. Ingest it again.")
        if hasattr(signal, "SIGKILL") and code == -signal.SIGKILL:
            return _KilledError()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return DocumentError(
            f"{name}: its parser crashed ({how}). It may be damaged or hostile, or need more than "
            f"{self._limits.memory_mb} MB of memory (RAG_INGEST__MEMORY_MB). Open it in its own program and save it "
            "again, or convert it to text."
        )


def loads(reply: bytes) -> tuple[Any, ...]:
    """A reply of a process; ``EOFError`` when it holds anything but values of ours."""
    found: tuple[Any, ...] = _OurUnpickler(io.BytesIO(reply)).load()
    return found


class _OurUnpickler(pickle.Unpickler):
    """Makes nothing but values of ours: the process that sent them has read a file that nobody vouches for."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _VALUES:
            return _VALUES[module, name]
        raise EOFError(f"{module}.{name} is no part of a document")


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Kill ``process`` and what it has started, wait until it is gone, and remove its ``folder``."""
    _kill(process)
    process.wait()
    remove(folder)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            _close(stream)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if hasattr(signal, "SIGSTOP"):
            process.send_signal(signal.SIGSTOP)
            kill_started(process.pid)
        process.kill()


def _close(stream: Any) -> None:
    with suppress(OSError):  # what was not sent cannot be sent any more
        stream.close()


def _environment(folder: Path) -> Mapping[str, str]:
    """That of this process without anything secret, with the folders it imports from and one for temporary files."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109 - a name, not a path
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    return {**kept, **dict.fromkeys(_ONE_THREAD, "1"), "PYTHONPATH": path, **dict.fromkeys(_TEMPORARY, str(folder))}


_ERRORS: Mapping[str, type[PolicyRagError]] = {
    name: each for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, PolicyRagError)
}
_VALUES: Mapping[tuple[str, str], Any] = {
    (each.__module__, each.__qualname__): each
    for each in (
        *(schema.Document, schema.Metadata, schema.Section, schema.Chunk, schema.Furniture, schema.Layout),
        *(schema.Heading, schema.Failure, schema.Skipped, archive.Contents, archive.Member),
    )
}
