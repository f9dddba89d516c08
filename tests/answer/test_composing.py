"""Answers composed of what a real search finds in three short documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.answer.abstention import required
from rag.schema import Answer, Citation, Sentence, Span, TextEvent
from tests.conftest import bot_on

DOCUMENTS = {
    "宁波.txt": """宁波市老年助餐服务办法
第一条 为了方便老年人用餐，制定本办法。
第二条 年满八十周岁的老年人每餐补助五元，由市民政局按月发放。助餐点应当公示菜价。
第三条 助餐点应当每日供应两餐。
""",
    "绍兴.txt": """紹興市老年助餐服務辦法
第一條 為了方便老年人用餐，制定本辦法。
第二條 年滿七十五周歲的老年人每餐補助八元，由區縣財政承擔。
""",
    "湖州.txt": """湖州市经济运行情况报告
一、总体情况
2023年湖州全市完成工业投资320亿元，增长 06%，增速居全省前列。
二、主要任务
湖州应当做好以下工作：
（一）坚持项目为王。全年新开工项目120个。
（二）坚持创新驱动。研发投入强度达到3.5%。
""",
}
NINGBO = "宁波的老年人每餐补助多少元？"
FIVE = "年满八十周岁的老年人每餐补助五元，由市民政局按月发放。"
EIGHT = "年滿七十五周歲的老年人每餐補助八元，由區縣財政承擔。"
RULE = "《宁波市老年助餐服务办法》第{}怎么规定的？"


@pytest.fixture(scope="module")
def bot(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    return bot_on(DOCUMENTS, tmp_path_factory.mktemp("composing"), model_home)


def place(source: str, words: str) -> tuple[int, int]:
    start = DOCUMENTS[source].index(words)
    return start, start + len(words)


def streamed(bot: Chatbot, question: str) -> str:
    return "".join(event.text for event in bot.stream(question) if isinstance(event, TextEvent))


# --- whole ------------------------------------------------------------------------------------------------------


def test_a_whole_answer(bot: Chatbot) -> None:
    answer = bot.ask(NINGBO)
    start, end = place("宁波.txt", FIVE)
    assert (answer.text, answer.refused, answer.reason, answer.partial) == (f"{FIVE}[1]", False, None, None)
    focus = (FIVE.index("五元"), FIVE.index("五元") + 2)
    assert answer.sentences == (Sentence(FIVE, (1,), "supported", Span("宁波.txt", start, end), focus),)
    assert answer.citations == (Citation(1, "宁波.txt", "宁波市老年助餐服务办法", "第二条", start, end, FIVE),)
    assert answer.confidence > required("strict")


def test_both_sides_of_a_comparison_that_are_there_are_all_of_it(bot: Chatbot) -> None:
    answer = bot.ask("宁波和绍兴的老年人每餐补助各自是多少元？")
    assert (answer.text, answer.partial) == (f"{FIVE}[1]{EIGHT}[2]", None)
    assert [(each.source, each.quote) for each in answer.citations] == [("宁波.txt", FIVE), ("绍兴.txt", EIGHT)]


def test_neighbours_share_a_citation_whose_quote_is_the_text_between_them_too(bot: Chatbot) -> None:
    answer = bot.ask("湖州应当做好哪些工作？")
    sentences = [
        "湖州应当做好以下工作：",
        "（一）坚持项目为王。",
        "全年新开工项目120个。",
        "（二）坚持创新驱动。",
        "研发投入强度达到3.5%。",
    ]
    quote = (
        "湖州应当做好以下工作：\n（一）坚持项目为王。全年新开工项目120个。\n（二）坚持创新驱动。研发投入强度达到3.5%。"
    )
    # An item of a list begins a line.
    assert answer.text == "".join(f"\n{each}[1]" if each[0] == "（" else f"{each}[1]" for each in sentences)
    assert answer.sentences == tuple(
        Sentence(each, (1,), "supported", Span("湖州.txt", *place("湖州.txt", each))) for each in sentences
    )
    [citation] = answer.citations
    assert citation == Citation(
        1, "湖州.txt", "湖州市经济运行情况报告", "二、主要任务", *place("湖州.txt", quote), quote
    )


def test_neighbours_in_two_sections_do_not(bot: Chatbot) -> None:
    answer = bot.ask("宁波的助餐点应当做什么？")
    assert answer.text == "助餐点应当公示菜价。[1]助餐点应当每日供应两餐。[2]"
    assert [(each.section, each.quote) for each in answer.citations] == [
        ("第二条", "助餐点应当公示菜价。"),
        ("第三条", "助餐点应当每日供应两餐。"),
    ]


def test_a_quote_that_lost_characters_is_marked_and_left_as_it_is(bot: Chatbot) -> None:
    answer = bot.ask("湖州2023年工业投资增长多少？")
    quote = "2023年湖州全市完成工业投资320亿元，增长 06%，增速居全省前列。"
    assert [(each.quote, each.damaged) for each in answer.citations] == [(quote, True)]
    assert answer.text == f"{quote}[1]"
    assert [each.damaged for each in bot.ask(NINGBO).citations] == [False]


# --- partial ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "partial"),
    [
        ("宁波和杭州的老年人每餐补助各自是多少元？", "资料没有说到杭州的情况。"),
        ("杭州和宁波的老年人每餐补助有什么不同？", "资料没有说到杭州的情况。"),
        ("寧波和溫州的老年人每餐補助各自是多少元？", "資料沒有說到溫州的情況。"),
    ],
)
def test_the_part_of_a_comparison_that_is_there(bot: Chatbot, question: str, partial: str) -> None:
    answer = bot.ask(question)
    assert (answer.refused, answer.reason, answer.partial) == (False, None, partial)
    assert answer.text == f"{FIVE}[1]\n{partial}"
    assert [(each.text, each.citations, each.verdict) for each in answer.sentences] == [(FIVE, (1,), "supported")]
    assert [(each.source, each.quote) for each in answer.citations] == [("宁波.txt", FIVE)]


def test_several_places_are_left_out(bot: Chatbot) -> None:
    answer = bot.ask("宁波、杭州、绍兴和金华的老年人每餐补助各自是多少元？")
    assert answer.partial == "资料没有说到杭州、金华的情况。"
    assert answer.text == f"{FIVE}[1]{EIGHT}[2]\n{answer.partial}"


def test_a_partial_answer_in_english_says_so_in_english(bot: Chatbot) -> None:
    answer = bot.ask("Compare Ningbo and Hangzhou: how much is the subsidy per meal for elderly people?")
    assert answer.partial == "The documents do not cover Hangzhou."
    assert answer.text.startswith(f"{FIVE}[1]")
    assert answer.text.endswith(f"]\n{answer.partial}")


def test_the_article_that_is_there_and_the_one_that_is_not(bot: Chatbot) -> None:
    answer = bot.ask(RULE.format("二条和第九条"))
    assert answer.partial == "资料中的《宁波市老年助餐服务办法》没有第九条,只有第一条至第三条。"
    assert answer.text == f"第二条 {FIVE}[1]助餐点应当公示菜价。[1]\n{answer.partial}"
    [citation] = answer.citations
    assert citation.quote == f"第二条 {FIVE}助餐点应当公示菜价。"
    assert bot.ask(RULE.format("二条")).partial is None


# --- refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "text", "reason"),
    [
        (
            "杭州和金华的老年人每餐补助各自是多少元？",
            "资料中没有找到可以回答这个问题的内容。",
            "资料中有宁波的相关内容(《宁波市老年助餐服务办法》 › 第二条),没有杭州、金华的。",
        ),
        (
            "湖州2030年工業投資多少億元？",
            "資料中沒有找到可以回答這個問題的內容。",
            "資料中有2023年的相關內容(《湖州市經濟運行情況報告》 › 一、總體情況),沒有2030年的。",
        ),
        (
            "谁是湖州市市长？",
            "资料中没有找到可以回答这个问题的内容。",
            "最接近的段落没有说市长是谁。最接近的段落出自《湖州市经济运行情况报告》 › 二、主要任务。",
        ),
        (
            "How much is paid per meal in Hangzhou?",
            "The corpus does not say.",
            "The documents speak of this for Shaoxing (《紹興市老年助餐服務辦法》 › 第二條), not for Hangzhou.",
        ),
        (
            RULE.format("九条"),
            "资料中没有找到可以回答这个问题的内容。",
            "资料中的《宁波市老年助餐服务办法》没有第九条,只有第一条至第三条。",
        ),
    ],
)
def test_a_refusal_says_what_is_not_there_and_where_the_nearest_is(
    bot: Chatbot, question: str, text: str, reason: str
) -> None:
    answer = bot.ask(question)
    assert (answer.refused, answer.text, answer.reason, answer.partial) == (True, text, reason, None)
    assert (answer.citations, answer.sentences) == ((), ())
    assert answer.hits == tuple(bot.search(question)) != ()


def test_the_nearest_passage_is_the_first_hit(bot: Chatbot) -> None:
    answer = bot.ask("杭州和金华的老年人每餐补助各自是多少元？")
    assert (answer.hits[0].title, answer.hits[0].section) == ("宁波市老年助餐服务办法", "第二条")


def test_a_refusal_that_lacks_nothing_by_name_says_how_far_it_is(bot: Chatbot) -> None:
    answer = bot.ask("鲸鱼怎样在深海里睡觉？")
    assert answer.refused
    assert answer.reason is not None
    unsure = f"最接近的段落与问题不够吻合(把握 {round(answer.confidence * 100)}%,作答需要 40%)。"
    assert answer.reason.startswith(f"{unsure}最接近的段落出自《")


# --- how sure, and in pieces ------------------------------------------------------------------------------------

ASKED = [
    NINGBO,
    "宁波和杭州的老年人每餐补助各自是多少元？",
    "杭州的老年人每餐补助多少元？",
    "湖州2030年工业投资多少亿元？",
    "湖州2023年工业投资增长多少？",
    "谁是湖州市市长？",
    "助餐点几点开门？",
    "湖州要怎么发展旅游？",
    "鲸鱼怎样在深海里睡觉？",
]


def answers(bot: Chatbot, **settings: object) -> list[Answer]:
    other = Chatbot.open(Settings(**{**bot.settings.model_dump(), **settings}))
    return [other.ask(question) for question in ASKED]


def test_the_stricter_the_more_is_refused(bot: Chatbot) -> None:
    refused = {}
    for level in ("lenient", "balanced", "strict"):
        found = answers(bot, strictness=level, reader=False)  # the reader is seldom in doubt
        refused[level] = {each.question for each in found if each.refused}
        assert refused[level] == {each.question for each in found if each.confidence < required(level)}
    assert refused["lenient"] <= refused["balanced"] <= refused["strict"]
    assert NINGBO not in refused["strict"]
    assert "鲸鱼怎样在深海里睡觉？" in refused["lenient"]
    assert refused["lenient"] < refused["strict"]


def test_a_confidence_that_is_set_counts_for_more_than_the_level(bot: Chatbot) -> None:
    assert [each.refused for each in answers(bot, strictness="strict", min_confidence=0)] == [False] * len(ASKED)
    assert [each.refused for each in answers(bot, strictness="lenient", min_confidence=1)] == [True] * len(ASKED)


@pytest.mark.parametrize("question", [*ASKED, RULE.format("二条和第九条"), "湖州应当做好哪些工作？"])
def test_the_pieces_of_a_stream_are_the_text(bot: Chatbot, question: str) -> None:
    assert streamed(bot, question) == bot.ask(question).text


# --- a section that the question points at ------------------------------------------------------------------------


def test_a_section_is_told_as_it_stands(bot: Chatbot) -> None:
    answer = bot.ask(RULE.format("二条"))
    assert answer.text.startswith("第二条")
    assert "助餐点应当公示菜价。" in answer.text
    assert "第三条" not in answer.text
    assert {citation.section for citation in answer.citations} == {"第二条"}
    assert answer.confidence > required("strict")


def test_a_question_about_one_thing_in_a_section_gets_that_thing(bot: Chatbot) -> None:
    answer = bot.ask("《宁波市老年助餐服务办法》第二条说每餐补助多少元？")
    assert answer.text == f"{FIVE}[1]"
