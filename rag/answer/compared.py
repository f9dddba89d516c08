"""A sentence beside a passage, and what in the passage speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag.answer.alignment import Alignment, Run
from rag.answer.claims import Claims, Reading, Turn
from rag.answer.source import Source

ProblemKind = Literal[
    "number",
    "date",
    "percentage",
    "money",
    "place",
    "unit",
    "negation",
    "obligation",
    "quotation",
    "order",
    "name",
    "words",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """What contradicts a sentence: what it claims, and what the passage has in its place (empty: nothing).

    What is not ``sure`` may be but another way of saying the same: reason enough not to rely on the sentence.
    """

    kind: ProblemKind
    claimed: str
    found: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Compared:
    """A sentence beside a passage: ``text`` and ``frame`` are search keys."""

    claims: Claims
    source: Source
    alignment: Alignment
    text: str
    frame: str

    @property
    def around(self) -> str:
        """Everything that says what the passage is about."""
        return f"{self.frame}\n{self.text}"

    def sentence_of(self, turn: Turn) -> int:
        """The sentence of the passage that a turn of it stands in."""
        sentences = self.source.sentence
        return sentences[min(turn.at, len(sentences) - 1)]


def words_of(reading: Reading, run: Run) -> str:
    """The words of a run."""
    return "".join(token.text for token in reading.tokens[run.at : run.at + run.length])
