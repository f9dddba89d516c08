from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals.results import Estimate
from evals.support import CONTRAST, Outcome, Pair, false_reject, false_support, outcomes, rate, read_pairs, report
from rag.answer.grounding import SupportChecker
from rag.answer.prepared import Evidence
from rag.errors import DocumentError
from rag.index.bundled_model import model_folder
from rag.index.embeddings import BundledEmbeddings
from rag.schema import Verdict


def outcome(supported: bool, verdict: Verdict, *, kind: str = "number", split: str = "dev") -> Outcome:
    return Outcome(Pair("a", split, kind, Evidence("文。"), "句。", supported), verdict)


RESULTS = [
    outcome(False, "supported"),
    outcome(False, "partly"),
    outcome(False, "unsupported"),
    outcome(False, "unsupported"),
    outcome(True, "supported", kind="script"),
    outcome(True, "partly", kind="script"),
    outcome(True, "unsupported", kind="script"),
    outcome(True, "supported", kind="script"),
]


def test_a_rate_has_a_wilson_interval() -> None:
    assert rate([]) == Estimate(None, None, None, 0)
    none = rate([False] * 100)
    assert (none.mean, none.low, round(none.high or 0, 4), none.n) == (0.0, 0.0, 0.037, 100)
    half = rate([True, False] * 50)
    assert [round(value or 0, 3) for value in (half.mean, half.low, half.high)] == [0.5, 0.404, 0.596]


def test_partly_is_neither_a_support_nor_left_out_of_the_rejects() -> None:
    assert (false_support(RESULTS).mean, false_support(RESULTS).n) == (0.25, 4)
    assert (false_reject(RESULTS).mean, false_reject(RESULTS).n) == (0.5, 4)
    assert false_reject(RESULTS, partly=False).mean == 0.25


def test_the_report_has_a_part_for_each_split_and_a_line_for_each_kind() -> None:
    lines = report([*RESULTS, outcome(True, "supported", kind="script", split="held_out")]).splitlines()
    assert [line.split()[0] for line in lines if line.strip()] == [
        *["dev:", "false", "all", "number", "script"],
        *["held_out:", "false", "all", "script"],
    ]
    assert "0.250 (0.046-0.699) of 4" in lines[2]


def test_a_line_that_is_no_pair_is_named(tmp_path: Path) -> None:
    path = tmp_path / "suite.jsonl"
    path.write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(DocumentError, match="line 1 is no pair"):
        read_pairs(path)
    with pytest.raises(DocumentError, match="cannot read"):
        read_pairs(tmp_path / "none.jsonl")


def test_the_development_part_is_told_apart(model_home: Path) -> None:
    pairs = [pair for pair in read_pairs(CONTRAST) if pair.split == "dev"]
    results = outcomes(pairs, SupportChecker(BundledEmbeddings(model_folder(model_home))))
    assert (false_support(results).mean or 0) <= 0.02
    assert (false_reject(results).mean or 0) <= 0.2
    assert (false_reject(results, partly=False).mean or 0) <= 0.05


def test_the_command_prints_both_parts(model_home: Path, tmp_path: Path) -> None:
    row = {
        "kind": "number",
        "passage": {"text": "补助五元。", "title": "办法", "section": "", "region": None},
        "sentence": "补助六元。",
        "supported": False,
    }
    suite = tmp_path / "suite.jsonl"
    rows = [{"id": split, "split": split, **row} for split in ("dev", "held_out")]
    suite.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "evals.support", str(suite)],
        env={**os.environ, "RAG_HOME": str(model_home)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert "dev: 1 pairs" in result.stdout
    assert "held_out: 1 pairs" in result.stdout
    assert "ms a sentence" in result.stdout
