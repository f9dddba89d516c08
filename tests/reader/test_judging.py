from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.reader.data import Asked, Example, Kind
from rag.reader.encoding import Passage
from rag.reader.judging import Judge, Mark, read_marks, summary, write_marks

CONTEXT = "青山市位于三条河流的交汇处，建于1912年。全市人口为98万人，其中城镇人口占六成以上。"
ASKED = Asked("青山市的人口是多少？", ("98万人", "98万"), CONTEXT.index("98万人"), "青山市", CONTEXT)


def read(pairs: Sequence[tuple[str, Passage]]) -> list[tuple[float, tuple[int, int]]]:
    """Surest of the longest passage, and always of its third sentence part."""
    return [(float(len(passage.text)), (passage.text.find("98万"), passage.text.find("人，"))) for _, passage in pairs]


def test_a_question_is_marked_on_its_whole_paragraph() -> None:
    assert Judge(read).answers("a", [ASKED]) == [Mark("a", "青山市", "em", 1.0), Mark("a", "青山市", "f1", 1.0)]


def test_pairs_are_marked_by_the_article_asked_about_and_the_kind_of_passage() -> None:
    kinds: tuple[Kind, ...] = ("answer", "elsewhere", "nearby", "cut")
    pairs = [(ASKED, Example("?", Passage("字" * size, "白沙区"), None, kind)) for size, kind in enumerate(kinds, 1)]
    assert Judge(read).pairs("a", pairs) == [
        Mark("a", "青山市", "answer", 1.0),
        Mark("a", "青山市", "elsewhere", 2.0),
        Mark("a", "青山市", "elsewhere", 3.0),
        Mark("a", "青山市", "cut", 4.0),
    ]


def test_of_written_lines_the_questions_are_marked() -> None:
    passage = Passage(CONTEXT)
    examples = [
        Example("人口多少？", passage, (0, 1), "written"),
        Example("面积多少？", passage, None, "written"),
        Example("人口为98万人。", passage, None, "statement", holds=True),
    ]
    sure = float(len(CONTEXT))
    assert Judge(read).written("p", examples) == [
        Mark("p", CONTEXT, "answer", sure),
        Mark("p", CONTEXT, "written", sure),
    ]


def test_the_summary_is_by_file_and_by_kind() -> None:
    marks = [
        *(Mark("a", "x", "em", value) for value in (0.0, 1.0)),
        *(Mark("a", "x", "f1", value) for value in (0.5, 1.0)),
        *(Mark("a", "x", "answer", value) for value in (2.0, 4.0)),
        *(Mark("a", "x", "cut", value) for value in (1.0, 3.0)),
        *(Mark("a", "x", "changed", value) for value in (0.0, 0.5)),
        Mark("b", "y", "answer", 0.0),
        Mark("b", "y", "written", 1.0),
    ]
    assert summary(marks) == pytest.approx(
        {
            "a.em": 0.5,
            "a.f1": 0.75,
            "a.auc": 7 / 8,
            "a.auc.cut": 3 / 4,
            "a.auc.changed": 1.0,
            "b.auc": 0.0,
            "b.auc.written": 0.0,
        }
    )


def test_marks_survive_a_file(tmp_path: Path) -> None:
    marks = [Mark("a", "青山市", "em", 1.0), Mark("b", "x", "answer", -2.25)]
    write_marks(marks, tmp_path / "marks.jsonl")
    assert read_marks(tmp_path / "marks.jsonl") == marks
