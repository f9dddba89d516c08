"""Markdown, which is kept as it stands: its headings and comments are told apart when it is cleaned."""

from __future__ import annotations

from dataclasses import replace

from rag.corpus.loading import LoadedText, decode


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """``data`` as text; see ``decode``."""
    return replace(decode(data, name=name, encoding=encoding), markdown=True)
