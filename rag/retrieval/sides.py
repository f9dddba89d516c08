"""Questions about several places, one side for each, so that each is searched in its own documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from rag.corpus.places import find_places
from rag.corpus.romanised import find_romanised

T = TypeVar("T")
_CLAUSE_END = re.compile(r"[,;。?]")
_MOST = 3  # each costs an embedding


@dataclass(frozen=True, slots=True)
class Side:
    """What ``question`` (a search key) asks of some documents (``None``: of all)."""

    question: str
    sources: frozenset[str] | None


def split(key: str, about: Callable[[str], frozenset[str]]) -> tuple[Side, ...]:
    """The sides of a question, given as its search key; none unless it names two places or more with documents.

    ``about`` gives the documents of a place. The question of a side keeps the clauses that name its place or none,
    without the other places. In English, where no word but the place's name can match, one place makes a side too.
    """
    places = find_places(key)
    if find_romanised(key):
        return tuple(Side(key, sources) for place in places[:_MOST] if (sources := about(place)))
    if len(places) < 2:
        return ()
    known = [(place, sources) for place in places[:_MOST] if (sources := about(place))]
    if len({sources for _, sources in known}) < 2:
        return ()
    return tuple(Side(_without(key, place, places), sources) for place, sources in known)


def _without(key: str, place: str, places: Sequence[str]) -> str:
    others = [other for other in places if other != place]
    clauses = [clause for clause in _CLAUSE_END.split(key) if clause.strip()]
    kept = [clause for clause in clauses if place in clause or not any(other in clause for other in others)]
    names = "|".join(map(re.escape, others))
    return re.sub(rf"[和与及跟、]?(?:{names})市?[和与及跟、]?", "", ",".join(kept))


def in_turn(rankings: Sequence[Sequence[T]], *, identity: Callable[[T], str]) -> Iterator[T]:
    """The first of each ranking, then the second of each, and so on; what has come before is left out."""
    seen = set()
    for row in zip_longest(*rankings):
        for each in row:
            if each is not None and identity(each) not in seen:
                seen.add(identity(each))
                yield each
