"""What the plots of a report show, computed from its rows."""

from __future__ import annotations

from collections.abc import Sequence

from evals import statistics
from evals.plots import Bin
from evals.results import Row
from evals.summary import right

_STAGES = {"ms_retrieve": "retrieval", "ms_answer": "answering", "ms_total": "total"}


def risk_coverage(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """(share answered, share of those that is wrong) for every threshold on the confidence; a refusal is not right."""
    known = [(row.confidence, good) for row in rows if (good := right(row)) is not None]
    return statistics.risk_coverage([sure for sure, _ in known], [good for _, good in known]) if known else []


def operating_point(rows: Sequence[Row]) -> tuple[float, float] | None:
    """The point of the curve at which the run stood: what it answered, and how much of that was wrong."""
    scored = [(row, good) for row in rows if (good := right(row)) is not None]
    answered = [good for row, good in scored if not row.refused]
    return (len(answered) / len(scored), 1 - sum(answered) / len(answered)) if answered else None


def reliability(rows: Sequence[Row]) -> list[Bin]:
    """The answers in tenths of the confidence: how many were right of those that were as sure as that."""
    known = [(row.confidence, good) for row in rows if not row.refused and (good := right(row)) is not None]
    groups = statistics.calibration([sure for sure, _ in known], [good for _, good in known]) if known else []
    return [Bin(sure, good, *wilson(good, cases), cases) for sure, good, cases in groups]


def latency(rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of each stage, in milliseconds."""
    found = {}
    for metric, name in _STAGES.items():
        values = [v for row in rows if (v := row.scores.get(metric)) is not None]
        if values:
            found[name] = (_quantile(values, 0.5), _quantile(values, 0.95))
    return found


def wilson(share: float, cases: int) -> tuple[float, float]:
    """95 % interval of a share (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927): still an interval at 0 and 1."""
    z2 = 1.96**2
    centre = (share + z2 / (2 * cases)) / (1 + z2 / cases)
    half = 1.96 / (1 + z2 / cases) * (share * (1 - share) / cases + z2 / (4 * cases**2)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


def _quantile(values: Sequence[float], share: float) -> float:
    found = statistics.quantile(values, share).mean
    assert found is not None  # there are values
    return found
