"""What is to be read: a document, the words to mark in it, and how it stands with the answer that quotes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answer.provenance import quoted_from
from rag.errors import DocumentNotFoundError
from rag.schema import Answer, Citation, Document

State = Literal["exact", "moved", "changed", "gone", "outside"]

_SHORTEST_TO_FIND = 6  # characters: fewer may stand anywhere, and a wrong place is worse than none


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters ``start:end`` of the document, and the number of the citation that quotes them."""

    start: int
    end: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """``document`` with ``mark`` to be found at once and ``others``, the further citations of the same answer.

    ``state``: the mark is ``exact``, or the quote has ``moved``, or it cannot be marked: the document has ``changed``,
    is ``gone`` (``document`` is ``None``), or ends before the place (``outside``). ``citations`` are all of the answer,
    none when there is no answer; ``citation`` the one to be read; ``newer`` the source of the document's next version.
    """

    document: Document | None
    mark: Mark | None
    state: State = "exact"
    others: tuple[Mark, ...] = ()
    citations: tuple[Citation, ...] = ()
    citation: Citation | None = None
    newer: str | None = None


def at_place(document: Document, start: int, end: int) -> Reading:
    """``document`` at ``start:end``; at its beginning, with nothing marked, where these are equal."""
    if start > end or end > len(document.text):
        return Reading(document, None, "outside")
    return Reading(document, Mark(start, end) if start < end else None)


def of_citation(answer: Answer, citation: Citation, find: Callable[[str], Document]) -> Reading:
    """The document that ``citation`` of ``answer`` quotes; ``find`` raises ``DocumentNotFoundError`` without one."""
    hit = quoted_from(citation, answer.hits)
    newer = hit.superseded_by if hit else None
    try:
        document = find(citation.source)
    except DocumentNotFoundError:
        return Reading(None, None, "gone", citations=answer.citations, citation=citation, newer=newer)
    mark = _mark(document.text, citation)
    moved: State = "exact" if mark and mark.start == citation.start else "moved"
    return Reading(
        document,
        mark,
        state=moved if mark else "changed",
        others=_others(document, answer.citations, citation),
        citations=answer.citations,
        citation=citation,
        newer=newer,
    )


def _others(document: Document, citations: Sequence[Citation], but: Citation) -> tuple[Mark, ...]:
    same = (each for each in citations if each.source == document.source and each.number != but.number)
    return tuple(mark for each in same if (mark := _mark(document.text, each)))


def _mark(text: str, citation: Citation) -> Mark | None:
    """Where the quote stands: at its place, else nearest to it."""
    quote = citation.quote
    if quote and text[citation.start : citation.end] == quote:
        return Mark(citation.start, citation.end, citation.number)
    if len(quote.strip()) < _SHORTEST_TO_FIND:
        return None
    places = (text.rfind(quote, 0, citation.start + len(quote)), text.find(quote, citation.start))
    found = [place for place in places if place >= 0]
    start = min(found, key=lambda place: abs(place - citation.start), default=None)
    return None if start is None else Mark(start, start + len(quote), citation.number)
