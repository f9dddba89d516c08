"""How well a sentence answers: by its words, and by words and meaning together."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.evidence import Candidate
from rag.answer.question import Question

READ = 0.4  # what the reader's words are worth, where passages were read
_EMBEDDED = 4  # sentences compared by meaning, about 8 ms each; 12 were no better on the development questions
_OUT_OF_REACH = 0.15  # candidates differ less in similarity than makes up for so much in words
_EMBEDDED_ENGLISH = 16  # words cannot tell them apart when the question is in another language


def by_words(candidate: Candidate) -> float:
    context = 0.5 * (candidate.framed - candidate.own) + 0.2 * (candidate.near - candidate.framed)
    named = 0.2 * candidate.quoted + 0.1 * candidate.members
    fit = 0.15 * candidate.holds + 0.15 * candidate.enumerates + named + READ * candidate.read
    return candidate.own + context + fit - 0.03 * candidate.rank


def score(candidate: Candidate) -> float:
    """How well a sentence answers, words and meaning together."""
    return by_words(candidate) + 3.0 * candidate.similarity


def shortlist(question: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates worth comparing by meaning: the best by words, of each document where sides are compared."""
    ordered = sorted(candidates, key=by_words, reverse=True)
    if question.kind != "compare":
        near = [candidate for candidate in ordered if by_words(candidate) > by_words(ordered[0]) - _OUT_OF_REACH]
        return near[: _EMBEDDED_ENGLISH if question.script == "en" else _EMBEDDED]
    taken: dict[str, int] = {}
    short = []
    for candidate in ordered:
        source = candidate.passage.hit.source
        taken[source] = taken.get(source, 0) + 1
        if taken[source] <= (_EMBEDDED_ENGLISH if question.script == "en" else _EMBEDDED) // 2:
            short.append(candidate)
    return short
