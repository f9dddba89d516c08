"""Tables as text, by one rule for every format: each row a line that needs no other line to be understood.

- A row is ``列名：值 | 列名：值``: every value with the name of its column, empty cells left out. It counts as one
  sentence (``rag.corpus.sentences``), so that whoever cites a value cites whose it is.
- Leading rows that hold one cell only (the name of the table, its unit) are lines as they stand, and so are later ones
  that span the table (the name of a group of rows).
- The header is the rows the format marks as header; else the first row (below incomplete ones) in which nearly every
  column has a short name, all different and none a number, if the rows below look otherwise (numbers, longer cells)
  or the names are usual ones (序号, 名称). In a spreadsheet the first such row needs no further sign. A header of two
  rows, whose upper cells span several columns, gives names such as ``目标·2025年``.
- A table whose labels stand in its cells (索引号：… in every second cell) is written as ``label：value`` pairs.
- Any other row is its cells, joined by `` | ``.
- A merged cell counts in every row it spans, and once in each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rag.corpus.script import HAN
from rag.corpus.sentences import CELL_BREAK

_LONGEST_NAME = 40
_MOST_COLUMNS = 1_000
_MOST_CELLS = 2_000_000  # places of a table, those of merged cells included
_LONGEST_REPEATED = 500
_LATEST_HEADER = 5  # rows that may stand above the header, such as who fills the table in
_NAMED_SHARE = 0.7  # of the columns
_NUMBER = re.compile(r"[-+±≥≤<>＜＞约]?[\d.,，%％/\-:年月日\s]*\d[\d.,，%％/\-:年月日\s]*")
_STOP = re.compile("[。；;！？]")
_USUAL = re.compile(
    "序[号號]|[编編][号號]|名[称稱]|姓名|[项項]目|[内內]容|[单單]位|部[门門]|指[标標]|[备備]注|[类類][别別]|[类類]型|[时時][间間]|日期|年[份度]|"
    "地[址区區点點]|[电電][话話]|[责責]任|[牵牽][头頭]|任[务務]|事[项項]|[标標][准準]|[数數][量额額]|金[额額]|[职職][务務称稱]|期限|[进進]度|"
    "目[标標]|措施|[说說]明|性[别別]|[职職][责責]|[领領]域|[来來]源|依[据據]|[条條]件|材料|流程|结果|結果|合[计計]"
)
_SPACE = re.compile(r"\s+")
_SPACE_BETWEEN_HAN = re.compile(f"(?<=[{HAN}，。、；：])\\s+(?=[{HAN}（《“])")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the format gives it; ``columns`` and ``rows`` are how many it spans, ``header`` if it is marked so."""

    text: str
    columns: int = 1
    rows: int = 1
    header: bool = False


class _Place(NamedTuple):
    """A place of the grid; places of a merged cell share their ``origin``."""

    text: str
    origin: tuple[int, int]
    header: bool


_Row = list[_Place | None]


def table_lines(rows: Sequence[Sequence[Cell]], *, sheet: bool = False) -> list[str]:
    """The lines of a table; ``sheet``: it comes from a spreadsheet, where a header needs fewer signs."""
    grid = _grid(rows)
    if len(grid) * max(map(len, grid), default=0) > _MOST_CELLS:  # hardly a table that somebody reads
        return [line for row in rows if (line := _joined(text for cell in row if (text := _cell_text(cell.text))))]
    grid = _without_empty(grid)
    if not grid:
        return []
    captions, grid = _captions(grid)
    if len(grid[0]) == 1 and not any(place and place.header for place in grid[0]):
        return [*captions, *(_plain_row(row) for row in grid)]
    start, depth = _header(grid, sheet=sheet)
    if not depth:
        forms = _is_form(grid)
        return [*captions, *((_form_row if forms else _plain_row)(row) for row in grid)]
    names = _names(grid[start : start + depth])
    above = [_plain_row(row) for row in grid[:start]]
    return [*captions, *above, *(_named_row(row, names) for row in grid[start + depth :])]


