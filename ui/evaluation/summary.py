"""A run as HTML: its figures, the figures by type, and the cases that failed. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from ui.evaluation import marks
from ui.evaluation.render import when
from ui.evaluation.reports import FAILURES, OVERALL, Case, Estimate, Evidence, Report
from ui.evaluation.words import WORDS, Words
from ui.icons import icon
from ui.markup import escape, preformatted
from ui.words import Count, Language

_LOWER = ("refused_answerable", "ms_total_p50")
_TILES = (
    *("correct", "recall@5", "citation_recall", "citation_precision"),
    *("refused_answerable", "refused_unanswerable", "fabricated_citations", "ms_total_p50"),
)
_COLUMNS = ("correct", "recall@5", "citation_precision", "refused_answerable", "refused_unanswerable", "ms_total")
_SHOWN = 200


def summary(name: str, report: Report, language: Language) -> str:
    """The run ``name``: what it found, by type and case by case."""
    words = WORDS[language]
    failed = [(row, case) for row, case in enumerate(report.rows) if case.outcome in FAILURES]
    facts = words.facts.format(
        count=Count(len(report.rows)), documents=Count(report.documents), failed=Count(len(failed))
    )
    return (
        f'<div class="pr-evaluation"><p><a class="pr-evaluation-back" href="#/evaluation">{icon("previous")}'
        f"{escape(words.back)}</a></p><h2>{escape(report.cases)}</h2>"
        f'<p class="pr-note pr-evaluation-facts">{escape(when(report.created))} · {escape(facts)}</p>'
        f"{_tiles(report, words)}{_by_type(report, words)}"
        f"{_failures(name, failed, words)}{_page(name, words)}</div>"
    )


def _tiles(report: Report, words: Words) -> str:
    tiles = "".join(_tile(metric, report, words) for metric in _TILES if report.overall(metric).mean is not None)
    return f'<section aria-label="{escape(words.figures)}"><div class="pr-evaluation-tiles">{tiles}</div></section>'


def _tile(metric: str, report: Report, words: Words) -> str:
    estimate, wanted = report.overall(metric), words.lower if metric in _LOWER else words.higher
    shown, told = marks.value(metric, estimate.mean, words), marks.interval(metric, estimate, words)
    mark = marks.span(estimate, told) if marks.is_share(metric) else ""
    bad = False
    if metric == "fabricated_citations":
        made = sum(case.scores.get(metric) or 0 for case in report.rows)
        shown, wanted, told, bad = f"{made:.0f}", words.must_be_zero, "", made > 0
    aside = escape(f"{words.of_cases.format(count=Count(estimate.n))} · {wanted}")
    return (
        f'<div class="pr-evaluation-tile{" pr-evaluation-bad" * bad}"><h3>{escape(marks.label(metric, words))}</h3>'
        f"<b>{escape(shown)}</b>{mark}<p>{escape(told)}</p><p>{aside}</p></div>"
    )


def _by_type(report: Report, words: Words) -> str:
    columns = [metric for metric in _COLUMNS if report.overall(metric).mean is not None]
    groups = sorted(report.groups, key=lambda name: (name != OVERALL, name))
    if len(groups) < 3:  # a single type is what the figures above say already
        return ""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in _heads(columns, words))
    body = "".join(_group(name, report, columns, words) for name in groups)
    title = escape(words.by_type)
    return (
        f'<section><h3>{title}</h3><p class="pr-note">{escape(words.by_type_hint)}</p>'
        f'<div class="pr-wide" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="pr-table pr-evaluation-types"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def _heads(columns: Sequence[str], words: Words) -> list[str]:
    return [words.type, words.count, *(marks.label(metric, words) for metric in columns)]


def _group(name: str, report: Report, columns: Sequence[str], words: Words) -> str:
    count = sum(name in (case.type, OVERALL) for case in report.rows)
    longest = max(
        (group[m].high or 0.0 for group in report.groups.values() for m in ("ms_total",) if m in group), default=0.0
    )
    cells = ""
    for metric in columns:
        estimate = report.groups[name].get(metric, Estimate())
        told = marks.told(metric, estimate, words)
        mark = marks.span(estimate, told, length=1.0 if marks.is_share(metric) else longest)
        figure = escape(marks.value(metric, estimate.mean, words))
        cells += f'<td title="{preformatted(told)}"><span>{figure}</span>{mark}</td>'
    strong = ' class="pr-evaluation-overall"' if name == OVERALL else ""
    return f'<tr{strong}><th scope="row">{escape(words.types.get(name, name))}</th><td>{count}</td>{cells}</tr>'


def _failures(name: str, failed: Sequence[tuple[int, Case]], words: Words) -> str:
    title = f"<h3>{escape(words.failures)}</h3>"
    if not failed:
        return f'<section>{title}<p class="pr-notice pr-good">{escape(words.no_failures)}</p></section>'
    counts = Counter(case.outcome for _, case in failed)
    kinds = [outcome for outcome in FAILURES if counts[outcome]]
    chips = _chip("", words.all_failures.format(count=len(failed)), pressed=True)
    chips += "".join(_chip(kind, f"{words.outcomes[kind]} {counts[kind]}", pressed=False) for kind in kinds)
    rest = len(failed) - _SHOWN
    more = f'<p class="pr-note">{escape(words.more_failures.format(count=Count(rest)))}</p>' if rest > 0 else ""
    return (
        f'<section data-failures>{title}<div class="pr-row pr-evaluation-chips" role="group" '
        f'aria-label="{escape(words.failures)}">{chips if len(kinds) > 1 else ""}</div>'
        f"{''.join(_case(name, *each, words) for each in failed[:_SHOWN])}{more}</section>"
    )


def _chip(outcome: str, label: str, *, pressed: bool) -> str:
    return (
        f'<button type="button" class="pr-evaluation-chip" data-do="evaluation.only" data-outcome="{outcome}" '
        f'aria-pressed="{str(pressed).lower()}">{escape(label)}</button>'
    )


def _case(name: str, row: int, case: Case, words: Words) -> str:
    expected = escape(case.expected) if case.answerable else f"<i>{escape(words.a_refusal)}</i>"
    facts = [(words.expected, expected), (words.got, escape(case.answer)), (words.went_wrong, escape(case.error or ""))]
    told = "".join(f"<dt>{escape(label)}</dt><dd>{inside}</dd>" for label, inside in facts if inside)
    items = "".join(_evidence(name, row, *each, words) for each in enumerate(case.evidence))
    evidence = f"<dt>{escape(words.evidence)}</dt><dd><ul>{items}</ul></dd>" if items else ""
    ask = preformatted(case.rewritten or case.question)
    return (
        f'<details class="pr-evaluation-case" data-outcome="{case.outcome}"><summary>'
        f'<span class="pr-evaluation-question">{escape(case.question)}</span>'
        f'<span class="pr-tag pr-evaluation-{case.outcome}">{escape(words.outcomes[case.outcome])}</span> '
        f'<span class="pr-tag pr-evaluation-kind">{escape(words.types.get(case.type, case.type))}</span> '
        f'<span class="pr-note">{escape(case.id)}</span></summary><dl>{told}{evidence}</dl>'
        f'<p><button type="button" class="pr-button" data-do="evaluation.ask" data-question="{ask}">'
        f"{icon('chat')}{escape(words.ask)}</button></p></details>"
    )


def _evidence(name: str, row: int, number: int, evidence: Evidence, words: Words) -> str:
    return (
        f"<li><p>{escape(evidence.quote)}</p>"
        f'<button type="button" class="pr-link" data-do="evaluation.source" data-name="{preformatted(name)}" '
        f'data-row="{row}" data-number="{number}">{escape(words.open_source)} · {escape(evidence.source)}</button></li>'
    )


def _page(name: str, words: Words) -> str:
    """The whole report, which is loaded when it is opened."""
    at = escape(f"/evaluations/{quote(name, safe='')}.html")
    return (
        f'<details class="pr-evaluation-page" data-page-of="{at}"><summary>{escape(words.report)}</summary>'
        f'<p class="pr-note">{escape(words.report_hint)} · '
        f'<a href="{at}" target="_blank" rel="noopener">{escape(words.new_tab)}</a></p>'
        f'<iframe sandbox="allow-scripts" title="{escape(words.report)}" hidden></iframe></details>'
    )
