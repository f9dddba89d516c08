from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evals.datasets import Case, Evidence
from evals.results import Estimate, Report, Retrieved, Row, row_dumps, row_loads
from evals.rowfile import RowFile
from rag.errors import ConfigurationError, StorageError
from tests.evals.parts import row

ROW = row(
    "1",
    {"correct": None, "mrr": 0.5},
    rewritten="那呢？",
    answer_keys=("80%|八成",),
    evidence=(Evidence("a.txt", "达到80%", 2),),
    citations=({"number": 1, "source": "a.txt", "quote": "达到80%"},),
    retrieved=(Retrieved("a.txt", "一 › 二", 3, 9, 0.7, {"dense": 0.8}, True, "达到80%\n"),),
    timings={"total": 1.5},
    error="broken",
)
REPORT = Report(
    created="2026-01-02T03:04:05+00:00",
    cases="set.jsonl",
    documents=1,
    corpus="ab12",
    commit=None,
    settings={"k": 8},
    versions={"python": "3.11"},
    prompts={"answer.v1": "ff"},
    groups={"overall": {"correct": Estimate(None, None, None, 0), "mrr": Estimate(0.5, 0.25, 0.75, 4)}},
    extra={"errors": Estimate(1.0, 1.0, 1.0, 1)},
    rows=(ROW,),
)


def test_a_report_survives_the_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    REPORT.to_json(path)
    assert Report.from_json(path) == REPORT
    assert [file.name for file in path.parent.iterdir()] == ["report.json"]


def test_a_row_survives_the_round_trip_in_one_line() -> None:
    assert row_loads(row_dumps(ROW)) == ROW
    assert "\n" not in row_dumps(ROW)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not valid JSON"),
        (b"[]", r"no report of version 1 \(version: None\)"),
        (b'{"version": 2}', r"no report of version 1 \(version: 2\)"),
        (b'{"version": 1}', "field 'created': Field required"),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_report_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words):
        Report.from_json(path)


def test_a_report_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read the report .*x\.json: No such file"):
        Report.from_json(tmp_path / "x.json")


def test_a_report_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"cannot write .*Name another file with --out"):
        REPORT.to_json(tmp_path / "file" / "report.json")


CASE = Case("1", "fact", "?", True, where="set, line 1")


def saved(path: Path, *rows: Row, **run: str) -> RowFile:
    file = RowFile(path, run)
    file.restart({})
    for number, each in enumerate(rows, 1):
        file.append(replace(CASE, id=str(number)), each)
    return file


def test_rows_are_kept_by_case(tmp_path: Path) -> None:
    first, second = row("1", {"mrr": 1.0}), row("2", {"mrr": None})
    file = saved(tmp_path / "rows", first, second)
    assert file.kept() == {file.key(CASE): first, file.key(replace(CASE, id="2")): second}


def test_where_a_case_stands_does_not_matter_and_what_it_says_does(tmp_path: Path) -> None:
    file = RowFile(tmp_path / "rows", {})
    assert file.key(replace(CASE, where="set, line 9")) == file.key(CASE)
    changes = [{"question": "??"}, {"answer_keys": ("x",)}, {"evidence": (Evidence("a", "x"),)}]
    assert file.key(CASE) not in {file.key(replace(CASE, **change)) for change in changes}


def test_rows_of_another_run_do_not_belong(tmp_path: Path) -> None:
    saved(tmp_path / "rows", row("1", {}), corpus="a")
    other = RowFile(tmp_path / "rows", {"corpus": "b"})
    assert other.key(CASE) not in other.kept()


def test_a_line_cut_short_and_a_failed_case_are_asked_again(tmp_path: Path) -> None:
    good = row("1", {"mrr": 1.0})
    file = saved(tmp_path / "rows", good, replace(good, error="broken"), good)
    text = file.path.read_text(encoding="utf-8")
    file.path.write_text(text[:-20], encoding="utf-8")
    assert file.kept() == {file.key(CASE): good}


def test_no_file_has_no_rows(tmp_path: Path) -> None:
    assert RowFile(tmp_path / "rows", {}).kept() == {}


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"cannot write .*Name another file with --out"):
        RowFile(tmp_path / "file" / "rows", {}).restart({})
