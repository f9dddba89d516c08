"""What is drawn on a page besides its text: straight lines, and how much of it pictures cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_MAX_OBJECTS = 20_000
_MAX_DEPTH = 4
_STRAIGHT = 1.0  # points that a drawn line may be off the horizontal or vertical
_SHORTEST = 2.0  # points
_Matrix = tuple[float, float, float, float, float, float]
_Point = tuple[float, float]


@dataclass(slots=True)
class Rule:
    """A straight line from ``start`` to ``end`` at ``at``: of an upright page, along x if ``flat``, else along y."""

    flat: bool
    at: float
    start: float
    end: float


@dataclass(slots=True)
class Drawing:
    """The straight lines of a page, and the area of its largest picture in square points."""

    rules: list[Rule] = field(default_factory=list)
    pictured: float = 0.0


def look(page: Any) -> Drawing:
    """What is drawn on ``page``, a handle of PDFium; of very many objects the first."""
    return _Looking().look(page)


class _Looking:
    """Goes through the objects of a page, and into the forms among them."""

    def __init__(self) -> None:
        from pypdfium2 import raw as pdfium

        self._pdfium, self._found, self._left = pdfium, Drawing(), _MAX_OBJECTS

    def look(self, raw: Any) -> Drawing:
        count, get = self._pdfium.FPDFPage_CountObjects(raw), self._pdfium.FPDFPage_GetObject
        self._objects((get(raw, index) for index in range(count)), (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0)
        return self._found

    def _objects(self, objects: Iterator[Any], outer: _Matrix, depth: int) -> None:
        pdfium = self._pdfium
        for each in objects:
            self._left -= 1
            if self._left < 0:
                return
            kind = pdfium.FPDFPageObj_GetType(each)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                continue
            matrix = pdfium.FS_MATRIX()
            pdfium.FPDFPageObj_GetMatrix(each, matrix)
            placed = _product((matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f), outer)
            if kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._path(each, placed)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                covered = abs(placed[0] * placed[3] - placed[1] * placed[2])
                self._found.pictured = max(self._found.pictured, covered)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
                self._objects(self._within(each), placed, depth + 1)

    def _within(self, form: Any) -> Iterator[Any]:
        for index in range(self._pdfium.FPDFFormObj_CountObjects(form)):
            yield self._pdfium.FPDFFormObj_GetObject(form, index)

    def _path(self, path: Any, matrix: _Matrix) -> None:
        for (x0, y0), (x1, y1) in self._strokes(path, matrix):
            if abs(y0 - y1) <= _STRAIGHT and abs(x0 - x1) > _SHORTEST:
                self._found.rules.append(Rule(True, (y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(x0 - x1) <= _STRAIGHT and abs(y0 - y1) > _SHORTEST:
                self._found.rules.append(Rule(False, (x0 + x1) / 2, min(y0, y1), max(y0, y1)))

    def _strokes(self, path: Any, matrix: _Matrix) -> Iterator[tuple[_Point, _Point]]:
        pdfium = self._pdfium
        count = pdfium.FPDFPath_CountSegments(path)
        self._left -= count
        if self._left < 0:
            return
        x, y = pdfium.c_float(), pdfium.c_float()
        first = here = (0.0, 0.0)
        for index in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(path, index)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            a, b, c, d, e, f = matrix
            to = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                first = to
            elif kind == pdfium.FPDF_SEGMENT_LINETO:
                yield here, to
            here = to
            if pdfium.FPDFPathSegment_GetClose(segment):
                yield here, first


def _product(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)
