"""The default answerer: the best supporting sentences, word for word, each with its citation. No network, no key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.answer.abstention import confidence, missing
from rag.answer.citations import Extract, extract
from rag.answer.evidence import Candidate, Weighing, compare_meaning, find_candidates
from rag.answer.outlined import outlined_list
from rag.answer.question import Question
from rag.corpus.script import search_key
from rag.corpus.sentences import clause_spans, sentence_spans
from rag.retrieval.hybrid import Passage, Retrieved

if TYPE_CHECKING:
    from rag.index.store import Index

PROVIDER = "extractive"
_LONGEST_EXTRACT = {"fact": 150, "list": 380, "compare": 190}
_MARGIN = {"fact": 0.1, "list": 0.2, "compare": 0.2}
_LEAST_CLIP = 20  # a sentence clipped to less room than this is a scrap
_CLEARLY = 0.2  # how much better a list of headings must fit than a sentence that enumerates
_POINTED = 0.95  # a section named by its number is the right one
# What a question asks that wants a section as it stands, and no particular thing in it.
_CONTENT = re.compile(
    r"[讲说写](?:的是|的|了|些)?什么|规定(?:的是|了)?什么|(?:什么|哪些)(?:内容|规定)|内容是|(?:怎么|怎样|如何)(?:讲|说|写|规定)"
    r"|原文|全文|\bwhat does\b.*\bsay\b"
)
Following = Mapping[tuple[str, int], Passage]  # by source and ordinal of the chunk before
_EMBEDDED = 4  # sentences compared by meaning, about 8 ms each; 12 were no better on the development questions
_OUT_OF_REACH = 0.15  # candidates differ less in similarity than makes up for so much in words
_EMBEDDED_ENGLISH = 16  # words cannot tell them apart when the question is in another language


@dataclass(frozen=True, slots=True)
class Draft:
    """What the answerer found, in document order, how sure it is (0 to 1), and what asked for is not spoken of.

    ``missing`` speaks against the draft as a whole; ``uncovered`` are places of a comparison that it leaves out.
    """

    extracts: tuple[Extract, ...]
    confidence: float
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uncovered: tuple[str, ...] = ()


class ExtractiveAnswerer:
    """Answers from passages of ``index``."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def draft(self, question: Question, retrieved: Retrieved) -> Draft:
        """The sentences of the passages that answer ``question``; none when nothing in them speaks to it."""
        if pointed := tuple(passage for passage in retrieved.passages if "reference" in passage.hit.scores):
            if _CONTENT.search(question.key):
                return Draft(tuple(_from_the_beginning(pointed)), _POINTED)
            retrieved = replace(retrieved, passages=pointed)
        passages = retrieved.passages
        regions = {search_key(passage.metadata.region or "") for passage in passages}
        if len(regions & set(question.places)) > 1:
            question = replace(question, kind="compare")
        weighing, ranked = self.rank(question, retrieved)
        if not ranked:
            return Draft((), 0.0)
        following = {(p.chunk.source, p.chunk.ordinal - 1): p for p in passages}
        words = _in_order(_choose(question, ranked, weighing, following))
        question, uncovered = _narrowed(question, words, ranked)
        if uncovered:
            words = _in_order(_choose(question, ranked, weighing, following))
        sure, absent = confidence(question, ranked), missing(question, ranked)
        share, headings = outlined_list(question, passages, weighing, self._index.catalog)
        if headings and (not ranked[0].enumerates or share > ranked[0].framed + _CLEARLY):
            return Draft(headings, sure, absent, uncovered)
        return Draft(tuple(words), sure, absent, uncovered)

    def rank(self, question: Question, retrieved: Retrieved) -> tuple[Weighing, list[Candidate]]:
        """The sentences that speak best to ``question``, best first."""
        weighing = Weighing.of(question, self._index.lexical.rarity(question.terms))
        candidates = find_candidates(question, retrieved.passages, weighing)
        best = compare_meaning(_shortlist(question, candidates), retrieved.vector, self._index.embeddings)
        return weighing, sorted(best, key=score, reverse=True)


def _from_the_beginning(passages: Sequence[Passage]) -> Iterator[Extract]:
    """What the section that a question points at says, as far as there is room."""
    room = _LONGEST_EXTRACT["list"]
    for passage in sorted(passages, key=lambda each: (each.chunk.source, each.chunk.ordinal)):
        for start, end in sentence_spans(passage.chunk.text):
            room -= end - start
            if room < 0:
                return
            yield extract(passage, start, end)


