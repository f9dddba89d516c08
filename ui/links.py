"""Source names where HTML would lose characters of them: in addresses and attributes."""

from __future__ import annotations

from urllib.parse import quote


def encoded(source: str) -> str:
    """``source`` in ASCII, for ``decodeURIComponent``: also what escaping would leave out comes back."""
    return quote(source, safe="")


def address(source: str) -> str:
    """Where the library shows the document ``source``."""
    return f"#/library/{encoded(source)}"
