"""A report small enough to be committed: what a comparison needs, and nothing of the documents."""

from __future__ import annotations

from dataclasses import replace

from evals.results import Estimate, Report, Row

DIGITS = 4  # a comparison rounds to as many, or what was cut off here would count as a difference


def slim(report: Report) -> Report:
    """``report`` without answers, citations and passages; scores, outcomes and questions stay, rounded to 4 digits."""
    groups = {name: {m: _rounded(e) for m, e in group.items()} for name, group in report.groups.items()}
    extra = {name: _rounded(estimate) for name, estimate in report.extra.items()}
    return replace(report, groups=groups, extra=extra, rows=tuple(map(_slim, report.rows)))


def _slim(row: Row) -> Row:
    return replace(
        row,
        rewritten=None,
        expected="",
        answer_keys=(),
        evidence=(),
        answer="",
        reason=None,
        confidence=round(row.confidence, DIGITS),
        citations=(),
        retrieved=(),
        scores={name: None if value is None else round(value, DIGITS) for name, value in row.scores.items()},
        timings={name: round(value, 1) for name, value in row.timings.items()},
    )


def _rounded(estimate: Estimate) -> Estimate:
    mean, low, high = (None if v is None else round(v, DIGITS) for v in (estimate.mean, estimate.low, estimate.high))
    return Estimate(mean, low, high, estimate.n)