def _grid(rows: Sequence[Sequence[Cell]]) -> list[_Row]:
    """Every cell at its places; what spans further than the table is cut."""
    grid: list[_Row] = [[] for _ in rows]
    left = _MOST_CELLS
    widest = min(_MOST_COLUMNS, sum(map(len, rows)))  # there are no more places where a cell may end
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while x < len(grid[y]) and grid[y][x] is not None:
                x += 1
            width = max(1, min(cell.columns, widest - x))
            height = max(1, min(cell.rows, len(rows) - y, left // width))
            left -= width * height
            text = _cell_text(cell.text)
            for below in range(height):
                shown = text if below == 0 or len(text) <= _LONGEST_REPEATED else ""
                _put(grid[y + below], x, [_Place(shown, (y, x), cell.header)] * width)
            x += width
    return grid


def _put(row: _Row, x: int, places: Sequence[_Place]) -> None:
    row.extend([None] * (x + len(places) - len(row)))
    for offset, place in enumerate(places):
        if row[x + offset] is None:
            row[x + offset] = place


def _cell_text(text: str) -> str:
    return _SPACE.sub(" ", text).strip().replace(CELL_BREAK, "；")  # of a table in the cell


def _without_empty(grid: list[_Row]) -> list[_Row]:
    """Only rows and columns that hold text, all of the same length."""
    kept = [row for row in grid if any(place and place.text for place in row)]
    columns = sorted({x for row in kept for x, place in enumerate(row) if place and place.text})
    return [[row[x] if x < len(row) else None for x in columns] for row in kept]


def _cells(row: _Row) -> list[_Place]:
    """The cells of a row that hold text, each once."""
    found: dict[tuple[int, int], _Place] = {}
    for place in row:
        if place and place.text:
            found.setdefault(place.origin, place)
    return list(found.values())


def _captions(grid: list[_Row]) -> tuple[list[str], list[_Row]]:
    """The leading rows with one cell only, as far as rows with more follow."""
    if len(grid[0]) == 1:
        return [], grid
    count = 0
    while count < len(grid) - 1 and len(_cells(grid[count])) == 1 and not _opens_group(grid, count):
        count += 1
    return [_cells(row)[0].text for row in grid[:count]], grid[count:]


def _opens_group(grid: list[_Row], y: int) -> bool:
    """Whether the only cell of a row is a merged one of the rows below too."""
    origin = _cells(grid[y])[0].origin
    return any(place and place.origin == origin for place in grid[y + 1])


def _header(grid: list[_Row], *, sheet: bool) -> tuple[int, int]:
    """The row where the header begins, and how many rows it has: 0 without a header."""
    marked = 0
    while marked < len(grid) and all(cell.header for cell in _cells(grid[marked])):
        marked += 1
    if 0 < marked < len(grid):
        return 0, marked
    for start in range(min(_LATEST_HEADER, len(grid))):
        for depth in (1, 2):
            rows = grid[start : start + depth]
            if len(grid) > start + depth and _could_name(rows):
                good = sheet or _is_usual(rows) or _differs(rows, grid[start + depth :])
                return (start, depth) if good else (0, 0)
        if len(_cells(grid[start])) == len(grid[0]):
            break
    return 0, 0


def _could_name(rows: Sequence[_Row]) -> bool:
    """Whether the rows give most columns names of their own."""
    if _spans(rows[0]) != (len(rows) == 2):
        return False
    names = _names(rows)
    given = [name for name in names if name]
    good = all(len(name) <= _LONGEST_NAME and not _STOP.search(name) and not _is_number(name) for name in given)
    many = len(given) > 1 and _NAMED_SHARE * len(names) <= len(given) == len(set(given))
    return good and many and not given[0].endswith(("：", ":"))


def _is_number(name: str) -> bool:
    """A year may head a column; any other number is a value."""
    return _is_value(name) and not re.fullmatch(r"(?:19|20)\d\d\s?年?", name)


def _is_value(text: str) -> bool:
    """Whether the text is a number, a percentage or a date."""
    return len(text) <= _LONGEST_NAME and bool(_NUMBER.fullmatch(text))


def _spans(row: _Row) -> bool:
    """Whether a cell of the row covers several columns."""
    held = [place for place in row if place and place.text]
    return len({place.origin for place in held}) < len(held)


def _is_usual(rows: Sequence[_Row]) -> bool:
    return any(_USUAL.search(cell.text) for row in rows for cell in _cells(row))


def _differs(header: Sequence[_Row], body: Sequence[_Row]) -> bool:
    """Whether some column holds numbers or clearly longer texts below its name."""
    for x, name in enumerate(_names(header)):
        texts = [place.text for row in body if (place := row[x]) and place.text]
        numbers = sum(map(_is_value, texts))
        if texts and (2 * numbers > len(texts) or sum(map(len, texts)) > 3 * len(texts) * max(4, len(name))):
            return True
    return False


def _names(header: Sequence[_Row]) -> list[str]:
    """A name for each column: the cells above it, from the top."""
    names = []
    for x in range(len(header[0])):
        held: dict[tuple[int, int], str] = {}
        for row in header:
            place = row[x]
            if place and place.text:
                held.setdefault(place.origin, place.text)
        names.append(_SPACE_BETWEEN_HAN.sub("", "·".join(held.values())))
    return names


def _named_row(row: _Row, names: Sequence[str]) -> str:
    cells = _cells(row)
    if len(cells) == 1 and sum(bool(place and place.text) for place in row) == len(row) > 1:
        return cells[0].text
    columns: dict[tuple[int, int], int] = {}
    for x, place in enumerate(row):
        if place and place.text:
            columns.setdefault(place.origin, x)
    return _joined(_pair(names[columns[cell.origin]], cell.text) for cell in cells)


def _pair(name: str, text: str) -> str:
    return f"{name}{'' if name.endswith(('：', ':')) else '：'}{text}" if name else text


def _plain_row(row: _Row) -> str:
    return _joined(cell.text for cell in _cells(row))


def _is_form(grid: list[_Row]) -> bool:
    """Whether most cells in the odd columns end as labels do, or are marked as headers."""
    rows = [_cells(row) for row in grid]
    odd = [cell for row in rows for cell in row[::2] if len(row) > 1]
    return bool(odd) and 2 * sum(cell.header or cell.text.endswith(("：", ":")) for cell in odd) > len(odd)


def _form_row(row: _Row) -> str:
    cells = _cells(row)
    pairs = [_pair(label.text, value.text) for label, value in zip(cells[::2], cells[1::2], strict=False)]
    return _joined([*pairs, *(cell.text for cell in cells[len(pairs) * 2 :])])


def _joined(texts: Iterable[str]) -> str:
    return CELL_BREAK.join(texts)
