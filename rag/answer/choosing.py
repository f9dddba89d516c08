"""Which of the ranked sentences make the answer, and in which order: short, all sides of a comparison, lists whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rag.answer.belonging import is_from
from rag.answer.citations import Extract, extract
from rag.answer.evidence import Candidate, Weighing
from rag.answer.question import Question
from rag.answer.scoring import score
from rag.corpus.script import search_key
from rag.corpus.sentences import clause_spans, sentence_spans
from rag.retrieval.hybrid import Passage

LONGEST_EXTRACT = {"fact": 150, "list": 380, "compare": 190}
_MARGIN = {"fact": 0.1, "list": 0.2, "compare": 0.2}
_LEAST_CLIP = 20  # a sentence clipped to less room than this is a scrap
Following = Mapping[tuple[str, int], Passage]  # by source and ordinal of the chunk before


def choose(
    question: Question, ranked: Sequence[Candidate], weighing: Weighing, following: Following
) -> Iterator[Extract]:
    """The best sentence, then others as long as they are nearly as good and the answer stays short."""
    room = question.limit
    taken: set[str] = set()
    compares = question.kind == "compare"
    sides = {_side(question, candidate) for candidate in ranked if compares}
    named = sides & set(question.places)
    longest = min(LONGEST_EXTRACT[question.kind], room // max(len(named), 1))
    for candidate in _sides_first(question, ranked) if compares else ranked:
        side = _side(question, candidate)
        fresh = compares and len(taken) < max(len(named), 2) and side not in taken
        if taken and not fresh and score(candidate) < score(ranked[0]) - _MARGIN[question.kind]:
            continue
        limit = min(room, longest)
        if candidate.end - candidate.start > limit < _LEAST_CLIP:
            continue
        words = _fit(candidate, limit, weighing)
        if words is None:
            continue
        taken.add(side)
        room -= len(words.text)
        yield words
        if question.kind == "list" and not candidate.enumerates:
            for more in _announced(candidate, room, following):
                room -= len(more.text)
                yield more


def _announced(candidate: Candidate, room: int, following: Following) -> Iterator[Extract]:
    """The sentences after one that only announces a list, within ``room``; into the next passage, if it was found."""
    passage: Passage | None = candidate.passage
    section, start = candidate.passage.chunk.path, candidate.end
    while passage:
        for first, last in sentence_spans(passage.chunk.text, start):
            room -= last - first
            if room < 0:
                return
            yield extract(passage, first, last)
        after = following.get((passage.chunk.source, passage.chunk.ordinal))
        inside = after is not None and after.chunk.path[: len(section)] == section
        passage, start = after if inside else None, 0


def _sides_first(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """A comparison needs all sides: the best sentence of each, those the question names first."""
    best: dict[str, Candidate] = {}
    for candidate in ranked:
        best.setdefault(_side(question, candidate), candidate)
    sides = sorted(best.values(), key=lambda c: (not _named(question, c.passage), -score(c)))
    return sides + [candidate for candidate in ranked if candidate not in sides]


def _side(question: Question, candidate: Candidate) -> str:
    """What a sentence is a side of: one of the places compared, otherwise its document."""
    places = question.places if len(question.places) > 1 else ()
    return next((place for place in places if is_from(candidate.passage, place)), candidate.passage.hit.source)


def _named(question: Question, passage: Passage) -> bool:
    """Whether the question names the passage's document by its place or by a word of its title."""
    title = search_key(passage.hit.title)
    if passage.metadata.region:
        return any(is_from(passage, place) for place in question.places)
    return any(term in title for term in question.terms)


def _fit(candidate: Candidate, room: int, weighing: Weighing) -> Extract | None:
    """The sentence, or the run of its clauses within ``room`` that holds most of what was asked; ``None``: no room."""
    if candidate.end - candidate.start <= room:
        return extract(candidate.passage, candidate.start, candidate.end)
    clauses = list(clause_spans(candidate.passage.chunk.text, candidate.start, candidate.end))
    best: tuple[float, int, Extract] | None = None
    for first, (start, _) in enumerate(clauses):
        for _, end in clauses[first:]:
            if end - start > room:
                break
            words = extract(candidate.passage, start, end)
            share = weighing.share(search_key(words.text))
            if best is None or (share, end - start) > best[:2]:
                best = (share, end - start, words)
    return best[2] if best and best[0] > 0 else None


def in_order(extracts: Iterable[Extract]) -> list[Extract]:
    """Each once and none inside another, by document (in the order of their best sentence), then by position."""
    every = list({(words.hit.source, words.start, words.end): words for words in extracts}.values())
    found = [words for words in every if not any(_inside(words, other) for other in every)]
    order = list(dict.fromkeys(words.hit.source for words in found))
    return sorted(found, key=lambda words: (order.index(words.hit.source), words.start))


def _inside(words: Extract, other: Extract) -> bool:
    """Whether ``words`` are a part of ``other``: a sentence is also found with the label of its article before it."""
    same = words is not other and words.hit.source == other.hit.source
    return same and other.start <= words.start and words.end <= other.end
