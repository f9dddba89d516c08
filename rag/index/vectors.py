"""The dense index: the vectors of every chunk's windows in a persistent Chroma collection, compared by cosine.

Small texts are compared, whole chunks are found: a chunk is as near to a question as the nearest of its windows.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from rag.errors import StorageError
from rag.index.damage import storage_errors
from rag.index.exact import ExactVectors
from rag.index.texts import chunk_of

if TYPE_CHECKING:
    from chromadb import Collection as ChromaCollection
    from chromadb.api.client import Client
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    from rag.index.embeddings import Vectors
    from rag.index.texts import Window

COLLECTION = "windows"
_WINDOWS = 3  # looked at for each chunk wanted; a chunk of 300 characters has 2.7


class VectorIndex:
    """Vectors of windows in the folder ``path``; safe to share between threads.

    Chroma is imported and opened at the first use. ``embeddings`` serves only ``store``: the methods here take and
    give vectors. They raise ``StorageError`` when the folder cannot be used.
    """

    def __init__(self, path: Path, embeddings: Embeddings) -> None:
        self._path = path
        self._embeddings = embeddings
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._opened: ChromaCollection | None = None
        self._store: Chroma | None = None
        self._revision: str | None = None
        self._exact = ExactVectors(path / "exact.db")

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
            self._client = self._opened = self._store = None
            self._exact.close()

    def add(self, windows: Sequence[Window], vectors: Vectors) -> None:
        """Insert or replace ``windows``; ``vectors`` has one row for each."""
        ids = [window.window_id for window in windows]
        chunk_ids = list(dict.fromkeys(window.chunk_id for window in windows))
        with self._collection(write=True) as collection:
            self._forget(collection, chunk_ids)  # one that was there may have had more windows
            for part in self._parts(len(ids)):
                collection.upsert(
                    ids=ids[part],
                    embeddings=vectors[part],
                    documents=[window.text for window in windows[part]],
                    metadatas=[{"source": window.source, "chunk_id": window.chunk_id} for window in windows[part]],
                )
            self._exact.add(ids, vectors, [window.source for window in windows])

    def delete(self, chunk_ids: Iterable[str]) -> None:
        """Forget the windows of ``chunk_ids``; unknown ones are ignored."""
        if gone := sorted(chunk_ids):
            with self._collection(write=True) as collection:
                self._exact.delete(gone)
                self._forget(collection, gone)

    def search(
        self, vector: npt.ArrayLike, n: int, *, sources: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """The ``n`` nearest chunks and their cosine similarities (-1 to 1), best first.

        With ``sources`` those of these documents only. Fewer than ``n`` may come when many windows of few chunks are
        the nearest.
        """
        query = np.asarray(vector, dtype=np.float32)
        with self._collection() as collection:
            if sources is None:
                found = _nearest(collection, query, _WINDOWS * n)
            else:
                self._agree(collection)
                found = self._search_within(collection, query, _WINDOWS * n, sources)
        return list(islice(_best(found).items(), n))

    def similarities(self, vector: npt.ArrayLike, chunk_ids: Collection[str]) -> dict[str, float]:
        """The cosine similarity of each of ``chunk_ids``, without those that are not known."""
        if not chunk_ids:
            return {}
        with self._collection() as collection:
            self._agree(collection)
            return _best(self._exact.of_chunks(np.asarray(vector, dtype=np.float32), chunk_ids))

    def vectors(self, ids: Iterable[str]) -> dict[str, Vectors]:
        """The stored vectors of windows, by their ids, without those that are not known."""
        found: dict[str, Vectors] = {}
        wanted = list(ids)
        with self._collection() as collection:
            for part in self._parts(len(wanted)):
                answer = collection.get(ids=wanted[part], include=["embeddings"])
                rows = np.asarray(answer["embeddings"], dtype=np.float32)
                found.update(zip(answer["ids"], rows, strict=True))
        return found

    def ids(self) -> set[str]:
        """The ids of every chunk; reads and searches a vector as well, so that damage shows."""
        with self._collection() as collection:
            found = set(collection.get(include=[])["ids"])
            self._exact.revision(thorough=True)
        if found:
            self.search(self.vectors([min(found)])[min(found)], 1)
        return {chunk_of(window_id) for window_id in found}

    def count(self) -> int:
        """How many vectors there are, at least one for each chunk."""
        with self._collection() as collection:
            return collection.count()

    def reset(self) -> None:
        """Forget everything, whatever state the folder is in."""
        with self._lock:
            if not self._path.exists():
                return
            try:
                with self._collection(write=True):
                    self._exact.discard()
                    cast("Client", self._client).delete_collection(COLLECTION)
            except StorageError:
                self.close()
                self._remove_folder()
            else:
                self.close()

    def _forget(self, collection: ChromaCollection, chunk_ids: Sequence[str]) -> None:
        for part in self._parts(len(chunk_ids)):
            collection.delete(where=cast("Any", {"chunk_id": {"$in": list(chunk_ids[part])}}))

    def _search_within(
        self, collection: ChromaCollection, query: Vectors, n: int, sources: Collection[str]
    ) -> list[tuple[str, float]]:
        """Compare all vectors of few documents; of many, take the nearest of all chunks and leave out the others."""
        documents = self._exact.count_documents()
        # Measured: 18 µs a document against 15 µs a chunk, of which twice as many are taken as should do.
        if documents and len(sources) ** 2 > 2 * n * documents:
            wide = _nearest(collection, query, max(n, 2 * n * documents // len(sources)))
            known = self._exact.sources({chunk_of(window_id) for window_id, _ in wide})
            inside = [hit for hit in wide if known.get(chunk_of(hit[0])) in sources]
            if len(inside) >= n:
                return inside[:n]
        return self._exact.search(query, n, sources)

    def _agree(self, collection: ChromaCollection) -> None:
        """Make the exact copy anew when it is another revision's."""
        if self._exact.revision() == (self._revision or ""):
            return
        self._exact.discard()
        for part in self._parts(collection.count()):
            rows = collection.get(limit=part.stop - part.start, offset=part.start, include=["embeddings", "metadatas"])
            metadatas = cast("list[dict[str, str]]", rows["metadatas"])
            embeddings = np.asarray(rows["embeddings"], dtype=np.float32)
            self._exact.add(rows["ids"], embeddings, [metadata["source"] for metadata in metadatas])
        self._exact.stamp(self._revision or "")

    def _parts(self, count: int) -> Iterator[slice]:
        size = cast("Client", self._client).get_max_batch_size()
        return (slice(start, start + size) for start in range(0, count, size))

    @contextmanager
    def _collection(self, *, write: bool = False) -> Iterator[ChromaCollection]:
        from chromadb.errors import ChromaError

        with self._lock, storage_errors(f"the vector index in {self._path}", ChromaError, OSError, sqlite3.Error):
            self._refresh()
            if write:
                self._exact.revision()  # a damaged copy must not be in the way
            if self._opened is None:
                self._opened = cast("Client", self._client).get_or_create_collection(
                    COLLECTION, configuration=_configuration(), embedding_function=None
                )
            yield self._opened
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
        before, self._revision = self._revision or "", uuid.uuid4().hex
        self._exact.stamp(self._revision, instead_of=before)
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


def _best(found: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The best score of each chunk's windows, best first."""
    scores: dict[str, float] = {}
    for window_id, score in found:
        chunk_id = chunk_of(window_id)
        scores[chunk_id] = max(score, scores.get(chunk_id, score))
    return scores


def _nearest(collection: ChromaCollection, query: Vectors, n: int) -> list[tuple[str, float]]:
    found = collection.query(query_embeddings=query.tolist(), n_results=n, include=["distances"])
    distances = cast("list[list[float]]", found["distances"])[0]
    return [(chunk_id, 1.0 - distance) for chunk_id, distance in zip(found["ids"][0], distances, strict=True)]


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
