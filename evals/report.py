"""A report as tables on the terminal, made to be read at 100 columns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from evals.labels import NOTHING, interval, label, number, sections
from evals.outcomes import failed
from evals.results import Estimate, Report, Row
from evals.statistics import NOTHING as NO_ESTIMATE
from evals.summary import OVERALL

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

WIDTH = 100
COLUMNS = {
    "recall@1": "recall\n@1",
    "recall@5": "recall\n@5",
    "correct": "correct",
    "key_recall": "keys\nfound",
    "citation_recall": "citation\nrecall",
    "citation_precision": "citation\nprec.",
    "refused_answerable": "refused\nansw.",
    "refused_unanswerable": "refused\nunansw.",
    "ms_total": "ms\ntotal",
}


def print_report(report: Report, *, failures: bool = False, console: Console | None = None) -> None:
    """The means by type with their intervals, then every metric overall; ``failures`` adds the cases that failed."""
    console = console or terminal()
    wrong = sum(failed(row) for row in report.rows)
    console.print(f"{report.cases}: {len(report.rows)} cases, {report.documents} documents, {when(report)}")
    console.print(by_type(report))
    console.print(overall(report))
    console.print(f"{wrong} of {len(report.rows)} cases failed.")
    if failures:
        for row in report.rows:
            if failed(row):
                _print_failure(console, row)


def by_type(report: Report) -> Table:
    """A row a type: means, with the 95 % interval below; ``overall`` last and bold."""
    table = new_table()
    shown = [name for name in COLUMNS if any(g.get(name, NO_ESTIMATE).n for g in report.groups.values())]
    table.add_column("type", no_wrap=True)
    table.add_column("cases", justify="right")
    for name in shown:
        table.add_column(COLUMNS[name], justify="right")
    names = [name for name in report.groups if name != OVERALL]
    for name in [*names, *([OVERALL] if OVERALL in report.groups else [])]:
        is_overall = name == OVERALL
        count = sum(is_overall or row.type == name for row in report.rows)
        cells = [_estimate(report.groups[name].get(metric, NO_ESTIMATE), metric) for metric in shown]
        style = "bold" if is_overall else ""
        table.add_row(plain(name), str(count), *cells, style=style, end_section=name == (names or [""])[-1])
    return table


def overall(report: Report) -> Table:
    """Every metric over all cases, in two columns: mean, 95 % interval and the cases it applies to."""
    estimates = {**report.groups.get(OVERALL, {}), **report.extra}
    names = [name for group in sections(set(estimates)).values() for name in group if estimates[name].n]
    table = new_table()
    for side in ("overall", ""):
        for heading, justify in ((side, "left"), ("mean", "right"), ("95 %", "left"), ("cases", "right")):
            table.add_column(heading, justify=justify)  # type: ignore[arg-type]  # rich's own literal
    half = (len(names) + 1) // 2
    for left, right in zip(names[:half], [*names[half:], None], strict=False):
        table.add_row(*_cells(left, estimates), *(_cells(right, estimates) if right else ()))
    return table


def when(report: Report) -> str:
    """Date and commit, short; a commit whose files were changed says so."""
    short = (
        f", commit {report.commit[:10]}{'-dirty' if report.commit.endswith('-dirty') else ''}" if report.commit else ""
    )
    return report.created.replace("T", " ").removesuffix("+00:00") + " UTC" * report.created.endswith("+00:00") + short


def terminal() -> Console:
    """A console as wide as the terminal; elsewhere 100 columns."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDTH
    return Console(width=width, highlight=False, emoji=False, markup=False)


def _estimate(estimate: Estimate, metric: str) -> RenderableType:
    from rich.text import Text

    if estimate.mean is None:
        return Text(NOTHING, style="dim")
    return Text(number(estimate.mean, metric)).append(f"\n{interval(estimate, metric)}", style="dim")


def _cells(metric: str, estimates: dict[str, Estimate]) -> tuple[RenderableType, ...]:
    estimate = estimates[metric]
    return (
        plain(label(metric)),
        plain(number(estimate.mean, metric), "bold"),
        plain(interval(estimate, metric), "dim"),
        plain(str(estimate.n), "dim"),
    )


def _print_failure(console: Console, row: Row) -> None:
    console.print(plain(f"\n{row.id} {row.type} · {row.question}", "bold"))
    console.print(plain(f"  want {row.expected}"))
    console.print(plain(f"  got  {row.error or row.answer}"))


def new_table() -> Table:
    """A table without frame, close enough for a hundred columns."""
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)


def plain(words: str, style: str = "") -> RenderableType:
    """``words`` as they are: no markup, and no character that could steer the terminal."""
    from rich.text import Text

    return Text("".join(c for c in words if c.isprintable() or c == "\n"), style=style)
