"""Ingest: files into the index, idempotent by content; what has not changed is neither read nor embedded again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rag.errors import ConfigurationError, DocumentError, DocumentNotFoundError
from rag.index.catalog import State
from rag.index.discovery import File, Sidecars, find_files
from rag.index.writer import Report, Writer
from rag.schema import Document, Failure, IngestReport, Progress

if TYPE_CHECKING:
    from rag.index.store import Index


class Read(Protocol):
    """Reads a file; ``Document.sha256`` of the result is the SHA-256 of the file's bytes, in hexadecimal."""

    def __call__(self, path: Path, *, source: str, overrides: Mapping[str, Any]) -> Document: ...


class Ingestor:
    """Brings ``index`` up to date with files, which it reads with ``read``."""

    def __init__(self, index: Index, *, read: Read) -> None:
        self._index = index
        self._read = read

    def run(self, paths: Iterable[Path], *, progress: Report | None = None) -> IngestReport:
        """Add, replace and remove documents until the index holds what the files at ``paths`` say.

        A file that cannot be read is reported and stays indexed as it was; the others go on.

        Raises:
            DocumentNotFoundError: there is nothing at a path. DocumentError: no document in a folder.
            IndexMismatchError: the index was built with something else. StorageError: it cannot be written.
            ModelError: a text cannot be embedded. Documents already written stay, the others are as before.
        """
        found = find_files(paths)
        report = progress or (lambda _: None)
        with self._index.writing():
            self._index.prepare()
            run = _Run(self._index, self._read, Writer(self._index, report))
            for number, file in enumerate(found.files, start=1):
                report(Progress("reading", number, len(found.files), file.name))
                run.take(file)
            run.writer.flush()
            run.drop_left([path for path in run.known if found.covers(Path(path))])
        return run.report(found.unreadable)


@dataclass
class _Run:
    """One ingest: what was known before it, what it has seen and done."""

    index: Index
    read: Read
    writer: Writer
    sidecars: Sidecars = field(default_factory=Sidecars)
    seen: set[str] = field(default_factory=set)
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known = self.index.catalog.states()
        self.paths = {state.source: path for path, state in self.known.items()}

    def take(self, file: File) -> None:
        """Add or replace the document in ``file``, or note why not."""
        path = str(file.real)
        try:
            overrides = dict(self.sidecars.entry(file.path))
            if overrides.pop("skip", False):
                return
            self.seen.add(path)
            self._take(file, overrides)
        except (DocumentError, ConfigurationError) as error:
            self.seen.add(path)
            self.failed.append(Failure(str(file.path), str(error)))

    def drop_left(self, covered: Iterable[str]) -> None:
        """Remove the documents of ``covered`` paths that were not seen."""
        for path in covered:
            source = self.known[path].source
            if path not in self.seen and self.paths[source] == path:
                self.index.drop(self.index.catalog.remove(source))
                self.removed.append(source)

    def report(self, unreadable: Iterable[Failure]) -> IngestReport:
        return IngestReport(
            added=tuple(sorted(self.added)),
            updated=tuple(sorted(self.updated)),
            unchanged=tuple(sorted(self.unchanged)),
            removed=tuple(sorted(self.removed)),
            failed=(*self.failed, *unreadable),
        )

    def _take(self, file: File, overrides: Mapping[str, Any]) -> None:
        source, state = self._name(file)
        path, mark = str(file.real), _fingerprint(overrides)
        if state and state.overrides == mark and state.sha256 == _hash(file.path):
            if self.paths[source] != path:
                self.index.catalog.move(source, path)
            self.unchanged.append(source)
        else:
            document = self.read(file.path, source=source, overrides=overrides)
            self.writer.put(document, path=path, overrides=mark)
            (self.updated if state else self.added).append(source)
        self.paths[source] = path

    def _name(self, file: File) -> tuple[str, State | None]:
        """The source name, and what is indexed under it: a name is kept, and goes with a file that was moved."""
        path = str(file.real)
        if path in self.known:
            return self.known[path].source, self.known[path]
        for name in file.names():
            owner = self.paths.get(name)
            if owner is None or owner == path:
                return name, None
            if owner not in self.seen and not Path(owner).exists():
                return name, self.known[owner]
        raise DocumentError(f"no free name for {path}: every one is taken. Remove one with `rag remove`.")


def _fingerprint(overrides: Mapping[str, Any]) -> str:
    if not overrides:
        return ""
    return sha256(json.dumps(overrides, sort_keys=True, default=str).encode()).hexdigest()


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DocumentNotFoundError(f"cannot read {path}: {error.strerror}. Check its permissions.") from error
