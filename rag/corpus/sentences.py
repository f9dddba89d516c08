"""Sentences of Chinese policy text, as spans; closing quotes and brackets stay with the sentence they close."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』)）】》\"]*|\n|$)")
_CLAUSE = re.compile(r"[^，,、：:]*(?:[，,、：:]+|$)")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Spans of the sentences in ``text[start:end]``, trimmed of white space; a line break ends a sentence too."""
    stop = len(text) if end is None else end
    while start < stop:
        match = _SENTENCE.match(text, start, stop)
        cut = match.end() if match and match.end() > start else stop
        yield from _trimmed(text, start, cut)
        start = cut


def clause_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the clauses of the sentence ``text[start:end]``, each with the comma or colon that ends it."""
    while start < end:
        match = _CLAUSE.match(text, start, end)
        cut = match.end() if match and match.end() > start else end
        yield from _trimmed(text, start, cut)
        start = cut


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if end > start:
        yield start, end
