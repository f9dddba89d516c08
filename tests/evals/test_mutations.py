"""Does the harness notice? A real run over the seed documents, spoiled in one way at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evals.cli import CASES
from evals.datasets import Case, Dataset, read_cases
from evals.results import Report
from evals.runner import run
from rag import Chatbot
from rag.schema import Answer, Hit

PER_TYPE = {"fact": 8, "list": 3, "crossscript": 3, "followup": 2, "unanswerable": 6}


class Spoiled(Chatbot):
    """A chatbot whose answers and hits pass through ``answer`` and ``hits``."""

    def __init__(
        self,
        bot: Chatbot,
        *,
        answer: Callable[[Answer], Answer] = lambda answer: answer,
        hits: Callable[[list[Hit]], list[Hit]] = lambda hits: hits,
    ) -> None:
        super().__init__(bot.settings)
        self._whole, self._spoil_answer, self._spoil_hits = bot, answer, hits

    def ask(self, question: str, *, history: Any = ()) -> Answer:
        return self._spoil_answer(self._whole.ask(question, history=history))

    def search(self, question: str, *, k: int | None = None, history: Any = ()) -> list[Hit]:
        return self._spoil_hits(self._whole.search(question, k=k, history=history))


@pytest.fixture(scope="module")
def data() -> Dataset:
    cases: list[Case] = []
    for kind, number in PER_TYPE.items():
        cases += [case for case in read_cases(CASES) if case.type == kind][:number]
    return Dataset("some of the seeds", tuple(cases))


@pytest.fixture(scope="module")
def bot(seeds_bot: Chatbot) -> Chatbot:
    """Without the reader, which takes seven times as long and makes no difference to the harness."""
    return seeds_bot.configured(reader=False)


@pytest.fixture(scope="module")
def whole(bot: Chatbot, data: Dataset) -> Report:
    return run(bot, data)


def means(report: Report, *names: str) -> list[float]:
    figures = {**report.groups["overall"], **report.extra}
    return [value for name in names if (value := figures[name].mean) is not None]


def test_the_run_that_is_spoiled_is_a_good_one(whole: Report, data: Dataset) -> None:
    assert len(whole.rows) == len(data.cases) == 22
    assert min(means(whole, "recall@5", "correct", "citation_recall", "citation_precision")) > 0.7
    assert means(whole, "errors", "fabricated_citations") == [0, 0]


def test_hits_in_another_order_lower_the_ranking(bot: Chatbot, data: Dataset, whole: Report) -> None:
    spoiled = run(Spoiled(bot, hits=lambda hits: hits[::-1]), data)
    names = ("recall@1", "recall@3", "recall@5", "recall@10", "mrr", "ndcg@10", "recall@1500chars")
    for before, after in zip(means(whole, *names), means(spoiled, *names), strict=True):
        assert after < before - 0.4
    assert means(spoiled, "correct") == means(whole, "correct")


def test_blank_citations_are_no_citations(bot: Chatbot, data: Dataset, whole: Report) -> None:
    def blank(answer: Answer) -> Answer:
        return replace(answer, citations=tuple(replace(each, quote="", end=each.start) for each in answer.citations))

    spoiled = run(Spoiled(bot, answer=blank), data)
    assert means(spoiled, "citation_recall", "citation_precision", "supported_sentences") == [0, 0, 0]
    assert means(spoiled, "fabricated_citations")[0] >= 0.7
    assert means(spoiled, "correct", "recall@5") == means(whole, "correct", "recall@5")


def test_quotes_from_another_place_are_fabricated(bot: Chatbot, data: Dataset, whole: Report) -> None:
    def garble(answer: Answer) -> Answer:
        return replace(answer, citations=tuple(replace(each, quote=each.quote[::-1]) for each in answer.citations))

    spoiled = run(Spoiled(bot, answer=garble), data)
    assert means(spoiled, "fabricated_citations")[0] >= 0.7
    assert means(spoiled, "citation_recall") == [0]
    assert means(spoiled, "citation_precision")[0] < 0.2  # a key may read the same from both ends


def test_refusing_everything_shows(bot: Chatbot, data: Dataset, whole: Report) -> None:
    def refuse(answer: Answer) -> Answer:
        return replace(answer, refused=True, text="没有答案。", citations=(), sentences=())

    spoiled = run(Spoiled(bot, answer=refuse), data)
    assert means(spoiled, "refused_answerable", "refused_unanswerable") == [1, 1]
    assert means(spoiled, "correct", "key_recall", "char_f1", "citation_recall") == [0, 0, 0, 0]
    assert means(spoiled, "refusal_precision") == [pytest.approx(6 / 22)]
    assert means(spoiled, "risk_coverage_auc") == [1]
    assert means(whole, "refused_answerable")[0] < 0.2
    assert means(whole, "refusal_f1")[0] > means(spoiled, "refusal_f1")[0] + 0.1


def test_refusing_nothing_shows(bot: Chatbot, data: Dataset, whole: Report) -> None:
    bold = bot.configured(min_confidence=0.0)
    spoiled = run(bold, data)
    assert means(spoiled, "refused_answerable", "refused_unanswerable", "refusal_recall") == [0, 0, 0]
    assert means(whole, "refused_unanswerable")[0] > 0.4
    assert means(spoiled, "calibration_error")[0] > 0


def test_copying_the_first_chunk_is_no_answer(bot: Chatbot, data: Dataset, whole: Report) -> None:
    def copy(answer: Answer) -> Answer:
        return replace(answer, refused=False, text=answer.hits[0].text)

    spoiled = run(Spoiled(bot, answer=copy), data)
    assert means(spoiled, "key_recall")[0] > 0.6  # what makes it tempting
    for name in ("correct", "char_f1"):
        assert means(spoiled, name)[0] < 0.7 * means(whole, name)[0]
    assert means(spoiled, "characters")[0] > 1.5 * means(whole, "characters")[0]
    assert means(spoiled, "refused_unanswerable") == [0]


def test_a_confidence_turned_round_shows(bot: Chatbot, data: Dataset, whole: Report) -> None:
    spoiled = run(Spoiled(bot, answer=lambda answer: replace(answer, confidence=1 - answer.confidence)), data)
    for name in ("risk_coverage_auc", "calibration_error"):
        assert means(spoiled, name)[0] > means(whole, name)[0] + 0.2
