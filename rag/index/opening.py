"""A Chroma collection that several processes use: opened when it is needed, in turns, and only while it is whole."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rag.errors import StorageError
from rag.index.damage import storage_errors
from rag.index.exact import ExactVectors
from rag.index.graph import Graph

if TYPE_CHECKING:
    from chromadb import Collection as ChromaCollection
    from chromadb.api.client import Client

COLLECTION = "windows"
UNFINISHED = (
    "the vector index in {path} cannot be used: its files are not as the last writer left them, for it was killed or "
    "they are damaged. The next `rag ingest` mends them, and so does `rag verify --repair`."
)


class OpenedCollection:
    """The collection in the folder ``path``, and the exact copy beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = COLLECTION
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._opened: ChromaCollection | None = None
        self._revision: str | None = None
        self._exact = ExactVectors(path / "exact.db")
        self._graph: Graph | None = Graph(path)

    def close(self) -> None:
        """Release the folder; the next use opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._opened = None
            self._exact.close()

    @property
    def is_local(self) -> bool:
        """Whether the files of the graph are in the folder."""
        return self._graph is not None

    def is_whole(self) -> bool:
        """Whether the graph is what the last writer left; if not, ``rebuild_graph``."""
        with self._translated():
            return self._graph is None or self._graph.is_whole()

    def _agree(self, collection: ChromaCollection, /) -> None:
        """Bring the exact copy to the revision of ``collection``."""
        raise NotImplementedError

    @contextmanager
    def _collection(self) -> Iterator[ChromaCollection | None]:
        """The collection to read; ``None``: take the exact copy instead, which agrees with it."""
        with self._lock, self._translated():
            with self._turn() as came:
                if came and self.is_whole():
                    self._refresh()
                    yield self._current()
                    return
                if self._exact.revision() == (self._read_revision() or ""):
                    yield None
                    return
                if came:
                    raise StorageError(UNFINISHED.format(path=self._path))
            with self._collection() as collection:  # whoever writes is just about to end
                yield collection

    @contextmanager
    def _whole_collection(self) -> Iterator[ChromaCollection]:
        with self._collection() as collection:
            if collection is None:
                raise StorageError(UNFINISHED.format(path=self._path))
            yield collection

    @contextmanager
    def _changing(self) -> Iterator[ChromaCollection]:
        """The collection to change, which nobody else reads or writes meanwhile."""
        with self._lock, self._translated(), self._turn(write=True):
            if not self.is_whole():
                raise StorageError(UNFINISHED.format(path=self._path))
            try:
                if self._graph is not None:
                    self._graph.seal(first=True)
                self._refresh()
                collection = self._current()
                if self._graph is not None:
                    self._agree(collection)  # before the graph is at risk, the copy has all of it
                yield collection
            except BaseException:
                self.close()  # what it has in memory need not be what is on the disk
                raise
            if self._graph is not None:
                self._graph.seal()
            self._mark()

    def _turn(self, *, write: bool = False) -> AbstractContextManager[bool]:
        return nullcontext(True) if self._graph is None else self._graph.turn(write=write)

    def _current(self) -> ChromaCollection:
        if self._opened is None:
            self._opened = self._open(cast("Client", self._client))
        return self._opened

    def _translated(self) -> AbstractContextManager[None]:
        from chromadb.errors import ChromaError

        return storage_errors(f"the vector index in {self._path}", ChromaError, OSError, sqlite3.Error)

    def _connect(self) -> Client:
        return _connect(self._path)

    def _open(self, client: Client) -> ChromaCollection:
        return client.get_or_create_collection(self._name, configuration=configuration(), embedding_function=None)

    def _refresh(self) -> None:
        # An open Chroma client does not see all that another process has written: it keeps the graph it has read.
        revision = self._read_revision()
        if self._client is not None and revision == self._revision:
            return
        self.close()
        self._client, self._revision = self._connect(), revision

    def _read_revision(self) -> str | None:
        try:
            return (self._path / "revision").read_text("utf-8")
        except FileNotFoundError:
            return None

    def _mark(self) -> None:
        before, self._revision = self._revision or "", uuid.uuid4().hex
        self._exact.stamp(self._revision, instead_of=before)
        fresh = self._path / "revision.new"
        fresh.write_text(self._revision, "utf-8")
        fresh.replace(self._path / "revision")


def configuration() -> Any:
    """How a collection compares and searches."""
    # Chroma rebuilds part of its graph whenever it is opened; a wide search finds the same neighbours every time.
    return {"hnsw": {"space": "cosine", "ef_search": 500}}


def _connect(path: Path) -> Client:
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        return cast("Client", chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False)))
    except BaseException:
        # Chroma keeps the half-started system of a failed attempt, and every later attempt would stumble over it.
        SharedSystemClient.clear_system_cache()
        raise
