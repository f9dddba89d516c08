"""A benchmark as one HTML page without network: what grows with the corpus as plots, every figure as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, log10

from evals.bench_report import Bench, Run

PLOTS = (
    "ingest, s",
    "search, 1 caller, p50, ms",
    "ask, 1 caller, p50, ms",
    "peak memory of ingest, MB",
    "peak memory of searching and asking, MB",
    "index on disk, MB",
)
OURS, BASELINE = "policy-rag", "plain LangChain"
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 420, 250, 52, 16, 14, 36
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


def number(value: float | None) -> str:
    """``value`` with three significant digits or none after the point; a dash for ``None``."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


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
    return f"<figure><figcaption>{escape(name)}</figcaption>{_svg(name, lines)}</figure>"


def _svg(name: str, lines: dict[str, list[tuple[int, float]]]) -> str:
    """Both axes logarithmic: twice the corpus is the same step everywhere, and slope 1 is proportional cost."""
    across = _Axis([x for points in lines.values() for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    up = _Axis([y for points in lines.values() for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    parts = [*_grid(across, up)]
    for label, points in lines.items():
        colour = _COLOURS[label]
        path = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in points:
            told = f"{label}: {number(y)} at {x} documents"
            parts.append(f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="4" fill="{colour}">')
            parts.append(f"<title>{escape(told)}</title></circle>")
    told = f"{name} against documents"
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(told)}">{"".join(parts)}</svg>'


def _grid(across: _Axis, up: _Axis) -> Iterator[str]:
    bottom = _HEIGHT - _BOTTOM
    for tick in up.ticks():
        y = up.at(tick)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(tick)}</text>'
    for size in sorted(set(across.values)):
        yield f'<text x="{across.at(size):.1f}" y="{bottom + 16}" text-anchor="middle">{number(size)}</text>'
    yield f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 4}" text-anchor="middle">documents</text>'


class _Axis:
    """A logarithmic axis that holds ``values`` between the pixels ``first`` and ``last``, with room at the ends."""

    def __init__(self, values: Sequence[float], first: float, last: float) -> None:
        self.values = values
        low, high = log10(min(values)), log10(max(values))
        room = max(0.1, 0.08 * (high - low))
        self._low, self._high = low - room, high + room
        self._first, self._last = first, last

    def at(self, value: float) -> float:
        return self._first + (log10(value) - self._low) / (self._high - self._low) * (self._last - self._first)

    def ticks(self) -> list[float]:
        """1, 2 and 5 of each power of ten inside, or only the powers where those are many."""
        powers = range(floor(self._low), ceil(self._high) + 1)
        fine = [step * 10**power for power in powers for step in (1, 2, 5)]
        inside = [tick for tick in fine if self._low <= log10(tick) <= self._high]
        return inside if len(inside) <= 6 else [tick for tick in inside if log10(tick) == round(log10(tick))]
