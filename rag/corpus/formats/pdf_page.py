"""What PDFium finds on a page: runs of text with their places, turned upright, and the straight lines drawn on it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from ctypes import c_double, c_void_p, cast, create_string_buffer
from dataclasses import dataclass, field
from typing import Any

from rag.corpus.formats.pdf_characters import is_unreadable, is_wide, ordinary
from rag.corpus.formats.pdf_drawing import Rule, look

_MAX_FENCES = 400
_LAYOUT = (9, 10, 13)
_SPACE_GAP = 0.18  # of the font size: a wider gap between two Latin letters is a space that was not written
_RUN_GAP = 1.0
_STRONG = ("bold", "black", "heavy", "hei", "demi", "黑", "xiaobiaosong", "小标宋", "semibold")


@dataclass(slots=True)
class Run:
    """Characters that stand side by side in one font; places in points, ``base`` grows upwards.

    ``turn`` is by how many degrees (counted against the clock) the text was turned before it was set upright; -1 for
    slanted text. ``vertical``: it ran from top to bottom, and its columns are lines now.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    strong: bool
    turn: int = 0
    vertical: bool = False


@dataclass(slots=True)
class Page:
    """Runs in the order in which the file writes them; ``rules`` as drawn, not turned.

    ``unreadable`` counts characters whose font does not say what they are, of ``characters``; ``pictured`` is the share
    of the page that its largest picture covers.
    """

    runs: list[Run] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    characters: int = 0
    unreadable: int = 0
    pictured: float = 0.0


def read_page(page: Any, *, max_chars: int) -> Page | None:
    """What is on ``page``, a ``pypdfium2.PdfPage``; ``None`` if that is more than ``max_chars`` characters."""
    found = Page()
    width, height = page.get_size()
    drawing = look(page.raw)
    found.rules, found.pictured = drawing.rules, min(1.0, drawing.pictured / max(1.0, width * height))
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        if count > max_chars:
            return None
        _Runs(found, textpage.raw).read(count)
    finally:
        textpage.close()
    return found


