from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.clean import CleanText, merge
from rag.schema import Furniture


def test_merge_sorts_and_gives_a_shared_part_to_the_span_that_starts_first() -> None:
    spans = [Furniture(8, 9, "c"), Furniture(3, 6, "b"), Furniture(0, 4, "a"), Furniture(4, 5, "inner")]
    assert merge(spans) == [Furniture(0, 4, "a"), Furniture(4, 6, "b"), Furniture(8, 9, "c")]


def test_positions_lead_back_to_the_original() -> None:
    clean = CleanText("0甲12乙丙3", [Furniture(0, 1, "x"), Furniture(2, 4, "y"), Furniture(6, 7, "z")])
    assert clean.text == "甲乙丙"
    assert clean.original_span(0, 2) == (1, 5)
    assert clean.original_span(1, 3) == (4, 6)
    assert clean.gaps(1, 5) == ((2, 4),)
    assert [clean.clean_position(original) for original in range(8)] == [0, 0, 1, 1, 1, 2, 3, 3]


def test_a_text_that_is_all_furniture_is_empty() -> None:
    assert CleanText("abc", [Furniture(0, 3, "x")]).text == ""


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=6))
def test_what_is_left_and_what_is_removed_make_the_original(text: str, cuts: list[tuple[int, int]]) -> None:
    furniture = merge(Furniture(s, min(s + n, len(text)), "x") for s, n in cuts if s < len(text))
    clean = CleanText(text, furniture)
    removed = {position for span in furniture for position in range(span.start, span.end)}
    kept = [position for position in range(len(text)) if position not in removed]
    assert clean.text == "".join(text[position] for position in kept)
    assert [clean.original_span(i, i + 1)[0] for i in range(len(kept))] == kept
    assert [clean.clean_position(position) for position in kept] == list(range(len(kept)))
