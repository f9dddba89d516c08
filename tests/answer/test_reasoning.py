from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.reasoning import Unreasoned


def shown(pieces: list[str]) -> str:
    filtered = Unreasoned()
    return "".join([filtered.feed(piece) for piece in pieces] + [filtered.rest()])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>想</think>答", "答"),
        ("答<thinking>想</think>想</thinking>案", "答案"),
        ("<think>想<think>想</think>答", "答"),
        ("<think>没有想完", ""),
        ("想完了</think>答", "想完了答"),
        ("a<b 而 c>d，<", "a<b 而 c>d，<"),
        ("<thin", "<thin"),
        ("<think", "<think"),
    ],
)
def test_wherever_it_is_cut(text: str, expected: str) -> None:
    cuts = [[text[:first], text[first:last], text[last:]] for last in range(len(text) + 1) for first in range(last + 1)]
    assert {shown(cut) for cut in cuts} == {expected}
    assert shown(list(text)) == expected


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "thi", "nk>", "答", ">", "</"]), max_size=12))
def test_nothing_of_a_tag_is_shown_and_cuts_make_no_difference(pieces: list[str]) -> None:
    whole = shown(["".join(pieces)])
    assert shown(pieces) == shown(list("".join(pieces))) == whole


def test_text_is_not_held_back_longer_than_it_must() -> None:
    filtered = Unreasoned()
    assert [filtered.feed(piece) for piece in ("一<", "二", "三<th", "en>")] == ["一", "<二", "三", "<then>"]
