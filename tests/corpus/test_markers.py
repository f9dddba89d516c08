from __future__ import annotations

import pytest

from rag.corpus.markers import Marker, find_markers, refers, structural_kind


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("第一编 总则", Marker("part", 1, 0, 3, "第一编")),
        ("第二分编", Marker("subpart", 2, 0, 4, "第二分编")),
        ("第十二章 附则", Marker("chapter", 12, 0, 4, "第十二章")),
        ("第三節", Marker("section", 3, 0, 3, "第三節")),
        ("第一百零五条 甲", Marker("article", 105, 0, 6, "第一百零五条")),
        ("第 8 條", Marker("article", 8, 0, 5, "第 8 條")),
        ("第 3-1 條", Marker("article", 3, 0, 7, "第 3-1 條", inserted=True)),
        ("第七条之二 甲", Marker("article", 7, 0, 5, "第七条之二", inserted=True)),
        ("壹、", Marker("capital", 1, 0, 2, "壹、")),
        ("参、", Marker("capital", 3, 0, 2, "参、")),
        ("二十一、", Marker("comma", 21, 0, 4, "二十一、")),
        ("(二十四)", Marker("paren", 24, 0, 5, "(二十四)")),
        ("（三）", Marker("paren", 3, 0, 3, "（三）")),
        ("(-)", Marker("paren", 1, 0, 3, "(-)")),
        ("()", Marker("paren", None, 0, 2, "()")),
        ("1.", Marker("arabic", 1, 0, 2, "1.")),
        ("12．", Marker("arabic", 12, 0, 3, "12．")),
        ("1 .", Marker("arabic", 1, 0, 3, "1 .")),
        ("I1持续", Marker("arabic", 11, 0, 2, "I1", bare=True)),
        ("14紧扣", Marker("arabic", 14, 0, 2, "14", bare=True)),
        ("(3)", Marker("arabic paren", 3, 0, 3, "(3)")),
        ("③", Marker("circled", 3, 0, 1, "③")),
        ("——甲", Marker("dash", None, 0, 2, "——")),
    ],
)
def test_a_marker_is_read(text: str, marker: Marker) -> None:
    assert list(find_markers(text)) == [marker]


@pytest.mark.parametrize(
    "text", ["3.5公里", "12345", "3个", "8月", "5%", "2018", "I类", "一是", "其一", "十分、", "第一", "a)", "（市）"]
)
def test_no_marker(text: str) -> None:
    assert list(find_markers(text)) == []


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("第三条所称的企业", True),
        ("第三条规定的事项", True),
        ("第三條規定之事項", True),
        ("第五条第二款", True),
        ("第五条、第六条", True),
        ("第五条和第六条", True),
        ("第五条中的期限", True),
        ("第五条以外的情形", True),
        ("第五条（三）项", True),
        ("第五条 规划应当公布", False),
        ("第五条规划应当公布", False),
        ("第五条中介机构应当备案", False),
        ("第五条", False),
    ],
)
def test_refers(text: str, reference: bool) -> None:
    marker = next(find_markers(text))
    assert refers(text, marker) is reference


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("第一编 总则", "part"),
        ("第二分编", "subpart"),
        ("第三章", "chapter"),
        ("第四節 罰則", "section"),
        ("第五条 甲", None),
        ("一、甲", None),
        ("附则", None),
        ("依照第三章", None),
        ("", None),
    ],
)
def test_structural_kind(heading: str, kind: str | None) -> None:
    assert structural_kind(heading) == kind
