"""Inside an article: its paragraphs (款) have no number and its items (项) open no section; both are counted here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from rag.corpus.markers import Marker, find_markers
from rag.retrieval.pointers import Step

Span = tuple[int, int]

_LINE = re.compile(r"[^\n]+")
_LABEL = re.compile(r"第[^条條\n]{1,8}[条條](?:之[^\s]{1,3})?\s*(?:[(（【][^\n]*[)）】])?")
_BLANK = " \t\r\u3000\u200b"
_ITEMS = ("paren", "arabic", "arabic paren", "circled")
_KINDS = {
    "paren": ("paren", "arabic paren"),
    "arabic": ("arabic",),
    "目": ("arabic", "arabic paren", "circled"),
    "款": ("comma",),  # so in Taiwan, where paragraphs are 項
}
_BEFORE_ITEM = "。；：;:\n"


def find_part(text: str, steps: Sequence[Step]) -> Span | None:
    """Where in the ``text`` of an article 第二款第(三)项 and the like stand; ``None`` when it has no such part.

    款 is a paragraph and 项 an item in it; in Taiwan 項 is the paragraph and 款 the item 一、. Which of them is meant
    shows in what the article has. Of several numbers the first counts.
    """
    paragraphs = _paragraphs(text)
    for step in steps:
        item = _item(text, paragraphs, _KINDS.get(step.unit, _ITEMS), step.numbers[0])
        if item is None and step.unit in ("款", "项") and step is steps[0] and step.numbers[0] <= len(paragraphs):
            item = paragraphs[step.numbers[0] - 1]
        if item is None and step.unit == "项":
            item = _item(text, paragraphs, ("comma",), step.numbers[0])
        if item is None:
            return None
        paragraphs = [item]
    return paragraphs[0] if paragraphs else None


def _paragraphs(text: str) -> list[Span]:
    """The paragraphs, each with the items that belong to it; a line that is only the article's number is none."""
    spans: list[Span] = []
    for match in _LINE.finditer(text):
        line = match[0].strip(_BLANK)
        if not line or (not spans and _LABEL.fullmatch(line)):
            continue
        marker = next(find_markers(line), None)
        if spans and marker and marker.start == 0 and marker.kind in (*_ITEMS, "comma") and not marker.bare:
            spans[-1] = (spans[-1][0], match.end())
        else:
            spans.append(match.span())
    return spans


def _item(text: str, paragraphs: Sequence[Span], kinds: Sequence[str], number: int) -> Span | None:
    """Item ``number`` of the first of the ``kinds`` that has one, up to the next item or the end of its paragraph."""
    for kind in kinds:
        for start, end in paragraphs:
            items = [marker for marker in _markers(text, start, end) if marker.kind == kind]
            for marker, following in zip_longest(items, items[1:]):
                if marker.number == number:
                    return marker.start, following.start if following else end
    return None


def _markers(text: str, start: int, end: int) -> list[Marker]:
    """The markers that open items: at the start of a line or after a sentence, a clause or a colon."""
    markers = [marker for marker in find_markers(text[:end]) if marker.start >= start and not marker.bare]
    before = [text[: marker.start].rstrip(_BLANK)[-1:] for marker in markers]
    return [marker for marker, last in zip(markers, before, strict=True) if not last or last in _BEFORE_ITEM]
