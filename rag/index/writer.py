"""Documents into the three stores, in the order that leaves nothing half-done when it is cut short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from rag.index.embeddings import Vectors, embed_passages
from rag.index.texts import Window, search_keys, windows
from rag.schema import Chunk, Document, Metadata, Progress

if TYPE_CHECKING:
    from rag.index.store import Index

Report = Callable[[Progress], None]
FLUSH_CHUNKS = 256
_EMBED_WINDOWS = 64


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
        if vectors and material:
            found = [window for chunk, metadata in material for window in windows(chunk, metadata)]
            self._index.vectors.add(found, self._embed(found, chunks=len(material)))
        if lexical:
            self._index.lexical.add([search_keys(chunk, metadata) for chunk, metadata in material])

    def expect(self, chunks: int) -> None:
        """Count ``chunks`` more towards the total that the progress shows."""
        self._total += chunks

    def _embed(self, found: Sequence[Window], *, chunks: int) -> Vectors:
        digests = [_digest(window.text) for window in found]
        vectors = self._stored(digests)
        fresh = {digest: each.text for digest, each in zip(digests, found, strict=True) if digest not in vectors}
        # By length: a batch is padded to its longest text, and the padding is computed like any other token.
        texts = sorted(fresh.items(), key=lambda each: len(each[1]))
        before, source = self._done, found[-1].source
        for start in range(0, len(texts), _EMBED_WINDOWS):
            part = texts[start : start + _EMBED_WINDOWS]
            rows = embed_passages(self._index.embeddings, [text for _, text in part])
            vectors.update((digest, row) for (digest, _), row in zip(part, rows, strict=True))
            self._done = before + chunks * (start + len(part)) // len(texts)
            self._report(Progress("embedding", self._done, self._total, source))
        if not texts:
            self._done = before + chunks
            self._report(Progress("embedding", self._done, self._total, source))
        self._written.update((digest, each.window_id) for digest, each in zip(digests, found, strict=True))
        return np.stack([vectors[digest] for digest in digests])

    def _stored(self, digests: Sequence[bytes]) -> dict[bytes, Vectors]:
        known = {digest: self._written[digest] for digest in digests if digest in self._written}
        stored = self._index.vectors.vectors(set(known.values())) if known else {}
        return {digest: stored[window_id] for digest, window_id in known.items() if window_id in stored}


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