class _Runs:
    """Collects the runs of a text page."""

    def __init__(self, page: Page, raw: Any) -> None:
        from pypdfium2 import raw as pdfium

        self._pdfium, self._page, self._raw = pdfium, page, raw
        self._strong: dict[int, bool] = {}
        self._mapped: dict[tuple[int, int], bool] = {}
        self._by_font: Counter[int] = Counter()  # characters that seem readable
        self._undefined: set[int] = set()
        self._run: Run | None = None
        self._spaces = 0
        self._fences = sorted((rule.at, rule.start, rule.end) for rule in page.rules if not rule.flat)[:_MAX_FENCES]

    def read(self, count: int) -> None:
        pdfium, raw = self._pdfium, self._raw
        unicode_of, object_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetTextObject
        box, x, y, known = pdfium.FS_RECTF(), c_double(), c_double(), 0
        turn, size, strong, font, vertical = 0, 1.0, False, 0, False
        for index in range(count):
            handle = object_of(raw, index)
            address = cast(handle, c_void_p).value
            if not address:  # a line break or a space that PDFium itself adds
                continue
            if address != known:
                known = address
                turn, size, strong, font = self._look(index, handle)
                vertical = not turn and self._is_vertical(index, count, size)
            code = unicode_of(raw, index)
            if code < 32 and code not in _LAYOUT and not pdfium.FPDFText_IsHyphen(raw, index):
                self._undefined.add(font)  # codes of glyphs, taken for characters
            text = self._char(index, code, font)
            if not text:
                continue
            pdfium.FPDFText_GetLooseCharBox(raw, index, box)
            pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
            left, right, base = _upright(box, x.value, y.value, turn)
            if vertical:
                left, right, base = -box.top, -box.bottom, (box.left + box.right) / 2
            self._add(text, Run(text, left, right, base, size, strong, turn, vertical))
        self._end()
        self._page.unreadable += sum(self._by_font[font] for font in self._undefined)

    def _look(self, index: int, handle: Any) -> tuple[int, float, bool, int]:
        """Turn, size and strength of the text object of the character ``index``, and the address of its font."""
        pdfium = self._pdfium
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(self._raw, index, matrix)
        size = pdfium.FPDFText_GetFontSize(self._raw, index) * math.hypot(matrix.c, matrix.d)
        angle = math.degrees(math.atan2(matrix.b, matrix.a))
        turn = round(angle / 90) * 90
        font = pdfium.FPDFTextObj_GetFont(handle)
        address = cast(font, c_void_p).value or 0
        if address not in self._strong:
            name = create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, name, 200)
            spelt = name.value.decode("utf-8", "replace").lower()
            self._strong[address] = any(word in spelt for word in _STRONG)
        stroked = pdfium.FPDFTextObj_GetTextRenderMode(handle) == pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE
        size = size if math.isfinite(size) and 0.1 < size < 2000 else 1.0
        return turn % 360 if abs(angle - turn) < 5 else -1, size, self._strong[address] or stroked, address

    def _is_vertical(self, index: int, count: int, size: float) -> bool:
        """Whether the next character of the same text, or this one after a vertical run, stands below the last."""
        object_of = self._pdfium.FPDFText_GetTextObject
        here = cast(object_of(self._raw, index), c_void_p).value
        x, y = self._origin(index)
        if index + 1 < count and cast(object_of(self._raw, index + 1), c_void_p).value == here:
            next_x, next_y = self._origin(index + 1)
            return abs(next_x - x) < 0.3 * size and 0.5 * size < y - next_y < 1.8 * size
        run = self._run
        return run is not None and run.vertical and abs(run.base - x) < run.size and -y - run.right < run.size

    def _origin(self, index: int) -> tuple[float, float]:
        x, y = c_double(), c_double()
        self._pdfium.FPDFText_GetCharOrigin(self._raw, index, x, y)
        return x.value, y.value

    def _char(self, index: int, code: int, font: int) -> str:
        text = ordinary(code)
        if not text.strip():
            return text
        mapped = self._mapped.get((font, code))
        if mapped is None:
            mapped = not self._pdfium.FPDFText_HasUnicodeMapError(self._raw, index) and not is_unreadable(text)
            self._mapped[font, code] = mapped
        self._page.characters += 1
        self._by_font[font] += mapped
        self._page.unreadable += not mapped
        return text

    def _add(self, text: str, new: Run) -> None:
        run = self._run
        if not text.strip():
            self._spaces += 1 if text != "\u3000" else 2
            if run is not None and self._spaces < 3:
                run.text += text
            return
        gap = (new.left - run.right) / max(run.size, new.size) if run is not None else 0.0
        if run is None or self._spaces >= 3 or not self._goes_on(run, new, gap):
            self._end()
            self._run, self._spaces = new, 0
            return
        if gap > _SPACE_GAP and not self._spaces and not (is_wide(run.text[-1]) or is_wide(text[0])):
            run.text += " "
        run.text += text
        run.right, self._spaces = max(run.right, new.right), 0

    def _goes_on(self, run: Run, new: Run, gap: float) -> bool:
        return not self._fenced(run, new) and (
            (run.turn, run.vertical, run.strong) == (new.turn, new.vertical, new.strong)
            and abs(run.size - new.size) < 0.05 * run.size
            and abs(run.base - new.base) < 0.15 * run.size
            and -0.5 < gap < _RUN_GAP
        )

    def _fenced(self, run: Run, new: Run) -> bool:
        """Whether a line drawn between the two separates the cells of a table."""
        first = bisect_left(self._fences, (run.right - 1.0,)) if self._fences and not run.turn else len(self._fences)
        for at, start, end in self._fences[first:]:
            if at > new.left + 1.0:
                return False
            if start <= run.base <= end:
                return True
        return False

    def _end(self) -> None:
        if self._run is not None:
            self._run.text = self._run.text.rstrip()
            self._page.runs.append(self._run)
        self._run = None


def _upright(box: Any, x: float, y: float, turn: int) -> tuple[float, float, float]:
    """Left, right and base line of a character on the page turned so that its text stands upright."""
    if turn == 90:
        return box.bottom, box.top, -x
    if turn == 180:
        return -box.right, -box.left, -y
    if turn == 270:
        return -box.top, -box.bottom, x
    return box.left, box.right, y
