from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.errors import ConfigurationError
from rag.reader.compare import main
from rag.reader.judging import Mark, write_marks


def run(file: Path, *, better: float) -> str:
    """Twenty articles: half of the answers are right, and half of the right passages are above the cut ones."""
    marks = []
    for number in range(20):
        about, odd = f"article {number}", number % 2
        marks += [
            Mark("a", about, "em", float(odd)),
            Mark("a", about, "answer", odd + better),
            Mark("a", about, "cut", 0.5),
            Mark("b", about, "answer", 1.0),
            Mark("b", about, "written", 1.0),
        ]
    write_marks(marks, file)
    return str(file)


def cells(line: str) -> list[list[float]]:
    return [[float(value) for value in re.findall(r"[-+]?\d\.\d+", cell)] for cell in line.split("|")[2:-1]]


def test_runs_are_shown_with_intervals_and_as_differences_from_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([run(tmp_path / "first", better=0.0), run(tmp_path / "second", better=1.0)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == lines[5] == "| | em | auc cut | auc written |"
    first, second, difference = cells(lines[2]), cells(lines[3]), cells(lines[7])
    assert [value for value, _, _ in first] == [0.5, 0.5, 0.5]
    assert [value for value, _, _ in second] == [0.5, 1.0, 0.5]
    assert first[0] == second[0]
    low, high = first[1][1:]
    assert 0.2 < low < 0.4
    assert 0.6 < high < 0.8
    assert first[2] == [0.5, 0.5, 0.5]  # a tie counts half
    assert difference[0] == [0.0, 0.0, 0.0]
    assert difference[1][0] == 0.5
    assert difference[1][1:] == pytest.approx([1 - high, 1 - low], abs=0.0011)


def test_runs_on_other_questions_are_not_compared(tmp_path: Path) -> None:
    run(tmp_path / "first", better=0.0)
    write_marks([Mark("a", "x", "em", 1.0)], tmp_path / "second")
    with pytest.raises(ConfigurationError, match=r"second was judged on other questions than .*first"):
        main([str(tmp_path / "first"), str(tmp_path / "second")])
