"""The words of a sentence that answer, where the reader found them."""

from __future__ import annotations

from collections.abc import Iterable

from rag.answer.citations import Extract
from rag.retrieval.hybrid import Passage

_LONGEST = 40  # characters; more is no answer within a sentence but the sentence
_MOST = 0.7  # of the sentence


def focus(text: str, words: Extract, passages: Iterable[Passage]) -> tuple[int, int] | None:
    """Where in ``text``, which says ``words``, the reader's answer stands; ``None`` where it found none there.

    ``passages`` are those that were retrieved. What the reader finds only half likely is not pointed at.
    """
    for passage in passages:
        reading = passage.reading
        if reading is None or passage.hit.chunk_id != words.hit.chunk_id or reading.answers <= 0:
            continue
        first, last = reading.span
        found = passage.chunk.text[first:last]
        start = passage.chunk.locate(first) - words.start if found else -1
        if start < 0 or "\n" in found or len(found) > min(_LONGEST, _MOST * len(text)):
            return None
        return _nearest(text, found, start)
    return None


def _nearest(text: str, found: str, expected: int) -> tuple[int, int] | None:
    """The place of ``found`` in ``text`` nearest to ``expected``: what is left out of a sentence moves its words."""
    starts = [start for start in range(len(text) - len(found) + 1) if text.startswith(found, start)]
    if not starts:
        return None
    start = min(starts, key=lambda each: abs(each - expected))
    return start, start + len(found)
