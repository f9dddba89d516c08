"""Documents into the three stores, in the order that leaves nothing half-done when it is cut short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from rag.index.embeddings import Vectors, embed_passages
from rag.index.texts import embedding_text, search_keys
from rag.schema import Chunk, Document, Metadata, Progress

if TYPE_CHECKING:
    from rag.index.lexical import LexicalEntry
    from rag.index.store import Index

Report = Callable[[Progress], None]
FLUSH_CHUNKS = 256
_EMBED_CHUNKS = 32


class Writer:
    """Collects documents and writes them about 256 chunks at a time; call ``flush`` at the end.

    Within the life of one writer a text is embedded once, however many chunks have it.
    """

    def __init__(self, index: Index, report: Report) -> None:
        self._index = index
        self._report = report
        self._waiting: list[tuple[Document, str, str]] = []
        self._written: dict[bytes, str] = {}
        self._done = self._total = 0

    def put(self, document: Document, *, path: str, overrides: str) -> None:
        """Write ``document`` now or with the next ones; ``path`` and ``overrides`` as in ``Catalog.put``."""
        self._waiting.append((document, path, overrides))
        self.expect(len(document.chunks))
        if sum(len(waiting.chunks) for waiting, _, _ in self._waiting) >= FLUSH_CHUNKS:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting.

        New chunks go to the indexes first, then the catalogue makes them known, then old ones are dropped: searches
        ignore ids the catalogue does not know, so at no moment is a document half there.
        """
        waiting, self._waiting = self._waiting, []
        self.add([(chunk, document.metadata) for document, _, _ in waiting for chunk in document.chunks])
        gone: set[str] = set()
        for document, path, overrides in waiting:
            gone |= self._index.catalog.put(document, path=path, overrides=overrides)
        self._index.drop(gone)

    def add(self, material: Sequence[tuple[Chunk, Metadata]], *, vectors: bool = True, lexical: bool = True) -> None:
        """Chunks into the vectors, the lexical index or both."""
        keys = [search_keys(chunk, metadata) for chunk, metadata in material]
        if vectors and keys:
            self._index.vectors.add(
                [chunk.chunk_id for chunk, _ in material],
                self._embed(keys),
                texts=[chunk.text for chunk, _ in material],
                sources=[chunk.source for chunk, _ in material],
            )
        if lexical:
            self._index.lexical.add(keys)

    def expect(self, chunks: int) -> None:
        """Count ``chunks`` more towards the total that the progress shows."""
        self._total += chunks

    def _embed(self, entries: Sequence[LexicalEntry]) -> Vectors:
        digests = [_digest(embedding_text(entry)) for entry in entries]
        vectors = self._stored(digests)
        first = {digest: entry for digest, entry in zip(digests, entries, strict=True) if digest not in vectors}
        # By length: a batch is padded to its longest text, and the padding is computed like any other token.
        texts = sorted(
            ((embedding_text(entry), digest) for digest, entry in first.items()), key=lambda each: len(each[0])
        )
        finished = self._done + len(entries)
        source = entries[-1].source
        for start in range(0, len(texts), _EMBED_CHUNKS):
            part = texts[start : start + _EMBED_CHUNKS]
            rows = embed_passages(self._index.embeddings, [text for text, _ in part])
            vectors.update((digest, row) for (_, digest), row in zip(part, rows, strict=True))
            self._done = min(self._done + len(part), finished)
            self._report(Progress("embedding", self._done, self._total, source))
        if self._done < finished:
            self._done = finished
            self._report(Progress("embedding", self._done, self._total, source))
        self._written.update((digest, entry.chunk_id) for digest, entry in zip(digests, entries, strict=True))
        return np.stack([vectors[digest] for digest in digests])

    def _stored(self, digests: Sequence[bytes]) -> dict[bytes, Vectors]:
        known = {digest: self._written[digest] for digest in digests if digest in self._written}
        stored = self._index.vectors.vectors(set(known.values())) if known else {}
        return {digest: stored[chunk_id] for digest, chunk_id in known.items() if chunk_id in stored}


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
