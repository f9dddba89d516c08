"""A report as one HTML file that needs nothing else: no network, no fonts, no scripts but its own few lines."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from evals import curves, plots
from evals.labels import NOTHING, interval, label, number, sections
from evals.outcomes import failed
from evals.page_cases import failures
from evals.report import when
from evals.results import Estimate, Report
from evals.statistics import NOTHING as NO_ESTIMATE
from evals.summary import OVERALL
from rag.errors import ConfigurationError

_HERE = Path(__file__).parent
_HEADLINES = {
    "correct": "higher is better",
    "recall@5": "higher is better",
    "citation_recall": "higher is better",
    "citation_precision": "higher is better",
    "refused_answerable": "lower is better",
    "refused_unanswerable": "higher is better",
}


def write(report: Report, path: Path) -> None:
    """Write ``report`` as a page to ``path``; ``ConfigurationError`` when that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(report), encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}. Name another file with --html.") from error


def render(report: Report) -> str:
    """The page; whatever comes from documents, questions and answers is escaped, and could not run if it were not."""
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    title = escape(f"Evaluation: {report.cases}")
    body = "".join(
        (_head(report), _figures(report), _plots(report), _scores(report), failures(report.rows), _about(report))
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{(_HERE / 'page.css').read_text(encoding='utf-8')}</style></head>\n"
        f"<body><main>{body}</main><script>{script}</script></body></html>\n"
    )


def _head(report: Report) -> str:
    wrong = sum(failed(row) for row in report.rows)
    facts = [f"{len(report.rows)} cases", f"{report.documents} documents", f"{wrong} failed", when(report)]
    return f'<h1>Evaluation: {escape(report.cases)}</h1><p class="soft">{escape(" · ".join(facts))}</p>'


def _figures(report: Report) -> str:
    estimates = report.groups.get(OVERALL, {})
    boxes = []
    for metric, wanted in _HEADLINES.items():
        estimate = estimates.get(metric, NO_ESTIMATE)
        if estimate.mean is not None:
            spread = f"95 %: {interval(estimate, metric)}<br>{estimate.n} cases"
            boxes.append(_figure(number(estimate.mean, metric), label(metric), f"{wanted}<br>{spread}"))
    made = [int(v) for row in report.rows if (v := row.scores.get("fabricated_citations")) is not None]
    if made:
        boxes.append(_figure(str(sum(made)), label("fabricated_citations"), f"must be 0<br>{len(made)} answers"))
    if "total" in (times := curves.latency(report.rows)):
        median, p95 = times["total"]
        boxes.append(_figure(f"{median:.0f} ms", "an answer, p50", f"lower is better<br>p95: {p95:.0f} ms"))
    return f'<div class="figures">{"".join(boxes)}</div>'


def _figure(value: str, name: str, aside: str) -> str:
    return f'<div class="figure"><b>{value}</b><span>{escape(name)}</span><span class="soft">{aside}</span></div>'


def _plots(report: Report) -> str:
    rows = report.rows
    drawn = [_by_type(report, metric, words) for metric, words in _BY_TYPE.items()]
    if points := curves.risk_coverage(rows):
        svg = plots.risk_coverage(_RISK[0], points, now=curves.operating_point(rows))
        drawn.append(_plot(*_RISK, svg))
    if bins := curves.reliability(rows):
        drawn.append(_plot(*_CALIBRATION, plots.reliability(_CALIBRATION[0], bins)))
    if times := curves.latency(rows):
        drawn.append(_plot(*_TIME, plots.latency(_TIME[0], times)))
    return f'<h2>At a glance</h2><div class="plots">{"".join(drawn)}</div>'


_RISK = (
    "Risk and coverage",
    "Of the surest answers, the share that is wrong. Right of the dot are the refusals, none of which counts as right.",
)
_CALIBRATION = (
    "Calibration of the confidence",
    "On the dashed line the confidence of an answer means what it says; the larger the dot, the more answers.",
)
_TIME = ("Time of a stage", "The median, inside the 95th percentile.")
_BY_TYPE = {
    "recall@5": "Share of the evidence among the first five passages, with the 95 % interval and the number of cases.",
    "correct": "Share of answerable questions with a short answer that holds every key.",
}


def _by_type(report: Report, metric: str, words: str) -> str:
    estimates = {name: group.get(metric, NO_ESTIMATE) for name, group in report.groups.items()}
    if not any(estimate.n for estimate in estimates.values()):
        return ""
    title = f"{label(metric).capitalize()} by type"
    return _plot(title, words, plots.intervals(title, estimates, strong=OVERALL))


def _plot(title: str, words: str, svg: str) -> str:
    return f'<div class="plot"><h3>{escape(title)}</h3><p class="soft small">{words}</p>{svg}</div>'


def _scores(report: Report) -> str:
    """The table by type: a row a metric, overall first; below, the metrics that only the whole run has."""
    columns = sorted(report.groups, key=lambda name: name != OVERALL)
    counts = {name: sum(name in (row.type, OVERALL) for row in report.rows) for name in columns}
    head = "".join(f"<th{_strong(c)}>{escape(c)}<small>{counts[c]} cases</small></th>" for c in columns)
    body = []
    for title, metrics in sections({metric for group in report.groups.values() for metric in group}).items():
        body.append(f'<tr class="section"><th colspan="{len(columns) + 1}">{escape(title)}</th></tr>')
        for metric in metrics:
            cells = "".join(_cell(report.groups[c].get(metric, NO_ESTIMATE), metric, c) for c in columns)
            body.append(f"<tr><th>{escape(label(metric))}</th>{cells}</tr>")
    body += _whole_run(report.extra, len(columns))
    table = f'<table class="scores"><thead><tr><th></th>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'
    told = '<p class="soft small">Means over the cases a metric applies to, with 95 % bootstrap intervals.</p>'
    return f'<h2>By type</h2>{told}<div class="scroll" tabindex="0">{table}</div>'


def _whole_run(extra: Mapping[str, Estimate], columns: int) -> list[str]:
    known = {name: estimate for name, estimate in extra.items() if estimate.mean is not None}
    if not known:
        return []
    rest = f'<td colspan="{columns - 1}"></td>' if columns > 1 else ""
    rows = [
        f"<tr><th>{escape(label(metric))}</th>{_cell(estimate, metric, OVERALL)}{rest}</tr>"
        for metric, estimate in known.items()
    ]
    return [f'<tr class="section"><th colspan="{columns + 1}">The whole run</th></tr>', *rows]


def _cell(estimate: Estimate, metric: str, column: str) -> str:
    if estimate.mean is None:
        return f'<td{_strong(column)}><span class="soft">{NOTHING}</span></td>'
    spread = f"<small>{interval(estimate, metric)}</small>"
    return f'<td{_strong(column)} title="{estimate.n} cases">{number(estimate.mean, metric)}{spread}</td>'


def _strong(column: str) -> str:
    return ' class="overall"' if column == OVERALL else ""


def _about(report: Report) -> str:
    facts: dict[str, Any] = {
        "cases": report.cases,
        "date": report.created,
        "commit": report.commit or "unknown",
        "documents": f"{report.documents}, corpus {report.corpus}",
        "settings": _list(report.settings),
        "prompts": _list(report.prompts),
        "versions": _list(report.versions),
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items() if value)
    return f'<h2>How it was measured</h2><dl class="about">{rows}</dl>'


def _list(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} {value}" for name, value in values.items())
