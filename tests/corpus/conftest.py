from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from rag.corpus.document import ReadLimits, read_document
from rag.corpus.sidecar import read_sidecar
from rag.schema import Chunk, Document, Section

SEEDS = Path(__file__).parent.parent.parent / "seeds"


@pytest.fixture(scope="session")
def seed() -> Callable[[str], Document]:
    """The seed whose file name begins with the given words, read with its sidecar entry."""
    entries = read_sidecar(SEEDS)
    read = {
        path.name: read_document(path, source=path.name, limits=ReadLimits(), overrides=entries[path.name])
        for path in sorted(SEEDS.glob("*.txt"))
    }

    def find(prefix: str) -> Document:
        [document] = [document for name, document in read.items() if name.startswith(prefix)]
        return document

    return find


@pytest.fixture(scope="session")
def check() -> Callable[[Document], None]:
    """Fails unless the document keeps every promise that holds for any text."""
    return _check


def _check(document: Document) -> None:
    _check_coverage(document)
    _check_sections(document)
    assert [chunk.ordinal for chunk in document.chunks] == list(range(len(document.chunks)))
    assert len({chunk.chunk_id for chunk in document.chunks}) == len(document.chunks)
    assert document.chunks
    for chunk in document.chunks:
        _check_chunk(document, chunk)


def _check_coverage(document: Document) -> None:
    """Every character is in exactly one chunk or furniture span, and a chunk's text is where it says it is."""
    owners = [0] * len(document.text)
    for chunk in document.chunks:
        offsets = [chunk.locate(position) for position in range(len(chunk.text))]
        assert "".join(document.text[offset] for offset in offsets) == chunk.text
        assert (offsets[0], offsets[-1] + 1) == (chunk.start, chunk.end)
        for offset in offsets:
            owners[offset] += 1
    for span in document.furniture:
        assert span.start < span.end
        for offset in range(span.start, span.end):
            owners[offset] += 1
    wrong = [(offset, document.text[offset], count) for offset, count in enumerate(owners) if count != 1]
    assert wrong == []


def _check_sections(document: Document) -> None:
    for index, section in enumerate(document.sections):
        assert section.index == index
        assert 0 <= section.start < section.end <= len(document.text)
        parent = None if section.parent is None else document.sections[section.parent]
        assert section.path == ((*parent.path, section.heading) if parent else (section.heading,))
        assert section.level == (parent.level + 1 if parent else 1)
        assert parent is None or _holds(parent, section)
    for before, after in pairwise(document.sections):
        assert before.start <= after.start
        assert before.end <= after.start or _holds(before, after)


def _holds(outer: Section, inner: Section) -> bool:
    return outer.index < inner.index and outer.start <= inner.start and inner.end <= outer.end


def _check_chunk(document: Document, chunk: Chunk) -> None:
    """A chunk stays in its section; it may begin at the heading of an ancestor that has no text of its own."""
    if chunk.section is None:
        first = document.sections[0].start if document.sections else len(document.text)
        assert chunk.end <= first
        return
    section = document.sections[chunk.section]
    assert chunk.path[: len(section.path)] == section.path
    assert len(chunk.path) <= len(section.path) + 1
    starts = {section.start}
    while section.parent is not None and section.parent == section.index - 1:
        section = document.sections[section.parent]
        starts.add(section.start)
    own = document.sections[chunk.section]
    assert chunk.end <= own.end
    assert chunk.start >= own.start or chunk.start in starts
    children = [other.start for other in document.sections if other.parent == own.index]
    assert chunk.end <= min(children, default=own.end)
