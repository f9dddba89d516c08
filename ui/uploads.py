"""Files from the browser: received beside the library, and handed to it against a token that works once."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rag.corpus.archive import is_archive
from rag.corpus.formats.registry import check_suffix
from rag.errors import (
    DocumentError,
    DocumentNotFoundError,
    DocumentSizeError,
    PolicyRagError,
    StorageError,
    UnsupportedFormatError,
)
from ui.filenames import safe_name
from ui.signin import visitor
from ui.signin.gate import HEADER, refused

_WAITING = 100  # files of one visitor that were received and not taken; of more, the oldest is dropped
_DRAINED = 64_000_000  # bytes read to the end after the limit: who is cut off in the middle never reads why
_STALE_SECONDS = 24 * 3600
_STATUS: dict[type[PolicyRagError], int] = {
    DocumentSizeError: 413,
    UnsupportedFormatError: 415,
    DocumentError: 400,
    StorageError: 507,
}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that was received: ``token`` is for ``Uploads.take``, ``name`` is what the file is called now."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken: where it waits, and the ``place`` for which it is meant."""

    waiting: Path
    place: Path

    @contextmanager
    def in_place(self) -> Iterator[Path]:
        """The file at its place; after an error it is gone, and the one that was there before is back.

        Raises:
            StorageError: the file cannot be moved.
        """
        before = self.waiting.with_suffix(".before")
        try:
            if self.place.exists():
                os.utime(self.place)  # else it is cleared away as something that was left long ago
                self.place.rename(before)
            self.waiting.replace(self.place)
        except OSError as error:
            _undo(before, self.place)
            raise _not_kept(self.place, error) from error
        try:
            yield self.place
        except BaseException:
            self.place.unlink(missing_ok=True)
            _undo(before, self.place)
            raise
        before.unlink(missing_ok=True)


class Uploads:
    """Files received into ``folder``, none larger than ``max_bytes`` says then. Safe to share between threads.

    ``archive_bytes`` says how large an archive may be (default: as any file).
    """

    def __init__(
        self, folder: Path, *, max_bytes: Callable[[], int], archive_bytes: Callable[[], int] | None = None
    ) -> None:
        self._folder = folder
        self._incoming = folder / ".incoming"
        self._max_bytes = max_bytes
        self._archive_bytes = archive_bytes or max_bytes
        self._waiting: dict[str | None, OrderedDict[str, str]] = {}
        self._lock = threading.Lock()

    async def receive(self, name: str, chunks: AsyncIterator[bytes], owner: str | None) -> Uploaded:
        """Keep a file until it is taken.

        Raises:
            DocumentError: no name is left of ``name``. UnsupportedFormatError: it is no document. DocumentSizeError: it
                is larger than the limit. StorageError: it cannot be written.
        """
        safe = safe_name(name)
        if not safe:
            raise DocumentError(f"{name[:80]!r} is no name for a file. Rename it, and upload it again.")
        if not is_archive(Path(safe)):
            check_suffix(safe)
        token = secrets.token_urlsafe(24)
        try:
            self._make_room()
            await self._write(self._incoming / token, chunks, safe)
        except OSError as error:
            raise _not_kept(self._folder / safe, error) from error
        self._note(token, safe, owner)
        return Uploaded(token, safe)

    def take(self, token: str, owner: str | None) -> Taken:
        """The file for this ``token`` of ``owner``, to be put at its place in the folder.

        Raises:
            DocumentNotFoundError: there is no such token, or it was used.
        """
        with self._lock:
            name = self._waiting.setdefault(owner, OrderedDict()).pop(token, None)
        if name is None:
            raise DocumentNotFoundError("this upload is not there any more. Upload the file again.")
        return Taken(self._incoming / token, self._folder / name)

    async def _write(self, path: Path, chunks: AsyncIterator[bytes], name: str) -> None:
        packed = is_archive(Path(name))
        size, whole, limit = 0, False, self._archive_bytes() if packed else self._max_bytes()
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size <= limit:
                        file.write(chunk)
                    elif size > limit + _DRAINED:
                        break
            whole = size <= limit
        finally:
            if not whole:
                path.unlink(missing_ok=True)
        if not whole:
            setting = "RAG_INGEST__ARCHIVE_MB" if packed else "RAG_MAX_FILE_MB"
            raise DocumentSizeError(
                f"{name} is larger than the limit of {limit / 1e6:g} MB. Split it, or raise {setting}."
            )

    def _make_room(self) -> None:
        """The folders, without what an earlier process has left in them."""
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < time.time() - _STALE_SECONDS:
                    left.unlink()

    def _note(self, token: str, name: str, owner: str | None) -> None:
        with self._lock:
            mine = self._waiting.setdefault(owner, OrderedDict())
            mine[token] = name
            dropped = [mine.popitem(last=False)[0] for _ in range(len(mine) - _WAITING)]
        for each in dropped:
            (self._incoming / each).unlink(missing_ok=True)


def _undo(before: Path, place: Path) -> None:
    with suppress(FileNotFoundError):
        before.replace(place)


def _not_kept(place: Path, error: OSError) -> StorageError:
    return StorageError(f"cannot keep {place.name}: {error.strerror}. Check the disk and {place.parent}.")


def upload_route(uploads: Uploads) -> Route:
    """``POST /files?name=…`` with the bytes as body: ``{"token": …, "name": …}``, for administrators."""

    async def receive(request: Request) -> Response:
        who = visitor(request)
        if HEADER not in request.headers:
            return refused(403, f"an upload has the header {HEADER}. Use the page itself.")
        if not who.admin:
            return refused(403, "only an administrator may add documents.")
        try:
            kept = await uploads.receive(request.query_params.get("name", ""), request.stream(), who.owner)
        except ClientDisconnect:
            return refused(400, "the upload was broken off.")
        except PolicyRagError as error:
            status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
            return refused(status, str(error))
        return JSONResponse({"token": kept.token, "name": kept.name})

    return Route("/files", receive, methods=["POST"])
