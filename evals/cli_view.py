"""``rag-eval show`` and ``rag-eval compare``: they read reports and never touch an index."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import ConfigurationError

REGRESSION = 1
USAGE = 2
ReportFile = Annotated[Path, typer.Argument(help="Report that `rag-eval run --out` wrote.", show_default=False)]


def show(
    report: ReportFile,
    html: Annotated[
        Path | None, typer.Option(help="Write the report as a page to this file.", show_default=False)
    ] = None,
    slim: Annotated[
        Path | None,
        typer.Option(help="Write a slim copy, without answers and passages, fit for a baseline.", show_default=False),
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="Also print the cases that failed.")] = False,
) -> None:
    """Print a report again, and write it as a page."""
    from evals import page
    from evals.baseline import slim as slimmed
    from evals.report import print_report
    from evals.results import Report

    read = Report.from_json(report)
    print_report(read, failures=failures)
    if html:
        page.write(read, html)
        typer.echo(f"page: {html}")
    if slim:
        slimmed(read).to_json(slim)
        typer.echo(f"slim report: {slim}")


def compare(
    base: ReportFile,
    new: ReportFile,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every comparison: what stayed the same, each type, times by type.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say metric by metric whether NEW is better than BASE; exits 1 if something got worse, 2 if it cannot be said."""
    from evals.compare import compare as compared
    from evals.compare_report import print_comparison
    from evals.results import Report

    try:
        found = compared(Report.from_json(base), Report.from_json(new))
    except ConfigurationError as error:  # code 1 is kept for a regression
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(USAGE) from None
    if as_json:
        typer.echo(json.dumps({**asdict(found), "regressed": found.regressed}, ensure_ascii=False, indent=1))
    else:
        print_comparison(found, everything=everything)
    if not found.cases:
        raise typer.Exit(USAGE)
    if found.regressed:
        raise typer.Exit(REGRESSION)
