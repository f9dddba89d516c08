"""Hand-made reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.datasets import Evidence
from evals.results import Report, Retrieved, Row
from evals.summary import by_type, of_run


def row(name: str, scores: dict[str, float | None] | None = None, **values: Any) -> Row:
    """A plain, correct row; ``scores`` and ``values`` replace what the test is about."""
    plain: dict[str, Any] = {
        "id": name,
        "type": "fact",
        "script": "hans",
        "question": f"问题{name}?",
        "rewritten": None,
        "answerable": True,
        "expected": "98%",
        "answer_keys": ("98%",),
        "evidence": (Evidence("a.txt", "网上可办率达到98%"),),
        "answer": "网上可办率达到98%[1]",
        "refused": False,
        "reason": None,
        "confidence": 0.9,
        "citations": (
            {
                "number": 1,
                "source": "a.txt",
                "title": "A",
                "section": "一、目标",
                "start": 0,
                "end": 4,
                "quote": "达到98%",
            },
        ),
        "retrieved": (
            Retrieved("a.txt", "一、目标", 0, 9, 2.5, {"dense": 0.91, "lexical": 7.0}, True, "网上可办率达到98%"),
            Retrieved("b.txt", "", 5, 9, 1.5, {"dense": 0.87}, False, "跑动次数"),
        ),
        "scores": {"correct": 1.0, "recall@5": 1.0, "ms_total": 40.0} if scores is None else scores,
        "timings": {"retrieve": 30.0, "answer": 10.0, "total": 40.0},
    }
    return Row(**{**plain, **values})


def report(rows: Sequence[Row], **values: Any) -> Report:
    """A report of ``rows`` with the groups and figures that belong to them."""
    plain: dict[str, Any] = {
        "created": "2026-01-02T03:04:05+00:00",
        "cases": "hand.jsonl",
        "documents": 2,
        "corpus": "c0ffee" * 10,
        "commit": "0123456789abcdef",
        "settings": {"k": 8, "min_confidence": 0.5},
        "versions": {"policy-rag": "0.1.0"},
        "prompts": {"answer.v1": "abcdef"},
        "groups": by_type(rows),
        "extra": of_run(rows),
        "rows": tuple(rows),
    }
    return Report(**{**plain, **values})


def scored(metric: str, values: Sequence[float | None], **other: Any) -> Report:
    """A report of one metric: a case a value, with the ids 0, 1, 2 and so on."""
    return report([row(str(number), {metric: value}, **other) for number, value in enumerate(values)])
