"""Passages and candidates made by hand."""

from __future__ import annotations

from rag.answer.evidence import Candidate
from rag.corpus.script import search_key
from rag.retrieval.hybrid import PATH_SEPARATOR, Passage
from rag.schema import Chunk, Hit, Metadata


def passage(
    text: str,
    *,
    path: tuple[str, ...] = (),
    title: str = "某市方案",
    source: str = "a.txt",
    start: int = 0,
    gaps: tuple[tuple[int, int], ...] = (),
    ordinal: int = 0,
    region: str | None = None,
) -> Passage:
    """A passage whose chunk begins at ``start`` and leaves out ``gaps`` of its document."""
    end = start + len(text) + sum(gap_end - gap_start for gap_start, gap_end in gaps)
    chunk = Chunk(f"{source}-{ordinal}", source, ordinal, None, path, text, start, end, gaps)
    hit = Hit(text, 1.0, source, title, PATH_SEPARATOR.join(path), start, end, chunk.chunk_id)
    return Passage(hit, chunk, Metadata(title=title, region=region))


def candidate(
    text: str, *, within: Passage | None = None, framed: float = 0.0, similarity: float = 0.0, rank: int = 0
) -> Candidate:
    """The sentence ``text`` of a passage (by default one that holds nothing else)."""
    where = within or passage(text)
    start = where.chunk.text.index(text)
    return Candidate(
        passage=where,
        rank=rank,
        start=start,
        end=start + len(text),
        key=search_key(text),
        own=framed,
        framed=framed,
        near=framed,
        quoted=0.0,
        holds=False,
        enumerates=False,
        similarity=similarity,
    )
