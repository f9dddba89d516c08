"""Marks of many kinds in text that comes in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.markers import Said, SentenceStream


def sentences(text: str, *, delta: int = 1, known: range = range(1, 4)) -> list[Said]:
    stream = SentenceStream(known)
    said = [each for start in range(0, len(text), delta) for each in stream.feed(text[start : start + delta])]
    return said + list(stream.finish())


@pytest.mark.parametrize(
    ("marks", "cited"),
    [
        ("[1]", (1,)),
        ("[1][2]", (1, 2)),
        ("[2] [1]", (2, 1)),
        ("[1]、[3]", (1, 3)),
        ("【1】", (1,)),
        ("【1】【2】", (1, 2)),
        ("[1,3]", (1, 3)),
        ("[1、3]", (1, 3)),
        ("［1，2］", (1, 2)),
        ("［１］", (1,)),
        ("[1-3]", (1, 2, 3)),
        ("[1至2]", (1, 2)),
        ("[^1]", (1,)),
        ("(来源1)", (1,)),
        ("（來源：1、2）", (1, 2)),
        ("（见段落2）", (2,)),
        ("[passage 1]", (1,)),
        ("[Source 1, Source 2]", (1, 2)),
        ("（[2]）", (2,)),
        ("(Passage [2])", (2,)),
        ("[[1]]", (1,)),
        ("[1](http://a.example/x)", (1,)),
        ("【1†source】", (1,)),
        ("<sup>1</sup>", (1,)),
        (" [1]", (1,)),
    ],
)
@pytest.mark.parametrize("before", [True, False], ids=["before the full stop", "after it"])
def test_marks_are_read_and_taken_out(marks: str, cited: tuple[int, ...], before: bool) -> None:
    first = f"每餐补助五元{marks}。" if before else f"每餐补助五元。{marks}"
    expected = [Said("每餐补助五元。", cited, begins_line=True), Said("由市民政局发放。", (3,))]
    for delta in (1, 2, 3, 7, 1000):
        assert sentences(f"{first}由市民政局发放。[3]", delta=delta) == expected


@pytest.mark.parametrize(
    "text",
    [
        "青政发[2021]7号文件规定。",
        "【目标】到2025年完成。",
        "（一）坚持节水优先。",
        "见附件(1)。",
        "《办法》第[十]条。",
    ],
)
def test_brackets_that_are_words_stay(text: str) -> None:
    assert sentences(text) == [Said(text, begins_line=True)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("五元。[9]", Said("五元。", (), 1, True)),
        ("五元。[1][9]", Said("五元。", (1,), 1, True)),
        ("五元。[0]", Said("五元。", (), 1, True)),
        ("五元。[1-999]", Said("五元。", (1,), 1, True)),
        ("五元。（来源：国务院网站）", Said("五元。", (), 1, True)),
        ("五元。[来源：某某]", Said("五元。", (), 1, True)),
        ("五元。[passage X]", Said("五元。", (), 1, True)),
    ],
)
def test_what_names_no_passage_is_counted_and_taken_out(text: str, said: Said) -> None:
    assert sentences(text) == [said]


@pytest.mark.parametrize("half", ["[1", "[", "【1", "（来源", "[1,", " [^1"])
def test_a_mark_that_is_cut_off_is_never_shown(half: str) -> None:
    assert sentences(f"每餐补助五元{half}") == [Said("每餐补助五元", begins_line=True)]


def test_a_sentence_is_given_as_soon_as_no_mark_can_follow() -> None:
    stream = SentenceStream({1, 2})
    assert list(stream.feed("每餐补助五元。")) == []
    assert list(stream.feed("[1")) == []
    assert list(stream.feed("]")) == []
    assert list(stream.feed("由")) == [Said("每餐补助五元。", (1,), begins_line=True)]
    assert list(stream.feed("市民政局发放。\n")) == [Said("由市民政局发放。")]
    assert list(stream.finish()) == []


def test_lines_are_told() -> None:
    said = sentences("有两项：\n- 巡查河道。[1]每周一次。\n\n- 督办问题[2]\n")
    assert said == [
        Said("有两项：", begins_line=True),
        Said("- 巡查河道。", (1,), begins_line=True),
        Said("每周一次。"),
        Said("- 督办问题", (2,), begins_line=True),
    ]


def test_english_sentences_end_where_a_new_one_begins() -> None:
    said = sentences("The rate is 72.5% by 2025. [1] See Art. 5 of No. 7 [2]. Nothing else, e.g. water.")
    assert said == [
        Said("The rate is 72.5% by 2025.", (1,), begins_line=True),
        Said("See Art. 5 of No. 7.", (2,)),
        Said("Nothing else, e.g. water."),
    ]


def test_a_sentence_without_end_is_cut() -> None:
    assert [len(each.text) for each in sentences("长" * 4500, delta=50)] == [2000, 2000, 500]


PIECES = st.sampled_from(
    [
        "每餐补助五元",
        "。",
        "！",
        "\n",
        "[1]",
        "[12]",
        "【2】",
        "（来源3）",
        "[",
        "]",
        "(",
        "<sup>",
        "1",
        "A b. ",
        " ",
        "，",
        "http://x.y/?a=1;b",
    ]
)


@given(st.lists(PIECES, max_size=30), st.integers(1, 9))
def test_the_size_of_the_pieces_makes_no_difference(pieces: list[str], delta: int) -> None:
    text = "".join(pieces)
    assert sentences(text, delta=delta) == sentences(text, delta=len(text) + 1)
