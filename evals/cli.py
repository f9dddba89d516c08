"""The ``rag-eval`` command: ``run`` scores cases, ``bench`` measures speed and memory."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import PolicyRagError

if TYPE_CHECKING:
    from evals.runner import Row

app = typer.Typer(
    help="Measure policy-rag on question cases.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
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
    cases: Annotated[Path, typer.Argument(help="Cases, JSON Lines.")] = CASES,
    as_json: Annotated[bool, typer.Option("--json", help="Print every row as one JSON document.")] = False,
    failures: Annotated[bool, typer.Option("--failures", help="Also print the cases that were not correct.")] = False,
) -> None:
    """Score the chatbot on question cases, by type."""
    from evals.datasets import read_cases
    from evals.runner import by_type
    from evals.runner import run as run_cases
    from rag.chatbot import Chatbot

    rows = run_cases(Chatbot.open(), read_cases(cases), progress=None if as_json else _show)
    if as_json:
        print(json.dumps([_row(row) for row in rows], ensure_ascii=False, indent=1))
        return
    _table(list(by_type(rows)))
    if failures:
        for row in rows:
            if not row.scores["correct"] and not row.scores["refused, unanswerable"]:
                print(f"\n{row.case.id} {row.case.question}\n  want {row.case.answer}\n  got  {row.answer.text}")


@app.command()
def bench(
    corpus: Annotated[Path | None, typer.Option(help="Folder to ingest (default: the shipped seeds).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure ingest, search and ask; each figure in a fresh index, times as median of several runs."""
    from evals.bench import measure

    figures = measure(corpus)
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        print(f"{name:<48}{value:>12.2f}")


def _show(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done}/{total}", end=end, file=sys.stderr, flush=True)


def _row(row: Row) -> dict[str, object]:
    return {"case": asdict(row.case), "answer": asdict(row.answer), "scores": row.scores}


def _table(groups: list[tuple[str, int, dict[str, float | None]]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("type", "cases", *groups[0][2])
    for name, count, scores in groups:
        cells = [
            "" if v is None else f"{v:.0f}" if metric.endswith("ms") else f"{v:.2f}" for metric, v in scores.items()
        ]
        table.add_row(name, str(count), *cells, end_section=name != "overall")
    Console(width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    main()
