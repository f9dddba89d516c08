"""The default answerer: the best supporting sentences, word for word, each with its citation. No network, no key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answer.abstention import confidence
from rag.answer.evidence import Candidate, Weighing, compare_meaning, find_candidates
from rag.answer.question import Question
from rag.corpus.script import search_key
from rag.corpus.sentences import clause_spans, sentence_spans
from rag.index.terms import terms
from rag.retrieval.hybrid import Passage

if TYPE_CHECKING:
    from rag.index.store import Index

PROVIDER = "extractive"
_LONGEST_EXTRACT = {"fact": 150, "list": 380, "compare": 190}
_MARGIN = {"fact": 0.1, "list": 0.2, "compare": 0.2}
_EMBEDDED = {"hans": 8, "hant": 8, "unknown": 8, "en": 24}  # sentences compared by meaning, about 2 ms each


@dataclass(frozen=True, slots=True)
class Extract:
    """Words taken from a passage: ``passage.chunk.text[start:end]``."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words as they stand in the passage."""
        return self.passage.chunk.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the answerer found, in document order, and how sure it is (0 to 1)."""

    extracts: tuple[Extract, ...]
    confidence: float


class ExtractiveAnswerer:
    """Answers from passages of ``index``."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def draft(self, question: Question, passages: Sequence[Passage]) -> Draft:
        """The sentences of ``passages`` that answer ``question``; none when nothing in them speaks to it."""
        weighing, ranked = self.rank(question, passages)
        if not ranked:
            return Draft((), 0.0)
        chosen = _choose(question, ranked, weighing)
        return Draft(tuple(_in_order(chosen)), confidence(question, ranked, passages))

    def rank(self, question: Question, passages: Sequence[Passage]) -> tuple[Weighing, list[Candidate]]:
        """The sentences that speak best to ``question``, best first."""
        weighing = Weighing.of(question, self._index.lexical.rarity(question.terms))
        candidates = find_candidates(question, passages, weighing)
        vector = self._index.embeddings.embed_query(question.key)
        by_words = [_by_words(candidate) for candidate in candidates]
        most = _EMBEDDED[question.script]
        best = compare_meaning(candidates, by_words, vector, self._index.embeddings, most=most) if candidates else []
        return weighing, sorted(best, key=score, reverse=True)


def _by_words(candidate: Candidate) -> float:
    context = 0.5 * (candidate.framed - candidate.own) + 0.2 * (candidate.near - candidate.framed)
    return candidate.own + context + 0.15 * candidate.holds + 0.2 * candidate.quoted - 0.03 * candidate.rank


def score(candidate: Candidate) -> float:
    """How well a sentence answers, words and meaning together."""
    return _by_words(candidate) + 2.0 * candidate.similarity


def _choose(question: Question, ranked: Sequence[Candidate], weighing: Weighing) -> Iterator[Extract]:
    """The best sentence, then others as long as they are nearly as good and the answer stays short."""
    room = question.limit
    sources: set[str] = set()
    for candidate in _one_per_document_first(ranked) if question.kind == "compare" else ranked:
        extract = _fit(candidate, min(room, _LONGEST_EXTRACT[question.kind]), weighing)
        if extract is None:
            continue
        fresh = question.kind == "compare" and candidate.passage.hit.source not in sources
        if sources and not fresh and score(candidate) < score(ranked[0]) - _MARGIN[question.kind]:
            continue
        sources.add(candidate.passage.hit.source)
        room -= len(extract.text)
        yield extract


def _one_per_document_first(ranked: Sequence[Candidate]) -> list[Candidate]:
    """A comparison needs both sides: the best sentence of each document comes before the second best of any."""
    seen: set[str] = set()
    first, rest = [], []
    for candidate in ranked:
        (rest if candidate.passage.hit.source in seen else first).append(candidate)
        seen.add(candidate.passage.hit.source)
    return first[:2] + rest


def _fit(candidate: Candidate, room: int, weighing: Weighing) -> Extract | None:
    """The sentence, or the run of its clauses within ``room`` that holds most of what was asked; ``None``: no room."""
    if candidate.end - candidate.start <= room:
        return Extract(candidate.passage, candidate.start, candidate.end)
    clauses = list(clause_spans(candidate.passage.chunk.text, candidate.start, candidate.end))
    best: tuple[float, int, Extract] | None = None
    for first, (start, _) in enumerate(clauses):
        for _, end in clauses[first:]:
            if end - start > room:
                break
            extract = Extract(candidate.passage, start, end)
            share = weighing.share(set(terms(search_key(extract.text))))
            if best is None or (share, end - start) > best[:2]:
                best = (share, end - start, extract)
    return best[2] if best and best[0] > 0 else None


def _in_order(extracts: Iterable[Extract]) -> list[Extract]:
    """By document (in the order of their best hit), then by position."""
    found = list(extracts)
    order = list(dict.fromkeys(extract.passage.hit.source for extract in found))
    return sorted(found, key=lambda e: (order.index(e.passage.hit.source), e.passage.chunk.start, e.start))
