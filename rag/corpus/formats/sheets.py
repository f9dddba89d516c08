"""Workbooks of any format: a sheet is a heading and a table, a row of it a line with the names of its columns."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rag.corpus.formats.tables import Cell
from rag.corpus.formats.written import Writing
from rag.corpus.loading import LoadedText
from rag.errors import DocumentSizeError

MOST_CELLS = 500_000
"""Cells with text that are read of one file."""
_EMPTY = Cell("")
_DEFAULT_NAME = re.compile(r"(?:sheet|工作表|表|table)\s?\d*", re.IGNORECASE)
_MOST_PLACES = 3_000_000  # of a sheet's rows times its columns, once the empty ones are left out


@dataclass
class Sheet:
    """Cells with text by row and column, counted from 0; of the merged ones the rows and columns they span."""

    name: str
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


class Counter:
    """Counts the cells of the file ``name``."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0

    def add(self) -> None:
        """One more cell with text. ``DocumentSizeError`` above ``MOST_CELLS``."""
        self._count += 1
        if self._count > MOST_CELLS:
            raise DocumentSizeError(f"{self._name} has more than {MOST_CELLS:,} cells. Split it.")


def write_sheets(sheets: Iterable[Sheet], *, name: str, encoding: str) -> LoadedText:
    """The text of a workbook. A sheet's name is a heading unless it is the only one, or only a number.

    Raises:
        DocumentSizeError: there is no text in it, or too much.
    """
    writing = Writing(name)
    filled = [sheet for sheet in sheets if sheet.texts]
    for sheet in filled:
        if len(filled) > 1 and not _DEFAULT_NAME.fullmatch(sheet.name.strip()):
            writing.line(sheet.name, level=1)
        writing.table(_rows(sheet, name), sheet=True)
    return writing.loaded(encoding=encoding)


def _rows(sheet: Sheet, name: str) -> list[list[Cell]]:
    """The table without its empty rows and columns."""
    kept_rows, kept_columns = sorted({y for y, _ in sheet.texts}), sorted({x for _, x in sheet.texts})
    rows = {y: at for at, y in enumerate(kept_rows)}
    columns = {x: at for at, x in enumerate(kept_columns)}
    if len(rows) * len(columns) > _MOST_PLACES:
        raise DocumentSizeError(f"{name} has a table of {len(rows):,} rows and {len(columns):,} columns. Split it.")
    table: list[list[Cell | None]] = [[_EMPTY] * len(columns) for _ in rows]
    for (y, x), text in sheet.texts.items():
        table[rows[y]][columns[x]] = Cell(text)
    left = _MOST_PLACES
    for (y, x), (height, width) in sheet.merged.items():
        below, beside = _spanned(kept_rows, y, height), _spanned(kept_columns, x, width)
        left -= below * beside
        if (y, x) in sheet.texts and left > 0:
            for row in table[rows[y] : rows[y] + below]:
                row[columns[x] : columns[x] + beside] = [None] * beside
            table[rows[y]][columns[x]] = Cell(sheet.texts[y, x], columns=beside, rows=below)
    return [[cell for cell in row if cell is not None] for row in table]


def _spanned(kept: Sequence[int], first: int, count: int) -> int:
    """How many of ``count`` rows or columns from ``first`` on are kept."""
    return bisect_left(kept, first + count) - bisect_left(kept, first)
