"""One index on disk: catalogue, vectors, lexical index and manifest in one folder, and who may write to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import EmptyIndexError, StorageError
from rag.index import manifest as manifests
from rag.index.catalog import Catalog
from rag.index.lexical import LexicalIndex
from rag.index.manifest import Manifest
from rag.index.removal import Removed, put_back, remembered
from rag.index.vectors import VectorIndex
from rag.schema import Document

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


_REMEMBERED = 20  # documents that were removed last; one has up to a few MB of vectors


class Index:
    """The index in the folder ``home``; ``manifest`` says what it has to be built with.

    ``catalog`` is the truth: ids that it does not know are ignored wherever ``vectors`` or ``lexical`` return them.
    """

    def __init__(self, home: Path, embeddings: Embeddings, manifest: Manifest) -> None:
        self.home = home
        self.embeddings = embeddings
        self.manifest = manifest
        self.manifest_path = home / "manifest.json"
        self.catalog = Catalog(home / "catalog.db")
        self.vectors = VectorIndex(home / "vectors", embeddings)
        self.lexical = LexicalIndex(home / "lexical")
        self._owner = home / "writer.json"
        self._removed: dict[str, Removed] = {}

    def close(self) -> None:
        """Release the files."""
        self.catalog.close()
        self.vectors.close()

    def require_ready(self) -> None:
        """Raise unless the index can be searched.

        Raises:
            EmptyIndexError: nothing has been ingested.
            IndexMismatchError: built with another model, chunker or format.
            StorageError: vectors or lexical index hold less than the catalogue.
        """
        chunks = self.catalog.count_chunks()
        if not chunks:
            raise EmptyIndexError(f"nothing has been ingested into {self.home} yet. Run `rag ingest PATH` first.")
        manifests.check(manifests.load(self.manifest_path), self.manifest)
        for name, count in (("vector index", self.vectors.count()), ("lexical index", self.lexical.count())):
            if count < chunks:
                raise StorageError(
                    f"the {name} in {self.home} holds {count} of {chunks} chunks. Run `rag verify --repair`."
                )

    def remove(self, source: str) -> None:
        """Forget the document ``source``. ``DocumentNotFoundError`` when it is not known."""
        with self.writing():
            self._removed[source] = remembered(self, source)
            while len(self._removed) > _REMEMBERED:
                del self._removed[next(iter(self._removed))]
            self.drop(self.catalog.remove(source))

    def restore(self, document: Document) -> None:
        """Put back ``document``, which was removed; while this index stays open, without embedding it again.

        Raises:
            DocumentError: a document of that source is there.
        """
        with self.writing():
            put_back(self, document, self._removed.get(document.source))
            self._removed.pop(document.source, None)

    def drop(self, chunk_ids: Iterable[str]) -> None:
        """Forget chunks that the catalogue no longer knows."""
        gone = set(chunk_ids)
        self.vectors.delete(gone)
        self.lexical.delete(gone)

    def prepare(self) -> None:
        """Make sure that what is written now fits what is there; an empty index takes any manifest."""
        if self.catalog.count_chunks():
            manifests.check(manifests.load(self.manifest_path), self.manifest)
            return
        self.vectors.reset()
        self.lexical.reset()
        manifests.save(self.manifest, self.manifest_path)

    @contextmanager
    def writing(self, *, sweep: bool = True) -> Iterator[None]:
        """Be the only writer; what an interrupted writer has left behind is swept out first, unless told not to.

        Raises:
            StorageError: another process is writing, or the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        try:
            lock = FileLock(self.home / "write.lock", timeout=0)
            lock.acquire()
        except Timeout as error:
            raise StorageError(
                f"{self._describe_owner()} is writing to {self.home}. Wait until it has finished, then try again."
            ) from error
        except OSError as error:
            raise StorageError(f"cannot write to {self.home}: {error}. Make it writable or set RAG_HOME.") from error
        try:
            interrupted = self._owner.exists()
            self._sign()
            if interrupted and sweep:
                self._sweep()
            yield
            # Left in place by an error: the next writer sees it and sweeps.
            self._owner.unlink(missing_ok=True)
        finally:
            lock.release()

    def _sweep(self) -> None:
        known = self.catalog.chunk_ids()
        self.vectors.delete(self.vectors.ids() - known)
        self.lexical.delete(self.lexical.ids() - known)

    def _sign(self) -> None:
        owner = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        self._owner.write_text(json.dumps(owner), "utf-8")

    def _describe_owner(self) -> str:
        try:
            owner = json.loads(self._owner.read_text("utf-8"))
            return f"process {owner['pid']} (since {owner['since']})"
        except (OSError, ValueError, KeyError):
            return "another process"
