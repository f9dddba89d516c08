"""Scores of the two arms to one: how likely a chunk is to hold what is asked.

Ranks (RRF) and standardised scores say only which chunk of a question is best; refusing needs to know how good it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.retrieval import logistic

INTERCEPT = -8.21
COEFFICIENTS: Mapping[str, float] = {"dense": 3.56, "lexical": 1.8}
"""Logistic regression of "the chunk holds the evidence" on both arms (``python -m evals.weigh`` fits them)."""

USUAL_COSINE, COSINE_STEP = 0.85, 0.05  # cosines of this model lie close together: 0.05 is much


@dataclass(frozen=True, slots=True)
class Fused:
    """A chunk, the probability (0 to 1) that it holds what is asked, and the raw score of each arm."""

    chunk_id: str
    score: float
    arms: Mapping[str, float]


def features(arms: Mapping[str, float], terms: int) -> dict[str, float]:
    """What the probability is made of: the cosine above the usual in steps of 0.05, and BM25 per term asked for.

    ``terms`` is how many different terms the question has; BM25 is a sum over them.
    """
    return {
        "dense": (arms["dense"] - USUAL_COSINE) / COSINE_STEP,
        "lexical": arms.get("lexical", 0.0) / max(terms, 1),
    }


def probability(values: Mapping[str, float]) -> float:
    """The probability that ``features`` speak for."""
    return logistic.probability(values, COEFFICIENTS, INTERCEPT)


def fuse(dense: Mapping[str, float], lexical: Mapping[str, float], *, terms: int) -> list[Fused]:
    """All chunks of ``dense`` (cosines) by their probability, best first; one without a lexical score has 0."""
    found = []
    for chunk_id, cosine in dense.items():
        arms = {"dense": cosine, "lexical": lexical.get(chunk_id, 0.0)}
        found.append(Fused(chunk_id, probability(features(arms, terms)), arms))
    return sorted(found, key=lambda each: (-each.score, each.chunk_id))
