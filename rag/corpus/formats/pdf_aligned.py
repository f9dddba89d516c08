"""Tables of a page without drawn lines: rows whose pieces stand in columns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from rag.corpus.formats.pdf_lines import Line, Row, Table, join, one_line
from rag.corpus.formats.tables import Cell

_NEAR = 3.0  # points: cells that begin, end or have their middles nearer than this stand straight
_MOST_LOOSE = 50  # rows that stand in columns, and yet are no table: none of them begins one
_TABLE_ROWS = 3
_LEADERS = ("…", "..", "··", "‥")


def aligned(rows: Sequence[Row]) -> Iterator[Line]:
    """Each row as a line; at least three rows in a row whose pieces stand in columns as a table."""
    index = 0
    while index < len(rows):
        count, columns = _aligned_from(rows, index)
        found = rows[index : index + max(1, count)]
        if columns:
            yield _columned(found, columns)
        else:
            yield from map(one_line, found)
        index += len(found)


def _aligned_from(rows: Sequence[Row], first: int) -> tuple[int, list[tuple[float, float]]]:
    """How many rows from ``first`` on stand in the same columns, and from where to where these go; none is no table."""
    columns: list[tuple[float, float]] = []
    count = full = 0
    for row in rows[first:]:
        if any(piece.table for piece in row) or (columns and not _is_next(rows[first + count - 1], row)):
            break
        if len(row) == 1:
            if not columns or not _within(row[0], columns, count == 0):
                break
        else:
            wider = _widened(columns, row)
            if len(wider) < max(2, len(columns) if columns else 2) or len(row) > len(wider):
                break
            columns, full = wider, full + 1
        count += 1
    while count and len(rows[first + count - 1]) == 1 and rows[first + count - 1][0].left < columns[0][1]:
        count -= 1
    found = rows[first : first + count]
    is_table = full >= _TABLE_ROWS and not _is_contents([[piece.text for piece in row] for row in found])
    if is_table and all(_is_straight(found, column) for column in columns):
        return count, columns
    return (count if count > _MOST_LOOSE else 0), []


def _is_straight(rows: Sequence[Row], column: tuple[float, float]) -> bool:
    """Whether most cells of a column begin, end or are centred at one place, and are not words that stand loosely."""
    cells = [piece for row in rows for piece in row if column[0] <= piece.middle <= column[1]]
    for places in ([each.left for each in cells], [each.right for each in cells], [each.middle for each in cells]):
        usual = median(places)
        if 10 * sum(abs(place - usual) < _NEAR for place in places) >= 7 * len(cells):
            return True
    return False


def _is_next(above: Row, below: Row) -> bool:
    return abs(above[0].base - below[0].base) < 3 * max(above[0].size, below[0].size)


def _within(piece: Line, columns: Sequence[tuple[float, float]], first: bool) -> bool:
    """Whether a piece that stands alone goes on in one column, and does not merely begin there."""
    return not first and any(
        left - piece.size <= piece.left and piece.right <= right + piece.size for left, right in columns
    )


def _widened(columns: Sequence[tuple[float, float]], row: Row) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for left, right in sorted([*columns, *((piece.left, piece.right) for piece in row)]):
        if merged and left < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _is_contents(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the rows are a table of contents, or the items of a list set off from their numbers."""
    several = [row for row in cells if len(row) > 1]
    numbered = sum(row[-1].strip(" .…·").isdigit() for row in several)
    led = sum(any(mark in text for text in row for mark in _LEADERS) for row in several)
    marks = sum(len(row[0]) <= 4 and not row[0].isalnum() for row in several)
    return (2 * led > len(several) and 2 * numbered > len(several)) or (
        all(len(row) == 2 for row in several) and 2 * marks > len(several)
    )


def _columned(rows: Sequence[Row], columns: Sequence[tuple[float, float]]) -> Line:
    """The rows as a table; a row with nothing in its first column goes on in the one above."""
    edges = [columns[0][0], *((one[1] + other[0]) / 2 for one, other in pairwise(columns)), columns[-1][1]]
    cells: list[list[str]] = []
    for row in rows:
        texts = [""] * len(columns)
        for piece in row:
            place = min(len(columns) - 1, max(0, bisect_right(edges, piece.middle) - 1))
            texts[place] = join(texts[place], piece.text)
        if cells and not texts[0] and cells[-1][0] and len(row) < len(columns):
            cells[-1] = [join(above, text) for above, text in zip(cells[-1], texts, strict=True)]
        else:
            cells.append(texts)
    first = rows[0][0]
    table = Table([[Cell(text) for text in row] for row in cells], tuple(edges))
    return replace(first, text="", left=edges[0], right=edges[-1], table=table)
