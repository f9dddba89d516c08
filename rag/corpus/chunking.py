"""Chunks along the outline: about ``target`` characters, never across sections, cut where the text itself pauses.

Cutting is a shortest path over the pauses (paragraph, list item, sentence, clause), so that chunks come out even
instead of full ones followed by a stump. A heading without text of its own leads the first chunk below it. A list item
keeps the sentence that introduces it: in the same chunk while the list is short, as the last step of its path after;
and so do the rows of a Markdown table their header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import pairwise

from rag.corpus.clean import CleanText
from rag.corpus.outline import Node
from rag.corpus.sentences import clause_spans, sentence_spans
from rag.schema import Chunk

CHUNKER_VERSION = 2
"""Raised whenever the same text would give other chunks, so that an older index is refused."""

_ITEM = re.compile(
    r"[(（][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|\d{1,2}[.．、](?!\d)|[①-⑳]|——|[•·●]|[一二三四五六七八九十]是|其[一二三四五六七八九十][,，是]"
)
_OPENS_LIST = re.compile(rf"[：:](?=$|\s?(?:{_ITEM.pattern}))")
_BELOW_HEADER = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*$")  # of a Markdown table
_PENALTY = {"paragraph": 0.0, "item": 0.05, "sentence": 0.1, "clause": 0.6}
_LONGEST = 2.0  # a chunk may reach this multiple of the target before a sentence is cut at its clauses
_MOST_UNITS = 48  # in a chunk; only tables with a cell on each line have sentences so short
_INTRODUCTION = 60


@dataclass(frozen=True, slots=True)
class _Block:
    """The own text of one section (or of the text before the first), with the headings that lead into it."""

    node: int | None
    start: int
    end: int


def make_chunks(
    clean: CleanText, nodes: Sequence[Node], *, source: str, target: int, title: str | None = None
) -> tuple[Chunk, ...]:
    """Chunks of ``clean`` in reading order; together they hold every character but the white space between them.

    ``source`` and ``title`` are those of the document; they go into the ids.
    """
    paths = section_paths(nodes)
    chunks: list[Chunk] = []
    for block in _blocks(clean.text, nodes):
        path = () if block.node is None else paths[block.node]
        for start, end, introduction in _cut(clean.text, block, target):
            first, last = clean.original_span(start, end)
            chunk = Chunk(
                chunk_id="",
                source=source,
                ordinal=len(chunks),
                section=block.node,
                path=(*path, introduction) if introduction else path,
                text=clean.text[start:end],
                start=first,
                end=last,
                gaps=clean.gaps(first, last),
            )
            chunks.append(replace(chunk, chunk_id=chunk_id(source, chunk, title)))
    return tuple(chunks)


def body_start(chunk: Chunk) -> int:
    """Where the text of ``chunk`` goes on after the headings it begins with."""
    position = 0
    for heading in chunk.path:
        if heading and chunk.text.startswith(heading, position):
            position += len(heading)
            position += len(chunk.text[position:]) - len(chunk.text[position:].lstrip(" \u3000\n。；;：:"))
    return position if position < len(chunk.text) else 0


def section_paths(nodes: Sequence[Node]) -> list[tuple[str, ...]]:
    """Headings from the outermost down to each node."""
    paths: list[tuple[str, ...]] = []
    for node in nodes:
        above = paths[node.parent] if node.parent is not None else ()
        paths.append((*above, node.heading))
    return paths


def chunk_id(source: str, chunk: Chunk, title: str | None) -> str:
    """The id that ``chunk`` has in a document called ``source``: a digest of all that is searched of it.

    What an index holds under an id never changes, so that a document is replaced without a moment in which its old
    chunks are found by new words.
    """
    material = "\0".join((source, str(chunk.start), title or "", *chunk.path, chunk.text))
    return blake2b(material.encode(), digest_size=12).hexdigest()


def _blocks(text: str, nodes: Sequence[Node]) -> Iterator[_Block]:
    """Own texts in order; a heading with nothing of its own is carried into its first sub-section."""
    first = nodes[0].start if nodes else len(text)
    if text[:first].strip():
        yield _Block(None, 0, first)
    lead: int | None = None
    for index, node in enumerate(nodes):
        own_end = nodes[index + 1].start if index + 1 < len(nodes) else len(text)
        start = node.start if lead is None else lead
        has_children = index + 1 < len(nodes) and nodes[index + 1].parent == index
        if has_children and not text[node.body : own_end].strip():
            lead = start
            continue
        lead = None
        if text[start:own_end].strip():
            yield _Block(index, start, own_end)


def _cut(text: str, block: _Block, target: int) -> Iterator[tuple[int, int, str]]:
    """Chunk spans of a block, each with the sentence that introduces the list it goes on with (or an empty string)."""
    units = list(_units(text, block, target))
    introductions = _introductions(text, units)
    for number, (first, last) in enumerate(_shortest_path(units, target)):
        yield units[first][0], units[last][1], introductions[first] if number else ""


def _units(text: str, block: _Block, target: int) -> Iterator[tuple[int, int, str]]:
    """Sentences (clauses of overlong ones) as ``(start, end, pause before)``."""
    previous = block.start
    for start, end in sentence_spans(text, block.start, block.end):
        pause = "paragraph" if "\n" in text[previous:start] else "sentence"
        if _ITEM.match(text, start):
            pause = "item"
        previous = end
        if end - start <= _LONGEST * target:
            yield start, end, pause
            continue
        for clause_start, clause_end in _bounded(clause_spans(text, start, end), int(_LONGEST * target)):
            yield clause_start, clause_end, pause
            pause = "clause"


def _bounded(spans: Iterator[tuple[int, int]], longest: int) -> Iterator[tuple[int, int]]:
    for start, end in spans:
        for cut in range(start, end, longest):
            yield cut, min(cut + longest, end)


def _shortest_path(units: Sequence[tuple[int, int, str]], target: int) -> Iterator[tuple[int, int]]:
    """Runs of units with the least total cost: squared distance from the target, plus the kind of each cut."""
    count, longest = len(units), _LONGEST * target
    best = 0.0  # cost of everything before the next unit
    opened: list[tuple[int, float]] = []  # where a chunk that opens at a unit starts, and the cost up to there
    back = [0] * (count + 1)
    for last, (start, end, pause) in enumerate(units):
        opened.append((start, best + _PENALTY[pause]))
        best = float("inf")
        for first in range(last, max(-1, last - _MOST_UNITS), -1):
            start, cost = opened[first]
            length = end - start
            if length > longest and first < last:
                break
            cost += (length / target - 1) ** 2
            if cost < best:
                best, back[last + 1] = cost, first
    cuts = [count]
    while cuts[-1]:
        cuts.append(back[cuts[-1]])
    for first, following in pairwise(reversed(cuts)):
        yield first, following - 1


def _last_clauses(sentence: str) -> str:
    """The end of a long sentence, from the beginning of a clause."""
    tail = sentence[-_INTRODUCTION:]
    comma = max(tail.find("，", 0, -1), tail.find(",", 0, -1)) if len(sentence) > _INTRODUCTION else -1
    return tail[comma + 1 :]


def _introductions(text: str, units: Sequence[tuple[int, int, str]]) -> list[str]:
    """For each unit that is a list item, the words up to the colon that introduce its list; for a row, its header."""
    introductions = []
    current = header = above = ""
    for start, end, pause in units:
        if _BELOW_HEADER.match(text, start, end):
            header = above
        elif not text.startswith("|", start):
            header = ""
        above = text[start:end]
        introductions.append(current if pause == "item" else header)
        opening = _OPENS_LIST.search(text, start, end)
        if opening:
            current = _last_clauses(text[start : opening.end()])
        elif pause == "paragraph":
            current = ""
    return introductions