def _narrowed(
    question: Question, words: Sequence[Extract], ranked: Sequence[Candidate]
) -> tuple[Question, tuple[str, ...]]:
    """A comparison of which ``words`` cover only some places, as a question about these; and the places left out."""
    if question.kind != "compare":
        return question, ()
    regions = {candidate.passage.hit.source: candidate.passage.metadata.region or "" for candidate in ranked}
    said = search_key(" ".join(f"{w.hit.title} {w.hit.section} {regions.get(w.hit.source)} {w.text}" for w in words))
    covered = tuple(place for place in question.places if place in said)
    if not 0 < len(covered) < len(question.places):
        return question, ()
    left_out = tuple(place for place in question.places if place not in covered)
    return replace(question, kind="compare" if len(covered) > 1 else "fact", places=covered), left_out


def _shortlist(question: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates worth comparing by meaning: the best by words, of each document where sides are compared."""
    ordered = sorted(candidates, key=_by_words, reverse=True)
    if question.kind != "compare":
        near = [candidate for candidate in ordered if _by_words(candidate) > _by_words(ordered[0]) - _OUT_OF_REACH]
        return near[: _EMBEDDED_ENGLISH if question.script == "en" else _EMBEDDED]
    taken: dict[str, int] = {}
    short = []
    for candidate in ordered:
        source = candidate.passage.hit.source
        taken[source] = taken.get(source, 0) + 1
        if taken[source] <= _EMBEDDED // 2:
            short.append(candidate)
    return short


def _by_words(candidate: Candidate) -> float:
    context = 0.5 * (candidate.framed - candidate.own) + 0.2 * (candidate.near - candidate.framed)
    fit = 0.15 * candidate.holds + 0.2 * candidate.quoted + 0.15 * candidate.enumerates
    return candidate.own + context + fit - 0.03 * candidate.rank


def score(candidate: Candidate) -> float:
    """How well a sentence answers, words and meaning together."""
    return _by_words(candidate) + 3.0 * candidate.similarity


def _choose(
    question: Question, ranked: Sequence[Candidate], weighing: Weighing, following: Following
) -> Iterator[Extract]:
    """The best sentence, then others as long as they are nearly as good and the answer stays short."""
    room = question.limit
    taken: set[str] = set()
    for candidate in _sides_first(question, ranked) if question.kind == "compare" else ranked:
        fresh = question.kind == "compare" and len(taken) < 2 and candidate.passage.hit.source not in taken
        if taken and not fresh and score(candidate) < score(ranked[0]) - _MARGIN[question.kind]:
            continue
        limit = min(room, _LONGEST_EXTRACT[question.kind])
        if candidate.end - candidate.start > limit < _LEAST_CLIP:
            continue
        words = _fit(candidate, limit, weighing)
        if words is None:
            continue
        taken.add(candidate.passage.hit.source)
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
    """A comparison needs both sides: the best sentence of each document, those the question names first."""
    best: dict[str, Candidate] = {}
    for candidate in ranked:
        best.setdefault(candidate.passage.hit.source, candidate)
    sides = sorted(best.values(), key=lambda c: (not _named(question, c.passage), -score(c)))
    return sides + [candidate for candidate in ranked if candidate not in sides]


def _named(question: Question, passage: Passage) -> bool:
    """Whether the question names the passage's document by its place or by a word of its title."""
    region = search_key(passage.metadata.region or "")
    title = search_key(passage.hit.title)
    return region in question.places if region else any(term in title for term in question.terms)


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


def _in_order(extracts: Iterable[Extract]) -> list[Extract]:
    """Each once and none inside another, by document (in the order of their best sentence), then by position."""
    every = list({(words.hit.source, words.start, words.end): words for words in extracts}.values())
    found = [words for words in every if not any(_inside(words, other) for other in every)]
    order = list(dict.fromkeys(words.hit.source for words in found))
    return sorted(found, key=lambda words: (order.index(words.hit.source), words.start))


def _inside(words: Extract, other: Extract) -> bool:
    """Whether ``words`` are a part of ``other``: a sentence is also found with the label of its article before it."""
    same = words is not other and words.hit.source == other.hit.source
    return same and other.start <= words.start and words.end <= other.end
