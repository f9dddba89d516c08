"""Questions that the documents answer: which are made of a text, and that they are answered."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.answer.answerable import Suggestion, suggestions
from rag.corpus.document import parse_document
from rag.errors import QuestionError
from tests.conftest import SMALL_DOCUMENTS, bot_on

LAW = """中华人民共和国河道条例(2019年修订)
第一章 总则
第一条 为了保护河道，制定本条例。
第二条 本条例所称河道，是指有水流的地方。
第三条 国务院水行政主管部门负责全国河道管理工作。
第四条 其他部门负责人应当到会。
第五条 本条例自2020年1月1日起施行。
"""
PLAN = """溫州市治理方案
一、主要目標
力爭到2025年全市城市化率達72%以上。
二、大力完善城市管理體制
2021年底前，完成市容整治三年行動計劃，並持續提升。
三、加快推進與杭州共建合作園區
與杭州市加強合作。
"""


LIBRARY = """青山市图书馆简介
青山市图书馆于2019年5月1日开馆，现有藏书三十万册。
借书证的押金为一百元。图书馆的开放时间为每天九时至二十一时，节假日照常开放。
少儿阅览室由市妇联管理。
"""
MEALS = """社區食堂說明
社區食堂位於青山市中心路8號，環境整潔。年滿六十周歲的老年人可以到社區食堂用餐。
"""


def questions(text: str, **overrides: str) -> list[tuple[str, str]]:
    document = parse_document(text, source="a.txt", overrides=overrides)
    found = suggestions(document)
    assert all(each.source == "a.txt" and 0 <= each.place < len(text) for each in found)
    return [(each.kind, each.question) for each in found]


def test_of_rules_by_their_title() -> None:
    assert questions(LAW) == [
        ("definition", "《河道条例》所称的河道是指什么？"),
        ("duty", "《河道条例》规定由哪个部门负责河道管理工作？"),
        ("force", "《河道条例》从什么时候起施行？"),
        ("article", "《河道条例》第二条规定了什么？"),
        ("article", "《河道条例》第三条规定了什么？"),
        ("article", "《河道条例》第四条规定了什么？"),
        ("article", "《河道条例》第五条规定了什么？"),
    ]


def test_of_a_plan_by_its_place_and_in_its_script() -> None:
    # What is said of another place is not asked of this one.
    assert questions(PLAN, region="溫州") == [
        ("goal", "溫州到2025年城市化率要達到多少？"),
        ("deadline", "溫州最晚什麼時候要完成市容整治三年行動計劃？"),
        ("topic", "溫州怎樣完善城市管理體制？"),
        ("heading", "《溫州市治理方案》的主要目標是什麼？"),
    ]


def test_a_question_points_at_where_it_comes_from() -> None:
    [definition] = [each for each in suggestions(parse_document(LAW, source="a.txt")) if each.kind == "definition"]
    assert definition == Suggestion("《河道条例》所称的河道是指什么？", "a.txt", "definition", LAW.index("本条例所称"))


def test_of_plain_prose_by_its_sentences() -> None:
    assert questions(LIBRARY) == [
        ("prose", "青山市图书馆什么时候开馆？"),
        ("prose", "借书证的押金是多少？"),
        ("prose", "图书馆的开放时间是什么？"),
        ("prose", "少儿阅览室由谁管理？"),
    ]
    assert questions(MEALS) == [("prose", "社區食堂位於哪裏？"), ("prose", "誰可以到社區食堂用餐？")]


def test_a_document_with_better_questions_is_not_asked_like_prose() -> None:
    assert {kind for kind, _ in questions(f"{PLAN}{LIBRARY}", region="溫州")}.isdisjoint({"prose"})


@pytest.mark.parametrize(
    "sentence",
    [
        "其押金为一百元。",
        "本馆由市妇联管理。",
        "该馆位于青山市中心路8号。",
        "目前藏书量为三十万册。",
        "在青山市图书馆的借书期限为三十天。",
        "押金为一百元。",
        "青山市图书馆的藏书十分丰富。",
        "青山市图书馆分为五层。",
    ],
)
def test_a_sentence_that_leans_on_others_or_says_little_is_not_asked_about(sentence: str) -> None:
    assert questions(f"青山市图书馆简介\n{sentence}\n") == []


def test_a_library_of_plain_prose_is_asked_what_it_answers(model_home: Path, tmp_path: Path) -> None:
    bot = bot_on({"图书馆.txt": LIBRARY, "食堂.txt": MEALS}, tmp_path, model_home)
    examples = bot.examples(9)
    assert sorted(examples) == sorted(question for text in (LIBRARY, MEALS) for _, question in questions(text))
    assert [question for question in examples if bot.ask(question).refused] == []
    first = [bot.ask(question).citations[0].source for question in bot.examples(2)]
    assert sorted(first) == ["图书馆.txt", "食堂.txt"]
    bot.close()


@pytest.mark.parametrize(
    "text", ["没有标题也没有条款的一段话，说了几件小事。\n", "A plain English text. Nothing else.\n"]
)
def test_a_text_that_offers_nothing_gives_nothing(text: str) -> None:
    assert questions(text) == []


def test_the_seeds_are_asked_what_they_answer(seeds_bot: Chatbot) -> None:
    examples = seeds_bot.examples(12)
    assert (len(examples), len(set(examples))) == (12, 12)
    assert seeds_bot.examples(12) == Chatbot.open(seeds_bot.settings).examples(12) == examples
    assert seeds_bot.examples(4) == seeds_bot.examples()
    answers = [seeds_bot.ask(question) for question in examples]
    assert [answer.question for answer in answers if answer.refused] == []
    first = {answer.citations[0].source for answer in answers[:4]}
    assert len(first) == 4


def test_instead_of_a_question_that_was_refused(seeds_bot: Chatbot) -> None:
    refused = "溫州的決定裡2030年的城市化率目標是多少?"
    assert seeds_bot.ask(refused).refused
    [nearest, second] = seeds_bot.examples(2, around=refused)
    assert nearest == "溫州到2025年城市化率要達到多少？"
    assert not seeds_bot.ask(nearest).refused
    assert nearest not in seeds_bot.examples(2, around=nearest)
    assert second.startswith(("温州", "溫州", "《中共溫州"))
    with pytest.raises(QuestionError, match="the question is empty"):
        seeds_bot.examples(around=" ")


def test_examples_follow_the_documents(model_home: Path, tmp_path: Path) -> None:
    bot = bot_on({**SMALL_DOCUMENTS, "河道.txt": LAW}, tmp_path, model_home)
    goal = "《数字政府建设方案》到2025年政务服务事项网上可办率要达到多少？"
    assert goal in bot.examples()
    assert len(bot.examples(2)) == 2
    assert set(bot.examples(2)) < set(bot.examples(99))
    bot.remove("数字政府.txt")
    assert goal not in bot.examples(99)
    assert bot.configured(k=2).examples() == bot.examples() != []
    for source in ("老年助餐.txt", "河道.txt"):
        bot.remove(source)
    assert (bot.examples(), bot.examples(around="河道是什么？")) == ([], [])
    bot.close()


def test_an_index_without_documents_has_no_examples(home: Path) -> None:
    bot = Chatbot.open(Settings(home=home))
    assert (bot.examples(), bot.examples(around="河道是什么？")) == ([], [])
    bot.close()


def test_threads_get_the_same(library: Path) -> None:
    bot = Chatbot.open(Settings(home=library))
    start = threading.Barrier(8)

    def examples(_: int) -> list[str]:
        start.wait()
        return bot.examples()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(examples, range(8)))
    assert found == [bot.examples()] * 8
    bot.close()
