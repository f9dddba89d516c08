from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.sentences import clause_spans, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_marks_and_line_breaks_end_a_sentence_and_closing_marks_stay_with_it() -> None:
    text = "他说：“要快。”然后走了！（真的？）\n  第二段;还有；尾巴\n\n末"
    assert sentences(text) == ["他说：“要快。”", "然后走了！", "（真的？）", "第二段;", "还有；", "尾巴", "末"]


def test_a_row_of_a_table_is_one_sentence() -> None:
    row = "任务：健全机制；完善平台。 | 责任单位：市委政法委"
    assert sentences(f"如下。如上\n{row}\n甲。乙。") == ["如下。", "如上", row, "甲。", "乙。"]
    assert sentences(f"{row}\n| 任务 | 单位 |") == [row, "| 任务 | 单位 |"]


def test_a_very_long_row_is_cut_between_its_cells() -> None:
    cells = ["内容：" + "甲。" * 150, "单位：乙", "备注：丙；丁"]
    assert sentences(" | ".join(cells)) == ["内容：甲。", *["甲。"] * 148, "甲。 |", "单位：乙 |", "备注：丙；", "丁"]


def test_a_decimal_point_ends_nothing() -> None:
    assert sentences("增长3.5%,快于上年。降低0.6%。") == ["增长3.5%,快于上年。", "降低0.6%。"]


def test_part_of_a_text() -> None:
    text = "甲。乙。丙。"
    assert list(sentence_spans(text, 2, 5)) == [(2, 4), (4, 5)]
    assert list(sentence_spans(text, 6)) == []


def test_clauses_keep_the_mark_that_ends_them() -> None:
    text = "坚持便民,提高效率，明确：一是快、二是好。"
    assert [text[start:end] for start, end in clause_spans(text, 0, len(text))] == [
        "坚持便民,",
        "提高效率，",
        "明确：",
        "一是快、",
        "二是好。",
    ]


_CHARACTERS = "甲乙。；!？”）,，:\n \u3000a|"
_LONG_ROWS = st.lists(st.text("甲。； |", max_size=40), min_size=30, max_size=40).map(" | ".join)


@given(st.text(alphabet=_CHARACTERS, max_size=60) | _LONG_ROWS)
def test_sentences_keep_everything_but_the_white_space_between_them(text: str) -> None:
    spans = list(sentence_spans(text))
    assert [position for start, end in spans for position in range(start, end)] == sorted(
        {position for start, end in spans for position in range(start, end)}
    )
    covered = {position for start, end in spans for position in range(start, end)}
    assert all(text[position].isspace() for position in set(range(len(text))) - covered)
