from __future__ import annotations

import pytest

from rag.corpus.script import to_simplified, to_traditional
from rag.retrieval.followup import complete, stands_alone

TOPIC = "温州到2025年的城市化率目标是多少？"

LEANING = [
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
    history = said(TOPIC, "那竣工验收呢？")
    assert complete("那农村的呢？", history) == f"{TOPIC} 那竣工验收呢？ 那农村的呢？"
    assert complete("那镇上呢？", [*history, *said("那农村的呢？")]) == f"{TOPIC} 那农村的呢？ 那镇上呢？"


def test_answers_are_not_searched_for() -> None:
    assert "72%" not in complete("那农村的呢？", said(TOPIC))


# --- put into the question before -------------------------------------------------------------------------------

BUSINESS = "温州打造营商环境有什么要求？"
TOGETHER = "溫州和寧波要共建什麼？"
ENGLISH = "What urbanisation rate does Wenzhou aim for by 2025?"


@pytest.mark.parametrize(
    ("topic", "question", "completed"),
    [
        # another place
        (TOPIC, "那遂宁呢？", "遂宁到2025年的城市化率目标是多少？"),
        (TOPIC, "遂宁？", "遂宁到2025年的城市化率目标是多少？"),
        (TOPIC, "那遂寧市呢？", "遂寧市到2025年的城市化率目标是多少？"),
        ("温州市的网格怎么划分？", "那么遂宁呢？", "遂宁市的网格怎么划分？"),
        ("寧波的老年人每餐補助多少？", "那紹興的呢？", "紹興的老年人每餐補助多少？"),
        ("网格员由谁管理？", "那遂宁呢？", "遂宁网格员由谁管理？"),
        ("网格员由谁管理？", "那遂宁的网格员呢？", "遂宁的网格员由谁管理？"),
        ("《宁波市助餐办法》规定每餐补助多少元？", "那绍兴呢？", "绍兴规定每餐补助多少元？"),
        ("温州的网格员由谁管理？", "那射洪市呢？", "射洪市的网格员由谁管理？"),
        (TOPIC, "遂宁是怎么规定的呢？", "遂宁到2025年的城市化率目标是多少？"),
        # with a subject of its own, or a question
        (BUSINESS, "那遂宁的营商环境呢？", "遂宁打造营商环境有什么要求？"),
        (BUSINESS, "那遂宁的医保服务呢？", "遂宁的医保服务有什么要求？"),
        (TOPIC, "那遂宁的经济总量呢？", "遂宁到2025年的经济总量是多少？"),
        (TOPIC, "那遂宁的营商环境呢？", "遂宁到2025年的营商环境怎么样？"),
        ("溫州的目標是多少？", "那遂寧的營商環境呢？", "遂寧的營商環境怎麼樣？"),
        (TOPIC, "那遂宁由哪个部门负责？", "遂宁到2025年的城市化率目标由哪个部门负责？"),
        (TOPIC, "那遂宁对网格员有什么要求？", "遂宁对网格员有什么要求？"),
        # something else, of the same
        (TOPIC, "那由谁负责？", "温州到2025年的城市化率目标由谁负责？"),
        (TOPIC, "它什麼時候實現？", "温州到2025年的城市化率目标什麼時候實現？"),
        ("组建网格员队伍由哪个部门牵头？", "那什么时候完成呢？", "组建网格员队伍什么时候完成？"),
        ("组建网格员队伍什么时候完成？", "那這項工作由哪些部門負責？", "组建网格员队伍由哪些部門負責？"),
        ("组建网格员队伍由谁负责？", "那要花多少钱？", "组建网格员队伍要花多少钱？"),
        # what binds two places
        (TOGETHER, "那跟台州要做什麼？", "溫州跟台州要做什麼？"),
        (TOGETHER, "那跟台州呢？", "溫州和台州要共建什麼？"),
        (TOGETHER, "那台州呢？", "溫州和台州要共建什麼？"),
        # another year, another office
        (TOPIC, "那到2035年又要怎样？", "温州到2035年的城市化率目标是多少？"),
        (TOPIC, "那二〇三五年底呢？", "温州到2035年底的城市化率目标是多少？"),
        (TOPIC, "那遂宁2021年呢？", "遂宁到2021年的城市化率目标是多少？"),
        ("温州的网格员有多少？", "那2022年呢？", "温州2022年的网格员有多少？"),
        ("温州市民政局负责什么？", "那财政局呢？", "温州市财政局负责什么？"),
        ("由市民政局负责什么？", "那市财政局呢？", "由市财政局负责什么？"),
        # English, and one language after the other
        (ENGLISH, "And in Suining?", "What urbanisation rate does Suining aim for by 2025?"),
        (ENGLISH, "And by 2035?", "What urbanisation rate does Wenzhou aim for by 2035?"),
        (ENGLISH, "And how does Suining do it?", "What urbanisation rate does Suining aim for by 2025?"),
        (ENGLISH, "And Suining's business environment?", "What about Suining's business environment?"),
        (ENGLISH, "那遂宁呢？", "What urbanisation rate does Suining aim for by 2025?"),
        (TOPIC, "And in Suining?", "遂宁到2025年的城市化率目标是多少？"),
    ],
)
def test_what_a_follow_up_names_instead_is_put_into_the_question_before(
    topic: str, question: str, completed: str
) -> None:
    assert complete(question, said(topic)) == completed


@pytest.mark.parametrize(
    ("topic", "question"),
    [
        ("温州和遂宁的营商环境有什么不同？", "那长治呢？"),  # which of the two it is instead of
        ("温州的营商环境怎么样？", "那和遂宁比呢？"),  # both are asked about
        ("温州2018年方案有什么时限？", "那2020年呢？"),  # the year is the paper's
        (TOPIC, "那温州呢？"),
        ("到2020年和2025年，温州的目标是多少？", "那2035年呢？"),
        (TOPIC, "那市财政局呢？"),
        (TOPIC, "还有什么要求？"),
        (TOPIC, "它的主管部门由谁领导？"),
        ("哪些部门负责城市化？", "那什么时候完成？"),  # what it asked cannot be told from what it asked of
    ],
)
def test_where_it_cannot_be_told_both_are_searched(topic: str, question: str) -> None:
    assert complete(question, said(topic)) == f"{topic} {question}"


def test_one_follow_up_after_another() -> None:
    assert complete("那长治呢？", said(TOPIC, "那2035年呢？", "那遂宁呢？")) == "长治到2035年的城市化率目标是多少？"
    assert complete("那遂宁呢？", said(TOPIC, "那农村的呢？")) == "遂宁到2025年的城市化率目标是多少？ 那农村的呢？"
    assert complete("那遂宁呢？", said("长治的网格员由谁管理？", TOPIC)) == "遂宁到2025年的城市化率目标是多少？"
