"""Documents into the three stores, in the order that leaves nothing half-done when it is cut short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from rag.index.catalog import Entry
from rag.index.embeddings import Vectors, embed_passages
from rag.index.texts import Window, search_keys, windows
from rag.schema import Chunk, Document, Metadata, Progress

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from rag.index.store import Index

Report = Callable[[Progress], None]
FLUSH_CHUNKS = 256
_EMBED_WINDOWS = 64


class Writer:
    """Collects documents and writes them about 256 chunks at a time; call ``flush`` at the end.

    A text is embedded once: not again for another chunk that has it, for the next version of its document, for a copy
    or a renamed file, nor after a writer that was interrupted before it could make its documents known.
    """

    def __init__(self, index: Index, report: Report, *, embeddings: Embeddings | None = None) -> None:
        self._index = index
        self._embeddings = embeddings or index.embeddings
        self._times = getattr(embeddings, "workers", 1)  # each of which is to have something to do
        self._report = report
        self._waiting: list[tuple[Document, Entry]] = []
        self._leaving: list[str] = []
        self._done = self._total = 0

    def put(self, document: Document, *, path: str, overrides: str) -> None:
        """Write ``document`` now or with the next ones; ``path`` and ``overrides`` as in ``Catalog.put``."""
        self._waiting.append((document, Entry(path, overrides)))
        self.expect(len(document.chunks))
        if sum(len(waiting.chunks) for waiting, _ in self._waiting) >= FLUSH_CHUNKS * self._times:
            self.flush()

    def remove(self, path: str) -> None:
        """Forget the document of the file ``path`` at the moment in which what is put next becomes known."""
        self._leaving.append(path)

    def flush(self) -> None:
        """Write what is waiting.

        New chunks go to the indexes first, then one transaction of the catalogue makes all of them known, then old
        ones are dropped. Searches ignore ids that the catalogue does not know, and what is indexed under an id never
        changes, so at no moment is a document half there. Chunks that stay are not touched.
        """
        waiting, self._waiting = self._waiting, []
        leaving, self._leaving = self._leaving, []
        if not waiting and not leaving:
            return
        catalog = self._index.catalog
        material = [(chunk, document.metadata) for document, _ in waiting for chunk in document.chunks]
        there = catalog.known(chunk.chunk_id for chunk, _ in material)
        new = [each for each in material if each[0].chunk_id not in there]
        self._done += len(material) - len(new)
        if material and not new:
            self._report(Progress("embedding", self._done, self._total, material[-1][0].source))
        self.add(new, like=catalog.akin(waiting))
        gone = catalog.put_all(waiting, without=leaving)
        self._index.drop(gone)

    def add(
        self,
        material: Sequence[tuple[Chunk, Metadata]],
        *,
        like: Sequence[tuple[Chunk, Metadata]] = (),
        vectors: bool = True,
        lexical: bool = True,
    ) -> None:
        """Chunks into the vectors, the lexical index or both; texts that chunks in ``like`` have are not embedded."""
        if vectors and material:
            found = _windows(material)
            self._index.vectors.add(found, self._embed(found, _windows(like), chunks=len(material)))
        if lexical:
            self._index.lexical.add([search_keys(chunk, metadata) for chunk, metadata in material])

    def expect(self, chunks: int) -> None:
        """Count ``chunks`` more towards the total that the progress shows."""
        self._total += chunks

    def _embed(self, found: Sequence[Window], like: Sequence[Window], *, chunks: int) -> Vectors:
        digests = [_digest(window.text) for window in found]
        vectors = self._stored({_digest(window.text): window.window_id for window in [*found, *like]}, set(digests))
        fresh = {digest: each.text for digest, each in zip(digests, found, strict=True) if digest not in vectors}
        # By length: a batch is padded to its longest text, and the padding is computed like any other token.
        texts = sorted(fresh.items(), key=lambda each: len(each[1]))
        before, source = self._done, found[-1].source
        size = _EMBED_WINDOWS * self._times
        for start in range(0, len(texts), size):
            part = texts[start : start + size]
            rows = embed_passages(self._embeddings, [text for _, text in part])
            vectors.update((digest, row) for (digest, _), row in zip(part, rows, strict=True))
            self._done = before + chunks * (start + len(part)) // len(texts)
            self._report(Progress("embedding", self._done, self._total, source))
        if not texts:
            self._done = before + chunks
            self._report(Progress("embedding", self._done, self._total, source))
        return np.stack([vectors[digest] for digest in digests])

    def _stored(self, places: dict[bytes, str], wanted: set[bytes]) -> dict[bytes, Vectors]:
        """The vectors that are there; also those of an interrupted writer, whose chunks nobody knows yet."""
        known = {digest: window_id for digest, window_id in places.items() if digest in wanted}
        stored = self._index.vectors.vectors(set(known.values())) if known else {}
        return {digest: stored[window_id] for digest, window_id in known.items() if window_id in stored}


def _windows(material: Sequence[tuple[Chunk, Metadata]]) -> list[Window]:
    return [window for chunk, metadata in material for window in windows(chunk, metadata)]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
