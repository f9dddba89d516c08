from __future__ import annotations

import pytest

from rag.corpus.script import to_simplified, to_traditional
from rag.retrieval.followup import complete, stands_alone

TOPIC = "温州到2025年的城市化率目标是多少？"

LEANING = [
    "那到2035年又要怎样？",
    "那竣工验收呢？",
    "农村的呢？",
    "它的办公室主任一般由谁当？",
    "该市的数字经济目标是什么？",
    "上述任务由谁负责？",
    "其中哪些是2020年前完成的？",
    "这个目标是哪一年定的？",
    "前者由谁负责？",
    "再具体说说",
    "还有哪些？",
    "另外的几项是什么？",
    "为此安排了多少资金？",
]
STANDING = [
    TOPIC,
    "遂宁规定园区企业里党员到几个人就必须建党组织？",
    "长治政务服务平台的运营机构准备用什么办法选出来？",
    "再就业培训由哪个部门负责？",
    "再生资源回收体系怎样建设？",
    "那曲的草原生态补偿标准是多少？",
    "公共服务应该市场化吗？",
    "部门彼此之间怎样共享数据？",
    "长治这份工作方案定了哪五条基本原则？",
    "《数据条例》的这个规定由谁解释？",
]
LEANING_ENGLISH = [
    "What about rural areas?",
    "And by 2035?",
    "Who is responsible for it?",
    "When was this target set?",
    "How does that work?",
    "That one?",
    "How many of those are rural?",
]
STANDING_ENGLISH = [
    "What urbanisation rate does the Wenzhou decision aim for by 2025?",
    "How many townships does the model that the compilation describes cover?",
]


def said(*questions: str) -> list[dict[str, str]]:
    """A conversation in which these questions were asked and answered."""
    turns = [[{"role": "user", "content": each}, {"role": "assistant", "content": "是72%。[1]"}] for each in questions]
    return [turn for pair in turns for turn in pair]


@pytest.mark.parametrize("question", LEANING)
def test_a_question_that_points_back_is_led_by_the_one_before(question: str) -> None:
    for written in (to_simplified(question), to_traditional(question)):
        assert not stands_alone(written)
        assert complete(written, said(TOPIC)) == f"{TOPIC} {written}"


@pytest.mark.parametrize("question", STANDING)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    for written in (to_simplified(question), to_traditional(question)):
        assert stands_alone(written)
        assert complete(written, said("遂宁准备启动哪个县的撤县设区？", TOPIC)) == written


@pytest.mark.parametrize("question", LEANING_ENGLISH)
def test_english_follow_ups(question: str) -> None:
    assert complete(question, said(TOPIC)) == f"{TOPIC} {question}"
    assert complete(question.upper(), said(TOPIC)) == f"{TOPIC} {question.upper()}"


@pytest.mark.parametrize("question", STANDING_ENGLISH)
def test_english_questions_that_stand_alone(question: str) -> None:
    assert complete(question, said(TOPIC)) == question
    assert complete(question.upper(), said(TOPIC)) == question.upper()


def test_without_an_earlier_question_there_is_nothing_to_add() -> None:
    assert complete("那农村的呢？", []) == "那农村的呢？"
    assert complete("那农村的呢？", [{"role": "assistant", "content": "请提问。"}]) == "那农村的呢？"
    assert complete("那农村的呢？", [{"role": "user", "content": " \n"}, {"role": "user"}]) == "那农村的呢？"


def test_only_the_latest_question_leads() -> None:
    assert complete("那农村的呢？", said("遂宁准备启动哪个县的撤县设区？", TOPIC)) == f"{TOPIC} 那农村的呢？"


def test_after_two_follow_ups_the_topic_is_still_there() -> None:
    history = said(TOPIC, "那2035年呢？")
    assert complete("那农村的呢？", history) == f"{TOPIC} 那2035年呢？ 那农村的呢？"


def test_answers_are_not_searched_for() -> None:
    assert "72%" not in complete("那农村的呢？", said(TOPIC))
