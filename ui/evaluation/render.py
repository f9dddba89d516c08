"""The first page of the tab as HTML: start a run, watch it, find earlier ones. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from rag.setting_names import leaves
from ui.evaluation import marks
from ui.evaluation.folder import FEEDBACK, Run
from ui.evaluation.reports import Estimate
from ui.evaluation.runs import Ended, Progress
from ui.evaluation.words import WORDS, Words
from ui.icons import icon
from ui.markup import escape, preformatted
from ui.words import Count, Language

TRIAL = 20
_FIGURES = ("correct", "recall@5", "refused_answerable", "ms_total_p50")


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page shows. ``own`` are the files with the user's own cases, which lie in ``own_folder``."""

    runs: Sequence[Run]
    admin: bool
    has_documents: bool
    own: Sequence[str] = ()
    own_folder: str = ""
    progress: Progress | None = None
    ended: Ended | None = None


def overview(shown: Overview, language: Language) -> str:
    """The first page of the tab."""
    words = WORDS[language]
    broke = _broke(shown.ended, words) if shown.admin or shown.ended is None else ""
    return (
        f'<div class="pr-evaluation"><h2>{escape(words.title)}</h2>'
        f'<p class="pr-note pr-evaluation-purpose">{escape(words.purpose)}</p>'
        f"{_now(shown, language)}{broke}{_list(shown, words)}</div>"
    )


def progress(now: Progress, language: Language) -> str:
    """How far the run is: a bar, and what can be said in words."""
    words = WORDS[language]
    named = escape(words.running.format(cases=now.cases))
    told = escape(" · ".join(_said(now, words)))
    share = f"{now.done / now.total * 100:.1f}" if now.done and now.total else ""
    at = f' aria-valuenow="{share}"' if share else ""
    return (
        f'<div class="pr-evaluation-bar" role="progressbar" aria-label="{named}" aria-valuemin="0" aria-valuemax="100"'
        f'{at} aria-valuetext="{told}"><i style="width:{share or 0}%"></i></div><p class="pr-note">{told}</p>'
    )


def when(created: str) -> str:
    """The moment in the time of this computer, to the minute; as it is where it is none."""
    try:
        return datetime.fromisoformat(created).astimezone().replace(tzinfo=None).isoformat(" ", "minutes")
    except (ValueError, OverflowError, OSError):
        return created


