"""A file or an archive put in the place of the documents of its name; if that fails, they are as they were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rag.corpus.archive import is_archive
from rag.index.removal import Removed, put_in_place, remembered
from rag.schema import Document, IngestReport

if TYPE_CHECKING:
    from rag.index.catalog import State
    from rag.index.ingest import Ingestor
    from rag.index.store import Index
    from rag.index.writer import Report

_WITH_VECTORS = 200  # documents of which they are kept as well: up to a few MB each


def replace(index: Index, ingestor: Ingestor, path: Path, *, progress: Report | None = None) -> IngestReport:
    """Ingest ``path`` as the file of the documents that bear its name, wherever their own files are.

    After an error, and when nothing in it can be read, the index is as it was before.

    Raises:
        What ``Ingestor.run`` raises.
    """
    before = _Before(index, path)
    try:
        before.take_over()
        report = ingestor.run([path], progress=progress, keep=before.keep)
    except BaseException:
        before.bring_back()
        raise
    if not (report.added or report.updated or report.unchanged or report.moved):
        before.bring_back()
    return report


class _Before:
    """What an index held before ``path`` was ingested, as far as that has changed it."""

    def __init__(self, index: Index, path: Path) -> None:
        self._index = index
        self._name = path.name
        self._real = path.resolve()
        self._paths: dict[str, str] = {}
        self._kept: dict[str, tuple[Document, Removed]] = {}
        self._begun = False

    def take_over(self) -> None:
        """Have the documents of that name belong to the file, so that an ingest of it compares it with them."""
        with self._index.writing():
            states = self._index.catalog.states()
            self._paths = {state.source: path for path, state in states.items()}
            self._begun = True
            theirs = {source: self._place(source) for source in self._paths if self._is_named(source)}
            self._index.catalog.move_all({source: to for source, to in theirs.items() if to not in states})

    def keep(self, source: str) -> None:
        """The document ``source`` is about to go."""
        if source not in self._kept:
            document = self._index.catalog.get(source)
            removed = remembered(self._index, document, vectors=len(self._kept) < _WITH_VECTORS)
            self._kept[source] = document, removed

    def bring_back(self) -> None:
        """Undo what was done since."""
        if not self._begun:
            return
        catalog = self._index.catalog
        with self._index.writing():
            states = {state.source: state for state in catalog.states().values()}
            for source, (document, removed) in self._kept.items():
                if not _is(states.get(source), removed):
                    put_in_place(self._index, document, removed)
            now = {state.source: path for path, state in catalog.states().items()}
            for source in [each for each, path in now.items() if each not in self._paths and self._is_ours(path)]:
                self._index.drop(catalog.remove(source))
            catalog.move_all({each: self._paths[each] for each, path in now.items() if self._has_moved(each, path)})

    def _is_named(self, source: str) -> bool:
        return source == self._name or (is_archive(self._real) and source.startswith(f"{self._name}/"))

    def _place(self, source: str) -> str:
        return str(self._real / source[len(self._name) + 1 :])

    def _is_ours(self, path: str) -> bool:
        return Path(path).is_relative_to(self._real)

    def _has_moved(self, source: str, path: str) -> bool:
        return source in self._paths and self._paths[source] != path and self._is_ours(path)


def _is(state: State | None, removed: Removed) -> bool:
    return state is not None and (state.sha256, state.overrides) == (removed.sha256, removed.entry.overrides)
