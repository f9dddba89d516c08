from __future__ import annotations

from itertools import combinations

import pytest

from rag import Chatbot
from rag.answer.extractive import Draft, score
from rag.answer.question import analyse
from rag.retrieval.hybrid import Retrieved
from rag.schema import Hit

RATE = "到2027年全区河道水质优良比例达到百分之九十五，"


def draft(bot: Chatbot, question: str) -> Draft:
    return bot.answerer.draft(analyse(question), bot.retriever.retrieve(question, 16))


def texts(bot: Chatbot, question: str) -> list[str]:
    return [extract.text for extract in draft(bot, question).extracts]


def test_a_fact_is_the_sentence_that_says_it(small_bot: Chatbot) -> None:
    found = draft(small_bot, "宁波的老年人每餐补助多少元？")
    assert [(each.hit.source, each.text) for each in found.extracts] == [
        ("宁波.txt", "年满八十周岁的老年人每餐补助五元，由市民政局按月发放。")
    ]
    assert found.confidence > 0.5
    assert found.missing == {"place": (), "year": (), "unit": (), "person": ()}


@pytest.mark.parametrize(
    "question", ["绍兴的老年人每餐补助多少元？", "紹興的老年人每餐補助多少元？", "绍兴的老年人每餐补助多少元?"]
)
def test_both_scripts_get_the_same_answer(small_bot: Chatbot, question: str) -> None:
    assert texts(small_bot, question) == ["年滿七十五周歲的老年人每餐補助八元，由區縣財政承擔。"]


def test_a_comparison_has_both_sides(small_bot: Chatbot) -> None:
    found = draft(small_bot, "宁波和绍兴的老年人每餐各补助多少元？")
    assert {(each.hit.source, each.text) for each in found.extracts} == {
        ("宁波.txt", "年满八十周岁的老年人每餐补助五元，由市民政局按月发放。"),
        ("绍兴.txt", "年滿七十五周歲的老年人每餐補助八元，由區縣財政承擔。"),
    }


def test_two_places_are_compared_without_a_word_that_says_so(small_bot: Chatbot) -> None:
    question = "宁波、绍兴的老年人每餐补助多少元？"
    assert analyse(question).kind == "fact"
    assert {each.hit.source for each in draft(small_bot, question).extracts} == {"宁波.txt", "绍兴.txt"}


def test_a_list_in_the_outline_is_its_headings(small_bot: Chatbot) -> None:
    assert texts(small_bot, "青山区数字政府建设方案部署了哪四大任务？") == [
        "（一）建设统一政务云平台",
        "（二）推进公共数据共享开放",
        "（三）实施政务大厅适老改造",
        "（四）开展网络安全实战演练",
    ]


def test_a_list_after_a_colon_is_whole(small_bot: Chatbot) -> None:
    assert texts(small_bot, "青山区各单位应当做好哪三项工作？") == [
        "各单位应当做好以下工作：制定实施计划；",
        "明确责任人员；",
        "按季报告进度。",
    ]


def test_a_list_of_items_is_whole_and_ends_with_its_section(small_bot: Chatbot) -> None:
    assert "".join(texts(small_bot, "白沙区河长履行哪些职责？")) == (
        "河长履行以下职责：（一）巡查河道。每周至少一次。（二）督办问题。七日内办结。（三）报告情况。每月报告一次。"
    )


def test_a_list_goes_on_in_the_sections_below_and_says_nothing_twice(small_bot: Chatbot) -> None:
    assert texts(small_bot, "黑水县创业补助分哪三类？") == [
        "创业补助标准如下：",
        "第一条 创业补助甲类每户五百元，乙类补助每户三百元。",
        "第二条 创业补助丙类每户一百元。",
    ]


