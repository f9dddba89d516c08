from __future__ import annotations

import pytest

from rag.answer.english import english_numbers
from rag.answer.quantities import Quantity, find_quantities
from rag.corpus.script import search_key


def only(text: str) -> Quantity:
    [quantity] = find_quantities(search_key(text))
    return quantity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("二〇三五年", "2035年"),
        ("二O三五年", "2035年"),
        ("百分之七十二", "72%"),
        ("７２％", "72%"),
        ("七成", "70%"),
        ("半数", "50%"),
        ("三分之二", "3分之2"),
        ("三分之二", "2/3"),
        ("八成五", "85%"),
        ("不会少于五次", "至少5次"),
        ("三个部门", "3个部门"),
        ("三十名", "30人"),
        ("1.2万人", "12000人"),
        ("1,200元", "一千二百元"),
        ("二千元", "2000元"),
        ("3亿元", "30000万元"),
        ("三十天", "30日"),
        ("半天", "0.5天"),
        ("第十二条", "第12条"),
        ("不少于五次", "至少5次"),
    ],
)
def test_the_same_number_in_two_styles(one: str, other: str) -> None:
    assert only(one).same_value(only(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("三十天", "30个工作日"),
        ("三天", "三个月"),
        ("5年", "5个月"),
        ("72%", "72元"),
        ("72%", "72个百分点"),
        ("2025年", "2035年"),
        ("第三条", "3条"),
        ("五美元", "五元"),
    ],
)
def test_numbers_that_only_look_alike(one: str, other: str) -> None:
    assert not only(one).same_value(only(other))


@pytest.mark.parametrize("text", ["一个平台", "统一规划", "十四五规划", "百姓生活", "一网通办", "五四青年节"])
def test_words_with_numerals_are_no_numbers(text: str) -> None:
    assert list(find_quantities(search_key(text))) == []


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("72%以上", "least"),
        ("不低于72%", "least"),
        ("不得少于3次", "least"),
        ("30日内", "most"),
        ("最多30天", "most"),
        ("不超过3人", "most"),
        ("不满16周岁", "most"),
        ("30天", ""),
    ],
)
def test_bounds(text: str, bound: str) -> None:
    assert only(text).bound == bound


def test_a_date_is_three_numbers() -> None:
    parts = [(q.kind, q.value, q.unit) for q in find_quantities(search_key("二〇一八年六月二十日"))]
    assert parts == [("date", 2018, "year"), ("date", 6, "month"), ("date", 20, "monthday")]
    assert [(q.kind, q.value, q.unit) for q in find_quantities("2018-06-20")] == parts
    assert [q.value for q in find_quantities("2018-2022年")] == [2018, 2022]


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("june 20 2018", "6月20日 2018"),
        ("20 june 2018", "6月20日 2018"),
        ("twenty-five townships", "25 townships"),
        ("within 30 working days", "within 30个工作日"),
        ("1.5 million yuan", "150万 yuan"),
        ("the 12th article", "the 12 article"),
        ("it may apply", "it can apply"),
        ("in may 2020", "in  5月 2020"),
    ],
)
def test_english_numbers_are_written_as_chinese_ones_are(english: str, chinese: str) -> None:
    assert english_numbers(english).split() == chinese.split()
