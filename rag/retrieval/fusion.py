"""Scores of several arms to one: standardised, weighted, summed.

Ranks alone (RRF) throw away how much better the first is than the second, which both ordering and refusing need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

Ranking = Sequence[tuple[str, float]]
"""Chunk ids with the score one arm gives them, best first."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A chunk's fused score, and the raw score of each arm that found it."""

    chunk_id: str
    score: float
    arms: Mapping[str, float]


def fuse(rankings: Mapping[str, Ranking], weights: Mapping[str, float]) -> list[Fused]:
    """All chunks of ``rankings`` by the weighted sum of their z-scores, best first.

    Each arm's scores are standardised over its own candidates (mean 0, deviation 1), so that cosines and BM25 scores
    compare; a chunk an arm did not find counts there as that arm's last candidate.
    """
    totals: dict[str, float] = {}
    arms: dict[str, dict[str, float]] = {}
    standardised = {name: _standardise(ranking) for name, ranking in rankings.items() if ranking}
    for name in standardised:
        for chunk_id, score in rankings[name]:
            arms.setdefault(chunk_id, {})[name] = score
            totals.setdefault(chunk_id, 0.0)
    for name, scores in standardised.items():
        last = min(scores.values())
        for chunk_id in totals:
            totals[chunk_id] += weights[name] * scores.get(chunk_id, last)
    fused = [Fused(chunk_id, total, arms[chunk_id]) for chunk_id, total in totals.items()]
    return sorted(fused, key=lambda each: (-each.score, each.chunk_id))


def _standardise(ranking: Ranking) -> dict[str, float]:
    values = [score for _, score in ranking]
    mean, deviation = fmean(values), pstdev(values)
    return {chunk_id: (score - mean) / (deviation or 1.0) for chunk_id, score in ranking}
