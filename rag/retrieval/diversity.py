"""The same words once: near-duplicates folded into the first of them, and no section that crowds out all others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.corpus.script import search_key
from rag.schema import Copy

if TYPE_CHECKING:
    from rag.retrieval.hybrid import Passage

_GRAM = 4
_SAME = 0.8  # share of the 4-grams of both that both have
_NEAR_COSINE = 0.01  # twins under different titles differ by less
_NEAR_WORDS = 0.6  # BM25 of title and headings included
_NEAR_LENGTH = 0.8
_ACROSS = re.compile(
    r"各地|各[省市县区](?!级|部门|直|委|局)|[哪几](?:些|几|个|份)*(?:地方|城市|省份?|市|县|文件|法律|法规|条例|文章)|哪里|有谁|"
    r"\b(?:which|what) (?:cities|provinces|documents|laws|places)\b|\bacross\b"
)
_FROM_ONE_SECTION = 2


def folded(passages: Sequence[Passage]) -> list[Passage]:
    """``passages`` without those that say what an earlier one says; where else it stands is in its ``Hit.copies``."""
    kept: list[Passage] = []
    measures: list[_Measure] = []
    for passage in passages:
        measure = _measure(passage)
        near = (index for index, other in enumerate(measures) if _near(measure, other))
        twin = next((index for index in near if _twins(passage, kept[index])), None)
        if twin is None:
            kept.append(passage)
            measures.append(measure)
        else:
            kept[twin] = _with_copy(kept[twin], passage)
    return kept


def asks_across(key: str) -> bool:
    """Whether a question (a search key) asks which of several documents or places."""
    return bool(_ACROSS.search(key))


def spread(passages: Sequence[Passage]) -> list[Passage]:
    """``passages`` with only two of a section before the rest."""
    taken: dict[tuple[str, int | None], int] = {}
    first: list[Passage] = []
    rest: list[Passage] = []
    for passage in passages:
        place = passage.chunk.source, passage.chunk.section
        taken[place] = taken.get(place, 0) + 1
        (first if taken[place] <= _FROM_ONE_SECTION else rest).append(passage)
    return first + rest


_Measure = tuple[float, float, int]


def _measure(passage: Passage) -> _Measure:
    scores = passage.hit.scores
    return scores.get("dense", 0.0), scores.get("lexical", 0.0), len(passage.chunk.text)


def _near(one: _Measure, other: _Measure) -> bool:
    """Whether two passages may be twins: only these are compared letter by letter."""
    if abs(one[0] - other[0]) > _NEAR_COSINE:
        return False
    fewer, more = (one, other) if one[1] < other[1] else (other, one)
    return fewer[1] >= _NEAR_WORDS * more[1] and min(one[2], other[2]) >= _NEAR_LENGTH * max(one[2], other[2])


def _twins(one: Passage, other: Passage) -> bool:
    # Versions of a document are not the same, however alike: one of them was asked for.
    versions = (one.hit.superseded_by is None) != (other.hit.superseded_by is None)
    if versions or one.chunk.text == other.chunk.text:
        return not versions
    same_script = one.metadata.script == other.metadata.script != "unknown"
    first, second = (_grams(each.chunk.text, as_key=not same_script) for each in (one, other))
    return len(first & second) >= _SAME * len(first | second) > 0


@lru_cache(maxsize=256)
def _grams(text: str, *, as_key: bool) -> frozenset[str]:
    """The 4-grams of a text, or of its search key, which is the same in both scripts but takes five times as long."""
    key = search_key(text) if as_key else text
    return frozenset(key[start : start + _GRAM] for start in range(len(key) - _GRAM + 1))


def _with_copy(passage: Passage, twin: Passage) -> Passage:
    hit, other = passage.hit, twin.hit
    copy = Copy(other.source, other.title, other.section, other.start, other.end, other.chunk_id)
    return replace(passage, hit=replace(hit, copies=(*hit.copies, copy)))
