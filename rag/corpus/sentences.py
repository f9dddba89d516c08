"""Sentences of Chinese policy text, as spans; closing quotes and brackets stay with the sentence they close."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = '[。！？!?；;]+[”’」』)）】》"]*'
_SENTENCE = re.compile(rf"[^。！？!?；;\n]*(?:{_END}|\n|$)")
_CELL = re.compile(rf"[^。！？!?；;\n]*?(?:{_END}(?: \|(?= ))?| \|(?= )|\n|$)")
CELL_BREAK = " | "
"""Between the cells of a table's row, as we write it, and in Markdown."""
_LONGEST_ROW = 300
_CLAUSE = re.compile(r"[^，,、：:]*(?:[，,、：:]+|$)")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Spans of the sentences in ``text[start:end]``, trimmed of white space; a line break ends a sentence too.

    A row of a table is one sentence, whatever stands in its cells; a very long one is cut between them.
    """
    stop = len(text) if end is None else end
    if text.find(CELL_BREAK, start, stop) < 0:
        yield from _pieces(_SENTENCE, text, start, stop)
        return
    while start < stop:
        line = text.find("\n", start, stop)
        line = stop if line < 0 else line
        if text.find(CELL_BREAK, start, line) < 0:
            yield from _pieces(_SENTENCE, text, start, line)
        elif line - start <= _LONGEST_ROW:
            yield from _trimmed(text, start, line)
        else:
            yield from _pieces(_CELL, text, start, line)
        start = line + 1


def clause_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the clauses of the sentence ``text[start:end]``, each with the comma or colon that ends it."""
    yield from _pieces(_CLAUSE, text, start, end)


def _pieces(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        match = pattern.match(text, start, end)
        cut = match.end() if match and match.end() > start else end
        yield from _trimmed(text, start, cut)
        start = cut


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if end > start:
        yield start, end
