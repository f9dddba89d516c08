"""The dense index: the vectors of every chunk's windows in a persistent Chroma collection, compared by cosine.

Small texts are compared, whole chunks are found: a chunk is as near to a question as the nearest of its windows.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from rag.errors import StorageError
from rag.index.exact import ExactVectors
from rag.index.graph import Graph
from rag.index.opening import UNFINISHED, OpenedCollection, configuration
from rag.index.texts import Window, chunk_of

if TYPE_CHECKING:
    from chromadb import Collection as ChromaCollection
    from chromadb.api.client import Client
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    from rag.index.embeddings import Vectors

_WINDOWS = 3  # looked at for each chunk wanted; a chunk of 300 characters has 2.7


@dataclass(frozen=True, slots=True)
class Stored:
    """A window as it is stored: its vector in the graph and that in the exact copy, which has length 1."""

    window: Window
    vector: Vectors
    copy: Vectors | None


class VectorIndex(OpenedCollection):
    """Vectors of windows in the folder ``path``; safe to share between threads.

    Chroma is imported and opened at the first use. ``embeddings`` serves only ``store``: the methods here take and
    give vectors. They raise ``StorageError`` when the folder cannot be used. While another process writes, or after
    one was killed while it did, searches compare all vectors of the exact copy instead: slower, and the same.
    """

    def __init__(self, path: Path, embeddings: Embeddings) -> None:
        super().__init__(path)
        self._embeddings = embeddings
        self._store: Chroma | None = None

    def close(self) -> None:
        """Release the folder; the next use opens it again."""
        with self._lock:
            self._store = None
            super().close()

    @property
    def store(self) -> Chroma:
        """The same collection as a LangChain vector store."""
        from langchain_chroma import Chroma

        with self._collection():
            if self._store is None:
                self._store = Chroma(
                    self._name, self._embeddings, client=self._client, collection_configuration=configuration()
                )
            return self._store

    def add(self, windows: Sequence[Window], vectors: Vectors) -> None:
        """Insert or replace ``windows``; ``vectors`` has one row for each."""
        ids = [window.window_id for window in windows]
        chunk_ids = list(dict.fromkeys(window.chunk_id for window in windows))
        with self._changing() as collection:
            self._forget(collection, chunk_ids)  # one that was there may have had more windows
            self._upsert(collection, windows, vectors)
            self._exact.add(ids, vectors, [window.source for window in windows])

    def delete(self, chunk_ids: Iterable[str]) -> None:
        """Forget the windows of ``chunk_ids``; unknown ones are ignored."""
        if gone := sorted(chunk_ids):
            with self._changing() as collection:
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
            if collection is None:
                found = self._exact.search(query, _WINDOWS * n, sources)
            elif sources is None:
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
            if collection is not None:
                self._agree(collection)
            return _best(self._exact.of_chunks(np.asarray(vector, dtype=np.float32), chunk_ids))

    def vectors(self, ids: Iterable[str]) -> dict[str, Vectors]:
        """The stored vectors of windows, by their ids, without those that are not known."""
        found: dict[str, Vectors] = {}
        wanted = list(ids)
        with self._collection() as collection:
            if collection is None:
                return self._exact.vectors(wanted)
            for part in self._parts(len(wanted)):
                answer = collection.get(ids=wanted[part], include=["embeddings"])
                rows = np.asarray(answer["embeddings"], dtype=np.float32)
                found.update(zip(answer["ids"], rows, strict=True))
        return found

    def stored(self, chunk_ids: Iterable[str]) -> list[Stored]:
        """All that is known of the windows of ``chunk_ids``."""
        wanted, found = sorted(chunk_ids), []
        with self._whole_collection() as collection:
            self._agree(collection)
            for part in self._parts(len(wanted)):
                where = cast("Any", {"chunk_id": {"$in": wanted[part]}})
                rows = collection.get(where=where, include=["embeddings", "metadatas", "documents"])
                copies = self._exact.vectors(rows["ids"])
                embeddings = np.asarray(rows["embeddings"], dtype=np.float32)
                about = zip(cast("Any", rows["metadatas"]), cast("Any", rows["documents"]), strict=True)
                for name, vector, (metadata, text) in zip(rows["ids"], embeddings, about, strict=True):
                    window = Window(name, metadata["chunk_id"], metadata["source"], text)
                    found.append(Stored(window, vector, copies.get(name)))
        return found

    def ids(self) -> set[str]:
        """The ids of every chunk; reads all files and searches a vector as well, so that damage shows."""
        with self._whole_collection() as collection:
            if self._graph is not None and not self._graph.is_whole(thorough=True):
                raise StorageError(UNFINISHED.format(path=self._path))
            found = set(collection.get(include=[])["ids"])
            self._exact.revision(thorough=True)
        if found:
            self.search(self.vectors([min(found)])[min(found)], 1)
        return {chunk_of(window_id) for window_id in found}

    def count(self) -> int:
        """How many vectors there are, at least one for each chunk."""
        with self._collection() as collection:
            return self._exact.count() if collection is None else collection.count()

    def rebuild_graph(self, batches: Iterable[Sequence[Window]]) -> None:
        """Make the graph anew: the windows in ``batches`` whose vectors are in the exact copy, and no others."""
        graph = cast("Graph", self._graph)
        with self._lock, self._translated(), graph.turn(write=True):
            graph.spoil()
            self.close()
            graph.clear()
            kept: set[str] = set()
            self._client = self._connect()
            self._opened = self._open(self._client)
            for windows in batches:
                vectors = self._exact.vectors([window.window_id for window in windows])
                found = [window for window in windows if window.window_id in vectors]
                kept |= {window.chunk_id for window in found}
                self._upsert(self._opened, found, [vectors[window.window_id] for window in found])
            self._exact.delete(self._exact.chunk_ids() - kept)
            graph.seal()
            self._mark()

    def reset(self) -> None:
        """Forget everything, whatever state the folder is in."""
        with self._lock:
            if not self._path.exists():
                return
            try:
                with self._changing():
                    self._exact.discard()
                    cast("Client", self._client).delete_collection(self._name)
            except StorageError:
                self.close()
                self._clear(cast("Graph", self._graph))
            else:
                self.close()

    def _upsert(
        self, collection: ChromaCollection, windows: Sequence[Window], vectors: Vectors | Sequence[Vectors]
    ) -> None:
        for part in self._parts(len(windows)):
            collection.upsert(
                ids=[window.window_id for window in windows[part]],
                embeddings=cast("Any", vectors[part]),
                documents=[window.text for window in windows[part]],
                metadatas=[{"source": window.source, "chunk_id": window.chunk_id} for window in windows[part]],
            )

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

    def _agree(self, collection: ChromaCollection, /) -> None:
        """Make the exact copy anew when it is another revision's."""
        if self._exact.revision() == (self._revision or ""):
            return
        fresh = ExactVectors(self._path / f"exact.{os.getpid()}")
        fresh.discard()
        for part in self._parts(collection.count()):
            rows = collection.get(limit=part.stop - part.start, offset=part.start, include=["metadatas"])
            # By chunk, for the windows of one may come apart, and stand on both sides of the part's end.
            self._copy(collection, {chunk_of(window_id) for window_id in rows["ids"]}, into=fresh)
        fresh.stamp(self._revision or "")
        self._exact.become(fresh)

    def _copy(
        self, collection: ChromaCollection, chunk_ids: Collection[str], *, into: ExactVectors | None = None
    ) -> None:
        """Take the windows of ``chunk_ids`` into the exact copy anew."""
        exact = into or self._exact
        wanted = sorted(chunk_ids)
        exact.delete(wanted)
        for part in self._parts(len(wanted)):
            where = cast("Any", {"chunk_id": {"$in": wanted[part]}})
            rows = collection.get(where=where, include=["embeddings", "metadatas"])
            order = sorted(range(len(rows["ids"])), key=rows["ids"].__getitem__)
            metadatas = cast("list[dict[str, str]]", rows["metadatas"])
            embeddings = np.asarray(rows["embeddings"], dtype=np.float32)
            names, sources = [rows["ids"][row] for row in order], [metadatas[row]["source"] for row in order]
            exact.add(names, embeddings[order], sources)

    def _parts(self, count: int) -> Iterator[slice]:
        size = cast("Client", self._client).get_max_batch_size()
        return (slice(start, start + size) for start in range(0, count, size))

    def _clear(self, graph: Graph) -> None:
        try:
            with graph.turn(write=True):
                self._exact.discard()
                graph.clear(sealed=False)
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
