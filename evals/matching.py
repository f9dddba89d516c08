"""When two texts count as the same: keys, letters, 8-grams and units, blind to script, width and spacing.

Definitions follow the format of the cases (``evals/README.md``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rag.corpus.script import HAN, to_simplified

GRAM = 8
_MARKER = re.compile(r"\s*\[\d+\]")
_UNIT = re.compile(rf"[{HAN}]|\d+(?:\.\d+)?|[^\W\d_{HAN}]+")


def without_markers(text: str) -> str:
    """``text`` without the inline numbers of citations, ``[1]``."""
    return _MARKER.sub("", text)


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """``text`` simplified, NFKC, lower case, without white space."""
    return "".join(_folded(text).split())


def letters(text: str) -> str:
    """The letters, digits and Han characters of ``key(text)``."""
    return "".join(char for char in key(text) if char.isalnum())


@lru_cache(maxsize=4096)
def grams(text: str) -> frozenset[str]:
    """The 8-grams of ``letters(text)``; a shorter text is its own only gram."""
    plain = letters(text)
    return frozenset(plain[i : i + GRAM] for i in range(max(len(plain) - GRAM + 1, 1))) if plain else frozenset()


def units(text: str) -> list[str]:
    """``text`` cut as reading-comprehension scorers do: each Han character, number and Latin word; no punctuation."""
    return _UNIT.findall(_folded(text))


def share(quote: str, texts: Iterable[str]) -> float:
    """Share of the 8-grams of ``quote`` that stand in ``texts`` taken together; 0 for a quote without a letter."""
    wanted = grams(quote)
    found = frozenset().union(*(grams(text) for text in texts))
    return len(wanted & found) / len(wanted) if wanted else 0.0


def has_key(alternatives: str, text: str) -> bool:
    """Whether one of the ``|``-separated alternatives of an answer key is in ``text``."""
    plain = key(text)
    return any(key(each) in plain for each in alternatives.split("|"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", to_simplified(text)).lower()
