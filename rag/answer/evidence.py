"""Which sentences of the retrieved passages speak to the question, and how strongly.

A sentence is scored by the share of the question's information (bigrams weighted by rarity) in its own words, by what
its headings and its paragraph add, by its similarity in meaning, and by whether it holds the kind of value asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING

from rag.answer.question import PARTICLES, Question, Value
from rag.corpus.chunking import body_start
from rag.corpus.script import search_key
from rag.corpus.sentences import sentence_spans
from rag.index.embeddings import Vectors, embed_passages
from rag.retrieval.hybrid import Passage

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_SHORTEST = 6
_ENDINGS = frozenset("化性度力")  # of words of any kind
_RUN = re.compile("[,。;:()]|(?<!、)“|”(?!、)")
_COMPARED_CHARS = 160
_HOLDS: Mapping[Value, re.Pattern[str]] = {
    "number": re.compile(r"\d|[一二三四五六七八九十百千万亿两]+[个项名家条万亿元级类种]"),
    "time": re.compile(r"\d+年|\d+月|\d+日|底前|年内|期间|每年|\d+天"),
    "unit": re.compile(r"责任单位|牵头|[由设].{0,12}[局委办部室组]"),
    "name": re.compile(r"[“”\"《》]"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage, ``passage.chunk.text[start:end]``, and what speaks for it (shares are 0 to 1).

    ``own`` is the share of the question's information in the sentence, ``framed`` in it and its title and headings,
    ``near`` in its whole passage; ``quoted`` the share of quoted phrases; ``holds`` whether the value asked for is
    there, ``enumerates`` whether as many things are as a list question asks for, ``members`` whether several things
    that end like the noun asked for are; ``read`` how likely the reader finds it that the answer is here.
    """

    passage: Passage
    rank: int
    start: int
    end: int
    key: str
    own: float
    framed: float
    near: float
    quoted: float
    holds: bool
    enumerates: bool
    members: bool = False
    read: float = 0.0
    similarity: float = 0.0

    @property
    def text(self) -> str:
        """The sentence as it stands in the passage."""
        return self.passage.chunk.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Weighing:
    """The question's terms with their weights, summing to 1 (empty when it has none)."""

    weights: Mapping[str, float]

    @classmethod
    def of(cls, question: Question, rarity: Mapping[str, float]) -> Weighing:
        """Weights from the rarity of each term; a word the corpus lacks weighs as much as the rarest it has."""
        most = max(rarity.values(), default=0.0) or 1.0
        unknown = {term for term in question.terms if not rarity.get(term)}
        accidental = {
            term for i, term in enumerate(question.terms) if term in unknown and _seam(question.terms, i, unknown)
        }
        raw = {term: rarity.get(term) or most for term in question.terms if term not in accidental}
        total = sum(raw.values())
        return cls({term: weight / total for term, weight in raw.items()})

    def share(self, key: str) -> float:
        """How much of the question's information is in a text, given as its search key."""
        return sum(weight for term, weight in self.weights.items() if _occurs(term, key))


def _occurs(term: str, key: str) -> bool:
    """Whether a term is in ``key``; Latin words and numbers only as a whole (2 is not in 2025)."""
    if term not in key:
        return False
    return not term.isascii() or re.search(rf"(?<![a-z0-9.]){re.escape(term)}(?![a-z0-9])", key) is not None


def _seam(terms_: Sequence[str], index: int, unknown: set[str]) -> bool:
    """Whether an unknown pair only joins two words: 「作方」 in 「工作方案」, between two pairs the corpus knows."""
    term = terms_[index]
    if PARTICLES & set(term):
        return True
    before = terms_[index - 1] if index and terms_[index - 1][-1] == term[0] else None
    after = terms_[index + 1] if index + 1 < len(terms_) and terms_[index + 1][0] == term[-1] else None
    neighbours = [neighbour for neighbour in (before, after) if neighbour is not None]
    return len(term) == 2 and bool(neighbours) and not any(neighbour in unknown for neighbour in neighbours)


def find_candidates(question: Question, passages: Sequence[Passage], weighing: Weighing) -> list[Candidate]:
    """Every sentence of ``passages``, by its words alone, in order of passages and of text."""
    found = []
    for rank, passage in enumerate(passages):
        chunk = passage.chunk
        frame = search_key(f"{passage.hit.title} {' '.join(chunk.path)}")
        near = weighing.share(f"{frame}\n{search_key(chunk.text)}")
        for start, end in sentence_spans(chunk.text, body_start(chunk)):
            key = search_key(chunk.text[start:end])
            if len(key) >= _SHORTEST:
                own, framed = weighing.share(key), weighing.share(f"{frame}\n{key}")
                quoted = sum(phrase in key or phrase in frame for phrase in question.quoted) / max(
                    len(question.quoted), 1
                )
                holds = question.value is not None and bool(_HOLDS[question.value].search(key))
                members = question.sought is not None and _members(key, question.sought, question.count)
                enumerates = question.kind == "list" and (members or _enumerates(key, question.count))
                shares = (own, framed, near, quoted)
                read = 0.0 if question.kind == "list" else _read(passage, start, end)  # a list is no span of words
                found.append(Candidate(passage, rank, start, end, key, *shares, holds, enumerates, members, read))
    return found


def _read(passage: Passage, start: int, end: int) -> float:
    """How likely the passage answers, times how much of the reader's words are in ``start:end`` of it."""
    reading = passage.reading
    if reading is None:
        return 0.0
    first, last = reading.span
    shared = max(0, min(end, last) - max(start, first)) / max(last - first, 1)
    return shared / (1 + exp(-reading.answers))


def _enumerates(key: str, count: int | None) -> bool:
    """Whether a run of 「A、B、C」 has as many members as are asked for (three or more, if no number is)."""
    members = [run.count("、") + 1 for run in _RUN.split(key)]
    return count in members if count else max(members) >= 3


def _members(key: str, sought: str, count: int | None) -> bool:
    """Whether two members of a run of 「A、B」, of ``count`` if given, end like what is asked for: 海外版、温商版."""
    ends = (sought, *({sought[0], sought[-1]} - _ENDINGS))
    runs = [run.split("、") for run in _RUN.split(key)]
    return any(sum(each.rstrip("”").endswith(ends) for each in run) > 1 for run in runs if count in (None, len(run)))


def compare_meaning(candidates: Sequence[Candidate], vector: Vectors, embeddings: Embeddings) -> list[Candidate]:
    """``candidates``, each with its cosine similarity to the question's ``vector``."""
    if not candidates:
        return []
    similarities = embed_passages(embeddings, [candidate.key[:_COMPARED_CHARS] for candidate in candidates]) @ vector
    return [replace(c, similarity=float(s)) for c, s in zip(candidates, similarities, strict=True)]
