"""Plain text."""

from __future__ import annotations

from rag.corpus.loading import LoadedText, decode


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """``data`` as text; see ``decode``."""
    return decode(data, name=name, encoding=encoding)
