"""The commands ``rag-eval bench`` and ``rag-eval make-cases``; ``evals.cli`` registers them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import ConfigurationError

if TYPE_CHECKING:
    from rich.console import Console

    from evals.bench_report import Bench, Run


def bench(
    corpus: Annotated[Path | None, typer.Option(help="Folder to ingest (default: the shipped seeds).")] = None,
    documents: Annotated[
        int | None, typer.Option(min=1, help="Measure on a corpus of this many documents, grown from real sections.")
    ] = None,
    sizes: Annotated[
        str, typer.Option(help="Measure on several grown corpora, e.g. 5,50,500.", show_default=False)
    ] = "",
    written: Annotated[
        int, typer.Option(min=0, help="Measure on this many documents written for it, no sentence twice.")
    ] = 0,
    characters: Annotated[int, typer.Option(min=100, help="Length of a written document.")] = 400,
    baseline: Annotated[
        bool | None,
        typer.Option(
            "--baseline/--no-baseline",
            help="Measure a plain LangChain pipeline beside it.  [default: only on the seeds]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the figures to this JSON file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write an HTML page with plots to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure ingest, search, ask, memory and cold start in a fresh index, beside a plain LangChain pipeline."""
    from evals.bench import Plan, measure
    from evals.bench_page import page
    from evals.bench_report import save

    own = corpus is not None or written > 0
    plan = Plan(corpus, _sizes(sizes, documents), not own if baseline is None else baseline)
    plan = replace(plan, written=written, characters=characters)
    found = measure(plan, say=_say)
    if out:
        save(found.to_json() + "\n", out)
    if html:
        save(page(found), html)
    typer.echo(found.to_json()) if as_json else _table(found)


def make_cases(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with your documents.", show_default=False)],
    out: Annotated[Path, typer.Option(help="File for the cases.")] = Path("cases.jsonl"),
    per_document: Annotated[int, typer.Option(min=1, help="Cases drafted of each document, at most.")] = 5,
    seed: Annotated[int, typer.Option(help="Another number draws other cases.")] = 0,
) -> None:
    """Draft question cases for your own documents, without a language model, for you to check."""
    from evals.make_cases import held_out_file, make_cases, write_drafts

    drafts = make_cases(folder, per_document=per_document, seed=seed, progress=_count)
    for failure in drafts.failures:
        _say(f"left out: {failure.reason}")
    write_drafts(drafts, out)
    answerable = sum(case.answerable for case in drafts.cases)
    _say(f"{len(drafts.cases)} cases in {out}: {answerable} answerable, {len(drafts.cases) - answerable} not.")
    _say("These are DRAFTS made by rules. Read each one, mend or delete it, and drop `draft-` from its id.")
    if drafts.held_out:
        _say(
            "The unanswerable ones are about held-out documents, which must not be in the index: "
            f"ingest {folder} without the files listed in {held_out_file(out)} ({len(drafts.held_out)})."
        )


def _sizes(sizes: str, documents: int | None) -> tuple[int, ...]:
    try:
        numbers = [int(size) for size in sizes.split(",") if size.strip()]
    except ValueError as error:
        raise ConfigurationError(f"--sizes {sizes}: not a list of numbers. Write it like 5,50,500.") from error
    return tuple(sorted({*numbers, *([documents] if documents else [])}))


def _table(found: Bench) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160)
    for run in found.runs:
        console.print(run.corpus, style="bold", markup=False, highlight=False)
        _run(console, run)


def _run(console: Console, run: Run) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from evals.bench_page import BASELINE, OURS
    from evals.growth import number

    names = [OURS, BASELINE, "ratio"] if run.baseline else [OURS]
    table = Table(box=SIMPLE_HEAD)
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for name, *values in run.rows():
        table.add_row(name, *map(number, values[: len(names)]))
    console.print(table)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _count(done: int, total: int) -> None:
    if sys.stderr.isatty() or done == total:
        typer.echo(f"\rread {done}/{total}", err=True, nl=done == total)
