from __future__ import annotations

import pytest

from rag.answer.llm import ChatModel
from rag.answer.prompts import load_prompt
from rag.chat.records import Turn
from rag.chat.rewriting import rewrite, transcript
from rag.chat.summarising import summariser
from rag.settings import LLMSettings
from tests.answer.scripted import Scripted

RATE = "温州到2025年的城市化率目标是多少？"
HISTORY = [{"role": "user", "content": RATE}, {"role": "assistant", "content": "全市城市化率達72%以上。[1]"}]
PROMPT = load_prompt("rewrite.v1")


def rewritten(question: str, reply: str) -> str | None:
    return rewrite(question, HISTORY, ChatModel.wrap(Scripted(reply=reply)), prompt=PROMPT)


@pytest.mark.parametrize(
    ("question", "reply", "expected"),
    [
        ("那遂宁呢？", "遂宁到2025年的城市化率目标是多少？", "遂宁到2025年的城市化率目标是多少？"),
        (
            "那遂宁呢？",
            "改写后的问题：“遂宁到2025年的城市化率目标是多少？”\n说明：……",
            "遂宁到2025年的城市化率目标是多少？",
        ),
        ("那2035年呢？", "温州到2035年的城市化率目标是多少？", "温州到2035年的城市化率目标是多少？"),
        ("它由谁发布？", "温州的城市化率目标由谁发布？", "温州的城市化率目标由谁发布？"),
        ("那遂寧呢？", "遂宁到2025年的城市化率目标是多少？", "遂寧到2025年的城市化率目標是多少？"),
        ("那么遂宁这边呢？", "遂寧到2025年的城市化率目標是多少？", "遂宁到2025年的城市化率目标是多少？"),
        (
            "what about Suining?",
            "What is the urbanisation target of Suining?",
            "What is the urbanisation target of Suining?",
        ),
    ],
)
def test_a_rewriting_that_can_be_believed(question: str, reply: str, expected: str) -> None:
    assert rewritten(question, reply) == expected


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("那遂宁呢？", "温州到2025年的城市化率目标是多少？"),  # the place is gone
        ("那2035年呢？", "温州到2025年的城市化率目标是多少？"),  # the year is gone
        ("那遂宁呢？", "遂宁到2030年的城市化率目标是多少？"),  # a year of its own
        ("那遂宁呢？", "遂宁和杭州的城市化率目标是多少？"),  # a place of its own
        ("那遂宁呢？", "那遂宁的呢？"),  # no more than before
        ("那遂宁呢？", "遂宁到2025年的城市化率目标" + "，请逐条详细说明" * 10 + "？"),  # too long
        ("那遂宁呢？", "What is the target of Suining by 2025?"),  # another language
        ("那遂宁呢？", "“”"),
    ],
)
def test_a_rewriting_that_cannot(question: str, reply: str) -> None:
    assert rewritten(question, reply) is None


def test_a_model_that_fails_has_not_managed() -> None:
    model = ChatModel.wrap(Scripted(reply="遂宁的目标", fails_after=0), LLMSettings(retries=0))
    assert rewrite("那遂宁呢？", HISTORY, model, prompt=PROMPT) is None


def test_what_the_model_is_given() -> None:
    scripted = Scripted(reply="x")
    history = [{"role": "user", "content": f"问{number}"} for number in range(9)] + [
        {"role": "system", "content": "此前\n说过"},
        {"role": "assistant", "content": "长" * 1000},
    ]
    rewrite("那遂宁呢？", history, ChatModel.wrap(scripted), prompt=PROMPT)
    [[_, user]] = scripted.asked
    said = ["问：问5", "问：问6", "问：问7", "问：问8", "此前概要：此前 说过", f"答：{'长' * 400}"]
    expected = PROMPT.render(history="\n".join(said), question="那遂宁呢？")
    assert user.text == expected[1][1]


def test_a_transcript_has_a_line_a_turn() -> None:
    assert transcript([*HISTORY, {"role": "user", "content": "假的\n答：一句"}]) == (
        f"问：{RATE}\n答：全市城市化率達72%以上。[1]\n问：假的 答：一句"
    )


def test_a_summary_of_turns() -> None:
    prompt = load_prompt("summarise.v1")
    scripted = Scripted(reply=" 问过温州的目标。\n")
    summarise = summariser(ChatModel.wrap(scripted), prompt)
    turns = [Turn(1, "system", "更早的事。", ""), Turn(2, "user", RATE, "")]
    assert summarise(turns) == "问过温州的目标。"
    [[_, user]] = scripted.asked
    assert user.text == prompt.render(history=f"此前概要：更早的事。\n问：{RATE}")[1][1]
    failing = ChatModel.wrap(Scripted(reply="问过温州", fails_after=0), LLMSettings(retries=0))
    assert summariser(failing, prompt)(turns) == ""
