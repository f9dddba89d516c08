"""Do the three stores agree? And if not: everything but the catalogue anew, from the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

from rag.errors import IndexMismatchError, StorageError
from rag.index import manifest as manifests
from rag.index.writer import FLUSH_CHUNKS, Report, Writer
from rag.schema import Document, VerifyReport

if TYPE_CHECKING:
    from rag.index.lexical import LexicalIndex
    from rag.index.store import Index
    from rag.index.vectors import VectorIndex


def verify(index: Index) -> VerifyReport:
    """Compare manifest and ids of ``index``; changes nothing."""
    known = index.catalog.chunk_ids()
    problems = []
    for name, store in (("vector index", index.vectors), ("lexical index", index.lexical)):
        try:
            problems += _differences(name, known, store.ids())
        except StorageError as error:
            problems.append(str(error))
    if known and (mismatch := _mismatch(index)):
        problems.append(mismatch)
    return VerifyReport(len(index.catalog.states()), len(known), tuple(problems))


def repair(index: Index, *, rechunk: Callable[[Document], Document], progress: Report | None = None) -> VerifyReport:
    """Rebuild from the catalogue what ``verify`` finds wrong; the report names what was wrong.

    With another model, chunker or format all texts are chunked by ``rechunk`` and embedded again.
    """
    with index.writing(sweep=False):
        before = verify(index)
        if not before.problems:
            return before
        if _mismatch(index):
            _rechunk_all(index, rechunk)
        known = index.catalog.chunk_ids()
        writer = Writer(index, progress or (lambda _: None))
        missing = known - _clean_ids(index.vectors, known)
        writer.expect(len(missing))
        _fill(index, writer, missing, vectors=True)
        _fill(index, writer, known - _clean_ids(index.lexical, known), vectors=False)
        manifests.save(index.manifest, index.manifest_path)
        after = verify(index)
    if after.problems:
        raise StorageError(f"the repair of {index.home} did not help: {'; '.join(after.problems)} Check the disk.")
    return VerifyReport(after.documents, after.chunks, before.problems, repaired=True)


def _rechunk_all(index: Index, rechunk: Callable[[Document], Document]) -> None:
    # Without a manifest nothing is served, so a rebuild that is cut short is known for what it is.
    index.manifest_path.unlink(missing_ok=True)
    index.vectors.reset()
    index.lexical.reset()
    for path, state in index.catalog.states().items():
        index.catalog.put(rechunk(index.catalog.get(state.source)), path=path, overrides=state.overrides)


def _fill(index: Index, writer: Writer, missing: set[str], *, vectors: bool) -> None:
    waiting = iter(sorted(missing))
    while part := list(islice(waiting, FLUSH_CHUNKS)):
        material = list(index.catalog.hits_material(part).values())
        writer.add(material, vectors=vectors, lexical=not vectors)


def _clean_ids(store: VectorIndex | LexicalIndex, known: set[str]) -> set[str]:
    """The ids in ``store`` once it holds no others; a store that cannot be read starts empty."""
    try:
        found = store.ids()
        store.delete(found - known)
    except StorageError:
        store.reset()
        return set()
    return found & known


def _differences(name: str, known: set[str], found: set[str]) -> list[str]:
    problems = []
    if missing := len(known - found):
        problems.append(f"the {name} lacks {missing} of {len(known)} chunks.")
    if unknown := len(found - known):
        problems.append(f"the {name} holds {unknown} unknown chunks.")
    return problems


def _mismatch(index: Index) -> str | None:
    try:
        manifests.check(manifests.load(index.manifest_path), index.manifest)
    except (IndexMismatchError, StorageError) as error:
        return str(error)
    return None
