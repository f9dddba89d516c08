from __future__ import annotations

import pytest

from rag.corpus.numerals import fold_digits, parse_numeral


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二十四", 24),
        ("一百零五", 105),
        ("一百二十", 120),
        ("三百一十", 310),
        ("一千二百六十", 1260),
        ("二〇三五", 2035),
        ("二O一八", 2018),
        ("二○二五", 2025),
        ("壹", 1),
        ("叁", 3),
        ("貳拾", 20),
        ("两千", 2000),
        ("24", 24),
        ("条", None),
        ("一个", None),
        ("", None),
        ("²", None),
    ],
)
def test_parse_numeral(text: str, value: int | None) -> None:
    assert parse_numeral(text) == value


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("二O三五年", "2035年"),
        ("二〇一八年六月二十日", "2018年6月20日"),
        ("二○二○年元月", "2020年1月"),
        ("2019年十二月", "2019年12月"),
        ("百分之七十二点五", "72.5%"),
        ("第十二届第九次会议", "第12届第9次会议"),
        ("第一百零五条", "第105条"),
        ("第七条之一", "第7条之一"),
        ("一二三四年级", "一二三四年级"),  # counted grades, no year
        ("十二五规划", "十二五规划"),
        ("一件事", "一件事"),
    ],
)
def test_fold_digits(text: str, folded: str) -> None:
    assert fold_digits(text) == folded
