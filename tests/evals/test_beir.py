from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.beir import read_beir
from evals.datasets import Case, Evidence
from rag.errors import ConfigurationError

CORPUS = [
    {"_id": "d/1", "title": "茶花", "text": "青山市的市花是茶花。"},
    {"_id": "d:1", "title": "", "text": "青山市位于江南。"},
    {"_id": "D_1", "text": "面积为120平方公里。", "metadata": {}},
    {"_id": "blank", "title": "", "text": " "},
]
QUERIES = [
    {"_id": "q1", "text": "青山市的市花是什么？"},
    {"_id": "q2", "text": "人口？"},
    {"_id": "q3", "text": "青山在哪？"},
]
HEADER = "query-id\tcorpus-id\tscore"
QRELS = [HEADER, "q1\td/1\t2", "q1\td:1\t1", "q1\tD_1\t0", "q2\tD_1\t-1", "q2\tblank\t1", "q3\td:1\t1"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("\n".join(QRELS), encoding="utf-8")
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_queries_with_a_relevant_document_are_cases(folder: Path) -> None:
    found = read_beir(folder)
    assert found.documents == {
        "d_1.txt": "茶花\n青山市的市花是茶花。",
        "d_1-2.txt": "青山市位于江南。",
        "D_1-3.txt": "面积为120平方公里。",
    }
    graded = (Evidence("d_1.txt", grade=2), Evidence("d_1-2.txt"))
    assert found.cases == (
        Case("q1", "query", "青山市的市花是什么？", True, script="hans", evidence=graded),
        Case("q3", "query", "青山在哪？", True, script="", evidence=(Evidence("d_1-2.txt"),)),
    )
    assert found.retrieval_only


def test_test_is_taken_before_other_judgements(folder: Path) -> None:
    (folder / "qrels" / "dev.tsv").write_text(f"{HEADER}\nq2\tD_1\t1\n", encoding="utf-8")
    assert [case.id for case in read_beir(folder).cases] == ["q1", "q3"]
    (folder / "qrels" / "test.tsv").unlink()
    assert [case.id for case in read_beir(folder).cases] == ["q2"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "1", "text": "x"}\n{"_id": 2, "text": "x"}', "corpus.jsonl, line 2: field '_id'"),
        ("corpus.jsonl", '{"_id": "1"}', "corpus.jsonl, line 1: field 'text'"),
        ("corpus.jsonl", "[]", "corpus.jsonl, line 1: field '_id'"),
        ("queries.jsonl", "{", "queries.jsonl, line 1: not valid JSON"),
        ("queries.jsonl", '{"_id": "1", "text": "x"}\n' * 2, "queries.jsonl, line 2: field '_id': '1' is there twice"),
        ("queries.jsonl", "", "no query of queries.jsonl has a relevant document"),
        ("qrels/test.tsv", "", "test.tsv, line 1: the columns are None"),
        ("qrels/test.tsv", "q\td\ts", "test.tsv, line 1: the columns are ['q', 'd', 's']"),
        ("qrels/test.tsv", f"{HEADER}\nq1\td/1", "test.tsv, line 2: 2 fields, not 3"),
        ("qrels/test.tsv", f"{HEADER}\nq1\td9\t1", "test.tsv, line 2: field 'corpus-id': 'd9' is not in corpus.jsonl"),
        ("qrels/test.tsv", f"{HEADER}\nq1\td/1\thigh", "test.tsv, line 2: field 'score': 'high' is no whole number"),
    ],
)
def test_a_malformed_folder_is_refused_by_file_line_and_field(
    folder: Path, name: str, content: str, message: str
) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_beir(folder)
    assert message in str(caught.value)


def test_a_file_that_is_missing_is_named(folder: Path) -> None:
    (folder / "qrels" / "test.tsv").unlink()
    with pytest.raises(ConfigurationError, match=r"qrels holds no \.tsv file"):
        read_beir(folder)
    (folder / "corpus.jsonl").unlink()
    with pytest.raises(ConfigurationError, match=r"corpus\.jsonl: No such file"):
        read_beir(folder)
