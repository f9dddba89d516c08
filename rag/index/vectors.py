"""The dense index: chunk vectors in a persistent Chroma collection, compared by cosine."""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from rag.errors import StorageError
from rag.index.damage import storage_errors

if TYPE_CHECKING:
    from chromadb import Collection
    from chromadb.api.client import Client
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    from rag.index.embeddings import Vectors

COLLECTION = "chunks"


class VectorIndex:
    """Chunk vectors in the folder ``path``; safe to share between threads.

    Chroma is imported and opened at the first use. ``embeddings`` serves only ``store``: the methods here take and
    give vectors. They raise ``StorageError`` when the folder cannot be used.
    """

    def __init__(self, path: Path, embeddings: Embeddings) -> None:
        self._path = path
        self._embeddings = embeddings
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._store: Chroma | None = None
        self._revision: str | None = None

    @property
    def store(self) -> Chroma:
        """The same collection as a LangChain vector store."""
        from langchain_chroma import Chroma

        with self._collection():
            if self._store is None:
                self._store = Chroma(
                    COLLECTION, self._embeddings, client=self._client, collection_configuration=_configuration()
                )
            return self._store

    def close(self) -> None:
        """Release the folder; the next use opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._store = None

    def add(self, ids: Sequence[str], vectors: Vectors, *, texts: Sequence[str], sources: Sequence[str]) -> None:
        """Insert or replace ``ids``; ``vectors`` has one row for each."""
        with self._collection(write=True) as collection:
            for part in self._parts(len(ids)):
                collection.upsert(
                    ids=list(ids[part]),
                    embeddings=vectors[part],
                    documents=list(texts[part]),
                    metadatas=[{"source": source} for source in sources[part]],
                )

    def delete(self, ids: Iterable[str]) -> None:
        """Forget ``ids``; unknown ones are ignored."""
        if gone := sorted(ids):
            with self._collection(write=True) as collection:
                for part in self._parts(len(gone)):
                    collection.delete(ids=gone[part])

    def search(self, vector: npt.ArrayLike, n: int) -> list[tuple[str, float]]:
        """The ``n`` nearest chunks and their cosine similarities (-1 to 1), best first."""
        with self._collection() as collection:
            query = np.asarray(vector, dtype=np.float32)
            found = collection.query(query_embeddings=query.tolist(), n_results=n, include=["distances"])
        distances = cast("list[list[float]]", found["distances"])[0]
        return [(chunk_id, 1.0 - distance) for chunk_id, distance in zip(found["ids"][0], distances, strict=True)]

    def vectors(self, ids: Iterable[str]) -> dict[str, Vectors]:
        """The stored vectors of ``ids``, without those that are not known."""
        found: dict[str, Vectors] = {}
        wanted = list(ids)
        with self._collection() as collection:
            for part in self._parts(len(wanted)):
                answer = collection.get(ids=wanted[part], include=["embeddings"])
                rows = np.asarray(answer["embeddings"], dtype=np.float32)
                found.update(zip(answer["ids"], rows, strict=True))
        return found

    def ids(self) -> set[str]:
        """The ids of every vector; reads and searches one as well, so that damage shows."""
        with self._collection() as collection:
            found = set(collection.get(include=[])["ids"])
        if found:
            self.search(self.vectors([min(found)])[min(found)], 1)
        return found

    def count(self) -> int:
        """How many vectors there are."""
        with self._collection() as collection:
            return collection.count()

    def reset(self) -> None:
        """Forget everything, whatever state the folder is in."""
        with self._lock:
            if not self._path.exists():
                return
            try:
                with self._collection(write=True):
                    cast("Client", self._client).delete_collection(COLLECTION)
            except StorageError:
                self.close()
                self._remove_folder()
            else:
                self.close()

    def _parts(self, count: int) -> Iterator[slice]:
        size = cast("Client", self._client).get_max_batch_size()
        return (slice(start, start + size) for start in range(0, count, size))

    @contextmanager
    def _collection(self, *, write: bool = False) -> Iterator[Collection]:
        from chromadb.errors import ChromaError

        with self._lock, storage_errors(f"the vector index in {self._path}", ChromaError, OSError):
            self._refresh()
            client = cast("Client", self._client)
            yield client.get_or_create_collection(COLLECTION, configuration=_configuration(), embedding_function=None)
            if write:
                self._mark()

    def _refresh(self) -> None:
        # An open Chroma client does not see all that another process has written: it keeps the graph it has read.
        revision = self._read_revision()
        if self._client is not None and revision == self._revision:
            return
        self.close()
        self._client, self._revision = _connect(self._path), revision

    def _read_revision(self) -> str | None:
        try:
            return (self._path / "revision").read_text("utf-8")
        except FileNotFoundError:
            return None

    def _mark(self) -> None:
        self._revision = uuid.uuid4().hex
        (self._path / "revision").write_text(self._revision, "utf-8")

    def _remove_folder(self) -> None:
        try:
            shutil.rmtree(self._path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StorageError(
                f"cannot remove the damaged folder {self._path}: {error}. Remove it yourself."
            ) from error


def _configuration() -> Any:
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
