"""One index on disk: catalogue, vectors, lexical index and manifest in one folder, and who may write to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import EmptyIndexError, IndexBusyError, StorageError
from rag.index import manifest as manifests
from rag.index.catalog import Catalog
from rag.index.lexical import LexicalIndex
from rag.index.lexical_copy import LexicalCopy
from rag.index.manifest import Manifest
from rag.index.removal import Removed, put_back, remembered
from rag.index.served_vectors import FollowingVectors, Servers, open_vectors
from rag.index.texts import search_keys, windows
from rag.schema import Chunk, Document, Metadata

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


_AT_ONCE = 1000  # chunks
_REMEMBERED = 20  # documents that were removed last; one has up to a few MB of vectors


class Index:
    """The index in the folder ``home`` and on ``servers``; ``manifest`` says what it has to be built with.

    ``catalog`` is the truth: ids that it does not know are ignored wherever ``vectors`` or ``lexical`` return them.
    """

    def __init__(
        self, home: Path, embeddings: Embeddings, manifest: Manifest, *, servers: Servers | None = None
    ) -> None:
        servers = servers or Servers()
        self.home = home
        self.embeddings = embeddings
        self.manifest = manifest
        self.manifest_path = home / "manifest.json"
        self.catalog = Catalog(home / "catalog.db", url=servers.database)
        self.kept = manifests.InCatalog(self.catalog) if self.catalog.shared else manifests.InFile(self.manifest_path)
        self.vectors = open_vectors(home, embeddings, self.catalog, servers.chroma)
        self.lexical = (
            LexicalCopy(home / "lexical", self.catalog) if self.catalog.shared else LexicalIndex(home / "lexical")
        )
        self._owner = home / "writer.json"
        self._removed: dict[str, Removed] = {}
        self._interrupted = False

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
        manifests.check(self.kept.load(), self.manifest)
        self.catch_up()
        for name, count in (("vector index", self.vectors.count()), ("lexical index", self.lexical.count())):
            if count < chunks:
                raise StorageError(
                    f"the {name} in {self.home} holds {count} of {chunks} chunks. Run `rag verify --repair`."
                )

    def remove(self, source: str) -> None:
        """Forget the document ``source``. ``DocumentNotFoundError`` when it is not known."""
        with self.writing():
            self._removed[source] = remembered(self, self.catalog.get(source))
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
        if not (gone := set(chunk_ids)):
            return
        self.vectors.delete(gone)
        self.lexical.delete(gone)

    def catch_up(self) -> None:
        """Take over what other machines have changed, where the catalogue is shared.

        Raises:
            StorageError: a server cannot be reached, or another process has what is this machine's own to itself.
        """
        for follower in (self.lexical, self.vectors):
            if isinstance(follower, LexicalCopy | FollowingVectors):
                follower.catch_up()

    def prepare(self) -> None:
        """Make sure that what is written now fits what is there; an empty index takes any manifest."""
        if not self.catalog.is_empty():
            manifests.check(self.kept.load(), self.manifest)
            return
        if self._interrupted and self._fits():
            return  # what the first writer had embedded before it was interrupted is still of use
        self.vectors.reset()
        self.lexical.reset()
        self.catalog.note_rebuilt()
        self.kept.save(self.manifest)

    def rebuild_graph(self) -> None:
        """Make the graph of the vectors anew without embedding anything: from their exact copy and the catalogue."""
        self.vectors.rebuild_graph(
            [window for chunk, metadata in material for window in windows(chunk, metadata)]
            for material in self.material(_AT_ONCE)
        )

    def material(self, at_once: int) -> Iterator[list[tuple[Chunk, Metadata]]]:
        """Every chunk with the metadata of its document, ``at_once`` at a time."""
        for chunk_ids in self.catalog.all_chunk_ids(at_once):
            yield list(self.catalog.hits_material(chunk_ids).values())

    @contextmanager
    def writing(self, *, sweep: bool = True) -> Iterator[None]:
        """Be the only writer; what an interrupted one has left is mended first and swept out last, unless told not to.

        Raises:
            IndexBusyError: another process is writing. StorageError: the folder cannot be written.
        """
        with self.catalog.sole_writer() if self.catalog.shared else self._sole_writer() as interrupted:
            self._interrupted = interrupted and sweep
            if sweep:
                self._mend()
            yield
            if self._interrupted:
                self._sweep()
        self.catch_up()

    @contextmanager
    def _sole_writer(self) -> Iterator[bool]:
        """Be the only writer to a folder; gives whether the one before was interrupted."""
        from filelock import FileLock, Timeout

        with _writable(self.home):
            lock = FileLock(self.home / "write.lock", timeout=0)
            try:
                lock.acquire()
            except Timeout as error:
                raise IndexBusyError(
                    f"{self._describe_owner()} is writing to {self.home}. Wait until it has finished, then try again."
                ) from error
        try:
            interrupted = self._owner.exists()
            with _writable(self.home):
                self._sign()
            yield interrupted
            # Left in place by an error: the next writer sees it and sweeps.
            self._owner.unlink(missing_ok=True)
        finally:
            lock.release()

    def _fits(self) -> bool:
        try:
            return self.kept.load() == self.manifest
        except StorageError:
            return False

    def _mend(self) -> None:
        """Make the indexes usable after a writer that was killed in the middle of something."""
        from rag.index.writer import Writer

        if self.vectors.is_whole() and (not self._interrupted or self.catalog.shared):
            return
        try:
            self.vectors.ids()
        except StorageError:
            if not self.vectors.is_local:
                raise
            self.rebuild_graph()
            known = self.vectors.ids()
            for material in self.material(_AT_ONCE):  # none is lost unless the exact copy was damaged as well
                lost = [each for each in material if each[0].chunk_id not in known]
                Writer(self, lambda _: None).add(lost, lexical=False)
        try:
            self.lexical.ids()
        except StorageError:
            self.lexical.reset()
            for material in self.material(_AT_ONCE):
                self.lexical.add([search_keys(chunk, metadata) for chunk, metadata in material])

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


@contextmanager
def _writable(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"cannot write to {home}: {error}. Make it writable or set RAG_HOME.") from error
