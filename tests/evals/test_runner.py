from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evals.datasets import Case, Dataset, Evidence
from evals.results import Row
from evals.runner import Options, run
from rag import Chatbot, Settings
from rag.errors import ConfigurationError, QuestionError
from rag.schema import Answer, Hit
from tests.evals.parts import timeless

CASES = (
    Case(
        "rate",
        "fact",
        "到2025年网上可办率要达到多少？",
        True,
        script="hans",
        answer="98%",
        answer_keys=("98%",),
        evidence=(Evidence("数字政府.txt", "全市政务服务事项网上可办率达到98%"),),
    ),
    Case(
        "meal",
        "crossscript",
        "年满八十岁的老年人每餐补助多少？",
        True,
        script="hans",
        answer="五元",
        answer_keys=("五元",),
        evidence=(Evidence("老年助餐.txt", "年滿八十周歲的老年人每餐補助五元"),),
    ),
    Case("whales", "unanswerable", "鯨魚怎樣在深海裡睡覺？", False, script="hant"),
)
DATA = Dataset("set.jsonl", CASES)


@pytest.fixture
def bot(library: Path) -> Chatbot:
    return Chatbot.open(Settings(home=library))


class Counting(Chatbot):
    """A chatbot that notes what it is asked, and fails on what it is told to."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.asked: list[str] = []
        self.failing: dict[str, BaseException] = {}

    def ask(self, question: str, *, history: Any = ()) -> Answer:
        self.asked.append(question)
        if question in self.failing:
            raise self.failing[question]
        return super().ask(question, history=history)


@pytest.fixture
def counting(library: Path) -> Counting:
    return Counting(Settings(home=library))


def test_a_report_says_what_was_asked_and_what_came_back(bot: Chatbot) -> None:
    report = run(bot, DATA)
    rate, meal, whales = report.rows
    assert (report.cases, report.documents, list(report.groups)) == (
        "set.jsonl",
        2,
        ["crossscript", "fact", "unanswerable", "overall"],
    )
    assert (rate.question, rate.expected, rate.evidence) == (CASES[0].question, "98%", CASES[0].evidence)
    assert "98%" in rate.answer
    assert rate.citations[0]["source"] == "数字政府.txt"
    assert (rate.retrieved[0].relevant, "98%" in rate.retrieved[0].text) == (True, True)
    assert set(rate.retrieved[0].scores) == {"dense", "lexical", "fused", "reader"}
    assert (meal.scores["correct"], meal.scores["recall@1"], meal.scores["fabricated_citations"]) == (1, 1, 0)
    assert (whales.refused, whales.scores["refused_unanswerable"], whales.scores["correct"]) == (True, 1, None)
    assert report.groups["overall"]["correct"].n == 2
    assert set(rate.timings) == {"total", "retrieve", "answer"}
    assert rate.scores["ms_total"] == rate.timings["total"]


def test_a_report_says_what_it_was_made_with(bot: Chatbot, library: Path) -> None:
    report = run(bot, DATA)
    assert report.settings["k"] == 8
    assert str(library) not in report.dumps()
    assert {"policy-rag", "python", "onnxruntime", "tantivy"} <= set(report.versions)
    assert len(report.corpus) == 64


def test_a_case_that_fails_is_a_row_with_its_error(counting: Counting) -> None:
    counting.failing = {CASES[0].question: QuestionError("too odd"), CASES[2].question: ZeroDivisionError("by zero")}
    report = run(counting, DATA)
    rate, meal, whales = report.rows
    assert (rate.error, meal.error, whales.error) == ("too odd", None, "ZeroDivisionError: by zero")
    # 0 where higher is better, no value elsewhere
    assert (rate.scores["correct"], rate.scores["recall@5"], rate.scores["citation_recall"]) == (0, 0, 0)
    assert (rate.scores["refused_answerable"], rate.scores["characters"], rate.scores["ms_total"]) == (None,) * 3
    assert (whales.scores["refused_unanswerable"], whales.scores["correct"]) == (0, None)
    assert report.groups["overall"]["correct"].mean == 0.5
    assert report.extra["errors"].mean == pytest.approx(2 / 3)


def test_a_history_is_given_to_the_chatbot(bot: Chatbot) -> None:
    turns = ({"role": "user", "content": "老年人每餐补助多少？"}, {"role": "assistant", "content": "五元。"})
    asked = Case("who", "followup", "那由谁发放？", True, answer_keys=("县民政局",), history=turns)
    row = run(bot, Dataset("set", (asked,))).rows[0]
    assert row.scores["correct"] == 1
    assert row.rewritten is not None
    assert "补助" in row.rewritten


def test_a_replayed_conversation_asks_the_earlier_turns(library: Path) -> None:
    bot = Counting(Settings.load(home=library))
    turns = ({"role": "user", "content": "老年人每餐补助多少？"}, {"role": "assistant", "content": "不是我说的。"})
    asked = Case("who", "followup", "那由谁发放？", True, answer_keys=("县民政局",), history=turns)
    row = run(bot, Dataset("set", (asked,)), options=Options(replay=True)).rows[0]
    assert bot.asked == ["老年人每餐补助多少？", "那由谁发放？"]
    assert row.scores["correct"] == 1


def test_progress_is_told(bot: Chatbot) -> None:
    seen: list[tuple[int, int, str | None]] = []
    run(bot, DATA, progress=lambda done, total, row: seen.append((done, total, row.id if row else None)))
    assert seen == [(0, 3, None), (1, 3, "rate"), (2, 3, "meal"), (3, 3, "whales")]


def test_several_workers_give_the_same_report(bot: Chatbot, tmp_path: Path) -> None:
    alone = run(bot, DATA)
    together = run(bot, DATA, options=Options(rows=tmp_path / "rows", workers=3))
    assert timeless(together) == timeless(alone)
    assert len((tmp_path / "rows").read_text(encoding="utf-8").splitlines()) == 3


def test_an_interrupted_run_goes_on(counting: Counting, tmp_path: Path) -> None:
    whole = run(counting, DATA)
    rows = tmp_path / "rows"
    counting.failing = {CASES[1].question: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        run(counting, DATA, options=Options(rows=rows))
    counting.failing, counting.asked = {}, []
    resumed = run(counting, DATA, options=Options(rows=rows, resume=True))
    assert counting.asked == [CASES[1].question, CASES[2].question]
    assert timeless(resumed) == timeless(whole)


def test_a_run_begins_anew_unless_told_to_go_on(counting: Counting, tmp_path: Path) -> None:
    rows = tmp_path / "rows"
    for _ in range(2):
        counting.asked = []
        run(counting, DATA, options=Options(rows=rows))
        assert len(counting.asked) == 3
    assert len(rows.read_text(encoding="utf-8").splitlines()) == 3


def test_only_what_has_not_changed_is_taken_over(counting: Counting, library: Path, tmp_path: Path) -> None:
    going_on = Options(rows=tmp_path / "rows", resume=True)
    run(counting, DATA, options=going_on)
    counting.asked = []
    changed = replace(CASES[1], answer_keys=("5元",))
    run(counting, Dataset("set", (CASES[0], changed, CASES[2])), options=going_on)
    assert counting.asked == [changed.question]
    other = Counting(Settings(home=library, min_confidence=0.4))
    run(other, DATA, options=going_on)
    assert len(other.asked) == 3


def test_a_failed_case_is_asked_again(counting: Counting, tmp_path: Path) -> None:
    going_on = Options(rows=tmp_path / "rows", resume=True)
    counting.failing = {CASES[1].question: QuestionError("not now")}
    assert run(counting, DATA, options=going_on).rows[1].error == "not now"
    counting.failing, counting.asked = {}, []
    assert run(counting, DATA, options=going_on).rows[1].error is None
    assert counting.asked == [CASES[1].question]


class SimplifiedOnly(Counting):
    """A chatbot to which Traditional characters mean nothing."""

    def ask(self, question: str, *, history: Any = ()) -> Answer:
        found = super().ask(question, history=history)
        return found if "补" in question or "网" in question else replace(found, refused=True, citations=())

    def search(self, question: str, *, k: int | None = None, history: Any = ()) -> list[Hit]:
        return super().search(question, k=k, history=history) if "补" in question or "网" in question else []


def test_the_script_gap_is_none_where_both_scripts_are_understood(bot: Chatbot) -> None:
    report = run(bot, DATA, options=Options(script_gap=True))
    assert len(report.rows) == 3
    gaps = {name: (each.mean, each.n) for name, each in report.extra.items() if name.startswith("script")}
    assert gaps == {"script_gap_correct": (0, 2), "script_gap_recall@5": (0, 2), "script_flips": (0, 2)}


def test_the_script_gap_shows_a_chatbot_that_knows_one_script(library: Path) -> None:
    bot = SimplifiedOnly(Settings(home=library))
    report = run(bot, DATA, options=Options(script_gap=True))
    assert bot.asked == [
        *(case.question for case in CASES),
        "到2025年網上可辦率要達到多少？",
        "年滿八十歲的老年人每餐補助多少？",
        "鲸鱼怎样在深海里睡觉？",
    ]
    gaps = {name: each.mean for name, each in report.extra.items() if name.startswith("script")}
    assert gaps == {"script_gap_correct": 1, "script_gap_recall@5": 1, "script_flips": 1}
    assert [row.scores["correct"] for row in report.rows] == [1, 1, None]


def test_the_gap_is_simplified_minus_traditional_whichever_was_asked(library: Path) -> None:
    traditional = replace(CASES[0], question="到2025年網上可辦率要達到多少？", script="hant")
    bot = SimplifiedOnly(Settings(home=library))
    report = run(bot, Dataset("set", (traditional,)), options=Options(script_gap=True))
    assert (report.rows[0].scores["correct"], report.extra["script_gap_correct"].mean) == (0, 1)


def test_only_retrieval_is_scored_where_no_answer_is_known(counting: Counting) -> None:
    case = Case("q", "query", "老年人每餐补助多少？", True, evidence=(Evidence("老年助餐.txt"),))
    report = run(counting, Dataset("set", (case,), retrieval_only=True))
    (row,) = report.rows
    assert counting.asked == []
    assert {name: value for name, value in row.scores.items() if not name.startswith("ms_")} == {
        "recall@1": 1,
        "recall@3": 1,
        "recall@5": 1,
        "recall@10": 1,
        "mrr": 1,
        "ndcg@10": 1,
        "recall@1500chars": 1,
    }
    assert not {"refusal_f1", "risk_coverage_auc", "calibration_error"} & set(report.extra)


def test_nothing_is_asked_when_the_index_lacks_the_evidence(counting: Counting, tmp_path: Path) -> None:
    lost = replace(CASES[0], evidence=(Evidence("absent.txt", "x"),), where="set, line 7")
    with pytest.raises(
        ConfigurationError, match=r"set, line 7: field 'evidence\.0\.source': 'absent\.txt' is not among"
    ):
        run(counting, Dataset("set", (CASES[1], lost)), options=Options(rows=tmp_path / "rows"))
    assert (counting.asked, list(tmp_path.iterdir())) == ([], [])


def test_no_case_is_no_run(bot: Chatbot) -> None:
    with pytest.raises(ConfigurationError, match=r"no case of set is left to run"):
        run(bot, Dataset("set", ()))


def test_rows_have_the_order_of_the_cases(bot: Chatbot) -> None:
    rows: tuple[Row, ...] = run(bot, DATA, options=Options(workers=3)).rows
    assert [row.id for row in rows] == ["rate", "meal", "whales"]
