"""What a corpus costs as it grows, as plots with both axes logarithmic.

Twice the corpus is the same step everywhere, and slope 1 is proportional cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 420, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 14, 36
_HEAD = 26
_COLOURS = ("#0b62a4", "#c05a00", "#3d7d3f", "#8250df")
_STYLE = (
    "text { font: 12px system-ui, sans-serif; fill: #1f2328; } .strong { font-weight: 600; } .grid { stroke: #d0d7de; }"
)
Points = Sequence[tuple[int, float]]


def number(value: float | None) -> str:
    """``value`` with three significant digits or none after the point; a dash for ``None``."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def growth(name: str, lines: Mapping[str, Points], colours: Mapping[str, str]) -> str:
    """A plot of ``name`` against the number of documents, a line a label, as SVG for a page that styles its text."""
    across = _Axis([x for points in lines.values() for x, _ in points], _LEFT, WIDTH - _RIGHT)
    up = _Axis([y for points in lines.values() for _, y in points], HEIGHT - _BOTTOM, _TOP)
    parts = [*_grid(across, up)]
    for label, points in lines.items():
        colour = colours[label]
        path = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in points:
            told = f"{label}: {number(y)} at {x} documents"
            parts.append(f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="4" fill="{colour}">')
            parts.append(f"<title>{escape(told)}</title></circle>")
    told = f"{name} against documents"
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg {box} role="img" aria-label="{escape(told)}">{"".join(parts)}</svg>'


def picture(figures: Mapping[str, Mapping[str, Points]]) -> str:
    """Plots by title, one below the other, as an SVG file that stands alone; each a line a label."""
    parts = [f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>']
    for row, (title, lines) in enumerate(figures.items()):
        colours = dict(zip(lines, _COLOURS, strict=False))
        legend = "".join(f'<tspan fill="{colours[label]}"> ● </tspan>{escape(label)}' for label in lines)
        parts.append(
            f'<g transform="translate(0 {(HEIGHT + _HEAD) * row})"><text x="8" y="18"><tspan class="strong">'
            f"{escape(title)}</tspan> {legend if len(lines) > 1 else ''}</text>"
            f'<g transform="translate(0 {_HEAD})">{growth(title, lines, colours)}</g></g>'
        )
    box = f'viewBox="0 0 {WIDTH} {(HEIGHT + _HEAD) * len(figures)}"'
    told = escape("; ".join(figures))
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label="{told}">{"".join(parts)}</svg>\n'


def _grid(across: _Axis, up: _Axis) -> Iterator[str]:
    bottom = HEIGHT - _BOTTOM
    for tick in up.ticks():
        y = up.at(tick)
        yield f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(tick)}</text>'
    for size in sorted(set(across.values)):
        yield f'<text x="{across.at(size):.1f}" y="{bottom + 16}" text-anchor="middle">{number(size)}</text>'
    yield f'<text x="{(_LEFT + WIDTH - _RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">documents</text>'


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
        """1, 2 and 5 of each power of ten inside; only the powers where those are many, more where they are few."""
        few, many = self._inside(1, 2, 5), self._inside(1, 1.5, 2, 3, 4, 5, 7)
        return many if len(few) < 2 else few if len(few) <= 6 else self._inside(1)

    def _inside(self, *steps: float) -> list[float]:
        every = [step * 10**power for power in range(floor(self._low), ceil(self._high) + 1) for step in steps]
        return [tick for tick in every if self._low <= log10(tick) <= self._high]
