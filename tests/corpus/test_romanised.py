from __future__ import annotations

import pytest

from rag.corpus.places import find_places
from rag.corpus.romanised import _known, find_romanised, in_latin, romanised_spans
from rag.corpus.script import search_key


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("What does Wenzhou aim for by 2025?", ["温州"]),
        ("Compare Suining's plan with WENZHOU's, and Suining's rules.", ["遂宁", "温州"]),
        ("In Hong Kong, Xi'an and Inner Mongolia", ["香港", "西安", "内蒙古"]),
        ("Xi’an, then Tai’an", ["西安", "泰安"]),
        ("Xiongan or Xiong'an", ["雄安"]),
        ("Shanxi and Shaanxi", ["山西", "陕西"]),
        ("the Wenzhounese, a familial habit", []),
        ("Who is responsible for it?", []),
        ("温州", []),
        ("", []),
    ],
)
def test_places_in_latin_letters_in_order_each_once(question: str, places: list[str]) -> None:
    assert find_romanised(search_key(question)) == places


def test_where_each_of_them_stands() -> None:
    assert romanised_spans("xi’an, suining and xi'an") == [(0, 5, "西安"), (7, 14, "遂宁"), (19, 24, "西安")]


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("How do Wenzhou and Suining differ?", ["温州", "遂宁"]),
        ("遂宁 and Wenzhou", ["遂宁", "温州"]),
        ("Wenzhou and 遂宁", ["温州", "遂宁"]),
        ("温州(Wenzhou)的目标", ["温州"]),
    ],
)
def test_they_are_places_like_those_in_chinese(question: str, places: list[str]) -> None:
    assert find_places(search_key(question)) == places


def test_every_name_leads_to_a_place_that_chinese_texts_name() -> None:
    known = _known()
    assert len(known) > 300
    assert [place for place in known.values() if find_places(f"{place}市") != [place]] == []
    assert [name for name, place in known.items() if find_romanised(f"in {name},") != [place]] == []


@pytest.mark.parametrize(
    ("place", "name"),
    [("温州", "Wenzhou"), ("西安", "Xi'an"), ("香港", "Hong Kong"), ("澳门", "Macao"), ("青山", "青山")],
)
def test_a_place_in_latin_letters(place: str, name: str) -> None:
    assert in_latin(place) == name
