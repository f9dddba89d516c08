"""Runs of a page to rows of pieces, and how the end of one line is joined to the beginning of the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.corpus.formats.pdf_characters import HYPHEN, is_wide
from rag.corpus.formats.tables import Cell

Region = tuple[int, ...]
"""Where a line stands: how its text was turned, the width of the page, and the side it is on in each division."""

_SAME_ROW = 0.35  # of the size: base lines nearer than this are one row
_CELL_GAP = 1.0  # of the size: pieces of a row further apart than this may be of two columns
_SPACE_GAP = 0.18


@dataclass(slots=True)
class Table:
    """Rows of cells, and the places in points where the columns begin and the last one ends."""

    rows: list[list[Cell]]
    edges: tuple[float, ...]


@dataclass(slots=True)
class Line:
    """A line of text, or a piece of one while its row is put together; places in points, ``base`` grows upwards.

    ``table`` stands here instead of a text. ``page`` counts from 0.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    strong: bool = False
    region: Region = ()
    page: int = 0
    table: Table | None = None

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


Row = list[Line]


def join(before: str, after: str, *, gap: bool = True) -> str:
    """``before`` and ``after`` as one text, with a space between them where both sides are written with spaces.

    A hyphen that only the line break asked for goes.
    """
    if not before or not after:
        return before + after
    if before[-1] in (HYPHEN, "-") and before[-2:-1].isalpha() and after[0].isalpha():
        return before[:-1] + after if after[0].islower() else f"{before[:-1]}-{after}"
    spaced = gap and not (before[-1].isspace() or after[0].isspace() or is_wide(before[-1]) or is_wide(after[0]))
    return f"{before} {after}" if spaced else before + after


def rows_of(pieces: Iterable[Line]) -> list[Row]:
    """The pieces that stand side by side, from the top; those closer than a column's gap are put together."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda each: (-each.base, each.left)):
        row = next((row for row in reversed(rows[-3:]) if _beside(row, piece)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    return [_together(sorted(row, key=lambda each: each.left)) for row in rows]


def one_line(row: Sequence[Line]) -> Line:
    """The pieces of ``row`` as one line, with a space between them."""
    if len(row) == 1:
        return row[0]
    main = max(row, key=lambda each: len(each.text))
    text = " ".join(each.text for each in row)
    return replace(main, text=text, left=row[0].left, right=max(each.right for each in row))


def _beside(row: Row, piece: Line) -> bool:
    main = max(row, key=lambda each: each.size)
    apart, small, large = abs(main.base - piece.base), min(main.size, piece.size), max(main.size, piece.size)
    if main.table or piece.table:
        return False
    if apart < _SAME_ROW * small:
        return True
    # A raised or lowered mark, which is small and touches the letters beside it.
    return small < 0.8 * large and apart < 0.6 * large and any(_touch(each, piece) for each in row)


def _touch(one: Line, other: Line) -> bool:
    reach = 0.5 * max(one.size, other.size)
    return other.left - one.right < reach and one.left - other.right < reach


def _together(row: Row) -> Row:
    pieces: Row = [row[0]]
    strong = len(row[0].text) * row[0].strong
    for piece in row[1:]:
        last = pieces[-1]
        gap = (piece.left - last.right) / max(piece.size, last.size)
        if gap > _CELL_GAP:
            pieces.append(piece)
            strong = len(piece.text) * piece.strong
        elif not (last.text.endswith(piece.text) and piece.right - last.right < 0.2 * piece.size):
            strong += len(piece.text) * piece.strong
            last.text = join(last.text, piece.text, gap=gap > _SPACE_GAP)
            last.right = max(last.right, piece.right)
            last.strong = 2 * strong > len(last.text)
            if piece.size > last.size:
                last.base, last.size = piece.base, piece.size
    return pieces
