"""What is known of the place a citation quotes: its date, its next version, where else it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rag.schema import Citation, Copy, Hit


def quoted_from(citation: Citation, hits: Iterable[Hit]) -> Hit | None:
    """The one of ``hits`` that holds the quoted words, else one of the same document, without that one's copies."""
    same = [hit for hit in hits if hit.source == citation.source]
    holding = (hit for hit in same if hit.start <= citation.start and citation.end <= hit.end)
    return next(holding, None) or (replace(same[0], copies=()) if same else None)


def named(place: Citation | Hit | Copy) -> str:
    """Title › section, as people and models are told of a place; the source where there is no title."""
    return " › ".join(filter(None, (place.title or place.source, place.section)))
