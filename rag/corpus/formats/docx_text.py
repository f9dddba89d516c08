"""The words of one Word paragraph."""

from __future__ import annotations

from rag.corpus.formats.docx_names import is_on, local, w
from rag.corpus.formats.xml import Element

_SKIPPED = frozenset(
    ("del", "moveFrom", "delText", "instrText", "delInstrText", "pPr", "rPr", "rt", "rubyPr", "annotationRef", "tblPr")
)
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# What forms tick: characters of Wingdings and Wingdings 2.
_SYMBOLS = {
    "F0FE": "☑",
    "F052": "☑",
    "F0FD": "☒",
    "F054": "☒",
    "F0A8": "□",
    "F06F": "□",
    "F0A3": "□",
    "F030": "□",
    "F0FC": "✓",
}


def paragraph_text(paragraph: Element) -> tuple[str, list[Element], list[tuple[str, str]]]:
    """Its text, the text boxes anchored in it, and the notes it refers to as ``(kind, id)``."""
    pieces: list[str] = []
    boxes: list[Element] = []
    notes: list[tuple[str, str]] = []
    waiting = [iter(paragraph)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
            continue
        kind = local(child)
        if kind in _SKIPPED or (kind == "r" and is_on(child.find(w("rPr")), "vanish")):
            continue
        if kind == "t":
            pieces.append(child.text or "")
        elif kind in _SIGNS:
            pieces.append(_SIGNS[kind])
        elif kind == "sym":
            pieces.append(_SYMBOLS.get(child.get(w("char"), "").upper(), ""))
        elif kind in ("footnoteReference", "endnoteReference"):
            notes.append((kind.removesuffix("Reference"), child.get(w("id"), "")))
        elif kind == "txbxContent":
            boxes.append(child)
        elif kind == "AlternateContent":
            waiting.append(iter(_chosen(child)))
        else:
            waiting.append(iter(child))
    return "".join(pieces), boxes, notes


def _chosen(alternatives: Element) -> list[Element]:
    """One of several ways in which the same is said: the first that holds text."""
    for choice in alternatives:
        if any(local(each) in ("t", "txbxContent") for each in choice.iter()):
            return [choice]
    return []
