from __future__ import annotations

import pytest

from rag.corpus.script import search_key
from rag.retrieval.pointers import Pointer, Step, find_pointers


def steps(question: str) -> list[tuple[Step, ...]]:
    return [pointer.steps for pointer in find_pointers(search_key(question))]


ARTICLE_12 = Step("条", (12,))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("《行政复议法》第十二条", (ARTICLE_12,)),
        ("行政復議法第 １２ 條說了什麼", (ARTICLE_12,)),
        ("第12条第二款第(三)项", (ARTICLE_12, Step("款", (2,)), Step("项", (3,)))),
        ("第十二條第２項第一款", (ARTICLE_12, Step("项", (2,)), Step("款", (1,)))),
        ("第四章的第十二条", (Step("章", (4,)), ARTICLE_12)),
        ("第三条之一", (Step("条", (3,), 1),)),
        ("第 3-1 條", (Step("条", (3,), 1),)),
        ("第二部分第(三)项", (Step("部分", (2,)), Step("项", (3,)))),
        ("一、(二)讲什么", (Step("comma", (1,)), Step("paren", (2,)))),
        ("二、（三）2.讲什么", (Step("comma", (2,)), Step("paren", (3,)), Step("arabic", (2,)))),
        ("第八至十条", (Step("条", (8, 9, 10)),)),
        ("第八条到第十条", (Step("条", (8, 9, 10)),)),
        ("第五、七条", (Step("条", (5, 7)),)),
        ("附件2", (Step("annex", (2,)),)),
        ("附则", (Step("supplement", (1,)),)),
        ("What does article 12 say?", (ARTICLE_12,)),
    ],
)
def test_a_pointer_in_any_spelling(question: str, expected: tuple[Step, ...]) -> None:
    assert steps(question) == [expected]


def test_several_pointers_and_what_stands_before_each() -> None:
    assert find_pointers("甲法第5条和第8条与乙法第6条") == [
        Pointer((Step("条", (5,)),), 5, "甲法"),
        Pointer((Step("条", (8,)),), 9, "和"),
        Pointer((Step("条", (6,)),), 15, "与乙法"),
    ]


@pytest.mark.parametrize(
    "question",
    [
        "温州到2025年的城市化率目标是多少？",
        "2018年一、二、三季度的增速",
        "第一目标是什么？第三节能项目呢？",
        "第一产业、第三条例外、第二项目",
        "(三)是什么意思",
        "增长3.5个百分点",
        "第二款",
        "第一章程",
    ],
)
def test_what_is_no_pointer(question: str) -> None:
    assert steps(question) == []
