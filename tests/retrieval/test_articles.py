from __future__ import annotations

import pytest

from rag.retrieval.articles import find_part
from rag.retrieval.pointers import Step

MAINLAND = """第十二条 下列事项不予受理：
（一）甲事项；
（二）乙事项，包括：
1.乙之一；
2.乙之二。
　　前款所列事项，依照本条例办理。
有下列情形之一的，可以延期：
（一）丙情形；（二）丁情形；
（三）戊情形。
"""
TAIWAN = """第 3 條
本法用詞，定義如下：
一、甲：指甲者。
二、乙：指乙者。
前項第二款之乙，由主管機關定之。
"""


def part(text: str, *steps: Step) -> str | None:
    span = find_part(text, steps)
    return None if span is None else text[span[0] : span[1]].strip("\n\u3000")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([Step("款", (2,))], "前款所列事项，依照本条例办理。"),
        ([Step("款", (3,))], "有下列情形之一的，可以延期：\n（一）丙情形；（二）丁情形；\n（三）戊情形。"),
        ([Step("款", (3,)), Step("项", (2,))], "（二）丁情形；"),
        ([Step("项", (1,))], "（一）甲事项；"),
        (
            [Step("paren", (2,))],
            "（二）乙事项，包括：\n1.乙之一；\n2.乙之二。",
        ),
        ([Step("款", (1,)), Step("项", (2,)), Step("目", (2,))], "2.乙之二。"),
        ([Step("款", (4,))], None),
        ([Step("款", (2,)), Step("项", (1,))], None),
        ([Step("项", (7,))], None),
    ],
)
def test_paragraphs_and_items_of_the_mainland(steps: list[Step], expected: str | None) -> None:
    assert part(MAINLAND, *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([Step("项", (1,))], "本法用詞，定義如下：\n一、甲：指甲者。\n二、乙：指乙者。"),
        ([Step("项", (2,))], "前項第二款之乙，由主管機關定之。"),
        ([Step("款", (2,))], "二、乙：指乙者。"),
        ([Step("项", (1,)), Step("款", (1,))], "一、甲：指甲者。"),
        ([Step("项", (2,)), Step("款", (1,))], None),
    ],
)
def test_paragraphs_and_items_of_taiwan(steps: list[Step], expected: str | None) -> None:
    assert part(TAIWAN, *steps) == expected
