"""The curve of a training as a picture that stands alone: ``python -m rag.reader.curve training/training.jsonl FILE``.

Above the loss, below F1 and AUC on the held-out questions of each file, along the steps.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from html import escape
from math import ceil
from pathlib import Path

Points = list[tuple[float, float]]

_STYLE = """
svg { background: #fff; font: 12px system-ui, sans-serif; } text { fill: #1a1d21; } text.soft { fill: #5b6470; }
.end { text-anchor: end; } .middle { text-anchor: middle; } .grid { stroke: #e3e6ea; }
polyline { fill: none; stroke-width: 2; }
.c0 { stroke: #1f5f99; } .c1 { stroke: #b5651d; } .auc { stroke-dasharray: 5 4; }
"""
_LEFT, _RIGHT, _HEIGHT = 34.0, 348.0, 150.0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Draw the curve of a training.")
    parser.add_argument("log", type=Path, help="training.jsonl, as training writes it")
    parser.add_argument("into", type=Path, help="the picture, an SVG file")
    given = parser.parse_args(arguments)
    lines = [json.loads(line) for line in given.log.read_text("utf-8").splitlines()]
    given.into.write_text(drawn([line for line in lines if not line.get("int8")]) + "\n", "utf-8")


def drawn(log: Sequence[Mapping[str, float]]) -> str:
    """The picture of the lines of a log."""
    last = max(line["step"] for line in log)
    losses: Points = [(line["step"] / last, line["loss"]) for line in log if "loss" in line]
    most = float(ceil(max([1.0, *(loss for _, loss in losses)])))
    parts = [_frame(24.0, "↑ loss", most, last), _line(24.0, [(x, y / most) for x, y in losses], "c0")]
    top = 24.0 + _HEIGHT + 62
    named = dict.fromkeys(name.rpartition(".")[0] for line in log for name in line if name.endswith(".f1"))
    parts.append(_frame(top, "↑ F1 (solid) and AUC (dashed) on held-out articles", 1.0, last))
    for number, name in enumerate(named):
        for measure, look in (("f1", ""), ("auc", " auc")):
            points = [(line["step"] / last, value) for line in log if (value := line.get(f"{name}.{measure}"))]
            parts.append(_line(top, points, f"c{number % 2}{look}"))
        y = top + _HEIGHT - 26 + 14 * number
        parts.append(f'<line class="c{number % 2}" x1="210" x2="230" y1="{y - 4}" y2="{y - 4}" stroke-width="2"/>')
        parts.append(f'<text x="236" y="{y}">{escape(name)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 {top + _HEIGHT + 40:.0f}" role="img" '
        f'aria-label="Training curve"><style>{_STYLE}</style>{"".join(parts)}</svg>'
    )


def _frame(top: float, title: str, most: float, last: float) -> str:
    parts = [f'<text class="soft" x="{_LEFT}" y="{top - 10}">{escape(title)}</text>']
    for share in (0.0, 0.5, 1.0):
        y, x = top + _HEIGHT * (1 - share), _LEFT + (_RIGHT - _LEFT) * share
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="end soft" x="{_LEFT - 6}" y="{y + 4}">{most * share:g}</text>')
        anchor = {0.0: "", 0.5: "middle ", 1.0: "end "}[share]
        parts.append(f'<text class="{anchor}soft" x="{x}" y="{top + _HEIGHT + 16}">{last * share:,.0f}</text>')
    middle = (_LEFT + _RIGHT) / 2
    parts.append(f'<text class="middle soft" x="{middle}" y="{top + _HEIGHT + 33}">steps</text>')
    return "".join(parts)


def _line(top: float, points: Points, look: str) -> str:
    path = " ".join(f"{_LEFT + (_RIGHT - _LEFT) * x:.1f},{top + _HEIGHT * (1 - y):.1f}" for x, y in points)
    return f'<polyline class="{look}" points="{path}"/>'


if __name__ == "__main__":
    main()
