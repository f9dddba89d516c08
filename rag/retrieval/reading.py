"""Ordering by the reader: the first passages are read with the question, and what it finds joins the score they had."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING

from rag.corpus.script import HAN
from rag.reader.encoding import Passage as Read
from rag.retrieval.logistic import probability
from rag.retrieval.rerank import BEFORE

if TYPE_CHECKING:
    from rag.reader.reader import Reader, Reading
    from rag.retrieval.hybrid import Passage
    from rag.schema import Hit

ARM = "reader"
INTERCEPT = 0.3
COEFFICIENTS: Mapping[str, float] = {"before": 0.8, "answers": 0.4}
"""Logistic regression of "the chunk holds the evidence" on both logits (``python -m evals.weigh`` fits them), what was
known before weighing somewhat more than fitted on encyclopaedias: the reader is surer of policy text than right."""
_LEAST = 1e-6
_CHINESE = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class ReaderOrdering:
    """The ``reader`` that orders, and how many ``passages`` it reads."""

    reader: Reader
    passages: int

    def reorder(self, question: str, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """``passages``, the first of them read, and ordered by what they scored and what was read, best first.

        These have the new probability in ``Hit.score``, the reader's logit in ``Hit.scores["reader"]`` and what they
        scored before in ``Hit.scores["fused"]``. What the question points at stays in front, and the rest behind. A
        question without Chinese characters changes nothing: the reader was trained on Chinese questions.
        """
        if not _CHINESE.search(question):
            return tuple(passages)
        best, rest = passages[: self.passages], passages[self.passages :]
        readings = self.reader.read(question, [as_read(passage.hit) for passage in best])
        read = [_with(passage, reading) for passage, reading in zip(best, readings, strict=True)]
        pointed = [passage for passage in read if "reference" in passage.hit.scores]
        others = [passage for passage in read if "reference" not in passage.hit.scores]
        others.sort(key=lambda passage: -passage.hit.score)
        least = others[-1].hit.score if others else 1.0
        behind = [replace(each, hit=replace(each.hit, score=min(each.hit.score, least))) for each in rest]
        return (*pointed, *others, *behind)


def as_read(hit: Hit) -> Read:
    """What the reader reads of ``hit``: a body alone may say only 本市."""
    return Read(hit.text, " › ".join(part for part in (hit.title, hit.section) if part))


def features(score: float, answers: float) -> dict[str, float]:
    """What the probability is made of: the logits of the fused ``score`` and of the reader."""
    bounded = min(max(score, _LEAST), 1 - _LEAST)
    return {"before": log(bounded / (1 - bounded)), "answers": answers}


def joined(score: float, answers: float) -> float:
    """The probability (0 to 1) that a passage of fused ``score`` and reader's logit ``answers`` holds what is asked."""
    values = features(score, answers)
    return probability(values, COEFFICIENTS, INTERCEPT)


def _with(passage: Passage, reading: Reading) -> Passage:
    hit = passage.hit
    scores = {**hit.scores, BEFORE: hit.score, ARM: reading.answers}
    return replace(passage, hit=replace(hit, score=joined(hit.score, reading.answers), scores=scores), reading=reading)
