"""Extracts and citations: the exact words of the original behind a piece of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.retrieval.hybrid import Passage
from rag.schema import Citation, Hit


@dataclass(frozen=True, slots=True)
class Extract:
    """Words of a document: ``text`` as read (without furniture), ``start:end`` in the original text."""

    hit: Hit
    start: int
    end: int
    text: str


def extract(passage: Passage, start: int, end: int) -> Extract:
    """The words ``passage.chunk.text[start:end]`` (not empty)."""
    chunk = passage.chunk
    return Extract(passage.hit, chunk.locate(start), chunk.locate(end - 1) + 1, chunk.text[start:end])


def cite(words: Extract, *, number: int, original: str) -> Citation:
    """The citation of ``words``; ``original`` is the original text of their document."""
    hit = words.hit
    quote = original[words.start : words.end]
    return Citation(number, hit.source, hit.title, hit.section, words.start, words.end, quote)


def markers(numbers: Iterable[int]) -> str:
    """``[1][2]`` for the citation numbers."""
    return "".join(f"[{number}]" for number in numbers)


def join(sentences: Sequence[str], citations: Sequence[Sequence[int]]) -> str:
    """The answer's text: each sentence followed by its markers."""
    return "".join(sentence + markers(numbers) for sentence, numbers in zip(sentences, citations, strict=True))
