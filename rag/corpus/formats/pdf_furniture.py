"""Running heads, page numbers and watermarks: what comes again at the edge of page after page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.corpus.formats.pdf_lines import Line, Row

_EDGE_ROWS = 3
_APART = 1.3  # of the usual distance of rows: further from the text than its lines from each other
_SMALLER = 0.93  # of the size of the text
_REPEATED = 3  # pages; two pages may begin alike by chance
_LONGEST = 120
_NUMBER = re.compile(r"\d+")
_LAST_NUMBER = re.compile(r"(?:^|\s)(\d{1,5})$")
_SHORT = 60
_DASHES = r"[-—–－•·|\s]"
_PAGE_NUMBER = re.compile(
    r"[-—–－•·]\s*\d{1,5}\s*[-—–－•·]|第\s*\d+\s*[页頁]([\s,，/／(（]*共\s*\d+\s*[页頁][)）]?)?|Page \d+( of \d+)?"
)
_BARE_NUMBER = re.compile(rf"{_DASHES}*\d{{1,5}}(\s*[/／]\s*\d+)?{_DASHES}*")
_ROMAN = re.compile(rf"{_DASHES}*[ivxlcIVXLC]{{1,7}}{_DASHES}*")
# What begins like this counts something in the document, even where it comes again page after page.
_COUNTS = re.compile(
    r"附|第\s*#\s*[章节節条條编編]|[（(]?#[)）.．、]|图|圖|表|Annex|Appendix|Chapter|Section|Table|Figure",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Edge:
    """The rows at one end of a page from the outermost, what follows them, and the usual distance of rows."""

    rows: list[Row]
    inside: Row | None
    leading: float

    def is_apart(self, depth: int) -> bool:
        """Whether the row of this depth stands off from what follows it, or is smaller."""
        following = self.rows[depth + 1] if depth + 1 < len(self.rows) else self.inside
        if following is None:
            return False
        row = self.rows[depth]
        smaller = max(line.size for line in row) < _SMALLER * max(line.size for line in following)
        return smaller or abs(row[0].base - following[0].base) > _APART * self.leading


_Edges = tuple[_Edge, _Edge]


def find_furniture(pages: Sequence[Sequence[Line]]) -> dict[int, str]:
    """The kind of furniture by the ``id`` of each line of ``pages`` that is some."""
    edges = [_edges(lines) for lines in pages]
    repeats = _Repeats(edges)
    found: dict[int, str] = {}
    for page, both in enumerate(edges):
        for edge in both:
            found |= {id(line): kind for line, kind in _furnished(edge, page, repeats)}
    slanted = [line for lines in pages for line in lines if line.region[0] < 0]
    counts = Counter(_words(line) for line in slanted)
    return found | {id(line): "watermark" for line in slanted if counts[_words(line)] >= min(_REPEATED, len(pages))}


def _furnished(edge: _Edge, page: int, repeats: _Repeats) -> list[tuple[Line, str]]:
    """The furniture of an edge: from the outermost row on, as far as a gap shows that the text begins."""
    found: list[list[tuple[Line, str]]] = []
    for depth, row in enumerate(edge.rows):
        kinds = [(line, kind) for line in row if (kind := repeats.kind(line, page, outermost=not depth))]
        if kinds:
            found.append(kinds)
        if len(kinds) < len(row):
            break
    while found and not edge.is_apart(len(found) - 1) and any(kind != "page number" for _, kind in found[-1]):
        found.pop()
    return [each for kinds in found for each in kinds]


class _Repeats:
    """How often each line stands at the edge of a page, and how far its number is from that of the page."""

    def __init__(self, edges: Sequence[_Edges]) -> None:
        self._times: Counter[tuple[str, int]] = Counter()
        self._steps: dict[str, Counter[int]] = defaultdict(Counter)
        for page, (top, bottom) in enumerate(edges):
            lines = [line for row in (*top.rows, *bottom.rows) for line in row]
            self._times.update({_key(line) for line in lines})
            for words in {_words(line) for line in lines}:
                if number := _NUMBER.search(words):
                    self._steps[_NUMBER.sub("#", words)][page - int(number[0][:9])] += 1
        pages: Counter[int] = Counter()
        for page, sides in enumerate(edges):
            pages.update({page - number for side in sides if side.rows for number in _last_numbers(side.rows[0])})
        said, times = pages.most_common(1)[0] if pages else (0, 0)
        self._said = said if times >= _REPEATED else None  # page of the file less the number printed on it
        self._many = len(edges) >= _REPEATED
        self._least = 2 if len(edges) == 2 and _alike(*edges) else _REPEATED

    def kind(self, line: Line, page: int, *, outermost: bool) -> str:
        """What kind of furniture ``line`` is, empty for none."""
        words = _words(line)
        if not words:
            return ""
        if _PAGE_NUMBER.fullmatch(words) or (outermost and self._many and _ROMAN.fullmatch(words)):
            return "page number"
        shape, number = _NUMBER.sub("#", words), _NUMBER.search(words)
        in_step = self._steps[shape][page - int(number[0][:9])] if number else 0
        if _BARE_NUMBER.fullmatch(words):
            return "page number" if in_step >= 2 else ""
        if outermost and any(page - last == self._said for last in _last_numbers([line])):
            return "running head"
        if in_step >= _REPEATED and not _COUNTS.match(shape):
            return "running head"
        return "running head" if self._times[_key(line)] >= self._least else ""


def _edges(lines: Sequence[Line]) -> _Edges:
    """The first rows of a page from the top, and the last ones from the bottom."""
    turns = Counter(line.region[0] for line in lines if line.region[0] >= 0)
    main = turns.most_common(1)[0][0] if turns else 0
    rows: list[Row] = []
    for line in sorted((line for line in lines if line.region[0] == main), key=lambda each: -each.base):
        if rows and rows[-1][0].base - line.base < 0.35 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    gaps = [above[0].base - below[0].base for above, below in pairwise(rows)]
    leading = median(gaps) if len(gaps) > 2 * _EDGE_ROWS else min(gaps, default=0.0)
    first = min(_EDGE_ROWS, (len(rows) + 1) // 2)
    last = min(_EDGE_ROWS, len(rows) - first)
    inside = rows[first] if first < len(rows) else None
    return _Edge(rows[:first], inside, leading), _Edge(
        rows[: len(rows) - last - 1 : -1] if last else [], rows[-last - 1] if last < len(rows) else None, leading
    )


def _alike(first: _Edges, second: _Edges) -> bool:
    """Whether two pages begin, or end, with the same words at the same place."""
    for pair in zip(first, second, strict=True):
        before, after = (
            {(_key(line), round(line.base)) for line in edge.rows[0]} if edge.rows else set() for edge in pair
        )
        if before & after:
            return True
    return False


def _last_numbers(row: Row) -> list[int]:
    """The numbers that short lines end with, set off by a space."""
    ends = (_LAST_NUMBER.search(_words(line)) for line in row if len(line.text) <= _SHORT)
    return [int(end[1]) for end in ends if end]


def _words(line: Line) -> str:
    return " ".join(line.text.split())[:_LONGEST]


def _key(line: Line) -> tuple[str, int]:
    """Words and size: a title is not the running head that says the same."""
    return _words(line), round(line.size)
