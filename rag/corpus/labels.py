"""What number a section has: the value of the marker that its heading begins with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.corpus.markers import find_markers
from rag.corpus.numerals import NUMERAL, parse_numeral
from rag.schema import Section

_NUMBER = rf"[{NUMERAL}0-9]+"
_ARTICLE = re.compile(rf"第\s?({_NUMBER})(?:[-－]({_NUMBER}))?\s?[条條](?:之({_NUMBER}))?")
_DIVISION = re.compile(rf"第\s?({_NUMBER})\s?部\s?分")
_ANNEX = re.compile(rf"附\s?[件录錄表]\s?({_NUMBER})?")
_SUPPLEMENT = re.compile("附\\s*[则則]")
_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Numbering:
    """Kind of marker as in ``rag.corpus.markers.RANK``, or ``division`` (第二部分), ``annex``, ``supplement``.

    ``inserted`` is the 1 of 第三条之一 and 第 3-1 條; ``number`` is ``None`` where a scan lost it.
    """

    kind: str
    number: int | None
    inserted: int = 0


def numberings(sections: Sequence[Section]) -> list[Numbering | None]:
    """The numbering of each section of a document; ``None`` for headings without any.

    A number that the scan lost is one more than that of the section before it under the same parent.
    """
    found: list[Numbering | None] = []
    last: dict[tuple[int | None, str], int] = {}
    for section in sections:
        numbering = _numbering(section.heading)
        if numbering is not None:
            run = (section.parent, numbering.kind)
            number = last.get(run, 0) + 1 if numbering.number is None else numbering.number
            last[run] = number
            if numbering.number is None:
                numbering = Numbering(numbering.kind, number)
        found.append(numbering)
    return found


def chinese_numeral(number: int) -> str:
    """``number`` as official documents write it (十二, 一百零五, 二百一十); in digits from 10,000 on."""
    if not 0 < number < 10_000:
        return str(number)
    text, pending = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if pending and text else "") + _DIGITS[digit] + name
        pending = not digit
    return text.removeprefix("一") if text.startswith("一十") else text


@lru_cache(maxsize=8192)  # the articles of all laws have the same few headings
def _numbering(heading: str) -> Numbering | None:
    folded = unicodedata.normalize("NFKC", heading[:16]) if heading[:1] == "第" else heading
    if article := _ARTICLE.match(folded):
        inserted = article[2] or article[3]
        return Numbering("article", parse_numeral(article[1]), (parse_numeral(inserted) or 0) if inserted else 0)
    if division := _DIVISION.match(folded):
        return Numbering("division", parse_numeral(division[1]))
    if annex := _ANNEX.match(heading):
        return Numbering("annex", parse_numeral(unicodedata.normalize("NFKC", annex[1])) if annex[1] else 1)
    if _SUPPLEMENT.match(heading):
        return Numbering("supplement", 1)
    marker = next(find_markers(heading[:30]), None)
    return Numbering(marker.kind, marker.number) if marker and marker.start == 0 and marker.kind != "dash" else None
