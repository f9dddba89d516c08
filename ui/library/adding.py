"""One uploaded file into the library: a document, or an archive of them, in the place of what has its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.corpus.archive import is_archive
from rag.errors import DocumentError
from rag.schema import DocumentInfo, Failure, IngestReport, Progress, Skipped

if TYPE_CHECKING:
    from rag.chatbot import Chatbot
    from ui.uploads import Taken

What = Literal["added", "updated", "unchanged"]
KINDS = ("added", "updated", "moved", "unchanged", "removed")
"""What can become of the documents of an archive."""


@dataclass(frozen=True, slots=True)
class Left:
    """What did not come into the library, and why: the file of that ``name`` in an archive, or part of the whole."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a file: a document is ``source`` now and has ``chunks``, of an archive the ``counts`` by ``KINDS``.

    ``failed`` are the files of the archive that cannot be read, ``skipped`` is what is none for us.
    """

    what: What
    source: str = ""
    chunks: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[Left, ...] = ()
    skipped: tuple[Left, ...] = ()


class NothingReadError(DocumentError):
    """There is no document in an archive that can be read: those that ``failed``, and what was ``skipped``."""

    def __init__(self, name: str, failed: tuple[Left, ...], skipped: tuple[Left, ...]) -> None:
        super().__init__(f"{name} holds no document that can be read. Nothing was changed.")
        self.failed, self.skipped = failed, skipped


def add(bot: Chatbot, taken: Taken, *, progress: Callable[[Progress], None]) -> Added:
    """Ingest an uploaded file; on failure it is deleted, and the library is as it was.

    Raises:
        DocumentError: the file cannot be read, or nothing in the archive; the message says what to do. And what
            ``Chatbot.replace`` raises.
    """
    with taken.in_place() as path:
        names = _taken_by(bot.documents(), path.name)
        report = bot.replace(path, progress=progress)
        if is_archive(path):
            return _archive(report, path, known=bool(names))
        for failure in report.failed:
            raise DocumentError(failure.reason)
        (source,) = (*report.added, *report.updated, *report.unchanged)
        return Added(_what(report), source, len(bot.document(source).chunks), skipped=_left(report.skipped, path))


def taken_names(documents: Iterable[DocumentInfo]) -> frozenset[str]:
    """The names of files that ``documents`` came from: their own, or those of the archives that they are in."""
    return frozenset(_file_name(each.source) for each in documents)


def _taken_by(documents: Iterable[DocumentInfo], name: str) -> list[str]:
    return [each.source for each in documents if _file_name(each.source) == name]


def _file_name(source: str) -> str:
    first, inside, _ = source.partition("/")
    return first if inside and is_archive(Path(first)) else source


def _archive(report: IngestReport, path: Path, *, known: bool) -> Added:
    counts = {kind: len(found) for kind in KINDS if (found := getattr(report, kind))}
    failed, skipped = _left(report.failed, path), _left(report.skipped, path)
    if counts:
        what: What = "unchanged" if counts.keys() == {"unchanged"} else "updated" if known else "added"
        return Added(what, counts=counts, failed=failed, skipped=skipped)
    for each in failed:
        if not each.name:
            raise DocumentError(each.reason)
    raise NothingReadError(path.name, failed, skipped)


def _what(report: IngestReport) -> What:
    return "added" if report.added else "updated" if report.updated else "unchanged"


def _left(those: Iterable[Failure | Skipped], path: Path) -> tuple[Left, ...]:
    """``those`` by their names in the archive ``path``, which is none of a visitor's business."""
    archives = str(path), str(path.resolve())
    return tuple(Left(_inside(each.path, archives), each.reason) for each in those)


def _inside(path: str, archives: tuple[str, str]) -> str:
    for archive in archives:
        if path.startswith(archive):
            return path[len(archive) :].lstrip("/\\")
    return path