def test_a_long_sentence_is_cut_to_the_clauses_that_answer(small_bot: Chatbot) -> None:
    [chunk] = [chunk for chunk in small_bot.document("长句.txt").chunks if RATE in chunk.text]
    assert len(chunk.text) > 150
    [clip] = texts(small_bot, "白沙区2027年河道水质优良比例达到多少？")
    assert RATE in clip
    assert len(clip) <= 150
    assert clip in chunk.text
    assert clip[-1] in "，、。"
    assert chunk.text[chunk.text.index(clip) - 1] in "\n，、"


def test_what_is_not_there_is_named_and_makes_it_unsure(small_bot: Chatbot) -> None:
    found = draft(small_bot, "杭州的老年人2031年每餐补助多少亿元？")
    assert found.missing == {"place": ("杭州",), "year": ("2031",), "unit": ("亿元",), "person": ()}
    assert found.confidence < draft(small_bot, "宁波的老年人每餐补助多少元？").confidence


def test_nothing_retrieved_is_nothing_drafted(small_bot: Chatbot) -> None:
    vector = small_bot.retriever.retrieve("宁波", 1).vector
    assert small_bot.answerer.draft(analyse("宁波？"), Retrieved((), vector)) == Draft((), 0.0)


def test_sentences_are_ranked_best_first(small_bot: Chatbot) -> None:
    question = "青山区2022年底前完成什么？"
    _, ranked = small_bot.answerer.rank(analyse(question), small_bot.retriever.retrieve(question, 16))
    assert ranked[0].text == "2022年底前完成各部门系统迁移。"
    assert [score(each) for each in ranked] == sorted(map(score, ranked), reverse=True)


QUESTIONS = [
    "遂宁打造一流营商环境,围绕哪八个方面的环境列目标清单和责任清单?",
    "“六增六提”最后要让社区(治理)达到哪六个“化”?",
    "长治的基本医保经办服务要下沉覆盖到哪几级?",
    "温州企业投资项目的审批提速,2018年政府方案和后来市委全会决定各承诺多少天?",
    "遂宁、长治在社区里搭党组织,各是几级、最基层到哪里?",
    "溫州市區一體化發展要建立哪幾個“一體化”的體系或機制?",
    "刚参加工作的小年轻和外来打工的一时没地方住,长治往哪两类房子上砸钱?",
    "汇编里那个由三个行政区合并组建的新区,打造了多少个“全科网格”?",
    "What urbanisation rate does the Wenzhou decision aim for by 2025?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_keeps_its_limits_and_its_order(seeds_bot: Chatbot, question: str) -> None:
    asked = analyse(question)
    extracts = draft(seeds_bot, question).extracts
    assert extracts
    assert sum(len(each.text) for each in extracts) <= asked.limit
    by_source: dict[str, list[tuple[int, int]]] = {}
    for each in extracts:
        by_source.setdefault(each.hit.source, []).append((each.start, each.end))
    assert [each.hit.source for each in extracts] == [name for name, spans in by_source.items() for _ in spans]
    for spans in by_source.values():
        assert spans == sorted(spans)
        assert all(first[1] <= second[0] for first, second in combinations(spans, 2))


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_heading_stands_for_an_answer(seeds_bot: Chatbot, question: str) -> None:
    def bare(heading: str) -> str:
        return heading.rstrip("。：:")

    extracts = draft(seeds_bot, question).extracts
    headings = {bare(s.heading) for each in extracts for s in seeds_bot.document(each.hit.source).sections}
    alone = [each.text for each in extracts if bare(each.text) in headings]
    # A list that the outline gives is headings, and nothing else.
    assert alone in ([], [each.text for each in extracts])
    assert not alone or analyse(question).count == len(alone)


def test_every_extract_lies_in_its_hit(seeds_bot: Chatbot) -> None:
    def inside(hit: Hit, start: int, end: int) -> bool:
        return hit.start <= start < end <= hit.end

    found = [each for question in QUESTIONS for each in draft(seeds_bot, question).extracts]
    assert all(inside(each.hit, each.start, each.end) for each in found)
