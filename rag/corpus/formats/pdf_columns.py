"""The order in which a page is read: columns are told apart by the gutter between them, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from rag.corpus.formats.pdf_characters import is_wide
from rag.corpus.formats.pdf_lines import Line, Region, Row

_BIN = 2.0  # points
_LEAST_GUTTER = 7.0  # points
_LEAST_FREE = 4.0  # points of it in which no line ends
_COLUMN_LINES = 3
_COLUMN_FILL = 0.55  # what part of its column the median line fills
_COLUMN_LETTERS = 16  # in the median line; a Han character counts two
_WIDTHS = 0.4  # the narrower of two columns has at least this part of the wider one's width
_DEEPEST = 5  # parts of a region: how the text was turned, the width of the page, three divisions
_MOST_KNOWN = 20


@dataclass(frozen=True, slots=True)
class _Division:
    """Where a page was divided: the gutter, and how wide the columns beside it are."""

    gutter: float
    widths: tuple[float, float]


class Columns:
    """Finds the columns of page after page; where some pages have them, fewer lines show them on the others."""

    def __init__(self) -> None:
        self._known: dict[Region, list[_Division]] = {}

    def in_reading_order(self, rows: Sequence[Row], region: Region) -> Iterator[tuple[Region, list[Row]]]:
        """Groups of rows in the order of reading, each with its region: of one column, or of the full width."""
        for gutter, bands in groupby(self._bands(rows, region), key=lambda band: band[0]):
            if gutter is None:
                yield region, [row for _, band in bands for row in band]
                continue
            for _, band in bands:
                for side in (0, 1):
                    part = [[piece for piece in row if (piece.middle > gutter) == bool(side)] for row in band]
                    yield from self.in_reading_order([row for row in part if row], (*region, side))

    def _bands(self, rows: Sequence[Row], region: Region) -> list[tuple[float | None, list[Row]]]:
        """The rows from the top, in bands that are divided at a gutter or not."""
        known = self._known.get(region, [])
        pieces = [piece for row in rows for piece in row]
        gutter = _gutter(pieces) if len(pieces) >= 2 * _COLUMN_LINES and len(region) < _DEEPEST else None
        bands = [] if gutter is None else _cut(rows, gutter)
        divisions = [_divided(band, gutter) for band in bands] if gutter is not None else []
        if any(divisions):
            found = [division for division in divisions if division]
            if len(known) < _MOST_KNOWN:
                self._known[region] = known = [*known, *found[:1]]
            return [
                (gutter if division or _fills(band, found) else None, band)
                for division, band in zip(divisions, bands, strict=True)
            ]
        for division in known:
            bands = _cut(rows, division.gutter)
            filled = [_fills(band, [division]) for band in bands]
            if any(filled):
                return [(division.gutter if full else None, band) for full, band in zip(filled, bands, strict=True)]
        return [(None, list(rows))]


def _cut(rows: Sequence[Row], gutter: float) -> list[list[Row]]:
    """The rows in bands that leave the gutter free, and single ones that cross it."""
    bands: list[list[Row]] = []
    free = False
    for row in rows:
        crosses = any(piece.left < gutter < piece.right for piece in row)
        if crosses or not free:
            bands.append([])
        bands[-1].append(row)
        free = not crosses
    return bands


def _fills(band: Sequence[Row], divisions: Sequence[_Division]) -> bool:
    """Whether a line of the band is as wide as a column, and none is wider."""
    pieces = [piece for row in band for piece in row]
    for division in divisions:
        if not any(piece.left < division.gutter < piece.right for piece in pieces) and any(
            piece.right - piece.left > 0.8 * division.widths[piece.middle > division.gutter] for piece in pieces
        ):
            return True
    return False


def _gutter(pieces: Sequence[Line]) -> float | None:
    """Where, in the middle part of the page, the fewest lines stand: the middle of the widest such strip."""
    left, right = min(each.left for each in pieces), max(each.right for each in pieces)
    bins = int((right - left) / _BIN)
    if not 10 <= bins <= 10_000:
        return None
    changes = [0] * (bins + 2)
    for each in pieces:
        changes[min(bins, int((each.left - left) / _BIN))] += 1
        changes[min(bins, int((each.right - left) / _BIN)) + 1] -= 1
    cover, total = [], 0
    for change in changes[:bins]:
        total += change
        cover.append(total)
    inner = range(bins // 6, bins - bins // 6)
    least = min(cover[i] for i in inner)
    few = least + max(1, len(pieces) // 30)  # a page number or a hanging full stop may stand in the gutter
    strips = [list(run) for low, run in groupby(inner, key=lambda i: cover[i] <= few) if low]
    widest = max(strips, key=lambda strip: (sum(cover[i] == least for i in strip) * _BIN >= _LEAST_FREE, len(strip)))
    if len(widest) * _BIN < _LEAST_GUTTER or 2 * least > len(pieces):
        return None
    freest = min(cover[i] for i in widest)
    free = [i for i in widest if cover[i] == freest]
    return left + (free[len(free) // 2] + 0.5) * _BIN


def _divided(band: Sequence[Row], gutter: float) -> _Division | None:
    """The division of a band of two columns of running text; none if it is a table or a few scattered words."""
    pieces = [piece for row in band for piece in row]
    if any(piece.left < gutter < piece.right for piece in pieces):
        return None
    widths = []
    for side in (False, True):
        beside = ([piece for piece in row if (piece.middle > gutter) == side] for row in band)
        lines = [(part[0].left, part[-1].right, part) for part in beside if part]
        if len(lines) < _COLUMN_LINES:
            return None
        widths.append(max(right for _, right, _ in lines) - min(left for left, _, _ in lines))
        fill = median(right - left for left, right, _ in lines) / max(widths[-1], 1.0)
        letters = median(sum(1 + is_wide(char) for piece in part for char in piece.text) for _, _, part in lines)
        if fill < _COLUMN_FILL or letters < _COLUMN_LETTERS:
            return None
    return _Division(gutter, (widths[0], widths[1])) if min(widths) > _WIDTHS * max(widths) else None
