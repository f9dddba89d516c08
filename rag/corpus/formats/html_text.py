"""What of a page's characters is seen: white space as browsers collapse it, hidden elements left out."""

from __future__ import annotations

import re

from rag.corpus.formats.xml import Element, etree

SKIPPED = frozenset(
    re.findall(
        r"\w+",
        """script style noscript template svg iframe object embed applet head title meta link audio video canvas
        select option datalist button input textarea map noframes""",
    )
)
"""Elements whose content is not text of the page."""
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|$)|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—"
_BROKEN_LINE = re.compile(f"(?<=[{_WIDE}])[ \t]*[\r\n][ \t\r\n\f]*(?=[{_WIDE}])")
_SPACE = re.compile("[ \t\r\n\f]+")


def is_hidden(element: Element) -> bool:
    """Whether the element says of itself that it is not shown."""
    if element.get("hidden") is not None or element.get("type") == "hidden":
        return True
    style = element.get("style")
    return bool(style) and bool(_HIDDEN.search(style))


def gap(text: str) -> str:
    """``text`` with each run of white space as one space; a line broken between Chinese characters is joined."""
    return _SPACE.sub(" ", _BROKEN_LINE.sub("", text))


def visible_text(element: Element) -> str:
    """All visible text below ``element`` in one line, a space where a block or line ends."""
    pieces: list[str] = []
    walk = etree().iterwalk(element, events=("start", "end"))
    for event, each in walk:
        if event == "start":
            if not isinstance(each.tag, str) or each.tag in SKIPPED or is_hidden(each):
                walk.skip_subtree()
                continue
            pieces.append(gap(each.text or ""))
            continue
        if each is not element:
            if each.tag in ("br", "p", "div", "li", "td", "th", "tr", "dd", "dt"):
                pieces.append(" ")
            pieces.append(gap(each.tail or ""))
    return _SPACE.sub(" ", "".join(pieces)).strip()
