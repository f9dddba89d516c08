"""Embeddings that remember: a passage whose sentences are compared again and again is embedded once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.index.embeddings import Vectors, embed_passages

_KEPT = 512  # texts, about 1 MB of vectors


class RememberedPassages(Embeddings):
    """Passage vectors of ``embeddings``, the last 512 kept; safe to share between threads."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Vectors] = OrderedDict()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text."""
        vectors: list[list[float]] = self.embed_array(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, which is not kept."""
        return self._embeddings.embed_query(text)

    def embed_array(self, texts: Sequence[str], *, kind: str = "passage") -> Vectors:
        """One vector a text, fp32 (n, dimensions), in order."""
        assert kind == "passage"
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known |= dict(zip(new, embed_passages(self._embeddings, new), strict=True))
        with self._lock:
            for text in texts:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, 0), np.float32)
