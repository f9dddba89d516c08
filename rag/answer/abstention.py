"""How likely it is that the corpus answers the question: one calibrated number from what retrieval and words agree on."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from rag.answer.evidence import Candidate
from rag.answer.question import Question
from rag.retrieval.hybrid import Passage

_INTERCEPT = -6.0
_COEFFICIENTS = {"share": 6.0, "similarity": 6.0}


def confidence(question: Question, ranked: Sequence[Candidate], passages: Sequence[Passage]) -> float:
    """Probability (0 to 1) that the best sentence answers ``question``."""
    values = features(question, ranked, passages)
    logit = _INTERCEPT + sum(weight * values[name] for name, weight in _COEFFICIENTS.items())
    return 1 / (1 + exp(-logit))


def features(question: Question, ranked: Sequence[Candidate], passages: Sequence[Passage]) -> dict[str, float]:
    """What the confidence is made of."""
    best = ranked[0]
    return {
        "share": best.own + best.context,
        "own": best.own,
        "similarity": best.similarity,
        "dense": max(passage.hit.scores.get("dense", 0.0) for passage in passages),
        "holds": float(best.holds or question.value is None),
    }
