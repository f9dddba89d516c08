"""Which sentences of the retrieved passages speak to the question, and how strongly.

A sentence is scored by the share of the question's information (bigrams weighted by rarity) in its own words, by the
share that its title and headings add, by its similarity in meaning, and by whether it holds the kind of value asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rag.answer.question import PARTICLES, Question, Value
from rag.corpus.script import search_key
from rag.corpus.sentences import sentence_spans
from rag.index.terms import terms
from rag.index.writer import embed_passages
from rag.retrieval.hybrid import Passage

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_EMBEDDED = 8  # sentences compared by meaning: about 2 ms each
_SHORTEST = 6
_HOLDS: Mapping[Value, re.Pattern[str]] = {
    "number": re.compile(r"\d|[一二三四五六七八九十百千万亿两]+[个项名家条万亿元级类种]"),
    "time": re.compile(r"\d+年|\d+月|\d+日|底前|年内|期间|每年|\d+天"),
    "unit": re.compile(r"责任单位|牵头|负责|局|委|办公室|部|政府|党组|机关|中心"),
    "name": re.compile(r"[“”\"《》]"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage, ``passage.chunk.text[start:end]``, and how it was scored (shares are 0 to 1)."""

    passage: Passage
    rank: int
    start: int
    end: int
    key: str
    own: float
    context: float
    holds: bool
    similarity: float = 0.0

    @property
    def text(self) -> str:
        return self.passage.chunk.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Weighing:
    """The question's terms with their weights, summing to 1 (empty when no term of it is known)."""

    weights: Mapping[str, float]

    @classmethod
    def of(cls, question: Question, rarity: Mapping[str, float]) -> Weighing:
        """Weights from the rarity of each term; a term the corpus lacks weighs as much as the rarest it has."""
        most = max(rarity.values(), default=0.0) or 1.0
        raw = {}
        for term in question.terms:
            unknown = not rarity.get(term)
            if unknown and PARTICLES & set(term):
                continue
            raw[term] = most if unknown else rarity[term]
        total = sum(raw.values())
        return cls({term: weight / total for term, weight in raw.items()} if total else {})

    def share(self, words: set[str]) -> float:
        """How much of the question's information is in ``words``."""
        return sum(weight for term, weight in self.weights.items() if term in words)


def find_candidates(question: Question, passages: Sequence[Passage], weighing: Weighing) -> list[Candidate]:
    """Every sentence of ``passages``, by its words alone, in order of passages and of text."""
    found = []
    for rank, passage in enumerate(passages):
        heading = search_key(f"{passage.hit.title} {' '.join(passage.chunk.path)}")
        frame = set(terms(heading))
        for start, end in sentence_spans(passage.chunk.text):
            key = search_key(passage.chunk.text[start:end])
            if len(key) < _SHORTEST:
                continue
            words = set(terms(key))
            own, whole = weighing.share(words), weighing.share(words | frame)
            holds = question.value is not None and bool(_HOLDS[question.value].search(key))
            found.append(Candidate(passage, rank, start, end, key, own, whole - own, holds))
    return found


def compare_meaning(
    candidates: Sequence[Candidate], scores: Sequence[float], vector: Sequence[float], embeddings: Embeddings
) -> list[Candidate]:
    """The candidates with the best ``scores``, each with its cosine similarity to the question's ``vector``."""
    order = sorted(range(len(candidates)), key=lambda i: -scores[i])[:_EMBEDDED]
    best = [candidates[i] for i in order]
    rows = embed_passages(embeddings, [candidate.key for candidate in best])
    similarities = rows @ np.asarray(vector, dtype=np.float32)
    return [replace(c, similarity=float(s)) for c, s in zip(best, similarities, strict=True)]
