"""A document taken out of an index and put back as it was, without its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import DocumentError
from rag.index.catalog import Entry
from rag.index.texts import windows
from rag.schema import Document

if TYPE_CHECKING:
    from rag.index.embeddings import Vectors
    from rag.index.store import Index


@dataclass(frozen=True, slots=True)
class Removed:
    """What putting a document back needs besides the document, and the vectors of its windows, by their ids."""

    sha256: str
    entry: Entry
    vectors: Mapping[str, Vectors]


def remembered(index: Index, document: Document, *, vectors: bool = True) -> Removed:
    """What ``index`` knows of ``document`` before it is removed. ``DocumentNotFoundError`` when it is not there."""
    entry = index.catalog.entry(document.source)
    if not vectors:
        return Removed(document.sha256, entry, {})
    ids = [window.window_id for chunk in document.chunks for window in windows(chunk, document.metadata)]
    return Removed(document.sha256, entry, index.vectors.vectors(ids))


def put_back(index: Index, document: Document, removed: Removed | None) -> None:
    """Make ``document`` part of ``index`` again; what is not remembered of it is found out or made anew.

    Raises:
        DocumentError: a document of that source is there.
    """
    states = index.catalog.states()
    if document.source in {state.source for state in states.values()}:
        raise DocumentError(f"{document.source} is in the index already. Remove it first to put another in its place.")
    if removed is None or removed.sha256 != document.sha256:
        removed = Removed(document.sha256, Entry(""), {})
    entry = removed.entry
    if not entry.path or entry.path in states:
        # No such file: an ingest that meets this document's file takes it for one that was moved.
        entry = Entry(str(index.home / "restored" / document.source))
    index.prepare()
    put_in_place(index, document, replace(removed, entry=entry))


def put_in_place(index: Index, document: Document, removed: Removed) -> None:
    """Make ``document`` part of ``index`` as it is ``removed``, in the place of what has its source or path now."""
    _search(index, document, removed.vectors)
    entry = removed.entry
    index.drop(index.catalog.put(document, path=entry.path, overrides=entry.overrides, ingested_at=entry.ingested_at))


def _search(index: Index, document: Document, vectors: Mapping[str, Vectors]) -> None:
    """Make the chunks of ``document`` findable, embedding only what is not among ``vectors``."""
    from rag.index.writer import Writer

    there = index.catalog.known(chunk.chunk_id for chunk in document.chunks)
    new = [chunk for chunk in document.chunks if chunk.chunk_id not in there]
    found = [window for chunk in new for window in windows(chunk, document.metadata)]
    known = [vectors[window.window_id] for window in found if window.window_id in vectors]
    complete = bool(found) and len(known) == len(found)
    if complete:
        index.vectors.add(found, np.stack(known))
    material = [(chunk, document.metadata) for chunk in new]
    Writer(index, lambda _: None).add(material, vectors=not complete)
