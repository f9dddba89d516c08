"""Characters as PDFs spell them: radicals and presentation forms that stand for ordinary ones, and unreadable ones."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rag.corpus.formats.characters import plain
from rag.corpus.loading import is_everyday

# Of the CJK Radicals Supplement, by Unicode's EquivalentUnifiedIdeograph.txt; NFKC knows only two of them.
_RADICALS = dict(
    zip(
        "⺁⺂⺃⺅⺇⺉⺋⺌⺍⺎⺏⺐⺒⺓⺔⺖⺗⺘⺙⺛⺜⺞⺟⺠⺡⺢⺣⺤⺥⺦⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂乛乚亻𠘨刂㔾小小兀尣尢巳幺彑忄⺗扌攵旡日歺母民氵氺灬爫爫丬犭王疋目示礻竹糹纟罓罒网罓羊羊羋耂肀聿肉𦥑艹艹艹虎衤覀西见角角讠贝𧾷车辶辶辶阝钅長镸长门阜阝雨青韦页风飞食飠飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
# What the symbol fonts of word processors draw for these is a bullet, a box or an arrow before an item.
_BULLETS = dict.fromkeys("\uf06c\uf06e\uf06f\uf071\uf075\uf076\uf09f\uf0a7\uf0a8\uf0b2\uf0b7\uf0d8\uf0e0\uf0fc", "•")
_KNOWN = {**_RADICALS, **_BULLETS, "\u2002": " ", "\u2003": " ", "\u2009": " ", "\t": " ", "\u00ad": "\u00ad"}
_WORD = re.compile(r"[^\W\d_]*[^\W\d_A-Z][^\W\d_A-Z]*|[A-Z]+|[A-Z]{0,6}\d+[A-Za-z]{0,4}")
_AROUND = "()[]\"'“”‘’.,;:!?…–—•-%$€£&/*"
_LEAST_WORDS = 30
_LEAST_HAN = 50
_PLAUSIBLE = 0.35  # of the words of a page are letters or digits alone; of prose it is nearly all
_EVERYDAY = 0.5  # of the Han characters of a page are everyday ones; of any real text it is 0.9
HYPHEN = "\u00ad"
"""Stands for a hyphen that only a line break asked for."""


@lru_cache(maxsize=65536)
def ordinary(code: int) -> str:
    """The character that the code point of a glyph stands for; empty for one that shows nothing.

    Radicals and compatibility ideographs become the Han character, ligatures their letters, vertical punctuation the
    upright one; U+FFFD what is no character.
    """
    if code == 2:  # how PDFium reports a hyphen at the end of a line
        return HYPHEN
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE:
        return "\ufffd"
    char = chr(code)
    if char in _KNOWN:
        return _KNOWN[char]
    if 0x2F00 <= code <= 0x2FDF or 0xF900 <= code <= 0xFB06 or 0x2F800 <= code <= 0x2FA1F:
        return unicodedata.normalize("NFKC", char)
    return plain(char).replace("\n", "")


@lru_cache(maxsize=65536)
def is_unreadable(char: str) -> bool:
    """Whether ``char`` names no character: a replacement mark, or a code that only the font's maker understands."""
    return char == "\ufffd" or unicodedata.category(char) in ("Co", "Cn") if len(char) == 1 else False


def is_garbled(text: str) -> bool:
    """Whether ``text`` is what a font without a table of its characters gives: codes of glyphs taken for letters."""
    han = [char for char in text if "\u3400" <= char <= "\u9fff"]
    if len(han) >= _LEAST_HAN:
        return sum(map(is_everyday, han)) < _EVERYDAY * len(han)
    words = [word.strip(_AROUND) for word in text.split() if not is_wide(word[0])]
    plausible = sum(all(_WORD.fullmatch(part) for part in re.split(r"[-'’./]", word) if part) for word in words)
    return len(words) >= _LEAST_WORDS and plausible < _PLAUSIBLE * len(words)


def is_wide(char: str) -> bool:
    """Whether ``char`` is written without spaces between words: Han, kana, full-width and CJK punctuation."""
    return (char >= "\u2e80" and not 0xAC00 <= ord(char[0]) <= 0xD7A3) or char in "“”‘’…—·"
