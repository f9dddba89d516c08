"""Plots as small SVG, drawn by hand: text stays text, colours come from the page's CSS, nothing is loaded.

Every plot is drawn for a width of 360 units, so that its 12-unit labels keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from evals.results import Estimate

WIDTH = 360
_ROW = 24


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases of similar confidence: their mean confidence and the share of them that held, with its interval."""

    confidence: float
    share: float
    low: float
    high: float
    cases: int


def intervals(title: str, estimates: Mapping[str, Estimate], *, strong: str = "") -> str:
    """A row a name: a dot at the mean, a line over the interval, from 0 to 1; the row ``strong`` stands out."""
    known = {name: estimate for name, estimate in estimates.items() if estimate.mean is not None}
    left, right, top = 110, 318, 8
    bottom = top + _ROW * len(known)
    parts = [_grid(left, right, top, bottom)]
    for row, (name, estimate) in enumerate(known.items()):
        assert estimate.mean is not None
        y = top + _ROW * row + _ROW / 2
        x, low, high = (_at(v if v is not None else estimate.mean, left, right) for v in _spread(estimate))
        look = " strong" if name == strong else ""
        parts.append(_text(left - 12, y + 4, f"{_short(name, 11)} {estimate.n}", f"end{look}"))
        parts.append(f'<line class="span{look}" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>')
        parts.append(f'<circle class="dot{look}" cx="{x:.1f}" cy="{y}" r="{5 if look else 4}"/>')
        parts.append(_text(WIDTH, y + 4, f"{estimate.mean:.2f}", f"end{look}"))
    return _svg(title, bottom + 22, parts)


def risk_coverage(title: str, points: Sequence[tuple[float, float]], *, now: tuple[float, float] | None) -> str:
    """The share of wrong answers (up) against the share of questions answered (along); ``now`` marks today's threshold.

    ``points`` are (coverage, risk), from the surest case on; the dashed line is the risk of answering everything.
    """
    left, right, top, bottom = 40.0, 350.0, 28.0, 204.0
    ceiling = _ceiling(max((risk for _, risk in points), default=0.0))
    place = [(_at(c, left, right), bottom - (bottom - top) * r / ceiling) for c, r in points]
    parts = [_frame((left, right, top, bottom), ceiling=ceiling, x="answered, surest first", y="wrong")]
    if place:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in place)
        parts.append(f'<line class="aside" x1="{left}" x2="{right}" y1="{place[-1][1]:.1f}" y2="{place[-1][1]:.1f}"/>')
        parts.append(f'<polyline class="curve" points="{path}"/>')
    if now:
        x, y = _at(now[0], left, right), bottom - (bottom - top) * now[1] / ceiling
        parts.append(f'<circle class="dot strong" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        side = "end" if x > (left + right) / 2 else ""
        above = y - 12 if y > top + 40 else y + 22
        parts.append(_text(x, above, f"now: {now[0]:.0%} answered, {now[1]:.0%} wrong", f"strong {side}"))
    return _svg(title, bottom + 40, parts)


def reliability(title: str, bins: Sequence[Bin]) -> str:
    """What held (up) against the confidence (along): on the diagonal the confidence means what it says."""
    left, right, top, bottom = 40.0, 350.0, 28.0, 204.0
    parts = [_frame((left, right, top, bottom), ceiling=1.0, x="confidence", y="correct")]
    parts.append(f'<line class="aside" x1="{left}" x2="{right}" y1="{bottom}" y2="{top}"/>')
    most = max((each.cases for each in bins), default=1)
    for each in bins:
        x = _at(each.confidence, left, right)
        y, low, high = (bottom - (bottom - top) * v for v in (each.share, each.low, each.high))
        parts.append(f'<line class="span" x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>')
        radius = 3 + 4 * (each.cases / most) ** 0.5
        told = f"{each.cases} cases at {each.confidence:.2f}: {each.share:.2f}"
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>{told}</title></circle>')
    return _svg(title, bottom + 40, parts)


def latency(title: str, stages: Mapping[str, tuple[float, float]]) -> str:
    """A bar a stage: the median inside the 95th percentile, both in milliseconds."""
    left, right, top = 80, 258, 8
    bottom = top + (_ROW + 6) * len(stages)
    longest = max((p95 for _, p95 in stages.values()), default=1.0) or 1.0
    parts = [f'<line class="grid" x1="{left}" x2="{left}" y1="{top}" y2="{bottom}"/>']
    for row, (name, (median, p95)) in enumerate(stages.items()):
        y = top + (_ROW + 6) * row + 7
        middle, end = ((right - left) * value / longest for value in (median, p95))
        parts.append(_text(left - 10, y + 13, _short(name, 10), "end"))
        parts.append(f'<rect class="tail" x="{left}" y="{y}" width="{end:.1f}" height="17" rx="3"/>')
        parts.append(f'<rect class="bar" x="{left}" y="{y}" width="{middle:.1f}" height="17" rx="3"/>')
        parts.append(_text(WIDTH, y + 13, f"{median:.0f} / {p95:.0f} ms", "end"))
    return _svg(title, bottom + 6, parts)


def _spread(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.mean, estimate.low, estimate.high


def _at(value: float, left: float, right: float) -> float:
    return left + (right - left) * min(max(value, 0.0), 1.0)


def _ceiling(highest: float) -> float:
    return next((step for step in (0.1, 0.2, 0.3, 0.4, 0.5) if highest <= step), 1.0)


def _short(name: str, limit: int) -> str:
    return name if len(name) <= limit else f"{name[: limit - 1]}…"


def _grid(left: float, right: float, top: float, bottom: float) -> str:
    lines = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = _at(share, left, right)
        lines.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>')
        if share in (0, 0.5, 1):
            lines.append(_text(x, bottom + 16, f"{share:g}", "middle soft"))
    return "".join(lines)


def _frame(box: tuple[float, float, float, float], *, ceiling: float, x: str, y: str) -> str:
    left, right, top, bottom = box
    lines = []
    for share in (0.0, 0.5, 1.0):
        height, along = bottom - (bottom - top) * share, _at(share, left, right)
        lines.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{height}" y2="{height}"/>')
        lines.append(_text(left - 6, height + 4, f"{ceiling * share:.0%}", "end soft"))
        anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[share]
        lines.append(_text(along, bottom + 16, f"{share:.0%}", f"{anchor} soft"))
    lines.append(_text((left + right) / 2, bottom + 33, x, "middle soft"))
    lines.append(_text(left, top - 14, f"↑ {y}", "soft"))
    return "".join(lines)


def _text(x: float, y: float, words: str, look: str = "") -> str:
    return f'<text class="{look.strip()}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    inside = "".join(parts)
    told = escape(title, quote=True)
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{told}">{inside}</svg>'
