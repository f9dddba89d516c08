"""The curves of reports as pictures that stand alone: ``python -m evals.draw INTO REPORT …``.

For each report ``INTO/<its name>-reliability.svg`` and ``INTO/<its name>-risk-coverage.svg``.
"""

from __future__ import annotations

from pathlib import Path

import typer

from evals import curves, plots
from evals.results import Report

_STYLE = """
svg { background: #fff; font: 12px system-ui, sans-serif; } text { fill: #1a1d21; } text.soft { fill: #5b6470; }
.end { text-anchor: end; } .middle { text-anchor: middle; } text.strong { font-weight: 600; }
.grid { stroke: #e3e6ea; }
.aside { stroke: #9aa3ad; stroke-dasharray: 4 4; } .span { stroke: #7aa2c8; stroke-width: 2; }
.dot { fill: #1f5f99; }
.curve { fill: none; stroke: #1f5f99; stroke-width: 2; }
"""


def main(into: Path, reports: list[Path]) -> None:
    """Draw the curves of ``reports`` into the folder ``into``."""
    into.mkdir(parents=True, exist_ok=True)
    for path in reports:
        rows = Report.from_json(path).rows
        drawn = {
            "reliability": plots.reliability(f"Reliability, {path.stem}", curves.reliability(rows)),
            "risk-coverage": plots.risk_coverage(
                f"Risk and coverage, {path.stem}", curves.risk_coverage(rows), now=curves.operating_point(rows)
            ),
        }
        for name, svg in drawn.items():
            alone = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
                ">", f"><style>{_STYLE}</style>", 1
            )
            (into / f"{path.stem}-{name}.svg").write_text(alone + "\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
