"""What became of a case, in one word; works on slim reports too, which keep scores and no texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from evals.results import Row

Outcome = Literal["error", "refused", "answered", "wrong", "correct", "declined", "unscored"]
FAILURES: dict[Outcome, str] = {
    "error": "error",
    "refused": "refused, though answerable",
    "answered": "answered, though unanswerable",
    "wrong": "not correct",
}
WORDS: dict[Outcome, str] = {
    **FAILURES,
    "correct": "correct",
    "declined": "refused, rightly",
    "unscored": "answered, not scored",
}


def outcome(row: Row) -> Outcome:
    """The outcome of ``row``; ``unscored`` where an answer was given and nothing says whether it is correct."""
    if row.error is not None:
        return "error"
    if row.refused:
        return "refused" if row.answerable else "declined"
    if not row.answerable:
        return "answered"
    right = row.scores.get("correct")
    return "unscored" if right is None else "correct" if right == 1 else "wrong"


def failed(row: Row) -> bool:
    """Whether a person should look at ``row``: not correct, refused wrongly, answered wrongly, or an error."""
    return outcome(row) in FAILURES


def types(rows: Sequence[Row]) -> list[str]:
    """The types of ``rows``, sorted."""
    return sorted({row.type for row in rows})
