"""Extracts and citations: the exact words of the original behind a piece of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.corpus.damage import looks_damaged
from rag.corpus.sentences import CELL_BREAK
from rag.retrieval.hybrid import Passage
from rag.schema import Citation, Hit, Sentence

_ITEM = re.compile(
    r"[(（][一二三四五六七八九十\d]{0,3}[)）]|[一二三四五六七八九十]{1,3}、|\d{1,2} ?[.．、](?!\d)|——|[①-⑳]"
    r"|第.{1,4}[条條章]"
)


@dataclass(frozen=True, slots=True)
class Extract:
    """Words of a document: ``text`` as read (without furniture), ``start:end`` in the original, from ``page`` on."""

    hit: Hit
    start: int
    end: int
    text: str
    page: int | None = None


def extract(passage: Passage, start: int, end: int) -> Extract:
    """The words ``passage.chunk.text[start:end]`` (not empty)."""
    chunk = passage.chunk
    first = chunk.locate(start)
    return Extract(passage.hit, first, chunk.locate(end - 1) + 1, chunk.text[start:end], chunk.page_at(first))


def cite(words: Extract, *, number: int, original: str) -> Citation:
    """The citation of ``words``; ``original`` is the original text of their document."""
    hit = words.hit
    quote = original[words.start : words.end]
    return Citation(
        number,
        hit.source,
        hit.title,
        hit.section,
        words.start,
        words.end,
        quote,
        damaged=looks_damaged(quote),
        page=words.page,
    )


def markers(numbers: Iterable[int]) -> str:
    """``[1][2]`` for the citation numbers."""
    return "".join(f"[{number}]" for number in numbers)


def pieces(sentences: Sequence[Sentence]) -> list[str]:
    """The answer's text, a piece for each sentence with its markers; items of lists and rows of tables begin a line."""
    return [
        (separator(sentence.text) if number else "") + sentence.text + markers(sentence.citations)
        for number, sentence in enumerate(sentences)
    ]


def separator(text: str) -> str:
    """What stands before a sentence that follows another: a line break before an item of a list or a row of a table.

    A bracket right after a marker would make a link of both.
    """
    return "\n" if CELL_BREAK in text or _ITEM.match(text) else " " if text.startswith("(") else ""
