from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from evals.cli import app
from evals.compare import compare
from evals.compare_report import conclusion, print_comparison, signed
from evals.labels import brief, interval, label, number, sections
from evals.metrics import DIRECTIONS
from evals.outcomes import failed, outcome
from evals.report import WIDTH, print_report
from evals.results import Estimate, Report, Row
from evals.summary import of_run
from tests.evals.reports import report, row, scored

TYPES = ("compare", "crossscript", "english", "fact", "followup", "list", "paraphrase", "unanswerable")


def full() -> Report:
    """Every metric for every type, with values that take the most room."""
    scores: dict[str, float | None] = dict.fromkeys(DIRECTIONS, 0.456)
    scores |= {name: 1234.5 for name in DIRECTIONS if name.startswith("ms_")}
    return report([row(f"{kind}{n}", scores, type=kind) for kind in TYPES for n in range(3)])


def printed(made: Report, **options: bool) -> str:
    out = StringIO()
    print_report(made, console=Console(file=out, width=WIDTH, highlight=False, emoji=False, markup=False), **options)
    return out.getvalue()


def lines(text: str, start: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.split()[:1] == [start]]


def test_the_table_fits_a_hundred_columns_with_nothing_cut_off() -> None:
    text = printed(full())
    assert max(cell_len(line) for line in text.splitlines()) <= WIDTH
    assert "…" not in text
    assert [line[0] for kind in (*TYPES, "overall") for line in lines(text, kind)[:1]] == [*TYPES, "overall"]
    assert lines(text, "unanswerable") == [["unanswerable", "3", *["0.46"] * 8, "1234"]]


def test_a_mean_its_interval_and_what_does_not_apply() -> None:
    rows = [row("a", {"correct": 1.0}), row("b", {"correct": 0.0}), row("c", {"correct": None}, type="unanswerable")]
    text = printed(report(rows))
    assert lines(text, "fact") == [["fact", "2", "0.50"]]
    assert lines(text, "unanswerable") == [["unanswerable", "1", "–"]]
    assert lines(text, "overall")[0] == ["overall", "3", "0.50"]
    assert lines(text, "correct")[0][:4] == ["correct", "0.50", ".00–1.0", "2"]
    assert "recall" not in text


def test_overall_is_bold() -> None:
    out = StringIO()
    print_report(full(), console=Console(file=out, width=WIDTH, force_terminal=True, color_system="standard"))
    bold = [line for line in out.getvalue().splitlines() if line.lstrip(" ").startswith("\x1b[1m")]
    assert any("overall" in line and "0.46" in line for line in bold)
    assert not any("fact" in line for line in bold)


def test_failures_are_listed_on_demand_and_foreign_text_cannot_steer_the_terminal() -> None:
    made = report([row("x", {"correct": 0.0}, question="问\x1b[2J[bold]?", answer="[red]错\x07"), row("y")])
    assert "错" not in printed(made)
    text = printed(made, failures=True)
    assert "1 of 2 cases failed." in text
    assert "x fact · 问[2J[bold]?\n  want 98%\n  got  [red]错\n" in text
    assert "问题y" not in text


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (row("a"), ("correct", False)),
        (row("a", {"correct": 0.0}), ("wrong", True)),
        (row("a", {"correct": 0.0}, refused=True), ("refused", True)),
        (row("a", {}, answerable=False, refused=True), ("declined", False)),
        (row("a", {}, answerable=False), ("answered", True)),
        (row("a", {"correct": None}), ("unscored", False)),
        (row("a", error="StorageError: gone"), ("error", True)),
    ],
)
def test_outcomes(case: Row, expected: tuple[str, bool]) -> None:
    assert (outcome(case), failed(case)) == expected


