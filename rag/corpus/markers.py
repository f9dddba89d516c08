"""Outline markers of official documents: 第三条, 一、, (一), 1., (1), ①, ——; both scripts, and as scanners damage them.

A marker is only a candidate here; ``rag.corpus.outline`` decides from its surroundings and its number whether it opens
a section, counts a list item, or is a cross-reference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rag.corpus.numerals import NUMERAL, parse_numeral
from rag.corpus.script import HAN

RANK = {
    "part": 1,  # 第一编
    "subpart": 2,  # 第一分编
    "chapter": 3,  # 第一章, 附则
    "section": 4,  # 第一节
    "article": 5,  # 第一条, 第 3-1 條
    "capital": 5,  # 壹、
    "comma": 5,  # 一、
    "paren": 7,  # (一)
    "arabic": 8,  # 1.  and, where the scan lost the point, 1
    "arabic paren": 9,  # (1)
    "circled": 10,  # ①
    "dash": 11,  # ——
}
"""Nesting by convention; kinds of one rank nest in whichever order the document uses them."""

_NUMBER = rf"[{NUMERAL}0-9０-９]+"
_MARKER = re.compile(
    rf"""
      第\s?(?P<structural>{_NUMBER})\s?(?P<unit>分?[编編]|[章节節])
    | 第\s?(?P<article>{_NUMBER}(?:[-－]{_NUMBER})?)\s?[条條](?P<sub>(?:之{_NUMBER})?)
    | (?P<capital>[壹贰貳叁參叄参肆伍陆陸柒捌玖拾]+)、
    | (?P<comma>[一二三四五六七八九十]{{1,3}})[、．]
    | [(（〔]\s?(?P<paren>[一二三四五六七八九十]{{1,3}}|[-－—]|)\s?[)）〕]
    | [(（]\s?(?P<arabic_paren>[0-9０-９]{{1,2}})\s?[)）]
    | (?P<circled>[①-⑳])
    | (?<![0-9０-９.])(?P<arabic>(?:[Il](?=\d))?[0-9０-９]{{1,2}})\s?[.．、](?![0-9０-９])
    | (?<![0-9０-９.])(?P<bare>(?:[Il](?=\d))?\d{{1,2}})(?=[{HAN}“《])
    | (?P<dash>——)
    """,
    re.VERBOSE,
)
# What follows a bare number that counts or dates something (3个, 8月) instead of numbering a heading.
_COUNTED = re.compile(
    "[年月日号號时時点點分秒个個名项項条條件万萬亿億元大类類种種户戶家次岁歲级級层層位所支批张張人天周套座处處期版强強余多%％]"
)
_CROSS_REFERENCE = re.compile(
    "[的所、,，和及與与至或之第还還同并]|[规規]定|中[的所,，规規]|以[外上下前后後及]|等[的规規条條、,，]|[(（](第|[一二三四五六七八九十])"
)


@dataclass(frozen=True, slots=True)
class Marker:
    """A candidate: ``label`` is the marker as printed, ``number`` its value (``None``: lost in the scan)."""

    kind: str
    number: int | None
    start: int
    end: int
    label: str
    bare: bool = False
    inserted: bool = False  # 第三条之一, 第 3-1 條


def find_markers(text: str) -> Iterator[Marker]:
    """Every candidate marker in ``text``, in order."""
    for match in _MARKER.finditer(text):
        marker = _marker(match)
        if marker is not None:
            yield marker


def structural_kind(heading: str) -> str | None:
    """``part``, ``subpart``, ``chapter`` or ``section`` if ``heading`` begins with that marker (第一章 总则)."""
    match = _MARKER.match(heading)
    marker = _marker(match) if match and match["structural"] else None
    return marker.kind if marker else None


def refers(text: str, marker: Marker) -> bool:
    """Whether an article number in ``text`` is followed as only a cross-reference is (第三条所称的, 第五条第二款)."""
    return bool(_CROSS_REFERENCE.match(text, marker.end))


def _marker(match: re.Match[str]) -> Marker | None:
    kind = match.lastgroup if match.lastgroup not in ("unit", "sub") else None
    if kind is None:
        kind = "structural" if match["structural"] else "article"
    start, end, label = match.start(), match.end(), match[0]
    if kind == "structural":
        unit = match["unit"]
        kind = {"章": "chapter", "节": "section", "節": "section"}.get(unit, "subpart" if unit[0] == "分" else "part")
        return Marker(kind, _value(match["structural"]), start, end, label)
    if kind == "article":
        inserted = bool(match["sub"]) or "-" in label or "－" in label
        return Marker(kind, _value(re.split("[-－]", match["article"])[0]), start, end, label, inserted=inserted)
    if kind == "dash":
        return Marker(kind, None, start, end, label)
    if kind == "paren":
        return Marker(kind, _paren_value(match["paren"]), start, end, label)
    if kind == "bare":
        counts = _COUNTED.match(match.string, end)
        return None if counts else Marker("arabic", _value(match["bare"]), start, end, label, bare=True)
    return Marker(kind.replace("_", " "), _value(match[kind]), start, end, label)


def _paren_value(numeral: str) -> int | None:
    """(-) is a scanned (一); () has lost its number altogether."""
    if numeral in ("-", "－", "—"):
        return 1
    return parse_numeral(numeral)


def _value(numeral: str) -> int | None:
    return parse_numeral(unicodedata.normalize("NFKC", numeral).replace("I", "1").replace("l", "1"))
