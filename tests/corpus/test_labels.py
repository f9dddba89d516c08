from __future__ import annotations

import pytest

from rag.corpus.labels import Numbering, chinese_numeral, numberings
from rag.corpus.numerals import parse_numeral
from rag.schema import Section


def section(heading: str, parent: int | None = None) -> Section:
    return Section(0, parent, 1, "", heading, 0, 1, (heading,))


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("第二百零五条", Numbering("article", 205)),
        ("第 十二 條 (定義)", Numbering("article", 12)),
        ("第三条之一", Numbering("article", 3, 1)),
        ("第 3-1 條", Numbering("article", 3, 1)),
        ("第１２条", Numbering("article", 12)),
        ("第四章 罚则", Numbering("chapter", 4)),
        ("第一分编 通则", Numbering("subpart", 1)),
        ("第二部分 重点任务", Numbering("division", 2)),
        ("三、组织保障", Numbering("comma", 3)),
        ("(四)主要目标", Numbering("paren", 4)),
        ("10 .完善政务服务平台", Numbering("arabic", 10)),
        ("I1持续加强基层组织建设", Numbering("arabic", 11)),
        ("6健全信用体系", Numbering("arabic", 6)),
        ("附则", Numbering("supplement", 1)),
        ("附件2", Numbering("annex", 2)),
        ("附件", Numbering("annex", 1)),
        ("——市域黨的領導全面加強", None),
        ("关于推进治理体系现代化的实施意见", None),
    ],
)
def test_the_number_a_heading_begins_with(heading: str, expected: Numbering | None) -> None:
    assert numberings([section(heading)]) == [expected]


def test_a_number_lost_in_the_scan_follows_the_one_before_it_under_the_same_parent() -> None:
    outline = [
        section("二、原则"),
        section("(-)领导", 0),
        section("(二)服务", 0),
        section("()改革", 0),
        section("()任务"),
    ]
    assert numberings(outline)[1:] == [Numbering("paren", number) for number in (1, 2, 3, 1)]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1260, "一千二百六十"),
        (0, "0"),
        (10_000, "10000"),
    ],
)
def test_numerals_as_documents_write_them(number: int, expected: str) -> None:
    assert chinese_numeral(number) == expected


def test_every_numeral_can_be_read_again() -> None:
    assert [parse_numeral(chinese_numeral(number)) for number in range(1, 2000)] == list(range(1, 2000))