def test_every_metric_has_its_place_and_none_is_called_by_a_raw_name() -> None:
    rows = [row("a"), row("b", answerable=False, refused=True)]
    metrics = {*DIRECTIONS, *of_run(rows, [(rows[0], rows[0])])}
    placed = sections(metrics)
    assert [name for names in placed.values() for name in names if name not in metrics] == []
    assert sum(map(len, placed.values())) == len(metrics)
    assert "Other" not in placed
    assert [name for name in metrics if "_" in label(name)] == []
    assert sections({"correct", "new_metric"}) == {"Answers": ["correct"], "Other": ["new_metric"]}


def test_numbers() -> None:
    assert (number(None, "mrr"), number(0.456, "mrr"), number(-0.0, "mrr"), number(41.6, "ms_total")) == (
        "–",
        "0.46",
        "0.00",
        "42",
    )
    assert (brief(0.456, "mrr"), brief(1.0, "mrr"), brief(0.0, "mrr"), brief(87.2, "characters")) == (
        ".46",
        "1.0",
        ".00",
        "87",
    )
    assert interval(Estimate(0.5, 0.25, 1.0, 4), "mrr") == ".25–1.0"
    assert interval(Estimate(None, None, None, 0), "mrr") == ""
    assert [signed(v, "mrr") for v in (0.126, -0.126, 0.001, -0.001)] == ["+0.13", "−0.13", "0.00", "0.00"]


def compared(base: Report, new: Report, **options: bool) -> str:
    out = StringIO()
    console = Console(file=out, width=WIDTH, highlight=False, emoji=False, markup=False)
    print_comparison(compare(base, new), console=console, **options)
    return out.getvalue()


def test_a_comparison_says_what_moved_and_lists_the_flips() -> None:
    text = compared(scored("correct", [1.0] * 9), scored("correct", [0.0] * 8 + [1.0]))
    line = next(line for line in text.splitlines() if line.startswith(" correct"))
    assert line.split() == ["correct", "9", "1.00", "0.11", "−0.89", "−1.00", "…", "−0.67", "0/8", "0.008", "worse"]
    assert "Broken: 8\n  0 fact: correct → not correct  问题0?\n" in text
    assert text.splitlines()[-1] == "9 cases compared: worse: correct, correct (fact)."


def test_a_comparison_of_the_same_is_short() -> None:
    made = full()
    text = compared(made, made)
    assert "The same in every case: recall@1, " in text
    assert text.splitlines()[-1] == "24 cases compared: no evidence of a change for the better or worse."
    assert "Broken" not in text
    assert max(cell_len(line) for line in compared(made, made, everything=True).splitlines()) <= WIDTH


def test_a_slower_run_is_called_slower() -> None:
    base, new = scored("ms_total", [40.0] * 9), scored("ms_total", [90.0] * 9)
    assert "slower" in compared(base, new)
    assert conclusion(compare(base, new)) == "no evidence of a change for the better or worse."


def test_show_prints_a_report_again_and_writes_page_and_slim_copy(tmp_path: Path) -> None:
    made = full()
    made.to_json(tmp_path / "report.json")
    files = {"--html": tmp_path / "new/page.html", "--slim": tmp_path / "new/slim.json"}
    options = [str(part) for pair in files.items() for part in pair]
    result = CliRunner().invoke(app, ["show", str(tmp_path / "report.json"), *options])
    assert result.exit_code == 0, result.output
    assert "24 cases, 2 documents, 2026-01-02 03:04:05 UTC, commit 0123456789" in result.stdout
    assert files["--html"].read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert Report.from_json(files["--slim"]).rows[0].answer == ""


def test_the_committed_baseline_can_be_read_and_is_slim() -> None:
    baseline = Report.from_json(Path(__file__).parents[2] / "evals/baselines/seeds_dev.json")
    assert (baseline.cases, len(baseline.rows), baseline.documents) == ("seeds_dev.jsonl", 95, 5)
    assert {(r.answer, r.citations, r.retrieved, r.evidence, r.error) for r in baseline.rows} == {
        ("", (), (), (), None)
    }
    assert not compare(baseline, baseline).regressed
