"""Tables of a page whose cells stand between drawn lines."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.corpus.formats.pdf_drawing import Rule
from rag.corpus.formats.pdf_lines import Line, Table, join, one_line, rows_of
from rag.corpus.formats.tables import Cell

_NEAR = 3.0  # points: drawn lines nearer than this are one, and touch
_MAX_RULES = 1_000
_MAX_CELLS = 5_000


def ruled(pieces: Sequence[Line], rules: Sequence[Rule]) -> list[Line]:
    """``pieces`` with those between drawn lines replaced by tables."""
    rest = list(pieces)
    for grid in _grids(rules):
        inside = [piece for piece in rest if grid.holds(piece)]
        if inside:
            rest = [piece for piece in rest if not grid.holds(piece)]
            rest.append(_table(grid, inside))
    return rest


@dataclass(slots=True)
class _Grid:
    """Edges of columns from the left and of rows from the top; drawn lines as ``(at, start, end)``."""

    xs: list[float]
    ys: list[float]
    flat: list[tuple[float, float, float]]
    upright: list[tuple[float, float, float]]

    def place(self, piece: Line) -> tuple[int, int]:
        """Row and column of ``piece``; outside the grid they are -1 or too large."""
        middle = piece.base + 0.3 * piece.size
        row = bisect_right(self.ys, -middle, key=lambda y: -y) - 1
        return row, bisect_right(self.xs, piece.middle) - 1

    def holds(self, piece: Line) -> bool:
        row, column = self.place(piece)
        return 0 <= row < len(self.ys) - 1 and 0 <= column < len(self.xs) - 1


def _grids(rules: Sequence[Rule]) -> Iterator[_Grid]:
    flat = _straightened(rule for rule in rules if rule.flat)
    upright = _straightened(rule for rule in rules if not rule.flat)
    if not flat or not upright or len(flat) + len(upright) > _MAX_RULES:
        return
    for rows, columns in _touching(flat, upright):
        xs, ys = sorted({x for x, _, _ in columns}), sorted({y for y, _, _ in rows}, reverse=True)
        ends = min(start for _, start, _ in rows), max(end for _, _, end in rows)
        # Tables that are open at the sides have no line there.
        xs = [*([ends[0]] if ends[0] < xs[0] - 4 * _NEAR else []), *xs]
        xs = [*xs, *([ends[1]] if ends[1] > xs[-1] + 4 * _NEAR else [])]
        if len(xs) > 2 and len(ys) > 1 and len(xs) * len(ys) <= _MAX_CELLS:
            yield _Grid(xs, ys, rows, columns)


def _straightened(rules: Iterable[Rule]) -> list[tuple[float, float, float]]:
    """Lines that lie on one another or go on in one another put together."""
    by_place: list[tuple[float, list[Rule]]] = []
    for rule in sorted(rules, key=lambda each: each.at):
        if by_place and rule.at - by_place[-1][0] <= _NEAR:
            by_place[-1][1].append(rule)
        else:
            by_place.append((rule.at, [rule]))
    found = []
    for at, same in by_place:
        spans: list[list[float]] = []
        for rule in sorted(same, key=lambda each: each.start):
            if spans and rule.start <= spans[-1][1] + _NEAR:
                spans[-1][1] = max(spans[-1][1], rule.end)
            else:
                spans.append([rule.start, rule.end])
        found += [(at, start, end) for start, end in spans]
    return found


_Straight = list[tuple[float, float, float]]


def _touching(flat: _Straight, upright: _Straight) -> Iterator[tuple[_Straight, _Straight]]:
    """Flat and upright lines in groups that hang together."""
    group = list(range(len(flat) + len(upright)))

    def root(index: int) -> int:
        while group[index] != index:
            group[index] = group[group[index]]
            index = group[index]
        return index

    for i, (y, left, right) in enumerate(flat):
        for j, (x, bottom, top) in enumerate(upright, start=len(flat)):
            if left - _NEAR <= x <= right + _NEAR and bottom - _NEAR <= y <= top + _NEAR:
                group[root(i)] = root(j)
    members: dict[int, tuple[_Straight, _Straight]] = defaultdict(lambda: ([], []))
    for index, line in enumerate([*flat, *upright]):
        members[root(index)][index >= len(flat)].append(line)
    for rows, columns in members.values():
        if rows and columns:
            yield rows, columns


def _table(grid: _Grid, inside: Sequence[Line]) -> Line:
    held: dict[tuple[int, int], list[Line]] = defaultdict(list)
    owners, spans = _merged(grid)
    for piece in inside:
        held[owners[grid.place(piece)]].append(piece)
    rows = []
    for y in range(len(grid.ys) - 1):
        row = []
        for x in range(len(grid.xs) - 1):
            if owners[y, x] == (y, x):
                height, width = spans[y, x]
                row.append(Cell(_text(held[y, x]), columns=width, rows=height))
        rows.append(row)
    main = max(inside, key=lambda each: len(each.text))
    return replace(
        main,
        text="",
        left=grid.xs[0],
        right=grid.xs[-1],
        base=grid.ys[0] - main.size,
        table=Table(rows, tuple(grid.xs)),
    )


def _merged(grid: _Grid) -> tuple[dict[tuple[int, int], tuple[int, int]], dict[tuple[int, int], tuple[int, int]]]:
    """The first place of the cell that each place belongs to, and how many rows and columns a cell has."""
    height, width = len(grid.ys) - 1, len(grid.xs) - 1
    owners = {(y, x): (y, x) for y in range(height) for x in range(width)}
    spans = dict.fromkeys(owners, (1, 1))
    for (y, x), owner in list(owners.items()):
        if owner != (y, x) or owners[y, x] != (y, x):
            continue
        wide = 1
        while x + wide < width and owners[y, x + wide] == (y, x + wide) and not _edge_left(grid, y, x + wide):
            wide += 1
        tall = 1
        while y + tall < height and _goes_down(grid, y + tall, x, wide):
            tall += 1
        for below in range(tall):
            for beside in range(wide):
                owners[y + below, x + beside] = (y, x)
        spans[y, x] = (tall, wide)
    return owners, spans


def _goes_down(grid: _Grid, y: int, x: int, wide: int) -> bool:
    """Whether row ``y`` belongs to the cell above it, all over the columns ``x`` to ``x + wide``."""
    inner = any(_edge_left(grid, y, x + beside) for beside in range(1, wide))
    return not inner and not any(_edge_above(grid, y, x + beside) for beside in range(wide))


def _edge_left(grid: _Grid, y: int, x: int) -> bool:
    middle = (grid.ys[y] + grid.ys[y + 1]) / 2
    return any(at == grid.xs[x] and start <= middle <= end for at, start, end in grid.upright)


def _edge_above(grid: _Grid, y: int, x: int) -> bool:
    middle = (grid.xs[x] + grid.xs[x + 1]) / 2
    return any(at == grid.ys[y] and start <= middle <= end for at, start, end in grid.flat)


def _text(pieces: Sequence[Line]) -> str:
    text = ""
    for row in rows_of(pieces):
        text = join(text, one_line(row).text)
    return text
