"""A comparison as tables on the terminal: what moved, which cases flipped, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.compare import Comparison, Difference
from evals.labels import label, number, sections
from evals.outcomes import WORDS
from evals.report import new_table, plain, terminal
from evals.summary import OVERALL

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_VERDICT_STYLES = {"improved": "green", "worse": "bold red", "changed": "yellow", "no evidence": "dim"}


def print_comparison(found: Comparison, *, everything: bool = False, console: Console | None = None) -> None:
    """Warnings, the overall differences, those of the types that differ (or all), the cases that flipped, a verdict."""
    console = console or terminal()
    for warning in found.warnings:
        console.print(plain(f"warning: {warning}", "yellow"))
    for note in found.notes:
        console.print(plain(f"changed: {note}", "dim"))
    if not found.cases:
        return
    whole = [d for d in found.differences if d.group == OVERALL]
    moved = [d for d in whole if everything or d.better or d.worse]
    if moved:
        console.print(_differences(moved, OVERALL))
    if len(moved) < len(whole):
        same = ", ".join(label(d.metric) for d in whole if d not in moved)
        console.print(plain(f"The same in every case: {same}.", "dim"))
    _print_whole_run(console, found, everything=everything)
    inside = [d for d in found.differences if d.group != OVERALL]
    shown = [d for d in inside if everything or (d.verdict != "no evidence" and not d.metric.startswith("ms_"))]
    if shown:
        console.print(_differences(shown, "by type"))
    if len(shown) < len(inside):
        console.print(
            f"{len(inside) - len(shown)} comparisons by type are no evidence, or of times: --all.", style="dim"
        )
    _print_flips(console, found)
    for broken in found.broken:
        console.print(plain(f"✗ {broken}", "bold red"))
    console.print(plain(f"{found.cases} cases compared: {conclusion(found)}", "bold"))


def conclusion(found: Comparison) -> str:
    """What the comparison comes to, in one sentence."""
    whole = [d for d in found.differences if not d.metric.startswith("ms_")]
    told = {
        verdict: [
            f"{label(d.metric)}{'' if d.group == OVERALL else f' ({d.group})'}" for d in whole if d.verdict == verdict
        ]
        for verdict in ("worse", "improved")
    }
    said = [f"{verdict}: {', '.join(names)}" for verdict, names in told.items() if names]
    if found.broken:
        said.insert(0, f"new errors or fabricated citations: {len(found.broken)}")
    return "; ".join(said) + "." if said else "no evidence of a change for the better or worse."


def _print_whole_run(console: Console, found: Comparison, *, everything: bool) -> None:
    """The metrics of the whole run, before and after; without ``everything`` only those that read differently."""
    written = {name: tuple(number(value, name) for value in pair) for name, pair in found.whole_run.items()}
    told = {name: pair for name, pair in written.items() if everything or len(set(pair)) > 1}
    if not told:
        return
    table = new_table()
    table.add_column("whole run, not tested")
    table.add_column("base", justify="right")
    table.add_column("new", justify="right")
    for name in (metric for names in sections(set(told)).values() for metric in names):
        table.add_row(plain(label(name)), *told[name])
    console.print(table)


def verdict(found: Difference) -> str:
    """The verdict in a word; a time, which decides nothing, is ``faster`` or ``slower``."""
    if found.metric.startswith("ms_"):
        return {"improved": "faster", "worse": "slower"}.get(found.verdict, found.verdict)
    return found.verdict


def _differences(differences: list[Difference], title: str) -> Table:
    table = new_table()
    is_overall = title == OVERALL
    table.add_column("overall" if is_overall else "type, metric", overflow="fold")
    for heading in ("cases", "base", "new", "difference", "95 %", "better/worse", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict")
    for found in differences:
        name = label(found.metric) if is_overall else f"{found.group}, {label(found.metric)}"
        table.add_row(
            plain(name),
            str(found.cases),
            number(found.base, found.metric),
            number(found.new, found.metric),
            signed(found.difference, found.metric),
            f"{signed(found.low, found.metric)} … {signed(found.high, found.metric)}",
            f"{found.better}/{found.worse}",
            "<.001" if found.p < 0.001 else f"{found.p:.3f}",
            plain(verdict(found), _VERDICT_STYLES[found.verdict]),
        )
    return table


def signed(value: float, metric: str) -> str:
    """``value`` with its sign; a plain 0 where it rounds to nothing."""
    written = number(value, metric)
    return written.lstrip("-") if not float(written) else f"+{written}" if value > 0 else written.replace("-", "−")


def _print_flips(console: Console, found: Comparison) -> None:
    for title, won, style in (("Broken", False, "red"), ("Mended", True, "green"), ("Failing otherwise", None, "")):
        flips = [flip for flip in found.flips if flip.won is won]
        if flips:
            console.print(plain(f"{title}: {len(flips)}", f"bold {style}"))
        for flip in flips:
            console.print(
                plain(f"  {flip.id} {flip.type}: {WORDS[flip.before]} → {WORDS[flip.after]}  {flip.question}"),
                overflow="ellipsis",
                no_wrap=True,
            )
