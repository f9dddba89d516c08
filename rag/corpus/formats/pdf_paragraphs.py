"""Lines in reading order to paragraphs: which line goes on in the next, over columns, footnotes and page breaks."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.corpus.formats.pdf_characters import HYPHEN, is_wide
from rag.corpus.formats.pdf_lines import Line, Region
from rag.corpus.markers import find_markers

_INDENT = 0.8  # of the size: a line that begins further to the right is indented
_SHORT = 1.6  # of the size: a line of Han that ends further to the left than this was ended on purpose
_ROOM = 0.4  # of the size: where a page ends, a sentence that leaves so much room to the edge ends its paragraph
_NARROW = 0.75  # of the width of a page without its margins
_SPACED = 1.3  # of the usual distance between lines: a wider one separates paragraphs
_END = "。！？!?：:；;.”」』）)"
_OPENING, _CLOSING = "（《“‘〔【「『", tuple("，。、；：！？）》”’〕】」』")
_ENTRY = re.compile(r"((\.\s?){4}|…{2}|(·\s?){4})\s*\d+$")  # of a table of contents
_BULLET = re.compile(
    r"[•·●○■□▪◆◇➢✓*–—-]\s?(?=\S)|[①-⑳]|\(?\d{1,3}[).](?!\d)|\(?[a-zA-Z]{1,3}[).]\s|\[\d{1,3}\]|\d+(\.\d+)+\s"
)


@dataclass(frozen=True, slots=True)
class Block:
    """Bounds of the text of a region in points, the usual distance of its lines, whether paragraphs are indented."""

    left: float
    right: float
    leading: float
    indented: bool


class Setting:
    """How a document sets its text: the size of most of it, and the block of each region."""

    def __init__(self, lines: Sequence[Line]) -> None:
        sizes: Counter[float] = Counter()
        strong: Counter[bool] = Counter()
        regions: dict[Region, list[Line]] = defaultdict(list)
        for line in lines:
            if line.table is None:
                sizes[round(line.size * 2) / 2] += len(line.text)
                strong[line.strong] += len(line.text)
                regions[line.region].append(line)
        self.size = sizes.most_common(1)[0][0] if sizes else 10.0
        self.strong = strong[True] > strong[False]
        self._blocks = {region: _block(of_region, self.size) for region, of_region in regions.items()}

    def block(self, line: Line) -> Block:
        return self._blocks[line.region]

    def goes_on(self, first: Line, last: Line, line: Line) -> bool:
        """Whether ``line`` goes on in the paragraph that began with ``first`` and came to ``last``."""
        if line.table or last.table or abs(line.size - last.size) > 0.08 * max(line.size, last.size):
            return False
        if line.region[0] != last.region[0] or (line.strong != last.strong and self._stands_out(line, last)):
            return False
        block, em = self.block(line), line.size
        moved = line.page != last.page or line.region != last.region or line.base > last.base
        if not moved and last.base - line.base > _SPACED * block.leading * max(1.0, em / self.size):
            return False
        if last.size > 1.1 * self.size and self._is_centred(last) and self._is_centred(line):
            return not moved and not _is_numbered(line.text)
        if last.text[-1] in (HYPHEN, "-") and line.text[0].islower():
            return True
        if _ENTRY.search(last.text) or self._ended_early(last, line) or _opens(line.text, last.text):
            return False
        if moved:
            return self._goes_on_elsewhere(last, line)
        indent = (line.left - block.left) / em
        shift = (line.left - last.left) / em
        if shift > _INDENT:  # a new paragraph, or the words of a list item set off from its mark
            item = bool(_BULLET.match(last.text)) or _is_numbered(last.text)
            return last is first and item and shift < 4 and not last.text.endswith(tuple(_END))
        if shift < -_INDENT:
            return last is first or _INDENT > indent > -_INDENT
        return indent < _INDENT or last is not first or not last.text.endswith(tuple(_END))

    def _goes_on_elsewhere(self, last: Line, line: Line) -> bool:
        """Whether the first line of a page or a column goes on in what the last line before it said."""
        block, before = self.block(line), self.block(last)
        if not block.indented and before.right - last.right > _ROOM * last.size and last.text.endswith(tuple(_END)):
            return False
        indent, usual = (line.left - block.left) / line.size, (last.left - before.left) / line.size
        return indent < _INDENT or indent < usual + 0.3 < 3.0

    def _stands_out(self, line: Line, last: Line) -> bool:
        """Whether one of two lines that differ in strength is a heading, and not a sentence with strong words."""
        heading = last if last.strong else line
        return not heading.text.endswith(("，", ",", "、")) or len(heading.text) < 12

    def _ended_early(self, last: Line, line: Line) -> bool:
        """Whether the next word would still have found room on the line before."""
        room = (self.block(last).right - last.right) / last.size
        if is_wide(line.text[0]):
            return room > _SHORT + (line.text[0] in _OPENING or line.text[1:2] in _CLOSING)
        word = next((i for i, char in enumerate(line.text) if char == " " or is_wide(char)), len(line.text))
        return room > 0.5 * min(word, 40) + 0.8

    def _is_centred(self, line: Line) -> bool:
        block = self.block(line)
        before, after = line.left - block.left, block.right - line.right
        return abs(before - after) < 1.5 * line.size


def _block(lines: Sequence[Line], body: float) -> Block:
    usual = [line for line in lines if abs(line.size - body) < 0.1 * body] or list(lines)
    lefts = sorted(line.left for line in usual)
    few = max(1, len(lefts) // 20)
    left = next((x for i, x in enumerate(lefts) if sum(y - x < 2 for y in lefts[i : i + few]) >= few), lefts[0])
    gaps = sorted(_gaps(usual, body))
    leading = gaps[len(gaps) // 5] if gaps else 1.5 * body
    indented = sum(1.2 < (line.left - left) / line.size < 3 for line in usual) > len(usual) // 20
    return Block(left, _right(usual, left), leading, indented)


def _right(lines: Sequence[Line], left: float) -> float:
    """Where full lines end; where no line goes on in the next, as far from the edge as they begin on the left."""
    # A full stop at the end of a line may hang beyond the edge.
    rights = sorted(line.right - line.size * (line.text[-1] in _CLOSING) for line in lines)
    right, size = rights[-max(1, len(rights) // 100)], lines[0].size
    turned, width, *divided = lines[0].region
    other = 10 * width - left
    if turned or divided or right > other - _SHORT * size:
        return right
    wrapped = sum(line.right > right - _SHORT * size and not line.text.endswith(tuple(_END)) for line in lines)
    few = 1 if right > _NARROW * other else 3
    return right if wrapped >= max(few, len(lines) // 20) else other


def _gaps(lines: Iterable[Line], body: float) -> Iterable[float]:
    last: Line | None = None
    for line in lines:
        if last is not None and last.page == line.page and 0.9 * body < last.base - line.base < 4 * body:
            yield last.base - line.base
        last = line


def _opens(text: str, before: str) -> bool:
    """Whether a line begins with the mark of an item or an article, and the one before it has come to its end."""
    if not before.endswith(tuple(_END)):
        return False
    return _is_numbered(text) or bool(_BULLET.match(text))


def _is_numbered(text: str) -> bool:
    marker = next(find_markers(text[:12]), None)
    return marker is not None and marker.start == 0 and not marker.bare
