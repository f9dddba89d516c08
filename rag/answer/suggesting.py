"""Examples of what to ask, from the documents that there are: to begin with, or instead of what was refused."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.answer.answerable import KINDS, Suggestion, suggestions
from rag.corpus.script import search_key
from rag.errors import DocumentNotFoundError
from rag.schema import Hit

if TYPE_CHECKING:
    from rag.index.catalog import Catalog, State

_TRIED = 3  # documents looked into for each example: some give none
_NEAR = 3  # documents of the hits that are looked into
_DOCUMENTS_KEPT = 256


class Suggester:
    """Questions that the documents of ``catalog`` answer; what was found in a document is kept until it changes.

    Safe to share between threads.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._kept: OrderedDict[State, list[Suggestion]] = OrderedDict()

    def examples(self, n: int) -> list[str]:
        """At most ``n`` questions from as many documents and of as many kinds as there are; always the same."""
        states = {state.source: state for state in self._catalog.states().values()}
        found: list[list[Suggestion]] = []
        # In the order of a hash, a corpus that grows keeps most of its examples.
        for source in sorted(states, key=lambda each: blake2b(each.encode()).digest())[: _TRIED * n]:
            if suggested := self._of(states[source]):
                found.append(suggested)
            if len(found) == n:
                break
        return _varied(found, n)

    def near(self, question: str, hits: Sequence[Hit], n: int) -> list[str]:
        """At most ``n`` questions like ``question`` that the documents of ``hits``, the best first, do answer."""
        states = {state.source: state for state in self._catalog.states().values()}
        sources = [source for source in dict.fromkeys(hit.source for hit in hits) if source in states]
        found = [each for source in sources[:_NEAR] for each in self._of(states[source])]
        key = search_key(question)
        weighed = {each.question: _nearness(each, key, hits) for each in found if search_key(each.question) != key}
        return sorted(weighed, key=lambda each: -weighed[each])[:n]

    def _of(self, state: State) -> list[Suggestion]:
        with self._lock:
            if state not in self._kept:
                try:
                    self._kept[state] = suggestions(self._catalog.get(state.source))
                except DocumentNotFoundError:  # removed meanwhile
                    return []
            self._kept.move_to_end(state)
            while len(self._kept) > _DOCUMENTS_KEPT:
                self._kept.popitem(last=False)
            return self._kept[state]


def _varied(found: Sequence[Sequence[Suggestion]], n: int) -> list[str]:
    """``n`` of the suggestions ``found`` in each document, in turn, each of the kind that there is least of so far."""
    left = [list(each) for each in found]
    kinds: Counter[str] = Counter()
    chosen: list[str] = []
    while any(left) and len(chosen) < n:
        for suggested in left:
            if suggested and len(chosen) < n:
                best = min(suggested, key=lambda each: (kinds[each.kind], KINDS.index(each.kind)))
                suggested.remove(best)
                kinds[best.kind] += 1
                chosen.append(best.question)
    return chosen


def _nearness(suggestion: Suggestion, key: str, hits: Sequence[Hit]) -> float:
    """How many of its pairs of characters are in the question, and how good the passage is that it was made from."""
    own = {"".join(pair) for pair in pairwise(search_key(suggestion.question))}
    shared = sum(pair in key for pair in own) / max(1, len(own))
    inside = (hit for hit in hits if hit.source == suggestion.source and hit.start <= suggestion.place < hit.end)
    return shared + 1 / (2 + min((hits.index(hit) for hit in inside), default=98))
