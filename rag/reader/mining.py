"""For each question the passages that retrieval would find: half of them by words, half by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.reader.encoding import Passage, simplified

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_BATCH = 256


def nearest(
    questions: Sequence[str], pool: Sequence[Passage], embeddings: Embeddings, *, wanted: int
) -> npt.NDArray[np.int64]:
    """Indices into ``pool`` (questions, wanted): by turns the next nearest by word pairs and by vectors, none twice."""
    by_words = _by_words(questions, pool, wanted=wanted)
    texts = [simplified(f"{passage.heading}\n{passage.text}") for passage in pool]
    vectors = np.array(embeddings.embed_documents(texts), np.float32)
    asked = np.array([embeddings.embed_query(simplified(question)) for question in questions], np.float32)
    rows = []
    for start in range(0, len(questions), _BATCH):
        similarity = asked[start : start + _BATCH] @ vectors.T
        by_meaning = np.argsort(-similarity, axis=1)[:, :wanted]
        both = np.stack([by_words[start : start + _BATCH], by_meaning], axis=2).reshape(len(by_meaning), -1)
        rows.extend([list(dict.fromkeys(row.tolist()))[:wanted] for row in both])
    return np.array(rows, np.int64)


def _by_words(questions: Sequence[str], pool: Sequence[Passage], *, wanted: int) -> npt.NDArray[np.int64]:
    """By the cosine of tf-idf weighted pairs of characters."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True, dtype=np.float32)
    texts = vectorizer.fit_transform([simplified(f"{passage.heading}\n{passage.text}") for passage in pool])
    asked = vectorizer.transform([simplified(question) for question in questions])
    rows = []
    for start in range(0, len(questions), _BATCH):
        similarity = (asked[start : start + _BATCH] @ texts.T).toarray()
        rows.append(np.argsort(-similarity, axis=1)[:, :wanted])
    return np.concatenate(rows)
