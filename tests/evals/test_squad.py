from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.datasets import Case, Evidence
from evals.squad import read_squad
from rag.errors import ConfigurationError

CONTEXT = "青山市位于江南。2021年,该市人口为98万人;面积为120平方公里。市花是茶花。"


def question(name: str, *answers: tuple[str, int], **fields: Any) -> dict[str, Any]:
    given = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": name, "question": f"{name}？", "answers": given, **fields}


def write(folder: Path, *paragraphs: tuple[str, list[dict[str, Any]]]) -> Path:
    """A file with an article of each paragraph, given as context and questions."""
    data = [
        {"title": "t", "paragraphs": [{"id": f"p/{n}", "context": c, "qas": q}]} for n, (c, q) in enumerate(paragraphs)
    ]
    path = folder / "set.json"
    path.write_text(json.dumps({"version": "1", "data": data}, ensure_ascii=False), encoding="utf-8")
    return path


def only(folder: Path, *questions: dict[str, Any]) -> Case:
    """The first case of one paragraph, which is never left out."""
    return read_squad(write(folder, (CONTEXT, list(questions)))).cases[0]


def test_evidence_is_the_sentence_of_the_answer(tmp_path: Path) -> None:
    found = only(tmp_path, question("人口", ("98万人", CONTEXT.index("98万"))))
    assert found == Case(
        id="人口",
        type="fact",
        question="人口？",
        answerable=True,
        script="",
        answer="98万人",
        answer_keys=("98万人",),
        evidence=(Evidence("p_0.txt", "2021年,该市人口为98万人;"),),
    )
    assert found.where == "set.json, question '人口'"


def test_an_answer_over_two_sentences_has_both_as_evidence(tmp_path: Path) -> None:
    found = only(tmp_path, question("q", ("98万人;面积", CONTEXT.index("98万"))))
    assert found.evidence[0].quote == "2021年,该市人口为98万人;面积为120平方公里。"


@pytest.mark.parametrize("start", [0, 500, -1])
def test_an_offset_that_is_wrong_is_searched_for(tmp_path: Path, start: int) -> None:
    assert only(tmp_path, question("q", ("茶花", start))).evidence[0].quote == "市花是茶花。"


def test_an_answer_that_is_not_in_the_paragraph_has_all_of_it_as_evidence(tmp_path: Path) -> None:
    assert only(tmp_path, question("q", ("百合", 3))).evidence[0].quote == CONTEXT


def test_all_answers_are_alternatives_of_one_key(tmp_path: Path) -> None:
    found = only(tmp_path, question("q", ("98万", 17), ("98万人", 17), ("98万", 17), ("a|b", 0)))
    assert (found.answer, found.answer_keys) == ("98万", ("98万|98万人|a｜b",))


def test_half_of_the_paragraphs_are_left_out(tmp_path: Path) -> None:
    contexts = [f"第{n}段说的是{n}。" for n in range(9)]
    path = write(tmp_path, *((c, [question(f"q{n}", (str(n), 1))]) for n, c in enumerate(contexts)))
    found = read_squad(path, seed=1)
    assert len(found.documents) == 5
    assert set(found.documents.values()) < set(contexts)
    for number, case in enumerate(found.cases):
        kept = f"p_{number}.txt" in found.documents
        assert (case.answerable, case.type) == ((True, "fact") if kept else (False, "unanswerable"))
        assert bool(case.evidence) == bool(case.answer_keys) == bool(case.answer) == kept


def test_what_is_left_out_is_a_matter_of_the_seed(tmp_path: Path) -> None:
    path = write(tmp_path, *((f"第{n}段。", [question(f"q{n}", ("段", 2))]) for n in range(40)))
    first, again, other = read_squad(path, seed=1), read_squad(path, seed=1), read_squad(path, seed=2)
    assert first == again
    assert first.documents != other.documents


def test_the_same_paragraph_twice_is_one_document(tmp_path: Path) -> None:
    path = write(tmp_path, (CONTEXT, [question("a", ("茶花", 0))]), (CONTEXT, [question("b", ("江南", 0))]))
    found = read_squad(path)
    assert (list(found.documents.values()), [case.answerable for case in found.cases]) == ([CONTEXT], [True, True])


def test_a_question_marked_impossible_is_unanswerable(tmp_path: Path) -> None:
    found = only(tmp_path, question("q", is_impossible=True))
    assert (found.answerable, found.type, found.evidence) == (False, "unanswerable", ())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "set.json: field 'data'"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "set.json: field 'data.0.paragraphs.0.context'"),
        ('{"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "1"}]}]}]}', "paragraphs.0.qas.0.question'"),
        ('{"data": []}', "holds no question"),
        ("{", "set.json: field '': Invalid JSON"),
        (
            '{"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "1", "question": "?", "answers": []}]}]}]}',
            "set.json, question '1': field 'answers' is empty",
        ),
    ],
)
def test_a_malformed_file_is_refused_by_field(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "set.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_squad(path)
    assert message in str(caught.value)


def test_two_questions_have_two_ids(tmp_path: Path) -> None:
    path = write(tmp_path, (CONTEXT, [question("a", ("茶花", 0)), question("a", ("江南", 0))]))
    with pytest.raises(ConfigurationError, match=r"'a' is taken by set\.json, question 'a'"):
        read_squad(path)
