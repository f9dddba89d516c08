from __future__ import annotations

import pytest

from rag.corpus.script import search_key
from rag.retrieval.sides import Side, in_turn, split

LIBRARY = {
    "温州": frozenset({"wenzhou-1.txt", "wenzhou-2.txt"}),
    "遂宁": frozenset({"suining.txt"}),
    "长治": frozenset({"changzhi.txt"}),
    "湘潭": frozenset({"xiangtan.txt"}),
    "浙江": frozenset({"wenzhou-1.txt", "wenzhou-2.txt"}),
}


def about(place: str) -> frozenset[str]:
    return LIBRARY.get(place, frozenset())


def sides(question: str) -> list[tuple[str, frozenset[str] | None]]:
    return [(side.question, side.sources) for side in split(search_key(question), about)]


@pytest.mark.parametrize(
    "question",
    [
        "网格员由谁管理？",
        "温州的城市化率目标是多少？",
        "温州市和温州各县怎样衔接？",
        "温州和杭州各有什么做法？",  # nothing about 杭州 here
        "杭州和宁波各有什么做法？",
        "温州与浙江的目标一致吗？",  # both have the same documents
        "Which city is larger?",
        "What does Hangzhou do?",  # nothing about it here
        "",
    ],
)
def test_a_question_about_one_place_with_documents_has_no_sides(question: str) -> None:
    assert sides(question) == []


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("温州和遂宁关于书记兼任主任怎么规定？", "温州关于书记兼任主任怎么规定?", "遂宁关于书记兼任主任怎么规定?"),
        ("温州市、遂宁市的网格怎样划分", "温州市的网格怎样划分", "遂宁市的网格怎样划分"),
        ("在党建品牌上，温州与遂宁各叫什么？", "在党建品牌上,温州各叫什么?", "在党建品牌上,遂宁各叫什么?"),
    ],
)
def test_each_side_asks_about_its_own_place_in_its_own_documents(question: str, first: str, second: str) -> None:
    found = sides(question)
    assert [(asked.rstrip("?"), sources) for asked, sources in found] == [
        (first.rstrip("?"), LIBRARY["温州"]),
        (second.rstrip("?"), LIBRARY["遂宁"]),
    ]


def test_a_clause_about_another_place_is_left_out_and_a_common_one_stays() -> None:
    found = sides("温州定了多少天，遂宁定了几级，目标分别是什么？")
    assert [asked for asked, _ in found] == ["温州定了多少天,目标分别是什么", "遂宁定了几级,目标分别是什么"]


def test_both_scripts_have_the_same_sides() -> None:
    assert sides("溫州和遂寧關於書記兼任主任怎麼規定？") == sides("温州和遂宁关于书记兼任主任怎么规定？") != []


def test_in_english_each_place_has_a_side_that_asks_all() -> None:
    key = search_key("How do Wenzhou and Suining differ from Hangzhou?")
    assert sides(key) == [(key, LIBRARY["温州"]), (key, LIBRARY["遂宁"])]
    assert sides("what is wenzhou's target?") == [("what is wenzhou's target?", LIBRARY["温州"])]


def test_a_place_without_documents_is_left_out_of_the_others() -> None:
    found = sides("温州、杭州、遂宁的网格怎样划分")
    assert [sources for _, sources in found] == [LIBRARY["温州"], LIBRARY["遂宁"]]
    assert not any("杭州" in asked for asked, _ in found)


def test_no_more_than_three_sides() -> None:
    found = sides("温州、遂宁、长治、湘潭的网格怎样划分")
    assert [sources for _, sources in found] == [LIBRARY["温州"], LIBRARY["遂宁"], LIBRARY["长治"]]
    assert not any("湘潭" in asked for asked, _ in found)


def test_a_side_is_a_value() -> None:
    assert split("温州,遂宁", about)[0] == Side("温州", LIBRARY["温州"])


def test_rankings_take_turns_and_nothing_comes_twice() -> None:
    assert list(in_turn(["abc", "bx", "cyz"], identity=str)) == ["a", "b", "c", "x", "y", "z"]
    assert list(in_turn(["", "ab"], identity=str)) == ["a", "b"]
    assert list(in_turn([], identity=str)) == []


def test_the_first_of_two_with_one_identity_counts() -> None:
    rankings = [[("a", 1), ("b", 2)], [("b", 3), ("a", 4)]]
    assert list(in_turn(rankings, identity=lambda each: each[0])) == [("a", 1), ("b", 3)]
