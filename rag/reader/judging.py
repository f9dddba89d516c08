"""What a reader makes of questions kept from its training: the marks of questions and of pairs, and their means."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag.reader import data, scoring
from rag.reader.encoding import Passage

_ELSEWHERE = {"nearby": "elsewhere"}  # another part of the same paragraph is another passage


class Mark(NamedTuple):
    """One value: exact match or F1 (0 to 1) of a question, or the logit that a passage answers.

    ``about`` is the article or the passage, within which questions are alike. ``kind`` is ``em``, ``f1``, ``answer``
    for a passage that answers, or the kind of passage that does not.
    """

    file: str
    about: str
    kind: str
    value: float


# For pairs of a question and a passage the logit that the passage answers, and the best span of its text.
Read = Callable[[Sequence[tuple[str, Passage]]], list[tuple[float, tuple[int, int]]]]


class Judge:
    """Marks what ``read`` makes of questions."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def answers(self, file: str, asked: Sequence[data.Asked]) -> list[Mark]:
        """Exact match and F1 of each question, read in its whole paragraph."""
        marks = []
        for each in asked:
            given = self._answer(each)
            marks.append(Mark(file, each.title, "em", scoring.exact(given, each.answers)))
            marks.append(Mark(file, each.title, "f1", scoring.f1(given, each.answers)))
        return marks

    def pairs(self, file: str, pairs: Sequence[tuple[data.Asked, data.Example]]) -> list[Mark]:
        """How surely each passage is said to answer."""
        read = self._read([(example.question, example.passage) for _, example in pairs])
        return [
            Mark(file, asked.title, _ELSEWHERE.get(example.kind, example.kind), logit)
            for (asked, example), (logit, _) in zip(pairs, read, strict=True)
        ]

    def written(self, file: str, examples: Sequence[data.Example]) -> list[Mark]:
        """The same of the questions among ``examples``, of which the passage answers some and some nearly."""
        asked = [each for each in examples if each.holds is None]
        read = self._read([(each.question, each.passage) for each in asked])
        return [
            Mark(file, each.passage.text, "answer" if each.span else "written", logit)
            for each, (logit, _) in zip(asked, read, strict=True)
        ]

    def _answer(self, asked: data.Asked) -> str:
        """The best span of the piece of the paragraph that answers best."""
        pieces = data.pieces([asked])
        read = self._read([(asked.question, piece) for piece in pieces])
        (_, span), piece = max(zip(read, pieces, strict=True), key=lambda each: each[0][0])
        return piece.text[slice(*span)]


def summary(marks: Sequence[Mark]) -> dict[str, float]:
    """By file the means of ``em`` and ``f1``, and the ``auc`` of passages that answer over all others and each kind."""
    result: dict[str, float] = {}
    for file in dict.fromkeys(mark.file for mark in marks):
        values: dict[str, list[float]] = {}
        for mark in marks:
            if mark.file == file:
                values.setdefault(mark.kind, []).append(mark.value)
        result |= {f"{file}.{kind}": float(np.mean(values.pop(kind))) for kind in ("em", "f1") if kind in values}
        right = values.pop("answer", [])
        if right and values:
            result[f"{file}.auc"] = scoring.auc(right, list(chain.from_iterable(values.values())))
            result |= {f"{file}.auc.{kind}": scoring.auc(right, wrong) for kind, wrong in values.items()}
    return result


def write_marks(marks: Sequence[Mark], file: Path) -> None:
    """A line of JSON a mark."""
    file.write_text("".join(json.dumps(mark, ensure_ascii=False) + "\n" for mark in marks), "utf-8")


def read_marks(file: Path) -> list[Mark]:
    """What ``write_marks`` wrote."""
    return [Mark(*json.loads(line)) for line in file.read_text("utf-8").splitlines()]