def differing(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings, tables apart, of which there are several values among those that have them, sorted."""
    values: dict[str, set[str]] = {}
    for each in settings:
        for name, value in leaves(each):
            values.setdefault(name, set()).add(str(value))
    return sorted(name for name, different in values.items() if len(different) > 1)


def address(name: str) -> str:
    """The run's place in the page, escaped."""
    return escape(f"#/evaluation/{quote(name, safe='')}")


def _now(shown: Overview, language: Language) -> str:
    """What can be done now: watch the run, start one, or add documents first."""
    words = WORDS[language]
    if shown.progress is not None:
        return _watched(shown.progress, language, admin=shown.admin)
    if not shown.admin:
        return "" if shown.runs else f'<p class="pr-notice">{escape(words.nothing)}</p>'
    if not shown.has_documents:
        return (
            f'<div class="pr-notice"><p>{escape(words.no_documents)}</p>'
            f'<p><a class="pr-button pr-primary" href="#/library">{icon("upload")}'
            f"{escape(words.to_library)}</a></p></div>"
        )
    return _form(shown, words)


def _watched(now: Progress, language: Language, *, admin: bool) -> str:
    words = WORDS[language]
    cancel = (
        f'<button type="button" class="pr-button" data-do="evaluation.cancel"{" disabled" * now.cancelled}>'
        f"{icon('stop')}{escape(words.cancel)}</button>"
    )
    return (
        f'<section class="pr-evaluation-card" data-running><div class="pr-row pr-evaluation-head">'
        f"<h3>{escape(words.running.format(cases=now.cases))}</h3>{cancel if admin else ''}</div>"
        f'<div data-progress data-finished="{escape(words.finished)}" data-cancelled="{escape(words.cancelled)}">'
        f"{progress(now, language)}</div></section>"
    )


def _form(shown: Overview, words: Words) -> str:
    chosen = "".join(f'<option value="{preformatted(name)}">{escape(name)}</option>' for name in shown.own)
    heading = "" if shown.runs else f"<h3>{escape(words.first)}</h3>"
    return (
        f'<form class="pr-evaluation-card" data-do="evaluation.start">{heading}<div class="pr-evaluation-fields">'
        f"<label><span>{escape(words.cases)}</span>"
        f'<select class="pr-select" name="cases"><option value="">{escape(words.shipped)}</option>'
        f"{chosen}</select></label>"
        f"<label><span>{escape(words.how_many)}</span>"
        f'<select class="pr-select" name="limit"><option value="">{escape(words.all_cases)}</option>'
        f'<option value="{TRIAL}">{escape(words.first_cases.format(count=TRIAL))}</option></select></label>'
        f'<button type="submit" class="pr-button pr-primary">{icon("play")}{escape(words.start)}</button></div>'
        f'<p class="pr-note">{escape(words.while_it_runs)}</p>{_own(shown.own_folder, words)}</form>'
    )


def _own(folder: str, words: Words) -> str:
    draft = f"rag-eval make-cases DIR --out {folder}/cases.jsonl"
    return (
        f'<details class="pr-evaluation-own"><summary>{escape(words.own)}</summary>'
        f"<p>{escape(words.own_hint)}</p><p><code>{escape(folder)}</code></p>"
        f"<p>{escape(words.own_draft)}</p><p><code>{escape(draft)}</code></p><p>{escape(words.own_format)}</p>"
        f'<p class="pr-row"><button type="button" class="pr-button" data-do="evaluation.feedback">'
        f"{icon('up')}{escape(words.feedback)}</button>"
        f'<span class="pr-note">{escape(words.feedback_hint.format(file=FEEDBACK))}</span></p></details>'
    )


def _broke(ended: Ended | None, words: Words) -> str:
    if ended is None or ended.error is None:
        return ""
    title = words.broke.format(cases=ended.cases)
    return (
        f'<div class="pr-notice pr-bad pr-evaluation-broke" role="alert"><h3>{escape(title)}</h3>'
        f"<p>{escape(ended.error)}</p></div>"
    )


def _list(shown: Overview, words: Words) -> str:
    """The earlier runs; nothing when there is none."""
    if not shown.runs:
        return ""
    told = differing([run.settings for run in shown.runs])
    heads = [words.when, words.cases, words.count, *(marks.label(name, words) for name in _FIGURES)]
    heads += [words.settings] * bool(told)
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    rows = "".join(_run(run, told, words, admin=shown.admin) for run in shown.runs)
    latest = shown.ended.name if shown.ended is not None else None
    several = len(shown.runs) > 1
    compare = (
        '<p class="pr-row"><button type="button" class="pr-button" data-do="evaluation.compare" disabled>'
        f"{icon('chart')}{escape(words.compare)}</button>"
        f'<span class="pr-note">{escape(words.runs_hint)}</span></p>'
    )
    return (
        f'<section class="pr-evaluation-runs" data-latest="{preformatted(latest or "")}"><h3>{escape(words.runs)}</h3>'
        f"{compare if several else ''}"
        f'<table class="pr-table pr-evaluation-list{" pr-evaluation-choosing" * several}"><thead><tr><td></td>{head}'
        f"<td></td></tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _run(run: Run, told: Sequence[str], words: Words, *, admin: bool) -> str:
    date = when(run.created)
    settings = {name: value for name, value in leaves(run.settings) if name in told}
    box = (
        f'<input type="checkbox" value="{preformatted(run.name)}" data-do="evaluation.choose" '
        f'aria-label="{escape(words.choose.format(when=date))}">'
    )
    delete = (
        f'<button type="button" class="pr-icon" data-do="evaluation.delete" data-name="{preformatted(run.name)}" '
        f'data-sure="{escape(words.sure.format(when=date))}" aria-label="{escape(words.delete)} {escape(date)}" '
        f'title="{escape(words.delete)}">{icon("trash")}</button>'
    )
    cells = [
        f'<th scope="row"><a href="{address(run.name)}">{escape(date)}</a></th>',
        _cell(words.cases, escape(run.cases)),
        _cell(words.count, str(run.count)),
        *(_figure(name, run.figures.get(name, Estimate()), words) for name in _FIGURES),
    ]
    if told:
        cells.append(_cell(words.settings, escape(" · ".join(f"{name} {value}" for name, value in settings.items()))))
    return f"<tr><td>{box}</td>{''.join(cells)}<td>{delete if admin else ''}</td></tr>"


def _figure(metric: str, estimate: Estimate, words: Words) -> str:
    told = marks.told(metric, estimate, words)
    figure = escape(marks.value(metric, estimate.mean, words))
    mark = marks.span(estimate, told) if marks.is_share(metric) else ""
    return _cell(
        marks.label(metric, words),
        f'<span class="pr-evaluation-number" title="{preformatted(told)}">{figure}</span>{mark}',
    )


def _cell(label: str, inside: str) -> str:
    return f'<td data-label="{escape(label)}">{inside}</td>'


def _said(now: Progress, words: Words) -> list[str]:
    """Stage or number of the case, how many failed, how long it will take."""
    if now.cancelled:
        return [words.cancelling]
    if not now.done:  # the first answer has to wait for index and model
        return [words.stages["opening"]]
    if now.stage != "asking":
        return [f"{words.stages.get(now.stage, now.stage)} {now.done}/{now.total}"]
    said = [
        words.counted.format(done=Count(now.done), total=Count(now.total)),
        words.failed_so_far.format(count=now.failed),
    ]
    return [*said, _left(now.left_s, words)] if now.left_s is not None and now.done < now.total else said


def _left(seconds: float, words: Words) -> str:
    if seconds < 90:
        return words.seconds_left.format(count=max(1, round(seconds)))
    return words.minutes_left.format(count=round(seconds / 60))
