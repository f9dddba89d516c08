from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.cli import main
from evals.results import Report
from tests.conftest import copy_home
from tests.evals.parts import timeless

RATE = {
    "id": "rate",
    "type": "fact",
    "question": "到2025年网上可办率要达到多少？",
    "answerable": True,
    "answer_keys": ["98%"],
    "evidence": [{"source": "数字政府.txt", "quote": "网上可办率达到98%"}],
}
WHALES = {"id": "whales", "type": "unanswerable", "question": "鲸鱼怎样在深海里睡觉？", "answerable": False}
Call = Callable[..., tuple[int, str, str]]


def write(folder: Path, *cases: dict[str, Any]) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases), encoding="utf-8")
    return path


@pytest.fixture
def own(library: Path, tmp_path: Path) -> Path:
    """A copy of the library that a run may write to."""
    return copy_home(library, tmp_path / "rag-home")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs ``rag-eval run`` in this process: exit code, stdout and the last line of stderr."""

    def run(home: Path, *arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setenv("RAG_HOME", str(home))
        monkeypatch.setattr(sys, "argv", ["rag-eval", "run", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        printed = capsys.readouterr()
        return int(caught.value.code or 0), printed.out, (printed.err.strip().splitlines() or [""])[-1]

    return run


def test_a_run_prints_its_figures_and_writes_its_report(call: Call, own: Path, tmp_path: Path) -> None:
    cases, out = write(tmp_path, RATE, WHALES), tmp_path / "out" / "report.json"
    code, printed, told = call(own, cases, "--out", out)
    assert (code, told) == (0, f"report: {out}")
    assert "cases.jsonl: 2 cases, 2 documents" in printed
    assert [row.scores["correct"] for row in Report.from_json(out).rows] == [1, None]
    assert [path.name for path in out.parent.iterdir()] == ["report.json"]


def test_without_a_name_the_report_is_in_the_home(call: Call, own: Path, tmp_path: Path) -> None:
    code, printed, _ = call(own, write(tmp_path, RATE), "--json")
    path = own / "evals" / "cases.json"
    assert (code, printed) == (0, path.read_text(encoding="utf-8"))


def test_a_page_is_written_beside_the_report(call: Call, own: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    code, _, _ = call(own, write(tmp_path, RATE), "--html", page)
    assert code == 0
    assert "cases.jsonl" in page.read_text(encoding="utf-8")


def test_types_and_a_limit_choose_cases(call: Call, own: Path, tmp_path: Path) -> None:
    cases, out = write(tmp_path, RATE, WHALES, RATE | {"id": "again"}), tmp_path / "report.json"
    assert call(own, cases, "--out", out, "--types", "fact", "--limit", "1")[0] == 0
    assert [row.id for row in Report.from_json(out).rows] == ["rate"]


def test_a_squad_file_is_asked_on_a_corpus_of_its_own(call: Call, own: Path, tmp_path: Path) -> None:
    paragraphs = [
        {
            "context": f"{city}市的市花是{flower}。",
            "qas": [
                {"id": city, "question": f"{city}市的市花是什么？", "answers": [{"text": flower, "answer_start": 6}]}
            ],
        }
        for city, flower in (("青山", "茶花"), ("白沙", "百合"))
    ]
    path, out = tmp_path / "set.json", tmp_path / "report.json"
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}, ensure_ascii=False), encoding="utf-8")
    code, _, _ = call(own, path, "--out", out)
    report = Report.from_json(out)
    assert (code, report.documents, sorted(row.answerable for row in report.rows)) == (0, 1, [False, True])


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("", [], "cases.jsonl is empty. Write one case a line, as JSON or as CSV."),
        ('{"id": "1"}', [], "error: cases.jsonl, line 1: field 'type': Field required. Mend it."),
        (json.dumps(RATE | {"answr": ""}), [], "error: cases.jsonl, line 1: unknown field 'answr'. Known: answer, "),
        (
            json.dumps(RATE | {"evidence": [{"source": "absent.txt", "quote": "x"}]}),
            [],
            "error: cases.jsonl, line 1: field 'evidence.0.source': 'absent.txt' is not among the 2 documents of the "
            "index. Run `rag ingest` on the folder that has it.",
        ),
        (json.dumps(RATE), ["--types", "lists"], "error: no case of type lists. cases.jsonl has: fact."),
        (json.dumps(RATE), ["--format", "xml"], "error: --format xml: not one of jsonl, squad, beir, csv."),
    ],
)
def test_what_cannot_be_run_says_why(
    call: Call, own: Path, tmp_path: Path, text: str, arguments: list[str], message: str
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(text, encoding="utf-8")
    code, printed, told = call(own, path, *arguments)
    assert (code, printed) == (1, "")
    assert message in told


def test_an_empty_index_says_what_to_do(call: Call, home: Path, tmp_path: Path) -> None:
    code, _, told = call(home, write(tmp_path, RATE))
    assert code == 1
    assert told.startswith(f"error: no documents at {home}. Run `rag ingest`")


def test_an_interrupted_run_goes_on_to_the_same_report(
    call: Call, own: Path, command_environment: dict[str, str], tmp_path: Path
) -> None:
    cases = write(tmp_path, *({**(RATE if n % 2 else WHALES), "id": f"c{n}"} for n in range(60)))
    whole, out = tmp_path / "whole.json", tmp_path / "out.json"
    rows = tmp_path / "out.json.rows.jsonl"
    assert call(own, cases, "--unread", "--out", whole)[0] == 0

    environment = {**command_environment, "RAG_HOME": str(own)}
    command = [sys.executable, "-m", "evals.cli", "run", str(cases), "--unread", "--out", str(out)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (rows.exists() and rows.read_bytes().count(b"\n") >= 3):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    kept = rows.read_bytes().count(b"\n")
    assert (process.returncode, out.exists()) == (1, False)
    assert 3 <= kept < 60
    message = f"interrupted: {kept} questions are scored. Go on: the same command with --resume."
    assert told.strip().splitlines()[-1] == message

    assert call(own, cases, "--unread", "--out", out, "--resume")[0] == 0
    assert timeless(Report.from_json(out)) == timeless(Report.from_json(whole))
    assert not rows.exists()


def test_a_run_that_is_watched_tells_each_case_and_ends_with_who_watches(
    own: Path, command_environment: dict[str, str], tmp_path: Path
) -> None:
    cases = write(tmp_path, *({**(RATE if n % 2 else WHALES), "id": f"c{n}"} for n in range(200)))
    environment = {**command_environment, "RAG_HOME": str(own), "RAG_READER": "false"}
    command = [sys.executable, "-m", "evals.cli", "run", str(cases), "--out", str(tmp_path / "out.json"), "--watched"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        told = [json.loads(process.stderr.readline()) for _ in range(3)]
        process.stdin.close()
        rest = process.stderr.read().splitlines()
    assert told == [
        {"stage": "asking", "done": 0, "total": 200},
        {"stage": "asking", "done": 1, "total": 200, "id": "c0", "outcome": "declined"},
        {"stage": "asking", "done": 2, "total": 200, "id": "c1", "outcome": "correct"},
    ]
    assert process.returncode == 1
    assert rest[-1].startswith("interrupted: ")
    assert not (tmp_path / "out.json").exists()


def test_a_run_that_is_watched_to_its_end_is_like_any_other(
    own: Path, command_environment: dict[str, str], tmp_path: Path
) -> None:
    cases, out = write(tmp_path, RATE, WHALES), tmp_path / "out.json"
    environment = {**command_environment, "RAG_HOME": str(own), "RAG_READER": "false"}
    command = [sys.executable, "-m", "evals.cli", "run", str(cases), "--out", str(out), "--watched"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        *steps, last = process.stderr.read().splitlines()
    assert (process.returncode, last) == (0, f"report: {out}")
    assert [json.loads(step)["done"] for step in steps] == [0, 1, 2]
    assert [row.id for row in Report.from_json(out).rows] == ["rate", "whales"]
