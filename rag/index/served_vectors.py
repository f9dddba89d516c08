"""The dense index on a Chroma server, which several machines share; each keeps the exact copy of its own."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rag.errors import IndexMismatchError, StorageError
from rag.index.catalog import Catalog
from rag.index.changelog import Position
from rag.index.damage import storage_errors
from rag.index.following import Follower
from rag.index.opening import configuration
from rag.index.vectors import VectorIndex

if TYPE_CHECKING:
    import httpx
    from chromadb import Collection as ChromaCollection
    from chromadb.api.client import Client
    from langchain_core.embeddings import Embeddings

_BATCH = 2000  # chunks
_TIMEOUT_S = 120.0  # of one request


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """Where a Chroma server is, ``http://host:port``; which collection there; what it is to be told to let one in."""

    url: str
    collection: str = "windows"
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Servers:
    """What of an index is on servers: the address of a PostgreSQL database for the catalogue, a Chroma server."""

    database: str | None = None
    chroma: ChromaServer | None = None


def open_vectors(home: Path, embeddings: Embeddings, catalog: Catalog, server: ChromaServer | None) -> VectorIndex:
    """The vectors of the index in ``home``: there too, or else on ``server``."""
    folder = home / "vectors"
    if server is None:
        return VectorIndex(folder, embeddings)
    if catalog.shared:
        return FollowingVectors(folder, embeddings, server=server, catalog=catalog)
    return ServedVectors(folder, embeddings, server=server, owner=_owner(folder))


class ServedVectors(VectorIndex):
    """Vectors of windows in a collection on a Chroma server, with what is this machine's own in the folder ``path``.

    Methods raise ``StorageError`` when the server cannot be reached or used, and go on once it can.

    Raises:
        IndexMismatchError: the collection belongs to another catalogue than ``owner``.
    """

    def __init__(self, path: Path, embeddings: Embeddings, *, server: ChromaServer, owner: str) -> None:
        path.mkdir(parents=True, exist_ok=True)
        super().__init__(path, embeddings)
        self._name = server.collection
        self._graph = None  # the server keeps its files whole
        self._server = server
        self._owner = owner

    def close(self) -> None:
        """Release the connections and the files; the next use opens them again."""
        with self._lock:
            sessions = [] if self._client is None else _sessions(self._client)
            super().close()
            for session in sessions:
                session.close()  # which Chroma leaves open

    def reset(self) -> None:
        """Forget everything."""
        with self._lock, self._translated():
            self._refresh()
            self._open(cast("Client", self._client))  # which may be another's
            cast("Client", self._client).delete_collection(self._name)
            self._exact.discard()
            self._mark()
        self.close()

    def _translated(self) -> AbstractContextManager[None]:
        from chromadb.errors import ChromaError
        from httpx import HTTPError

        # Chroma makes a ValueError of a server that it cannot reach.
        foreign = ChromaError, HTTPError, ValueError, OSError, sqlite3.Error
        advice = "Check that the server runs (`chroma run`) and that chroma.url (RAG_CHROMA__URL) names it."
        return storage_errors(f"the vector index on {self._server.url}", *foreign, advice=advice)

    def _connect(self) -> Client:
        import chromadb
        from chromadb.config import Settings

        headers = {"Authorization": f"Bearer {self._server.token}"} if self._server.token else None
        settings = Settings(anonymized_telemetry=False)
        client = cast("Client", chromadb.HttpClient(self._server.url, headers=headers, settings=settings))
        for session in _sessions(client):
            session.timeout = _TIMEOUT_S  # Chroma would wait for ever
        return client

    def _open(self, client: Client) -> ChromaCollection:
        collection = client.get_or_create_collection(
            self._name,
            configuration=configuration(),
            embedding_function=None,
            metadata={"catalogue": self._owner},
        )
        if (found := (collection.metadata or {}).get("catalogue")) != self._owner:
            raise IndexMismatchError(
                f"the collection {self._name!r} on {self._server.url} belongs to another catalogue ({found}). "
                "Set chroma.collection (RAG_CHROMA__COLLECTION) to a name of its own."
            )
        return collection

    def _current(self) -> ChromaCollection:
        self._opened = None  # asked for each time, 1 ms: another machine may have made it anew
        return super()._current()


class FollowingVectors(ServedVectors):
    """The same beside a shared ``catalog``, whose log the exact copy follows: nobody sees who else writes."""

    def __init__(self, path: Path, embeddings: Embeddings, *, server: ChromaServer, catalog: Catalog) -> None:
        super().__init__(path, embeddings, server=server, owner=catalog.position().key)
        self._catalog = catalog
        self._follower = Follower(self, catalog, path / "exact.lock")

    def catch_up(self) -> None:
        """Take over all that is new in the catalogue; ``StorageError`` when another process keeps the folder."""
        self._follower.catch_up()

    def position(self) -> Position | None:
        """How far in the log the exact copy is."""
        with self._lock:
            key, _, number = self._exact.revision().partition(":")
        return Position(key, int(number)) if number.isdecimal() else None

    def stamp(self, position: Position) -> None:
        """Be at ``position``."""
        with self._lock:
            self._exact.stamp(f"{position.key}:{position.number}")

    def make_anew(self) -> None:
        """Make the exact copy anew from the collection."""
        with self._lock:
            self._exact.discard()
        for chunk_ids in self._catalog.all_chunk_ids(_BATCH):
            with self._whole_collection() as collection:
                self._copy(collection, chunk_ids)

    def take_over(self, added: Collection[str], removed: Collection[str]) -> None:
        """Take the windows of the chunks ``added`` anew and forget those of the chunks ``removed``."""
        with self._whole_collection() as collection:
            self._exact.delete(removed)
            self._copy(collection, added)

    def _agree(self, _collection: ChromaCollection, /) -> None:
        self._follower.look()

    def _read_revision(self) -> str | None:
        return None

    def _mark(self) -> None:
        return None


def _sessions(client: Any) -> list[httpx.Client]:
    """Its connections, and those by which it has looked whether its database is there."""
    return [client._server._session, client._admin_client._server._session]


def _owner(folder: Path) -> str:
    """The name by which the collection of a catalogue in a file knows it, made up at first."""
    file = folder / "owner"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(uuid.uuid4().hex, "utf-8")
        return file.read_text("utf-8")
    except OSError as error:
        raise StorageError(f"cannot write {file}: {error}. Make its folder writable or set RAG_HOME.") from error
