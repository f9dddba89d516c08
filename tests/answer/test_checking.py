from __future__ import annotations

import pytest

from rag import Chatbot, Filter
from rag.answer.checking import sentences
from rag.errors import FilterError, QuestionError

PASTED = """## 助餐政策
根据资料，宁波年满80周岁的老年人每餐补助5元，由市民政局按月发放。[1] 绍兴年满七十五周岁的老年人每餐补助五元[2]。
- **助餐点应当公示菜价。**
"""


def test_each_sentence_of_a_pasted_text_is_checked_and_cited(small_bot: Chatbot) -> None:
    checked = small_bot.check(PASTED)
    assert [(each.text, each.support.verdict) for each in checked] == [
        ("根据资料，宁波年满80周岁的老年人每餐补助5元，由市民政局按月发放。", "supported"),
        ("绍兴年满七十五周岁的老年人每餐补助五元。", "unsupported"),
        ("助餐点应当公示菜价。", "supported"),
    ]
    cited = [each.citation for each in checked if each.citation]
    sources = [(citation.number, citation.source) for citation in cited]
    assert sources == [
        (1, "宁波.txt"),
        (2, "绍兴.txt"),
        (3, "宁波.txt"),
    ]
    for citation in cited:
        assert citation.quote == small_bot.document(citation.source).text[citation.start : citation.end]
    assert "八元" in cited[1].quote


def test_only_the_documents_asked_for_support(small_bot: Chatbot) -> None:
    [checked] = small_bot.check("助餐点应当公示菜价。", where=Filter(sources=("绍兴.txt",)))
    assert checked.support.verdict != "supported"
    with pytest.raises(FilterError):
        small_bot.check("助餐点应当公示菜价。", where=Filter(sources=("没有.txt",)))


@pytest.mark.parametrize("text", ["", " \n", "[1][2]", "……"])
def test_a_text_without_a_sentence_is_refused(small_bot: Chatbot, text: str) -> None:
    with pytest.raises(QuestionError, match="no sentence"):
        small_bot.check(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲方负责。[1]乙方监督。[2,3]", ["甲方负责。", "乙方监督。"]),
        ("1. 甲方负责；乙方监督。", ["甲方负责；", "乙方监督。"]),
        ("（一）甲方负责", ["甲方负责"]),
        ("> **甲方**负责", ["甲方负责"]),
        ("It costs 2.5 yuan. Who pays? The city does.", ["It costs 2.5 yuan.", "Who pays?", "The city does."]),
        ("见[1](http://x)", ["见[1](http://x)"]),
    ],
)
def test_the_sentences_of_a_text(text: str, expected: list[str]) -> None:
    assert list(sentences(text)) == expected
