"""The numbers Word prints before paragraphs (一、 (一) 1. 第三条): not in the text, but counted from the lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rag.corpus.formats.docx_names import number, value, w
from rag.corpus.formats.docx_styles import Styles
from rag.corpus.formats.list_numbers import list_number
from rag.corpus.formats.xml import Element

_LEVELS = 9
_BULLETS = "•●○■□◆◇–—-*·►▪※★☆"
_TIGHT = "、）)】：．。"
_PLACE = re.compile("%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    style: str = "decimal"
    pattern: str = ""
    start: int = 1
    suffix: str = "tab"
    restart: int | None = None  # begins anew after a number of this level, counted from 1; 0: never
    legal: bool = False  # all numbers in Arabic digits
    paragraph_style: str | None = None


class Numbering:
    """Counts the lists of one document; ``root`` is that of ``numbering.xml``."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        definitions = [] if root is None else root.findall(w("abstractNum"))
        self._definitions = {each.get(w("abstractNumId"), ""): each for each in definitions}
        self._lists = {} if root is None else {each.get(w("numId"), ""): each for each in root.findall(w("num"))}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def label(self, list_id: str | None, level: int | None, style_id: str | None) -> str:
        """What is printed before the next paragraph of this list and level, with the gap; empty without a list."""
        found = self._lists.get(list_id or "")
        if found is None or list_id is None:
            return ""
        definition = self._definition(found)
        levels = self._levels_of(list_id, definition)
        if level is None:
            level = next((at for at, each in levels.items() if style_id and each.paragraph_style == style_id), 0)
        if not 0 <= level < _LEVELS:
            return ""
        counts = self._counts.setdefault(definition, {})
        self._count(list_id, level, levels, counts)
        return _printed(level, levels, counts)

    def _definition(self, found: Element) -> str:
        """Id of the definition a list has, through the style it may stand for."""
        key = value(found, "abstractNumId") or ""
        linked = value(self._definitions.get(key), "numStyleLink")
        other = self._lists.get(self._styles.list_style(linked) or "") if linked else None
        return key if other is None else value(other, "abstractNumId") or key

    def _levels_of(self, list_id: str, definition: str) -> dict[int, _Level]:
        if list_id not in self._levels:
            levels = _read_levels(self._definitions.get(definition))
            for change in self._lists[list_id].findall(w("lvlOverride")):
                levels |= _read_levels(change)
            for level, start in self._starts(list_id).items():
                levels[level] = replace(levels.get(level, _Level()), start=start)
            self._levels[list_id] = levels
        return self._levels[list_id]

    def _starts(self, list_id: str) -> dict[int, int]:
        """Where the list says of itself that its levels start."""
        changes = self._lists[list_id].findall(w("lvlOverride"))
        stated = ((number(change.get(w("ilvl"))), number(value(change, "startOverride"))) for change in changes)
        return {level: start for level, start in stated if level is not None and start is not None}

    def _count(self, list_id: str, level: int, levels: Mapping[int, _Level], counts: dict[int, int]) -> None:
        if (list_id, level) not in self._begun:
            self._begun.add((list_id, level))
            if level in self._starts(list_id):  # it does so at its first paragraph, whatever lists share its definition
                counts.pop(level, None)
        counts[level] = counts[level] + 1 if level in counts else levels.get(level, _Level()).start
        for below in [each for each in counts if each > level]:
            restart = levels.get(below, _Level()).restart
            if restart is None or restart > level:
                del counts[below]


def _read_levels(parent: Element | None) -> dict[int, _Level]:
    found = [] if parent is None else parent.findall(w("lvl"))
    return {level: _read(each) for each in found if (level := number(each.get(w("ilvl")))) is not None}


def _read(level: Element) -> _Level:
    start, legal = number(value(level, "start")), value(level, "isLgl")
    style = value(level, "numFmt")
    if style is None:  # newer formats stand in a choice, with an older one beside it
        formats = [each.get(w("val")) for each in level.iter(w("numFmt"))]
        style = formats[-1] if formats else "decimal"
    return _Level(
        style=style or "decimal",
        pattern=value(level, "lvlText") or "",
        start=1 if start is None else start,
        suffix=value(level, "suff") or "tab",
        restart=number(value(level, "lvlRestart")),
        legal=legal is not None and legal not in ("0", "false"),
        paragraph_style=value(level, "pStyle"),
    )


def _printed(level: int, levels: Mapping[int, _Level], counts: Mapping[int, int]) -> str:
    here = levels.get(level, _Level())
    if here.style == "bullet":
        sign = here.pattern if here.pattern and all(char in _BULLETS for char in here.pattern) else "•"
        return f"{sign} " if here.pattern.strip() else ""

    def written(place: re.Match[str]) -> str:
        at = int(place[1]) - 1
        other = levels.get(at, _Level())
        style = "decimal" if here.legal and at != level else other.style
        return "" if style == "none" else list_number(counts.get(at, other.start), style)

    label = _PLACE.sub(written, here.pattern).strip()
    tight = here.suffix == "nothing" or label.endswith(tuple(_TIGHT))
    return label if tight or not label else f"{label} "
