"""The ``rag-eval`` command: ``run`` scores cases; the other commands are in ``cli_view`` and ``cli_tools``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.cli_progress import bar, watched
from evals.cli_tools import bench, make_cases
from evals.cli_view import compare, show
from rag.errors import PolicyRagError

if TYPE_CHECKING:
    from evals.cli_progress import Telling
    from evals.datasets import Dataset
    from evals.results import Report
    from evals.runner import Options
    from rag.settings import Settings

app = typer.Typer(
    help="Measure policy-rag on question cases.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
app.command()(show)
app.command()(compare)
app.command()(bench)
app.command("make-cases")(make_cases)
CASES = Path(__file__).parent / "cases" / "seeds_dev.jsonl"


def main() -> None:
    """Entry point of the console script: exit code 1 with a message for every error of ours."""
    try:
        app(prog_name="rag-eval")
    except PolicyRagError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


@app.command()
def run(
    cases: Annotated[
        Path, typer.Argument(help="JSON Lines, SQuAD-shaped JSON, CSV question,answer, or a BEIR-shaped folder.")
    ] = CASES,
    form: Annotated[
        str, typer.Option("--format", help="jsonl, squad, beir or csv.  [default: by content]", show_default=False)
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="The report, JSON.  [default: in RAG_HOME/evals]", show_default=False)
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Also write the report as a page.", show_default=False)] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N cases.", show_default=False)] = None,
    types: Annotated[str, typer.Option(help="Only cases of these types: fact,list", show_default=False)] = "",
    script_gap: Annotated[
        bool, typer.Option("--script-gap", help="Ask each question in Simplified and in Traditional characters.")
    ] = False,
    replay: Annotated[bool, typer.Option("--replay", help="Ask the earlier turns of a conversation anew.")] = False,
    seed: Annotated[int, typer.Option(help="Draws the half of a SQuAD-shaped file that is left out.")] = 0,
    unread: Annotated[
        bool, typer.Option("--unread", help="Of a SQuAD-shaped file only articles the reader was not trained on.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Questions asked at the same time; blurs the times.")] = 1,
    failures: Annotated[bool, typer.Option("--failures", help="Also print the cases that failed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON instead of tables.")] = False,
    is_watched: Annotated[
        bool,
        typer.Option("--watched", help="For programs: progress as JSON lines on stderr, and an end when stdin ends."),
    ] = False,
) -> None:
    """Score the chatbot on question cases, by type."""
    from evals.reading import parse_format, read_dataset, select
    from evals.runner import Options
    from rag.settings import Settings

    named = frozenset(name.strip() for name in types.split(",") if name.strip())
    dataset = select(read_dataset(cases, parse_format(form), seed=seed, unread=unread), types=named, limit=limit)
    settings = Settings.load()
    path = out or settings.state / "evals" / f"{cases.stem}.json"
    rows = path.with_name(f"{path.name}.rows.jsonl")
    options = Options(rows, resume, workers, script_gap, replay)
    report = _scored(dataset, settings, options, watched if is_watched else bar)
    report.to_json(path)
    _drop_rows(report, rows)
    _show(report, html, failures=failures, as_json=as_json)
    print(f"report: {path}", file=sys.stderr)


def _scored(dataset: Dataset, settings: Settings, options: Options, told: Telling) -> Report:
    """The report of a run, with its progress told; an interruption says how to go on."""
    from evals.corpora import open_corpus
    from evals.runner import run as run_cases

    try:
        with told() as tell:
            bot = open_corpus(dataset, settings, progress=lambda at: tell(at.stage, at.done, at.total))
            return run_cases(bot, dataset, options=options, progress=partial(tell, "asking"))
    except KeyboardInterrupt:
        kept = _kept(options)
        print(f"interrupted: {kept} questions are scored. Go on: the same command with --resume.", file=sys.stderr)
        raise typer.Exit(1) from None


def _kept(options: Options) -> int:
    if options.rows is None or not options.rows.exists():
        return 0
    return options.rows.read_bytes().count(b"\n")


def _drop_rows(report: Report, rows: Path) -> None:
    """Rows are kept as long as they may be of use: until no case of the run ended in an error."""
    failed = sum(row.error is not None for row in report.rows)
    if failed:
        print(f"{failed} cases ended in an error. Ask them again: the same command with --resume.", file=sys.stderr)
    else:
        rows.unlink(missing_ok=True)


def _show(report: Report, html: Path | None, *, failures: bool, as_json: bool) -> None:
    from evals.report import print_report

    if as_json:
        print(report.dumps(), end="")
    else:
        print_report(report, failures=failures)
    if html:
        from evals import page

        page.write(report, html)
        print(f"page: {html}", file=sys.stderr)


if __name__ == "__main__":
    main()
