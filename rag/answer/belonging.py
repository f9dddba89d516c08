"""Whose words may answer a question that names places: those of their documents, and what speaks of them elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.answer.evidence import Candidate
from rag.answer.question import Question
from rag.corpus.places import akin
from rag.corpus.script import search_key
from rag.retrieval.hybrid import Passage

_PAPER = re.compile("决定|方案|规划|汇编|报告|意见|办法|条例|讲话|纲要|通知|计划|规定|细则")
_UNIT = "(?:自治[区州县旗]|[省市县区州盟旗])"


def with_regions(question: Question, passages: Sequence[Passage]) -> Question:
    """``question``, its places completed by regions of the ``passages`` that no list of places has (青山区)."""
    regions = {region for passage in passages if (region := _region(passage))}
    new = [
        region
        for region in sorted(regions)
        if not any(akin(region, place) for place in question.places)
        and re.search(f"{re.escape(region)}{_UNIT}", question.key)
    ]
    return replace(question, places=(*question.places, *new)) if new else question


def covered(question: Question, passages: Sequence[Passage]) -> tuple[str, ...]:
    """The places of the question that one of ``passages`` is from."""
    return tuple(place for place in question.places if any(is_from(passage, place) for passage in passages))


def is_from(passage: Passage, place: str) -> bool:
    """Whether the passage's document is one of ``place``, as far as is known."""
    region = _region(passage)
    return bool(region) and akin(region, place)


def belongs(question: Question, passage: Passage) -> bool:
    """Whether nothing says that the passage is from a place that the question does not name."""
    return not question.places or not _region(passage) or any(is_from(passage, place) for place in question.places)


def belonging(question: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that may answer a question about places; all of them if nothing here speaks of any.

    A document of another place counts only by a sentence that names one of those asked. So does one of no known place,
    by its passage, unless the question names it; where no place asked has a document, every sentence of it counts.
    """
    if not question.places:
        return list(candidates)
    own = [any(is_from(candidate.passage, place) for place in question.places) for candidate in candidates]
    kept = [
        candidate
        for candidate, is_own in zip(candidates, own, strict=True)
        if is_own or _speaks(question, candidate, alone=not any(own))
    ]
    return kept or list(candidates)


def foreign(question: Question, candidate: Candidate) -> bool:
    """Whether a sentence is from a place that the question does not name, and names none that it does."""
    passage = candidate.passage
    return not belongs(question, passage) and not any(place in candidate.key for place in question.places)


def _speaks(question: Question, candidate: Candidate, *, alone: bool) -> bool:
    passage = candidate.passage
    if _region(passage):
        return any(place in candidate.key for place in question.places)
    around = search_key(f"{passage.hit.title} {passage.hit.section} {passage.hit.text}")
    named = {*_PAPER.findall(question.key)} & {*_PAPER.findall(search_key(passage.hit.title))}
    return alone or bool(named) or any(place in around for place in question.places)


def _region(passage: Passage) -> str:
    return search_key(passage.metadata.region or "")
