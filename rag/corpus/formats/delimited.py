"""CSV and TSV: text of any encoding we know, with whichever separator its lines agree on."""

from __future__ import annotations

import csv
import io
from collections import Counter as Tally
from collections.abc import Iterator
from itertools import islice

from rag.corpus.formats.sheets import Counter, Sheet, write_sheets
from rag.corpus.loading import LoadedText, decode
from rag.errors import DocumentError

_SEPARATORS = (",", "\t", ";", "|", "，", "；")
_SAMPLE = 100_000
_SAMPLE_ROWS = 100


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """The rows of a table in plain text; see ``rag.corpus.formats.sheets``.

    Raises:
        EncodingError: its encoding cannot be told.
        DocumentError: it is no such table, too large or without text.
    """
    decoded = decode(data, name=name, encoding=encoding)
    separator = _separator(decoded.text[:_SAMPLE])
    try:
        rows = list(_rows(decoded.text, separator))
    except csv.Error:  # a quotation mark that is never closed
        rows = [line.split(separator) for line in decoded.text.splitlines()]
    sheet, counter = Sheet(""), Counter(name)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            text = cell.strip()
            if text:
                counter.add()
                sheet.texts[y, x] = text
    if not sheet.texts:
        raise DocumentError(f"{name} holds no text. Remove it, or save its table again.")
    return write_sheets([sheet], name=name, encoding=decoded.encoding)


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _separator(sample: str) -> str:
    """The separator by which most lines have the same number of cells, more than one; a comma if there is none."""

    def agreement(separator: str) -> tuple[float, int]:
        try:
            counts = Tally(len(row) for row in islice(_rows(sample, separator), _SAMPLE_ROWS) if row)
        except csv.Error:
            return 0.0, 0
        [(cells, lines)] = counts.most_common(1) or [(0, 0)]
        return (lines / counts.total(), cells) if cells > 1 else (0.0, 0)

    return max(_SEPARATORS, key=agreement)
