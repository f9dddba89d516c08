"""Search keys: one form for 繁/简, width, digits and spacing. Keys are for matching only, never for citing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from rag.corpus.numerals import fold_digits
from rag.schema import Script

if TYPE_CHECKING:
    from opencc import OpenCC

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Han characters, for use inside a regular expression class."""

_HAN = re.compile(f"[{HAN}]")
_SPACE_BESIDE_HAN = re.compile(f"(?<=[{HAN}，。、；：！？,;:])\\s+|\\s+(?=[{HAN}，。、；：！？])")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# OpenCC's t2s leaves 著 alone because 著名, 顯著 … keep it in Simplified; everywhere else it is a variant of 着.
_ZHE = re.compile("(?<![显专名巨原编论译遗土卓昭合所拙新])著(?![名作者述书称录文])")


@cache
def _converter(config: str) -> OpenCC:
    import opencc

    return opencc.OpenCC(config)


def to_simplified(text: str) -> str:
    """``text`` in Simplified characters (OpenCC ``t2s`` plus 著 → 着); its length may change."""
    simplified: str = _converter("t2s").convert(text)
    return _ZHE.sub("着", simplified)


def to_traditional(text: str) -> str:
    """``text`` in Traditional characters (OpenCC ``s2t``); its length may change."""
    traditional: str = _converter("s2t").convert(text)
    return traditional


def search_key(text: str) -> str:
    """The form in which texts are compared: NFKC, simplified, lower case, Arabic digits, no space beside Han."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    folded = " ".join(_SPACE_BESIDE_HAN.sub("", to_simplified(folded)).split())
    return fold_digits(folded).lower()


def detect_script(text: str) -> Script:
    """Which script ``text`` is written in, by the characters that differ between the two.

    Characters valid in both (后, 里, 干) count for neither side alone, so the majority decides; ``unknown`` when no
    character tells, ``en`` when there is no Han character but some Latin letter.
    """
    if not _HAN.search(text):
        return "en" if re.search("[A-Za-z]", text) else "unknown"
    traditional = _changed(text, "t2s")
    simplified = _changed(text, "s2t")
    if traditional == simplified:
        return "unknown"
    return "hant" if traditional > simplified else "hans"


def _changed(text: str, config: str) -> int:
    convert = _converter(config).convert
    converted = convert(text)
    if len(converted) == len(text):
        return sum(a != b for a, b in zip(text, converted, strict=True))
    return sum(convert(char) != char for char in text)
