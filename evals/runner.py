"""Runs cases through a chatbot: one row of metrics a case, and their means by type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from time import perf_counter

from evals import metrics
from evals.datasets import Case
from rag.chatbot import Chatbot
from rag.schema import Answer

Scores = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A case, what came back, and how good it was."""

    case: Case
    answer: Answer
    scores: Scores


def run(bot: Chatbot, cases: Sequence[Case], progress: Callable[[int, int], None] | None = None) -> list[Row]:
    """A row for every case, in order."""
    originals = {info.source: bot.document(info.source).text for info in bot.documents()}
    rows = []
    for number, case in enumerate(cases, 1):
        start = perf_counter()
        answer = bot.ask(case.question, history=case.history)
        elapsed = (perf_counter() - start) * 1000
        rows.append(Row(case, answer, {**_score(case, answer, originals), "ask ms": elapsed}))
        if progress:
            progress(number, len(cases))
    return rows


def by_type(rows: Sequence[Row]) -> Iterator[tuple[str, int, Scores]]:
    """Each type with its number of cases and the means of its metrics; ``overall`` comes last."""
    types = sorted({row.case.type for row in rows})
    for name in [*types, "overall"]:
        group = [row for row in rows if name in (row.case.type, "overall")]
        yield name, len(group), {metric: _mean(row.scores[metric] for row in group) for metric in rows[0].scores}


def _score(case: Case, answer: Answer, originals: dict[str, str]) -> Scores:
    refused = metrics.refused(answer)
    return {
        "recall@1": metrics.recall_at(case, answer.hits, 1),
        "recall@5": metrics.recall_at(case, answer.hits, 5),
        "correct": metrics.correct(case, answer),
        "key recall": metrics.key_recall(case, answer),
        "citation recall": metrics.citation_recall(case, answer),
        "citation precision": metrics.citation_precision(case, answer),
        "fabricated": metrics.fabricated(answer, originals),
        "refused, answerable": refused if case.answerable else None,
        "refused, unanswerable": None if case.answerable else refused,
    }


def _mean(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
