"""One uploaded file into the library: added, or put in the place of the document of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.errors import DocumentError
from rag.schema import Document, Progress

if TYPE_CHECKING:
    from rag.chatbot import Chatbot


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a file: what it is in the library now, and its number of chunks."""

    what: Literal["added", "updated", "unchanged"]
    source: str
    chunks: int


def add(bot: Chatbot, path: Path, *, progress: Callable[[Progress], None]) -> Added:
    """Ingest the uploaded file ``path``; on failure it is deleted and the library is as it was.

    Raises:
        DocumentError: the file cannot be read; the message says what to do. And what ``Chatbot.ingest`` raises.
    """
    older = _of_the_same_name(bot, path)
    if older is not None:
        bot.remove(older.source)
    done = False
    try:
        added = _ingested(bot, path, progress)
        done = True
    finally:
        if not done:
            path.unlink(missing_ok=True)
            if older is not None:
                bot.restore(older)
    return Added("updated", added.source, added.chunks) if older is not None else added


def _of_the_same_name(bot: Chatbot, path: Path) -> Document | None:
    """A document of the same name whose file is elsewhere: ingest would keep both, under different names."""
    for info in bot.documents():
        if info.source == path.name and info.path != str(path.resolve()):
            return bot.document(info.source)
    return None


def _ingested(bot: Chatbot, path: Path, progress: Callable[[Progress], None]) -> Added:
    report = bot.ingest([path], progress=progress)
    for failure in report.failed:
        raise DocumentError(failure.reason)
    (source,) = (*report.added, *report.updated, *report.unchanged)
    chunks = next(info.chunks for info in bot.documents() if info.source == source)
    what: Literal["added", "updated", "unchanged"] = (
        "added" if report.added else "updated" if report.updated else "unchanged"
    )
    return Added(what, source, chunks)
