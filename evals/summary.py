"""Rows to the figures of a report: means by type, and what only the whole run tells."""

from __future__ import annotations

from collections.abc import Sequence

from evals import statistics
from evals.metrics import DIRECTIONS
from evals.results import Estimate, Row

OVERALL = "overall"
_PAIRED = ("correct", "recall@5")


def by_type(rows: Sequence[Row]) -> dict[str, dict[str, Estimate]]:
    """Every metric of the rows, for each type in alphabetical order and then ``overall``."""
    names = [name for name in DIRECTIONS if any(name in row.scores for row in rows)]
    groups = {name: [row for row in rows if row.type == name] for name in sorted({row.type for row in rows})}
    groups[OVERALL] = list(rows)
    return {
        group: {name: statistics.mean([row.scores.get(name) for row in members]) for name in names}
        for group, members in groups.items()
    }


def of_run(rows: Sequence[Row], pairs: Sequence[tuple[Row, Row]] = ()) -> dict[str, Estimate]:
    """The metrics of the whole run; ``pairs`` are the same questions in Simplified and in Traditional characters.

    Rows that say whether they are right count for risk and calibration: answers that can be checked, and all
    unanswerable questions, to which no answer is right. A refusal has no answer, so it is not right either.
    """
    asked = [row for row in rows if row.error is None]
    found = {"errors": statistics.mean([float(row.error is not None) for row in rows])}
    if any("refused_answerable" in row.scores for row in rows):
        found |= statistics.refusals([row.refused for row in asked], [row.answerable for row in asked])
        judged = [row for row in asked if right(row) is not None]
        found["risk_coverage_auc"] = statistics.risk_coverage_auc(*_confidence(judged))
        found["calibration_error"] = statistics.calibration_error(*_confidence([r for r in judged if not r.refused]))
    return found | _script(pairs) | _latency(asked)


def right(row: Row) -> float | None:
    """1 when the answer is correct, 0 when it is not or should not have been given; ``None`` when nothing says."""
    if row.error is not None:
        return None
    return row.scores.get("correct") if row.answerable else 0.0


def _confidence(rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    return [row.confidence for row in rows], [right(row) or 0.0 for row in rows]


def _script(pairs: Sequence[tuple[Row, Row]]) -> dict[str, Estimate]:
    found = {}
    for name in _PAIRED if pairs else ():
        scored = [(a.scores.get(name), b.scores.get(name)) for a, b in pairs]
        gaps = [a - b for a, b in scored if a is not None and b is not None]
        found[f"script_gap_{name}"] = statistics.mean(gaps)
        if name == "correct":
            found["script_flips"] = statistics.mean([abs(gap) for gap in gaps])
    return found


def _latency(rows: Sequence[Row]) -> dict[str, Estimate]:
    stages = dict.fromkeys(stage for row in rows for stage in row.timings)
    return {
        f"ms_{stage}_p{share}": statistics.quantile(
            [row.timings[stage] for row in rows if stage in row.timings], share / 100
        )
        for stage in stages
        for share in (50, 95)
    }
