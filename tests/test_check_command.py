from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rag.cli import app

TEXT = "年满八十周岁的老年人每餐补助五元，由县民政局按月发放。年满八十周岁的老年人每餐补助九元。"


@pytest.fixture
def rag(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command in this process on the shared library, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--home", str(library), *arguments], input=typed)

    return run


def test_a_file_and_what_is_typed_are_checked_alike(rag: Any, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT, encoding="gb18030")
    from_file, typed = rag("check", "--json", "text.txt"), rag("check", "--json", "-", typed=TEXT)
    assert (from_file.exit_code, typed.exit_code) == (0, 0)
    assert from_file.stdout == typed.stdout
    checked = json.loads(typed.stdout)
    assert [each["support"]["verdict"] for each in checked] == ["supported", "unsupported"]
    assert checked[1]["support"]["problems"] == [{"kind": "money", "claimed": "九元", "found": "五元", "sure": True}]
    assert "八十周歲" in checked[0]["citation"]["quote"]


def test_the_verdicts_are_shown_with_what_the_passage_has(rag: Any) -> None:
    result = rag("check", "-", typed=TEXT)
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "✓ 年满八十周岁的老年人每餐补助五元，由县民政局按月发放。\n[1] 臨水縣老年助餐服務辦法"
    )
    assert "✗ 年满八十周岁的老年人每餐补助九元。\n    money: 九元, the passage has 五元\n" in result.stdout
    assert result.stdout.endswith("\n1 supported, 0 partly, 1 unsupported\n")


@pytest.mark.parametrize("arguments", [["-"], ["none.txt"], ["-", "--source", "none.txt"]])
def test_what_cannot_be_checked_is_an_error(rag: Any, arguments: list[str]) -> None:
    result = rag("check", *arguments, typed="" if arguments == ["-"] else TEXT)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
