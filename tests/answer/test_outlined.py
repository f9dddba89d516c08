from __future__ import annotations

import pytest

from rag import Chatbot
from rag.answer.citations import Extract
from rag.answer.evidence import Weighing
from rag.answer.outlined import outlined_list
from rag.answer.question import analyse

TASKS = [
    "（一）建设统一政务云平台",
    "（二）推进公共数据共享开放",
    "（三）实施政务大厅适老改造",
    "（四）开展网络安全实战演练",
]


def outlined(bot: Chatbot, question: str) -> tuple[float, tuple[Extract, ...]]:
    asked = analyse(question)
    weighing = Weighing.of(asked, bot.retriever._index.lexical.rarity(asked.terms))
    return outlined_list(asked, bot.retriever.retrieve(question, 16), weighing, bot.retriever._index.catalog)


def test_a_list_given_by_the_outline_is_its_headings(small_bot: Chatbot) -> None:
    share, headings = outlined(small_bot, "青山区数字政府建设方案部署了哪四大任务？")
    assert share > 0.45
    assert [heading.text for heading in headings] == TASKS
    document = small_bot.document("方案.txt")
    assert [document.text[heading.start : heading.end] for heading in headings] == TASKS
    assert [heading.hit.section for heading in headings] == [f"二、主要任务 › {task}" for task in TASKS]
    assert {heading.hit.source for heading in headings} == {"方案.txt"}
    sections = {section.heading: section for section in document.sections}
    assert [(h.hit.start, h.hit.end) for h in headings] == [(sections[t].start, sections[t].end) for t in TASKS]


def test_of_families_as_large_the_one_whose_parent_is_asked_for_wins(small_bot: Chatbot) -> None:
    # The document has four chapters as well as four tasks.
    chapters = ["一、总体目标", "二、主要任务", "三、工作要求", "四、附则"]
    assert [each.text for each in outlined(small_bot, "青山区数字政府建设方案有哪四大任务？")[1]] == TASKS
    assert [
        each.text for each in outlined(small_bot, "青山区数字政府建设方案的总体目标等四大类是什么？")[1]
    ] == chapters


@pytest.mark.parametrize(
    "question",
    [
        "青山区数字政府建设方案部署了哪些任务？",  # no number
        "青山区数字政府建设方案部署了哪五大任务？",  # no section has five
        "青山区数字政府建设方案的两大任务是什么？",  # too few to be a list
        "青山区数字政府建设方案的任务是什么？",
        "鲸鱼在深海里有哪四大天敌？",  # a section with four, about something else
    ],
)
def test_no_headings_unless_their_number_and_their_words_fit(small_bot: Chatbot, question: str) -> None:
    assert outlined(small_bot, question)[1] == ()


def test_labels_alone_are_no_list(small_bot: Chatbot) -> None:
    sections = small_bot.document("宁波.txt").sections
    assert [section.heading for section in sections] == ["第一条", "第二条", "第三条"]
    assert outlined(small_bot, "宁波市老年助餐服务办法有哪三条？")[1] == ()


def test_the_headings_of_a_real_document(seeds_bot: Chatbot) -> None:
    share, headings = outlined(seeds_bot, "温州2018年“两强三提高”方案部署了哪十大行动？")
    text = seeds_bot.document("wenzhou-government-improvement-plan-2018.txt").text
    assert share > 0.45
    assert len(headings) == 10
    assert headings[0].text == "(一)大力实施政府系统党的建设行动"
    assert all(text[heading.start : heading.end] == heading.text for heading in headings)


def test_headings_that_stand_elsewhere_cannot_be_quoted(seeds_bot: Chatbot) -> None:
    # The compilation names its groups in the table of contents only.
    document = seeds_bot.document("governance-modernisation-compilation.txt")
    top = [section for section in document.sections if section.parent is None]
    assert not all(document.text.startswith(section.heading, section.start) for section in top)
    number = "零一二三四五六七八九十"[len(top)]
    headings = outlined(seeds_bot, f"治理体系和治理能力现代化全套资料汇编有哪{number}大类？")[1]
    assert {heading.text for heading in headings}.isdisjoint(section.heading for section in top)
    assert [document.text[heading.start : heading.end] for heading in headings] == [each.text for each in headings]
