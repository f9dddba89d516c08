"""Text without its furniture, and the way back: every clean position knows its place in the original."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from rag.schema import Furniture


def merge(spans: Iterable[Furniture]) -> list[Furniture]:
    """``spans`` sorted and without overlaps; where two overlap, the one that starts first keeps the shared part."""
    merged: list[Furniture] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        start = max(span.start, merged[-1].end if merged else 0)
        if span.end > start:
            merged.append(Furniture(start, span.end, span.kind))
    return merged


class CleanText:
    """``original`` with the ``furniture`` left out; ``text`` is what remains, joined with nothing."""

    def __init__(self, original: str, furniture: Sequence[Furniture]) -> None:
        self._clean_starts: list[int] = []
        self._original_starts: list[int] = []
        self._furniture = furniture
        pieces: list[str] = []
        position = length = 0
        for span in [*furniture, Furniture(len(original), len(original), "end")]:
            if span.start > position:
                self._clean_starts.append(length)
                self._original_starts.append(position)
                pieces.append(original[position : span.start])
                length += span.start - position
            position = span.end
        self.text = "".join(pieces)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span of the clean span ``start:end`` (not empty), from its first to its last character."""
        return self._original(start), self._original(end - 1) + 1

    def gaps(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Furniture inside the *original* span ``start:end``."""
        first = bisect_right(self._furniture, start, key=lambda span: span.start)
        last = bisect_left(self._furniture, end, lo=first, key=lambda span: span.start)
        return tuple((span.start, span.end) for span in self._furniture[first:last])

    def clean_position(self, original: int) -> int:
        """Where the original's character ``original`` stands in ``text`` (the next kept one, if it was removed)."""
        piece = bisect_right(self._original_starts, original) - 1
        if piece < 0:
            return 0
        following = self._clean_starts[piece + 1] if piece + 1 < len(self._clean_starts) else len(self.text)
        return min(self._clean_starts[piece] + original - self._original_starts[piece], following)

    def _original(self, position: int) -> int:
        piece = bisect_right(self._clean_starts, position) - 1
        return self._original_starts[piece] + position - self._clean_starts[piece]
