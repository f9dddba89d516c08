"""What the styles of a Word document say of a paragraph: heading, title, line of a table of contents, list."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.corpus.formats.docx_names import number, value, w
from rag.corpus.formats.xml import Element

_HEADING = re.compile(
    r"(?:heading|标题|標題|überschrift|titre|título|titolo|見出し|제목|заголовок)\s*([1-9])", re.IGNORECASE
)
_ORDINAL_HEADING = re.compile("([一二三四五六])[级級](?:标题|標題)")
_TITLE = ("title", "标题", "標題", "文档标题", "文件标题", "公文标题")
_CONTENTS = re.compile(r"(?:toc|目录|目錄)\s*[1-9]|toc heading", re.IGNORECASE)
_BODY_TEXT = 9  # the outline level of what is no heading
_DEEPEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style with what it inherits; ``level`` counts from 1, 0 is no heading."""

    level: int = 0
    title: bool = False
    contents: bool = False
    list_id: str | None = None
    list_level: int | None = None


class Styles:
    """The paragraph styles by their ids; ``root`` is that of ``styles.xml``."""

    def __init__(self, root: Element | None) -> None:
        found = [] if root is None else root.findall(w("style"))
        self._elements = {style.get(w("styleId"), ""): style for style in found}
        self._known: dict[str, Style] = {}
        defaults = (style for style in found if style.get(w("type")) == "paragraph" and style.get(w("default")) == "1")
        self._default = next((style.get(w("styleId"), "") for style in defaults), "")

    def of(self, style_id: str | None) -> Style:
        """The style with this id; the default one for ``None``."""
        key = self._default if style_id is None else style_id
        if key not in self._known:
            self._known[key] = self._read(key)
        return self._known[key]

    def list_style(self, style_id: str) -> str | None:
        """The list that a numbering style stands for."""
        return value(self._elements.get(style_id), "pPr", "numPr", "numId")

    def _read(self, style_id: str) -> Style:
        chain = self._chain(style_id)
        names = [(value(style, "name") or "").strip() for style in chain] or [style_id]
        levels = [value(style, "pPr", "outlineLvl") for style in chain]
        stated = next((level for text in levels if (level := number(text)) is not None), None)
        list_ids = (value(style, "pPr", "numPr", "numId") for style in chain)
        list_levels = (number(value(style, "pPr", "numPr", "ilvl")) for style in chain)
        return Style(
            level=_level(names) if stated is None else outline_level(stated),
            title=names[0].lower() in _TITLE,
            contents=bool(_CONTENTS.fullmatch(names[0])),
            list_id=next((each for each in list_ids if each is not None), None),
            list_level=next((each for each in list_levels if each is not None), None),
        )

    def _chain(self, style_id: str) -> list[Element]:
        """The style and those it is based on, itself first."""
        chain: list[Element] = []
        following: str | None = style_id
        while following and len(chain) < _DEEPEST_CHAIN:
            style = self._elements.get(following)
            if style is None:
                break
            chain.append(style)
            following = value(style, "basedOn")
        return chain


def outline_level(stated: int) -> int:
    """Our level of a heading for the file's outline level, which counts from 0."""
    return stated + 1 if 0 <= stated < _BODY_TEXT else 0


def _level(names: list[str]) -> int:
    for name in names:
        heading = _HEADING.fullmatch(name)
        if heading:
            return int(heading[1])
        ordinal = _ORDINAL_HEADING.search(name)
        if ordinal:
            return "一二三四五六".index(ordinal[1]) + 1
    return 0
