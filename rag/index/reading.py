"""Reading ahead: documents are read in threads, and in processes of their own, while those before are embedded."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from rag.corpus.archive import ArchiveLimits, Contents, archive_of, list_archive
from rag.corpus.document import ReadLimits, read_document
from rag.corpus.formats.registry import format_of
from rag.corpus.isolation import Workers
from rag.corpus.loading import open_file
from rag.errors import DocumentError
from rag.schema import Document

_MOST_FILES, _MOST_BYTES = 64, 40_000_000  # read and waiting to be embedded
_TEXTS_HERE = 32  # starting a process takes as long as reading these
_HEAD = 32_000
_TOLD_BY_ITS_END = b"PK", b"\xd0\xcf\x11\xe0"  # ZIP and OLE files, whatever they are called

T = TypeVar("T")


class Read(Protocol):
    """Reads a file; ``Document.sha256`` of the result is the SHA-256 of the file's bytes, in hexadecimal.

    Called in several threads at once.
    """

    def __call__(self, path: Path, *, source: str, overrides: Mapping[str, Any]) -> Document: ...


class ListArchive(Protocol):
    """What is in the archive ``path``; ``DocumentError`` when it cannot be read."""

    def __call__(self, path: Path) -> Contents: ...


class FileReader:
    """Reads files within limits: those of foreign formats in ``workers``, plain text here until there is much of it."""

    def __init__(self, limits: ReadLimits, workers: Workers, archives: ArchiveLimits) -> None:
        self.limits = limits
        self._workers = workers
        self.archives = archives
        self._texts = 0
        self._lock = threading.Lock()

    def __call__(self, path: Path, *, source: str, overrides: Mapping[str, Any]) -> Document:
        """The document in ``path``; raises as ``rag.corpus.document.read_document``."""
        options: dict[str, Any] = {"source": source, "limits": self.limits, "overrides": overrides}
        if archive_of(path) is None and not self._elsewhere(path):
            return read_document(path, **options)
        document: Document = self._workers.perform("read", path, name=path.name, **options)
        return document

    def list_archive(self, path: Path) -> Contents:
        """What is in the archive ``path``; raises as ``rag.corpus.archive.list_archive``."""
        contents: Contents = self._workers.perform("list", path, name=path.name, limits=self.archives)
        return contents

    def _elsewhere(self, path: Path) -> bool:
        try:
            with open_file(path) as file:
                head = file.read(_HEAD)
            foreign = head.startswith(_TOLD_BY_ITS_END) or format_of(head, name=path.name).foreign
        except (OSError, DocumentError):
            return False  # reading it here tells what is wrong, and parses nothing
        with self._lock:
            self._texts += not foreign
            return foreign or self._texts > _TEXTS_HERE


@dataclass(frozen=True, slots=True)
class Ahead(Generic[T]):
    """Something that is to be done with a document, in its turn; ``size`` is that of the file in bytes."""

    what: T
    reading: Future[Document] | None
    size: int


def in_order(steps: Iterable[Ahead[T]]) -> Iterator[Ahead[T]]:
    """``steps`` as they come, asking for a few more before the first is handed out: their files are read meanwhile.

    However many there are, no more than 64 documents, or those of 40 MB, wait at a time.
    """
    waiting: deque[Ahead[T]] = deque()
    size = 0
    for step in steps:
        waiting.append(step)
        size += step.size
        while len(waiting) > _MOST_FILES or (size > _MOST_BYTES and len(waiting) > 1):
            first = waiting.popleft()
            size -= first.size
            yield first
    yield from waiting


def list_archive_here(path: Path) -> Contents:
    """What is in the archive ``path``, within the default limits; raises as ``rag.corpus.archive.list_archive``."""
    return list_archive(path, limits=ArchiveLimits())
