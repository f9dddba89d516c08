"""Citations: the exact words of the original behind a piece of a passage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.retrieval.hybrid import Passage
from rag.schema import Chunk, Citation


def cite(passage: Passage, start: int, end: int, *, number: int, text: str) -> Citation:
    """Citation of ``passage.chunk.text[start:end]``; ``text`` is the document's original text."""
    first, last = original_span(passage.chunk, start, end)
    return Citation(
        number=number,
        source=passage.hit.source,
        title=passage.hit.title,
        section=passage.hit.section,
        start=first,
        end=last,
        quote=text[first:last],
    )


def original_span(chunk: Chunk, start: int, end: int) -> tuple[int, int]:
    """The document's span of the words ``chunk.text[start:end]`` (not empty)."""
    return chunk.locate(start), chunk.locate(end - 1) + 1


def markers(numbers: Iterable[int]) -> str:
    """``[1][2]`` for the citation numbers."""
    return "".join(f"[{number}]" for number in numbers)


def join(sentences: Sequence[str], citations: Sequence[Sequence[int]]) -> str:
    """The answer's text: each sentence followed by its markers."""
    return "".join(sentence + markers(numbers) for sentence, numbers in zip(sentences, citations, strict=True))
