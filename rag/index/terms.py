"""What the lexical index looks for: the terms of a search key."""

from __future__ import annotations

import re

from rag.corpus.script import HAN

# A number keeps its decimals and loses its thousands separators; letters and digits part, so that 5 and g find 5g.
_NUMBER = r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)*"
_UNIT = re.compile(rf"[{HAN}]|{_NUMBER}|[^\W\d_{HAN}]+")
_IS_HAN = re.compile(f"[{HAN}]").match


def terms(key: str) -> list[str]:
    """The terms of a search key, in order: Latin words and numbers whole, and every pair of neighbours.

    Neighbours are two units (a Han character, a Latin word, a number) with nothing between them, so Han text yields its
    character bigrams, and ``第3条`` yields ``第3``, ``3`` and ``3条``. Single Han characters: see ``characters``.
    """
    found = []
    previous, end = "", -1
    for match in _UNIT.finditer(key):
        unit = match.group().replace(",", "")
        if match.start() == end:
            found.append(previous + unit)
        if not _IS_HAN(unit):
            found.append(unit)
        previous, end = unit, match.end()
    return found


def characters(key: str) -> list[str]:
    """Every Han character of a search key, in order."""
    return [unit for unit in _UNIT.findall(key) if _IS_HAN(unit)]


def lone_characters(key: str) -> list[str]:
    """The Han characters of a search key that have no neighbour, so that no term holds them."""
    units = list(_UNIT.finditer(key))
    starts, ends = {unit.start() for unit in units}, {unit.end() for unit in units}
    alone = [unit.group() for unit in units if unit.start() not in ends and unit.end() not in starts]
    return [unit for unit in alone if _IS_HAN(unit)]
