"""Names of WordprocessingML and the questions asked of its elements everywhere."""

from __future__ import annotations

from rag.corpus.formats.xml import Element

_MAIN = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/"
_NAMESPACES = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/presentationml/main", b"http://schemas.openxmlformats.org/presentationml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
_OFF = ("0", "false", "off")


def transitional(data: bytes) -> bytes:
    """XML of the strict variant of the format with the names of the usual one."""
    if _STRICT in data[:10_000]:
        for strict, usual in _NAMESPACES:
            data = data.replace(strict, usual)
    return data


def w(name: str) -> str:
    """The full name of the element or attribute ``w:name``."""
    return _MAIN + name


def local(element: Element) -> str:
    """The element's name without its namespace; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def value(parent: Element | None, *path: str) -> str | None:
    """``w:val`` of the element below ``parent`` along ``path``; empty if it has none, ``None`` without the element."""
    found = None if parent is None else parent.find("/".join(map(w, path)))
    return None if found is None else found.get(w("val"), "")


def number(text: str | None) -> int | None:
    """A whole number of a sensible size."""
    try:
        found = int(text or "")
    except ValueError:
        return None
    return found if -1_000_000 < found < 1_000_000 else None


def is_on(parent: Element | None, name: str) -> bool:
    """Whether the switch ``w:name`` below ``parent`` is there and not off."""
    found = value(parent, name)
    return found is not None and found not in _OFF
