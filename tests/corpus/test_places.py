from __future__ import annotations

import pytest

from rag.corpus.places import akin, find_places, place_spans


@pytest.mark.parametrize(
    ("key", "places"),
    [
        ("温州和遂宁各有什么", ["温州", "遂宁"]),
        ("宁波市委的决定,杭州“城市大脑”", ["宁波", "杭州"]),
        ("对标上海嘉定,与宁波共建", ["上海", "宁波"]),
        ("在长治办企业,长治怎么说", ["长治"]),
        ("中山市的办法", ["中山"]),
        ("孙中山先生", []),
        ("wenzhou和遂宁,还有ningbo、温州", ["温州", "遂宁", "宁波"]),
        ("遂宁(suining)、hangzhou、长治", ["遂宁", "杭州", "长治"]),
    ],
)
def test_places_are_found_in_order_each_once(key: str, places: list[str]) -> None:
    assert find_places(key) == places


def test_where_each_of_them_stands() -> None:
    assert place_spans("温州和suining,温州") == [(0, 2, "温州"), (3, 10, "遂宁"), (11, 13, "温州")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("温州", "温州市", True),
        ("温州", "浙江省", True),
        ("四川", "遂宁市", True),
        ("温州", "杭州", False),
        ("浙江", "四川", False),
        ("北京", "上海", False),
        ("青山区", "青山", True),
        ("青山区", "温州", False),
    ],
)
def test_a_province_and_its_cities_are_akin(one: str, other: str, same: bool) -> None:
    assert (akin(one, other), akin(other, one)) == (same, same)


@pytest.mark.parametrize(
    "words", ["推广安全生产", "巩固原有成果", "集中卫生整治", "经济源头治理", "确保定期公开", "沟通化解"]
)
def test_a_name_where_two_words_meet_is_no_place(words: str) -> None:
    assert find_places(words) == []
