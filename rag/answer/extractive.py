"""The default answerer: the best supporting sentences, word for word, each with its citation. No network, no key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.answer.abstention import confidence, missing
from rag.answer.belonging import belonging, belongs, covered, foreign, is_from, with_regions
from rag.answer.choosing import LONGEST_EXTRACT, choose, in_order
from rag.answer.citations import Extract, extract
from rag.answer.elsewhere import (
    Elsewhere,
    best_elsewhere,
    elsewhere,
    said_elsewhere,
    said_of_another_year,
    silent,
    topical,
)
from rag.answer.evidence import Candidate, Weighing, compare_meaning, find_candidates
from rag.answer.outlined import outlined_list
from rag.answer.question import Question, as_written
from rag.answer.scoring import by_words, score, shortlist
from rag.corpus.script import search_key
from rag.corpus.sentences import sentence_spans
from rag.retrieval.hybrid import Passage, Retrieved

if TYPE_CHECKING:
    from rag.index.store import Index

PROVIDER = "extractive"
_ABOUT_BOTH = 5  # sentences among which one that names all places is looked for
_BINDS = re.compile("共建|共同|共享|合作|联合|联动|联手|对接|协同|携手|结对|帮扶|往来|接壤|交界|之间|引进|融入")
_BINDS_ENGLISH = re.compile(r"\b(?:cooperat\w*|joint\w*|together|partner\w*|between|connect\w*|link\w*|integrat\w*)\b")
_CLEARLY = 0.2  # how much better a list of headings must fit than a sentence that enumerates
_FOREIGN_ENGLISH = 8  # sentences of other places compared by meaning with an English question
_SURE_OF_ANOTHER = 0.1  # below what any level of strictness needs
_POINTED = 0.95  # a section named by its number is the right one
# What a question asks that wants a section as it stands, and no particular thing in it.
_CONTENT = re.compile(
    r"[讲说写](?:的是|的|了|些)?什么|规定(?:的是|了)?什么|(?:什么|哪些)(?:内容|规定)|内容是|(?:怎么|怎样|如何)(?:讲|说|写|规定)"
    r"|原文|全文|\bwhat does\b.*\bsay\b"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the answerer found, in document order, how sure it is (0 to 1), and what asked for is not spoken of.

    ``missing`` speaks against the draft as a whole; ``uncovered`` are places of a comparison that it leaves out;
    ``elsewhere`` is what the passages have for another place or year.
    """

    extracts: tuple[Extract, ...]
    confidence: float
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uncovered: tuple[str, ...] = ()
    elsewhere: Elsewhere | None = None


