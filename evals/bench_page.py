"""A benchmark as one HTML page without network: what grows with the corpus as plots, every figure as a table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from evals.bench_report import Bench, Run
from evals.growth import growth, number

PLOTS = (
    "ingest, s",
    "search, 1 caller, p50, ms",
    "ask, 1 caller, p50, ms",
    "peak memory of ingest, MB",
    "peak memory of searching and asking, MB",
    "index on disk, MB",
)
OURS, BASELINE = "policy-rag", "plain LangChain"
_COLOURS = {OURS: "var(--ours)", BASELINE: "var(--other)"}
_LEGEND = "<p>{} · both axes logarithmic</p>".format(
    " ".join(f'<b style="color:{colour}">●</b> {name}' for name, colour in _COLOURS.items())
)
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #656d76; --line: #d0d7de; --paper: #fff;
  --ours: #0b62a4; --other: #c05a00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117;
  --ours: #58a6ff; --other: #f0a35e } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
  max-width: 68rem; padding: 1.5rem 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin-top: 2rem } p { color: var(--soft) }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem }
figure { margin: 0 } figcaption { font-weight: 600 } svg { width: 100%; height: auto }
svg text { fill: var(--soft); font-size: 11px } svg .grid { stroke: var(--line) }
.scroll { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left; padding-left: 0 }
"""


def page(bench: Bench) -> str:
    """The page; plots are there where at least two corpora differ in size."""
    machine = ", ".join(f"{name} {value}" for name, value in bench.machine.items())
    versions = ", ".join(f"{name} {value}" for name, value in bench.versions.items())
    plotted = "".join(_figure(name, bench.runs) for name in PLOTS)
    plots = f'<h2>Cost against corpus size</h2>{_LEGEND}<div class="plots">{plotted}</div>' if plotted else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>policy-rag: speed and memory</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>Speed and memory</h1><p>{escape(bench.created)} · {escape(machine)}<br>{escape(versions)}</p>"
        f"{plots}{''.join(map(_table, bench.runs))}</body></html>\n"
    )


def _table(run: Run) -> str:
    compared = bool(run.baseline)
    names = [OURS, BASELINE, f"{OURS} ÷ {BASELINE}"] if compared else [OURS]
    head = "".join(f"<th>{escape(name)}</th>" for name in ["", *names])
    body = []
    for name, *values in run.rows():
        cells = "".join(f"<td>{number(value)}</td>" for value in values[: len(names)])
        body.append(f"<tr><td>{escape(name)}</td>{cells}</tr>")
    return f'<h2>{escape(run.corpus)}</h2><div class="scroll"><table><tr>{head}</tr>{"".join(body)}</table></div>'


def _figure(name: str, runs: Sequence[Run]) -> str:
    """One plot of ``name``; empty where fewer than two sizes have it."""
    lines = {
        OURS: sorted((run.documents, value) for run in runs if (value := run.ours.get(name))),
        BASELINE: sorted((run.documents, value) for run in runs if (value := run.baseline.get(name))),
    }
    lines = {label: points for label, points in lines.items() if points}
    if len({x for points in lines.values() for x, _ in points}) < 2:
        return ""
    return f"<figure><figcaption>{escape(name)}</figcaption>{growth(name, lines, _COLOURS)}</figure>"
