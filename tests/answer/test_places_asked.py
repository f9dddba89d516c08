"""Questions that name places, years or what is not so, asked of a few made-up documents of several cities."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Chatbot
from rag.schema import TextEvent
from tests.conftest import bot_on

DOCUMENTS = {
    "宁波.txt": """宁波市老年助餐服务办法
第一条 年满八十周岁的老年人每餐补助五元，由市民政局按月发放。
第二条 到2025年，全市建成社区老年助餐点300个。
第三条 全面推行助餐点星级评定制度，每年公布一次结果。
第四条 助餐点不得向老年人收取押金。
第五条 与绍兴共建养老服务示范带。
""",
    "绍兴.txt": """紹興市老年助餐服務辦法
第一條 年滿七十五周歲的老年人每餐補助八元，由區縣財政承擔。
第二條 助餐點每日供應兩餐，菜價向社會公示。
""",
    "金华.txt": """金华市生活垃圾分类管理办法
第一条 生活垃圾分为可回收物、有害垃圾、厨余垃圾和其他垃圾四类。
第二条 个人混合投放生活垃圾的，处五十元罚款。
""",
    "汇编.txt": """社区养老经验材料汇编
一、把助餐办到家门口
该区的社区老年助餐点配备营养师二十名，每餐补助六元，群众都说好。
""",
}
FIVE = "年满八十周岁的老年人每餐补助五元，由市民政局按月发放。"
EIGHT = "年滿七十五周歲的老年人每餐補助八元，由區縣財政承擔。"
STARS = "全面推行助餐点星级评定制度，每年公布一次结果。"
DEPOSIT = "助餐点不得向老年人收取押金。"


@pytest.fixture(scope="module")
def bot(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    return bot_on(DOCUMENTS, tmp_path_factory.mktemp("places"), model_home)


def sources(bot: Chatbot, question: str) -> set[str]:
    return {citation.source for citation in bot.ask(question).citations}


# --- nobody else's words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("宁波的老年人每餐补助多少元？", "宁波.txt"),
        ("紹興的老年人每餐補助多少元？", "绍兴.txt"),
        ("金华个人混合投放生活垃圾罚多少元？", "金华.txt"),
        ("绍兴的助餐点每天供应几餐？", "绍兴.txt"),
    ],
)
def test_an_answer_about_a_place_quotes_its_documents_alone(bot: Chatbot, question: str, source: str) -> None:
    assert sources(bot, question) == {source}


def test_a_sentence_that_names_the_place_may_be_another_ones(bot: Chatbot) -> None:
    answer = bot.ask("绍兴和谁共建养老服务示范带？")
    assert [(each.source, each.quote) for each in answer.citations] == [("宁波.txt", "与绍兴共建养老服务示范带。")]


def test_a_document_of_no_place_answers_where_no_place_is_asked_or_it_is_named(bot: Chatbot) -> None:
    assert sources(bot, "社区老年助餐点配备了多少名营养师？") == {"汇编.txt"}
    assert "汇编.txt" in sources(bot, "宁波和汇编里那个区，每餐各补助多少元？")
    assert "汇编.txt" not in sources(bot, "宁波的社区老年助餐点每餐补助多少元？")


# --- what there is for others -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (
            "金华的助餐点怎么推行星级评定制度？",
            "资料中有宁波的相关内容(《宁波市老年助餐服务办法》 › 第三条),没有金华的。",
        ),
        (
            "杭州的助餐点怎么推行星级评定制度？",
            "资料中有宁波的相关内容(《宁波市老年助餐服务办法》 › 第三条),没有杭州的。",
        ),
        (
            "杭州的助餐點怎麼推行星級評定制度？",
            "資料中有寧波的相關內容(《寧波市老年助餐服務辦法》 › 第三條),沒有杭州的。",
        ),
        (
            "宁波到2030年建成多少个社区老年助餐点？",
            "资料中有2025年的相关内容(《宁波市老年助餐服务办法》 › 第二条),没有2030年的。",
        ),
    ],
)
def test_a_refusal_names_what_there_is_for_another_place_or_year(bot: Chatbot, question: str, reason: str) -> None:
    answer = bot.ask(question)
    assert (answer.refused, answer.reason, answer.citations) == (True, reason, ())


# --- comparisons --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "宁波和绍兴的老年人每餐补助有什么不同？",
        "宁波、绍兴的老年人每餐补助多少元？",
        "老年人每餐补助，宁波比绍兴高吗？",
        "宁波跟绍兴，哪个的老年人每餐补助更高？",
        "谁的老年人每餐补助更多，宁波还是绍兴？",
    ],
)
def test_two_places_are_compared_however_it_is_put(bot: Chatbot, question: str) -> None:
    answer = bot.ask(question)
    assert ({FIVE, EIGHT} <= {each.text for each in answer.sentences}, answer.partial) == (True, None)
    assert {each.source for each in answer.citations} == {"宁波.txt", "绍兴.txt"}


@pytest.mark.parametrize(
    ("question", "partial"),
    [
        ("老年人每餐补助，宁波比杭州高吗？", "资料没有说到杭州的情况。"),
        ("宁波和杭州，哪个的老年人每餐补助更高？", "资料没有说到杭州的情况。"),
        ("宁波和金华的老年人每餐补助各是多少元？", "资料没有说到金华的情况。"),
    ],
)
def test_what_nothing_was_found_for_is_told(bot: Chatbot, question: str, partial: str) -> None:
    answer = bot.ask(question)
    assert (answer.refused, answer.partial) == (False, partial)
    assert {each.source for each in answer.citations} == {"宁波.txt"}


@pytest.mark.parametrize(
    "asks",
    [
        "Compare {}: how much is the subsidy per meal for elderly people?",
        "How much do {} differ in the subsidy per meal for elderly people?",
    ],
)
def test_english_comparisons(bot: Chatbot, asks: str) -> None:
    both = bot.ask(asks.format("Ningbo and Shaoxing"))
    assert (both.refused, both.partial) == (False, None)
    assert {each.source for each in both.citations} == {"宁波.txt", "绍兴.txt"}
    one = bot.ask(asks.format("Ningbo and Hangzhou"))
    assert one.partial == "The documents do not cover Hangzhou."
    assert {each.source for each in one.citations} == {"宁波.txt"}


# --- what is not so -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "lead", "reason", "quote"),
    [
        ("宁波为什么取消助餐点星级评定制度？", "资料中的说法相反：", "问题的前提与资料不符。", STARS),
        ("寧波為什麼取消助餐點星級評定制度？", "資料中的說法相反：", "問題的前提與資料不符。", STARS),
        ("宁波不再推行助餐点星级评定制度是什么时候？", "资料中的说法相反：", "问题的前提与资料不符。", STARS),
        ("宁波的助餐点为什么向老年人收取押金？", "资料中的说法相反：", "问题的前提与资料不符。", DEPOSIT),
    ],
)
def test_what_a_question_wrongly_takes_for_granted_is_corrected(
    bot: Chatbot, question: str, lead: str, reason: str, quote: str
) -> None:
    answer = bot.ask(question)
    assert (answer.refused, answer.correction, answer.reason) == (True, lead, reason)
    assert answer.confidence < 0.6
    assert answer.text == f"{lead}{quote}[1]"
    assert [(each.source, each.quote) for each in answer.citations] == [("宁波.txt", quote)]
    assert "".join(each.text for each in bot.stream(question) if isinstance(each, TextEvent)) == answer.text


@pytest.mark.parametrize(
    "question",
    [
        "宁波为什么推行助餐点星级评定制度？",
        "宁波的助餐点为什么不得向老年人收取押金？",
        "宁波什么时候推行助餐点星级评定制度？",
        "宁波为什么取消公共自行车？",
        "绍兴为什么取消助餐点星级评定制度？",  # it is Ningbo's
        "宁波的助餐点什么时候向老年人收取押金？",  # asks, and takes little for granted
    ],
)
def test_nothing_else_is(bot: Chatbot, question: str) -> None:
    assert bot.ask(question).correction is None
