"""What was thought of answers, as cases: read by the evaluation, and run by it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from evals.datasets import Case, Dataset, Evidence, read_cases
from evals.runner import run
from rag import Chatbot
from rag.chat.cases import json_lines
from rag.schema import Answer, AnswerEvent

RATE = "到2025年政务服务事项网上可办率要达到多少？"
FOLLOW_UP = "那群众办事平均跑动次数呢？"
MEALS = "年滿八十周歲的老年人每餐補助幾元？"
WHALES = "鲸鱼怎样在深海里睡觉？"


def ask(bot: Chatbot, conversation_id: str, question: str, *, owner: str | None = None) -> tuple[int, Answer]:
    """The id of the answer's turn, and the answer."""
    *_, last = bot.converse(conversation_id, question, owner=owner)
    assert isinstance(last, AnswerEvent)
    return bot.conversations.of(owner).turns(conversation_id)[-1].id, last.answer


def test_the_export_is_read_and_run_by_the_evaluation(bot: Chatbot, tmp_path: Path) -> None:
    mine = bot.conversations
    one, two = mine.create().id, mine.create().id
    rate_id, rate = ask(bot, one, RATE)
    follow_id, follow = ask(bot, one, FOLLOW_UP)
    meals_id, meals = ask(bot, two, MEALS)
    whales_id, whales = ask(bot, two, WHALES)
    ask(bot, two, "第二條說什麼？")  # nobody said what they think of it
    assert [each.refused for each in (rate, follow, meals, whales)] == [False, False, False, True]
    assert follow.rewritten is not None
    for conversation_id, turn_id in ((one, rate_id), (one, follow_id), (two, meals_id), (two, whales_id)):
        mine.rate(conversation_id, turn_id, "up", "好")
    path = tmp_path / "cases.jsonl"
    path.write_text(json_lines(bot.rated_cases()), encoding="utf-8")
    cases = read_cases(path)
    history = ({"role": "user", "content": RATE}, {"role": "assistant", "content": rate.text})
    assert cases == [
        expected(f"{one}-{rate_id}", "feedback", RATE, rate, script="hans"),
        replace(
            expected(f"{one}-{follow_id}", "followup", FOLLOW_UP, follow),
            script="hans",
            history=history,
        ),
        expected(f"{two}-{meals_id}", "feedback", MEALS, meals, script="hant"),
        expected(f"{two}-{whales_id}", "unanswerable", WHALES, whales, script="hans"),
    ]
    report = run(bot, Dataset("cases.jsonl", tuple(cases)))
    scores = {row.id: row.scores for row in report.rows}
    assert [row.error for row in report.rows] == [None] * 4
    for name in (f"{one}-{rate_id}", f"{two}-{meals_id}"):
        shown = {metric: scores[name][metric] for metric in ("recall@3", "citation_recall", "exact_match")}
        assert (shown, scores[name]["refused_answerable"]) == (dict.fromkeys(shown, 1.0), 0.0)
    assert scores[f"{two}-{whales_id}"]["refused_unanswerable"] == 1.0
    assert [row.refused for row in report.rows] == [rate.refused, follow.refused, meals.refused, True]


def expected(name: str, kind: str, question: str, answer: Answer, *, script: str = "") -> Case:
    quotes = dict.fromkeys((citation.source, citation.quote) for citation in answer.citations)
    return Case(
        name,
        kind,
        question,
        not answer.refused,
        script=script,  # type: ignore[arg-type]
        answer="" if answer.refused else "".join(sentence.text for sentence in answer.sentences),
        evidence=() if answer.refused else tuple(Evidence(*quote) for quote in quotes),
    )


def test_what_was_rated_down_is_a_draft_that_tells_why(bot: Chatbot, tmp_path: Path) -> None:
    conversation_id = bot.conversations.create().id
    turn_id, answer = ask(bot, conversation_id, RATE)
    refused_id, refusal = ask(bot, conversation_id, WHALES)
    bot.conversations.rate(conversation_id, turn_id, "down", "应当是\n九成八")
    bot.conversations.rate(conversation_id, refused_id, "down")
    path = tmp_path / "cases.jsonl"
    path.write_text(json_lines(bot.rated_cases()), encoding="utf-8")
    said = "".join(sentence.text for sentence in answer.sentences)
    assert [(case.type, case.question, case.answerable, case.answer, case.evidence) for case in read_cases(path)] == [
        (
            "draft",
            RATE,
            True,
            "DRAFT, it was rated down: 应当是\n九成八. Complete this case or delete it. The answer was: " + said,
            (),
        ),
        (
            "draft",
            WHALES,
            True,
            "DRAFT, it was rated down: no comment. Complete this case or delete it. The answer was: " + refusal.text,
            (),
        ),
    ]


def test_evidence_that_has_changed_since_makes_a_draft(bot: Chatbot, tmp_path: Path) -> None:
    conversation_id = bot.conversations.create().id
    turn_id, _ = ask(bot, conversation_id, RATE)
    bot.conversations.rate(conversation_id, turn_id, "up")
    bot.remove("数字政府.txt")
    [case] = bot.rated_cases()
    assert (case["type"], case["evidence"]) == ("draft", [])
    assert case["answer"].startswith("DRAFT, it was rated up, but its sources have changed since. Complete ")


def test_whose_feedback_it_is(bot: Chatbot) -> None:
    for owner in ("alice", "bob"):
        mine = bot.conversations.of(owner)
        conversation_id = mine.create().id
        turn_id, _ = ask(bot, conversation_id, WHALES, owner=owner)
        mine.rate(conversation_id, turn_id, "up")
    counts = [len(bot.rated_cases()), len(bot.rated_cases(owner="bob")), len(bot.rated_cases(everyone=True))]
    assert counts == [0, 1, 2]


def test_a_line_for_each_case() -> None:
    lines = json_lines([{"question": "甲\u2028\n乙"}, {"question": ""}])
    assert [json.loads(line) for line in lines.split("\n")[:-1]] == [{"question": "甲\u2028\n乙"}, {"question": ""}]
    assert json_lines([]) == ""
