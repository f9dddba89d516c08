"""Characters on a picture of a page: RapidOCR, whose models come with its package (extra ``ocr``)."""

from __future__ import annotations

from importlib.util import find_spec
from statistics import median
from typing import Any

from rag.corpus.formats.pdf_page import Run
from rag.errors import MissingDependencyError

_DPI = 200
_LONGEST_SIDE = 3_000  # pixels
_SURE = 0.5  # least confidence of a line
_HEIGHT = 0.75  # of a box, which has some room around the letters, is the size of the type
_LOOKED_AT = 9  # lines that show whether a page lies upside down
_ALIKE = 0.3  # lines that differ less in size have the same one
_Found = tuple[list[tuple[float, float]], str]
"""The corners of a line in pixels or points, and its text."""


def ocr_is_installed() -> bool:
    """Whether the extra ``ocr`` is there."""
    return find_spec("rapidocr_onnxruntime") is not None


class Ocr:
    """The recogniser; building it loads three small models."""

    def __init__(self) -> None:
        try:
            from rapidocr_onnxruntime import RapidOCR
        except ImportError as error:
            raise MissingDependencyError(
                f'OCR lacks a package ({error}). Install all of it: pip install "policy-rag[ocr]".'
            ) from error
        self._engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)  # other files are read meanwhile

    def read(self, page: Any) -> list[Run]:
        """The lines on ``page``, a ``pypdfium2.PdfPage``, as it is displayed."""
        import numpy as np

        longest = max(1.0, page.get_width(), page.get_height())
        scale = min(_DPI / 72, _LONGEST_SIDE / longest)
        picture = page.render(scale=scale).to_numpy()
        found = self._lines(picture)
        if found and sum(_is_tall(box) for box, _ in found) * 2 > len(found):
            picture = np.ascontiguousarray(np.rot90(picture))
            found = self._lines(picture)
        height, width = picture.shape[:2]
        if found and self._is_upside_down(picture, found):  # the recogniser turns each line by itself, not the page
            found = [([(width - x, height - y) for x, y in box], text) for box, text in found]
        return _runs([([(x / scale, (height - y) / scale) for x, y in box], text) for box, text in found])

    def _is_upside_down(self, picture: Any, found: list[_Found]) -> bool:
        longest = sorted(found, key=lambda each: -len(each[1]))[:_LOOKED_AT]
        pieces = []
        for box, _ in longest:
            xs, ys = [max(0, int(x)) for x, _ in box], [max(0, int(y)) for _, y in box]
            pieces.append(picture[min(ys) : max(ys) + 1, min(xs) : max(xs) + 1])
        _, turned, _ = self._engine.text_cls(pieces)
        return 2 * sum(bool(label == "180") for label, _ in turned) > len(turned)

    def _lines(self, picture: Any) -> list[_Found]:
        found, _ = self._engine(picture)
        return [([(x, y) for x, y in box], text) for box, text, sure in found or [] if float(sure) >= _SURE and text]


def _is_tall(box: list[tuple[float, float]]) -> bool:
    xs, ys = [x for x, _ in box], [y for _, y in box]
    return max(ys) - min(ys) > 1.5 * (max(xs) - min(xs))


def _runs(found: list[_Found]) -> list[Run]:
    runs = []
    for box, text in found:
        xs, ys = [x for x, _ in box], [y for _, y in box]
        size = _HEIGHT * (max(ys) - min(ys))
        runs.append(Run(text.strip(), min(xs), max(xs), min(ys) + 0.25 * size, size, strong=False))
    usual = median([run.size for run in runs]) if runs else 0.0
    for run in runs:
        if abs(run.size - usual) < _ALIKE * usual:
            run.size = usual
    return [run for run in runs if run.text]
