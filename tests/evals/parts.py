"""Cases, hits and answers to score, with everything that a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from evals.datasets import Case, Evidence
from evals.results import Report, Row
from rag.schema import Answer, Citation, Hit, Sentence


def case(*evidence: tuple[str, str], **fields: Any) -> Case:
    """A case with evidence given as (source, quote)."""
    items = tuple(Evidence(source, quote) for source, quote in evidence)
    return Case(**{"id": "c", "type": "fact", "question": "?", "answerable": True, "evidence": items, **fields})


def hit(text: str, source: str = "a.txt") -> Hit:
    return Hit(text, 1.0, source, source, "", 0, len(text), f"{source}:{text}")


def answer(text: str = "", *citations: tuple[str, str], **fields: Any) -> Answer:
    """An answer with citations given as (source, quote), numbered from 1."""
    cited = tuple(
        Citation(number, source, source, "", 0, len(quote), quote)
        for number, (source, quote) in enumerate(citations, 1)
    )
    given = {
        "question": "?",
        "text": text,
        "refused": False,
        "reason": None,
        "confidence": 0.9,
        "citations": cited,
        "sentences": (),
        "hits": (),
        "timings": {},
        "provider": "test",
    }
    return Answer(**{**given, **fields})


def sentence(text: str, *numbers: int, verdict: Any = "supported") -> Sentence:
    return Sentence(text, numbers, verdict)


def row(name: str, scores: dict[str, float | None], **fields: Any) -> Row:
    given = {
        "type": "fact",
        "script": "hans",
        "question": "?",
        "rewritten": None,
        "answerable": True,
        "expected": "",
        "answer_keys": (),
        "evidence": (),
        "answer": "",
        "refused": False,
        "reason": None,
        "confidence": 0.9,
        "citations": (),
        "retrieved": (),
        "timings": {},
    }
    return Row(**{**given, "id": name, "scores": scores, **fields})


def rows(*scores: Sequence[Any]) -> list[Row]:
    """Rows given as (confidence, correct)."""
    return [row(f"c{n}", {"correct": right}, confidence=sure) for n, (sure, right) in enumerate(scores)]


def timeless(report: Report) -> Report:
    """``report`` without what differs from run to run."""

    def quiet(figures: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in figures.items() if not name.startswith("ms_")}

    rows = tuple(replace(row, timings={}, scores=quiet(row.scores)) for row in report.rows)
    groups = {name: quiet(group) for name, group in report.groups.items()}
    return replace(report, created="", rows=rows, groups=groups, extra=quiet(report.extra))
