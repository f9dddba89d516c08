"""How likely it is that the corpus answers the question: one number from what retrieval and words agree on.

A logistic model over a few features of the best sentence, fitted by ``python -m evals.calibrate`` on the development
questions, the same questions with their place or year changed to one the corpus lacks, and questions on other subjects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import exp

from rag.answer.evidence import Candidate
from rag.answer.question import Question
from rag.corpus.script import search_key

INTERCEPT = -0.49
COEFFICIENTS: Mapping[str, float] = {
    "framed": 1.67,
    "similarity": 24.1,
    "place": -4.26,
    "year": -3.68,
    "unit": -2.68,
    # Words cannot match across languages and similarities are lower: fitted by itself, on English questions.
    "english": 2.25,
}
_USUAL_SIMILARITY = 0.85
_SAME_UNIT = {"天": "[天日]", "人": "[人名]", "名": "[人名]"}
_NUMERALS = "一二两三四五六七八九十百千万亿"


def confidence(question: Question, ranked: Sequence[Candidate]) -> float:
    """Probability (0 to 1) that the best of the ``ranked`` sentences answers ``question``."""
    values = features(question, ranked)
    return 1 / (1 + exp(-INTERCEPT - sum(weight * values[name] for name, weight in COEFFICIENTS.items())))


def features(question: Question, ranked: Sequence[Candidate]) -> dict[str, float]:
    """What the confidence is made of; ``place``, ``year`` and ``unit`` are 1 where one asked for is not spoken of."""
    absent = missing(question, ranked)
    return {
        "framed": ranked[0].framed,
        "similarity": ranked[0].similarity - _USUAL_SIMILARITY,
        "english": float(question.script == "en"),
        **{name: float(bool(values)) for name, values in absent.items()},
    }


def missing(question: Question, ranked: Sequence[Candidate]) -> dict[str, tuple[str, ...]]:
    """Places, years and the unit of a number that the question names and the best of the ``ranked`` sentences lacks."""
    read = ranked if question.kind == "compare" else ranked[:1]
    around = " ".join(_surroundings(candidate) for candidate in read)
    spoken = " ".join(candidate.key for candidate in ranked[:3])
    counted = question.unit is None or _counts(question.unit, spoken)
    return {
        "place": tuple(place for place in question.places if place not in around),
        "year": tuple(year for year in question.years if year not in around),
        "unit": () if counted or question.unit is None else (question.unit,),
    }


def _counts(unit: str, key: str) -> bool:
    """Whether a search key gives a number in ``unit``, in digits or in words: 「五元」, 「1.2万多人」, 「百分之五」."""
    if unit == "%" and "百分之" in key:
        return True
    return re.search(rf"[\d{_NUMERALS}][\d.,{_NUMERALS}]*\s*[多余]?{_SAME_UNIT.get(unit, unit)}", key) is not None


def _surroundings(candidate: Candidate) -> str:
    """Everything that says which place and time a sentence speaks of."""
    hit, metadata = candidate.passage.hit, candidate.passage.metadata
    return search_key(f"{hit.title} {hit.section} {metadata.region or ''} {metadata.issued or ''} {hit.text}")
