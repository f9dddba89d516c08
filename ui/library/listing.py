"""Which documents a list shows and in which order: pure functions, equal in both scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from rag.corpus.script import search_key
from rag.schema import DocumentInfo

COLUMNS = ("title", "issuer", "number", "date", "script", "characters", "chunks", "coverage", "ingested")
"""What a list can be sorted by."""


def found(documents: Sequence[DocumentInfo], words: str) -> list[DocumentInfo]:
    """Those whose title, source, issuer or number have every one of ``words`` in them, in whatever script."""
    wanted = [search_key(word) for word in words.split()]
    return [each for each in documents if all(word in _searched(each) for word in wanted)]


def ordered(documents: Sequence[DocumentInfo], column: str, *, descending: bool) -> list[DocumentInfo]:
    """Sorted by one of ``COLUMNS``; what is not known comes last either way, and equals stay as they were."""
    known = [each for each in documents if _value(each, column) is not None]
    unknown = [each for each in documents if _value(each, column) is None]
    # Of one column all values are of one type.
    values: Callable[[DocumentInfo], Any] = partial(_value, column=column)
    return sorted(known, key=values, reverse=descending) + unknown


def coverage(document: DocumentInfo) -> tuple[float, float]:
    """The shares of the file's characters that can be searched and that were left out, each between 0 and 1."""
    whole = max(1, document.characters)
    text = min(1.0, document.chunk_characters / whole)
    return text, min(1.0 - text, document.furniture_characters / whole)


def dated(document: DocumentInfo) -> str | None:
    """The date on the document, else that of the page it came from."""
    return document.metadata.issued or document.metadata.published


def titled(document: DocumentInfo) -> str:
    """What a list calls the document."""
    return document.metadata.title or document.source


def _value(document: DocumentInfo, column: str) -> str | bytes | float | None:
    metadata = document.metadata
    if column in ("characters", "chunks"):
        return int(getattr(document, column))
    if column == "coverage":
        return round(sum(coverage(document)), 6)
    if column in ("date", "ingested"):
        return dated(document) if column == "date" else document.ingested_at
    if column == "script":
        return None if metadata.script == "unknown" else metadata.script
    text = {"title": titled(document), "issuer": metadata.issuer, "number": metadata.number}[column]
    # In GB 2312, which GB 18030 begins with, the everyday characters stand in the order of their pinyin.
    return _key(text).encode("gb18030", "replace") if text else None


def _searched(document: DocumentInfo) -> str:
    metadata = document.metadata
    return _key("\n".join(filter(None, (metadata.title, document.source, metadata.issuer, metadata.number))))


@lru_cache(maxsize=50_000)  # 35 µs each: too much for thousands of documents at every key stroke
def _key(text: str) -> str:
    return "\n".join(search_key(line) for line in text.split("\n"))