class ExtractiveAnswerer:
    """Answers from passages of ``index``."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def draft(self, question: Question, retrieved: Retrieved) -> Draft:
        """The sentences of the passages that answer ``question``; none when nothing in them speaks to it.

        Places are named as the question writes them.
        """
        pointed = tuple(passage for passage in retrieved.passages if "reference" in passage.hit.scores)
        if pointed and _CONTENT.search(question.key):
            return Draft(tuple(_from_the_beginning(pointed)), _POINTED)
        found = self._drafted(
            question, replace(retrieved, passages=pointed or retrieved.passages), pointed=bool(pointed)
        )
        absent = {**found.missing}
        if absent.get("place"):
            absent["place"] = as_written(question, absent["place"])
        return replace(found, missing=absent, uncovered=as_written(question, found.uncovered))

    def _drafted(self, question: Question, retrieved: Retrieved, *, pointed: bool) -> Draft:
        question = with_regions(question, retrieved.passages)
        weighing, every = self._candidates(question, retrieved.passages)
        topic, candidates = topical(question, weighing), belonging(question, every)
        if len(question.places) > 1 and _compares(question, candidates):
            question = replace(question, kind="compare")
            quiet = silent(question, candidates, topic)
            candidates = [each for each in candidates if not any(is_from(each.passage, place) for place in quiet)]
        ranked = self._ranked(question, candidates, retrieved)
        if not ranked:
            return Draft((), 0.0)
        found = self._chosen(question, ranked, weighing, retrieved)
        if not pointed and (other := self._other_place(question, every, ranked, retrieved, topic)):
            return _of_another(question, found, other, topic, lacks={"place": question.places})
        if not pointed and (later := said_of_another_year(question, candidates, topic)):
            [other] = self._compared([later], retrieved)
            return _of_another(question, found, other, topic, lacks={"year": question.years})
        if not found.missing.get("place"):
            return replace(found, elsewhere=elsewhere(question, ranked[0], found.missing, topic))
        other = best_elsewhere(question, every, topic)
        best = self._compared([other], retrieved) if other else []
        return replace(found, elsewhere=elsewhere(question, best[0], found.missing, topic) if best else None)

    def _chosen(
        self, question: Question, ranked: Sequence[Candidate], weighing: Weighing, retrieved: Retrieved
    ) -> Draft:
        passages = tuple(each for each in retrieved.passages if belongs(question, each)) or retrieved.passages
        following = {(p.chunk.source, p.chunk.ordinal - 1): p for p in passages}
        words = in_order(choose(question, ranked, weighing, following))
        question, uncovered = _narrowed(question, words, ranked)
        if uncovered:
            words = in_order(choose(question, ranked, weighing, following))
        sure, absent = confidence(question, ranked), missing(question, ranked)
        share, headings = outlined_list(question, replace(retrieved, passages=passages), weighing, self._index.catalog)
        if headings and (not ranked[0].enumerates or share > ranked[0].framed + _CLEARLY):
            return Draft(headings, sure, absent, uncovered)
        return Draft(tuple(words), sure, absent, uncovered)

    def rank(self, question: Question, retrieved: Retrieved) -> tuple[Weighing, list[Candidate]]:
        """The sentences that speak best to ``question``, best first."""
        weighing, candidates = self._candidates(question, retrieved.passages)
        return weighing, self._ranked(question, belonging(question, candidates), retrieved)

    def sentences(self, question: Question, retrieved: Retrieved) -> list[Candidate]:
        """Every sentence of the passages that may answer ``question`` as far as its places go, by its words alone."""
        return belonging(question, self._candidates(question, retrieved.passages)[1])

    def _candidates(self, question: Question, passages: Sequence[Passage]) -> tuple[Weighing, list[Candidate]]:
        weighing = Weighing.of(question, self._index.lexical.rarity(question.terms))
        return weighing, find_candidates(question, passages, weighing)

    def _ranked(self, question: Question, candidates: Sequence[Candidate], retrieved: Retrieved) -> list[Candidate]:
        return sorted(self._compared(shortlist(question, candidates), retrieved), key=score, reverse=True)

    def _compared(self, candidates: Sequence[Candidate], retrieved: Retrieved) -> list[Candidate]:
        return compare_meaning(candidates, retrieved.vector, self._index.embeddings)

    def _other_place(
        self,
        question: Question,
        every: Sequence[Candidate],
        ranked: Sequence[Candidate],
        retrieved: Retrieved,
        topic: Weighing,
    ) -> Candidate | None:
        """A sentence about another place that the question seems to fit, where none of the places asked does."""
        if foreign(question, ranked[0]):
            return ranked[0]
        if question.script == "en":
            others = [each for each in every if foreign(question, each)]
            others = sorted(others, key=by_words, reverse=True)[:_FOREIGN_ENGLISH]
            mine = [each for each in ranked if any(is_from(each.passage, place) for place in question.places)]
            return said_elsewhere(question, [*mine, *self._compared(others, retrieved)], topic) if mine else None
        other = said_elsewhere(question, every, topic)
        return self._compared([other], retrieved)[0] if other else None


def _of_another(
    question: Question, found: Draft, other: Candidate, topic: Weighing, *, lacks: Mapping[str, tuple[str, ...]]
) -> Draft:
    """What was found for a question that ``other`` would answer, were the place or the year another."""
    absent = {**missing(question, [other]), **lacks}
    sure = min(confidence(question, [other]), _SURE_OF_ANOTHER)
    return replace(found, confidence=sure, missing=absent, elsewhere=elsewhere(question, other, absent, topic))


def _compares(question: Question, candidates: Sequence[Candidate]) -> bool:
    """Whether a question that names several places, of which some have documents here, is about each of them.

    It is about what binds them where it says so, or where a sentence that answers it names them all: 与宁波共建.
    """
    here = covered(question, [candidate.passage for candidate in candidates])
    if len(here) > 1 or not here:
        return len(here) > 1
    if question.kind == "compare":
        return True
    others = [place for place in question.places if place not in here]
    if question.script == "en":
        return not _BINDS_ENGLISH.search(question.key)
    best = sorted(candidates, key=by_words, reverse=True)[:_ABOUT_BOTH]
    return not _BINDS.search(question.key) and not any(all(each in c.key for each in others) for c in best)


def _from_the_beginning(passages: Sequence[Passage]) -> Iterator[Extract]:
    """What the section that a question points at says, as far as there is room."""
    room = LONGEST_EXTRACT["list"]
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
    found = tuple(place for place in question.places if place in said)
    if not 0 < len(found) < len(question.places):
        return question, ()
    left_out = tuple(place for place in question.places if place not in found)
    return replace(question, kind="compare" if len(found) > 1 else "fact", places=found), left_out
