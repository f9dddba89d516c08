"""The text of a document as HTML: all of its characters, in blocks that a browser lays out one by one.

Offsets count characters of the original; what is shown may be longer or shorter, because scripts are converted piece by
piece, between the edges of whatever is marked.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rag.corpus.script import to_simplified, to_traditional
from rag.schema import Document, Section
from ui.markup import preformatted
from ui.reader.reading import Mark, Reading

Script = Literal["original", "hans", "hant"]
Converted = Callable[[str], str]

WHOLE = 400_000  # characters: longer documents come in windows
WINDOW = 200_000
_BLOCK = 2_000
_LONGEST_BLOCK = 12_000  # a single line may go on for ever
_LONGEST_HEADING = 200
_LINE = 40  # characters, on a wide screen
_OWN_WORDS = ("blank", "title")  # furniture to the index, and yet nothing that a reader wants dimmed

_LINE_END = re.compile(r"\r\n?|\n")
_SENTENCE_END = re.compile(r"[。！？；!?;][”’」』）)]*|\s")


@dataclass(frozen=True, slots=True)
class _Layer:
    """An element around ``start:end``; of two that cross, the one of the higher ``depth`` is written in pieces."""

    start: int
    end: int
    depth: int
    tag: str
    attributes: str
    first: str = ""


def converter(document: Document, script: Script) -> Converted:
    """What writes a piece of ``document`` in ``script``; ``original`` changes nothing."""
    if script == "hans":
        return to_simplified
    # The conversion takes its input for Simplified, and would "correct" characters that are right in Traditional.
    return to_traditional if script == "hant" and document.metadata.script != "hant" else str


def cuts(text: str, sections: Sequence[Section], mark: Mark | None, pages: Sequence[int] = ()) -> list[int]:
    """Where blocks begin, and where the last ends: at sections, pages and ends of lines, and never within ``mark``."""
    low, high = (mark.start, mark.end) if mark else (0, 0)
    begun = [*(each.start for each in sections), *pages]
    starts = sorted({0, len(text), *(start for start in begun if not low < start < high)})
    made = []
    for start, end in pairwise(starts):
        made.append(start)
        while end - made[-1] > _BLOCK and (cut := _cut(text, made[-1], end, (low, high))) < end:
            made.append(cut)
    return [*made, len(text)]


def _cut(text: str, start: int, end: int, kept: tuple[int, int]) -> int:
    """The first good place for a cut well behind ``start``, or ``end``."""
    found = _LINE_END.search(text, start + _BLOCK // 2, end)
    if found is None or found.end() - start > _LONGEST_BLOCK:
        if end - start <= _LONGEST_BLOCK:
            return end
        found = _SENTENCE_END.search(text, start + _LONGEST_BLOCK // 2, start + _LONGEST_BLOCK)
    cut = found.end() if found else start + _LONGEST_BLOCK
    if not kept[0] < cut < kept[1]:
        return cut
    after = _LINE_END.search(text, kept[1], end)
    return after.end() if after and after.end() - kept[1] < _BLOCK else kept[1]


def window(places: Sequence[int], around: int) -> tuple[int, int]:
    """The part of the text to show when ``around`` is to be seen: all of it, or from one of ``places`` to another."""
    if places[-1] <= WHOLE:
        return 0, places[-1]
    low = places[max(0, bisect_right(places, max(0, around - WINDOW // 2)) - 1)]
    high = places[min(len(places) - 1, bisect_left(places, around + WINDOW // 2))]
    return low, high


def html(reading: Reading, places: Sequence[int], part: tuple[int, int], converted: Converted) -> str:
    """The blocks of ``part``, which begins and ends at ``places``; a document that is gone has none."""
    document = reading.document
    if document is None:
        return ""
    begins = [place for place in places if part[0] <= place < part[1]]
    layers = _by_block(_layers(reading, document), begins, part[1])
    sections = {section.start for section in document.sections}
    pages = {offset: f'data-page="{number}" ' for number, offset in enumerate(document.layout.pages, start=1)}
    return "".join(
        f'<div class="pr-reader-block{" pr-reader-starts" if start in sections else ""}" data-at="{start}" '
        f'{pages.get(start, "")}style="--lines:{_lines(document.text[start:end])}">'
        f"{_block(document.text, (start, end), within, converted)}</div>"
        for (start, end), within in zip(pairwise([*begins, part[1]]), layers, strict=True)
    )


def heading_end(text: str, section: Section) -> int:
    """Where the heading of ``section`` ends in the text, over line ends in it; its start when it is not there."""
    position = section.start
    for character in "".join(section.heading.split())[:_LONGEST_HEADING]:
        while position < section.end and text[position].isspace():
            position += 1
        if text[position : position + 1] != character:
            return section.start
        position += 1
    return position


def _layers(reading: Reading, document: Document) -> Iterator[_Layer]:
    if reading.mark:
        yield _Layer(reading.mark.start, reading.mark.end, 0, "mark", ' id="pr-mark" tabindex="-1"')
    for other in reading.others:
        attributes = f' class="pr-reader-other" data-do="reader.go" data-number="{other.number}"'
        yield _Layer(other.start, other.end, 1, "mark", attributes, " data-begins")
    for section in document.sections:
        end = heading_end(document.text, section)
        if end > section.start:
            level = f'role="heading" aria-level="{min(6, 2 + section.level)}"'
            yield _Layer(
                section.start, end, 2, "b", f' class="pr-reader-heading" {level}', f' data-at="{section.start}"'
            )
    for furniture in document.furniture:
        if furniture.kind not in _OWN_WORDS:
            yield _Layer(furniture.start, furniture.end, 3, "span", ' class="pr-reader-dim"')


def _by_block(layers: Iterator[_Layer], begins: Sequence[int], end: int) -> list[list[_Layer]]:
    """The layers that reach into each block."""
    within: list[list[_Layer]] = [[] for _ in begins]
    for layer in layers:
        if begins and layer.start < end and layer.end > begins[0]:
            first = max(0, bisect_right(begins, layer.start) - 1)
            for index in range(first, bisect_left(begins, layer.end)):
                within[index].append(layer)
    return within


def _block(text: str, block: tuple[int, int], layers: Sequence[_Layer], converted: Converted) -> str:
    low, high = block
    bounds = {min(high, max(low, bound)) for layer in layers for bound in (layer.start, layer.end)}
    pieces: list[str] = []
    opened: list[_Layer] = []
    for start, end in pairwise(sorted({low, high, *bounds})):
        wanted = sorted((each for each in layers if each.start <= start and end <= each.end), key=_nesting)
        shared = next((i for i, pair in enumerate(zip(opened, wanted, strict=False)) if pair[0] is not pair[1]), None)
        shared = min(len(opened), len(wanted)) if shared is None else shared
        pieces += [f"</{each.tag}>" for each in reversed(opened[shared:])]
        for each in wanted[shared:]:
            pieces.append(f"<{each.tag}{each.attributes}{each.first if each.start == start else ''}>")
        opened = wanted
        pieces.append(preformatted(converted(_piece(text, start, end))))
    return "".join([*pieces, *(f"</{each.tag}>" for each in reversed(opened))])


def _lines(block: str) -> int:
    """About how many lines a block takes, so that the page has nearly its height before it is laid out."""
    return sum(1 + len(line) // _LINE for line in block.splitlines())


def _nesting(layer: _Layer) -> tuple[int, int, int]:
    return layer.depth, layer.start, -layer.end


def _piece(text: str, start: int, end: int) -> str:
    """``text[start:end]``, so that a line end that an edge goes through is shown once."""
    piece = text[start:end]
    return piece[:-1] if piece.endswith("\r") and text[end : end + 1] == "\n" else piece
