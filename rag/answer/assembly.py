"""What a model is shown: passages numbered, ordered as in the documents, within a budget of tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rag.answer.citations import Extract
from rag.answer.inert import without_hidden
from rag.answer.prepared import Evidence
from rag.answer.provenance import named
from rag.corpus.script import search_key
from rag.retrieval.hybrid import Passage

_GRAM = 4
_SAME = 0.8  # share of the 4-grams of both that both have
# What could pass for one of our numbers, or for the end of the passage and a turn of another speaker.
_NUMBER = re.compile(r"[\[［【]\s*\^?(\d{1,3})\s*[\]］】]")
_CONTROL = re.compile(r"<(?=[^\s\d=])")


@dataclass(frozen=True, slots=True)
class Block:
    """A numbered passage: neighbouring chunks of one section, joined; ``text`` is what may support a sentence."""

    number: int
    passages: tuple[Passage, ...]

    @property
    def text(self) -> str:
        """The words of its chunks, a line break between two."""
        return "\n".join(passage.chunk.text for passage in self.passages)

    @property
    def evidence(self) -> Evidence:
        """What the support check is given."""
        first = self.passages[0]
        return Evidence(self.text, first.hit.title, first.hit.section, first.metadata.region, first.hit.issued)

    def extract(self, start: int, end: int) -> Extract:
        """The words ``text[start:end]`` (not empty) as they stand in the document."""
        first, start_there = self._place(start)
        last, end_there = self._place(end - 1)
        begin, stop = first.chunk.locate(start_there), last.chunk.locate(end_there) + 1
        return Extract(first.hit, begin, stop, self.text[start:end], first.chunk.page_at(begin))

    def _place(self, position: int) -> tuple[Passage, int]:
        """The chunk that holds the character ``position`` of ``text``, and where; a break is the end of the first."""
        lengths = [len(passage.chunk.text) + 1 for passage in self.passages]
        for passage, stop, length in zip(self.passages, accumulate(lengths), lengths, strict=True):
            if position < stop:
                return passage, min(position - (stop - length), length - 2)
        raise IndexError(f"position {position} is beyond the passage")


@dataclass(frozen=True, slots=True)
class Context:
    """The numbered passages, and the ids of the chunks that were found and are not among them."""

    blocks: tuple[Block, ...]
    left_out: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The passages as the model reads them."""
        return "\n\n".join(map(shown, self.blocks))


def assemble(passages: Sequence[Passage], *, budget: int, count: Callable[[str], int]) -> Context:
    """The best of ``passages`` (given best first) that fit into ``budget`` tokens as ``count`` counts them.

    Documents come in the order of their best passage, passages in the order of the document, neighbours of one section
    as one; what says nearly the same as a better passage is left out.
    """
    kept: list[Passage] = []
    said: list[frozenset[str]] = []
    left_out: list[str] = []
    room = budget
    for passage in passages:
        grams = _grams(passage.chunk.text)
        cost = 0 if any(_same(grams, other) for other in said) else count(shown(Block(len(passages), (passage,)))) + 1
        if 0 < cost <= room:
            room -= cost
            kept.append(passage)
            said.append(grams)
        else:
            left_out.append(passage.hit.chunk_id)
    return Context(tuple(_numbered(kept)), tuple(left_out))


def shown(block: Block) -> str:
    """A passage with its number, title › section and date, as the model reads it."""
    hit = block.passages[0].hit
    date = f"（{hit.issued}）" if hit.issued else ""
    return f"[{block.number}] {as_data(' '.join(named(hit).split()))}{date}\n{as_data(block.text)}"


def as_data(text: str) -> str:
    """Words of others with nothing hidden in them, and no number or tag that could pass for one of a prompt's."""
    return _CONTROL.sub("＜", _NUMBER.sub(r"〔\1〕", without_hidden(text)))


def _numbered(passages: Iterable[Passage]) -> Iterable[Block]:
    order = {source: place for place, source in enumerate(dict.fromkeys(each.chunk.source for each in passages))}
    ordered = sorted(passages, key=lambda each: (order[each.chunk.source], each.chunk.ordinal))
    groups: list[list[Passage]] = []
    for passage in ordered:
        if groups and _follows(groups[-1][-1], passage):
            groups[-1].append(passage)
        else:
            groups.append([passage])
    return (Block(number, tuple(group)) for number, group in enumerate(groups, start=1))


def _follows(one: Passage, other: Passage) -> bool:
    same = (one.chunk.source, one.chunk.path) == (other.chunk.source, other.chunk.path)
    return same and other.chunk.ordinal == one.chunk.ordinal + 1


def _grams(text: str) -> frozenset[str]:
    key = search_key(text)
    return frozenset(key[start : start + _GRAM] for start in range(len(key) - _GRAM + 1))


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts are near-duplicates (Jaccard index of their 4-grams)."""
    return len(one & other) >= _SAME * len(one | other) > 0
