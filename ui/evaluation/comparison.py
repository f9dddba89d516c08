"""Two runs beside each other as HTML, from what ``rag-eval compare --json`` says. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from rag.setting_names import leaves
from ui.evaluation import marks
from ui.evaluation.command import EvaluationError
from ui.evaluation.folder import Run
from ui.evaluation.render import address, differing, when
from ui.evaluation.reports import FAILURES, OVERALL, Outcome
from ui.evaluation.words import WORDS, Words
from ui.icons import icon
from ui.markup import escape
from ui.words import Count, Language

_LOOKS = {"improved": "good", "worse": "bad", "changed": "warn"}
_FLIPS = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric in one group, and what the test says of it."""

    metric: str
    group: str
    cases: int
    base: float
    new: float
    difference: float
    low: float
    high: float
    p: float
    better: int
    worse: int
    verdict: str

    @property
    def told(self) -> str:
        """The verdict; a time, which decides nothing, is faster or slower."""
        if marks.is_time(self.metric):
            return {"improved": "faster", "worse": "slower"}.get(self.verdict, self.verdict)
        return self.verdict


@dataclass(frozen=True, slots=True)
class Flip:
    """A case whose outcome is another one now."""

    id: str
    type: str
    question: str
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """What ``rag-eval compare`` says; ``notes``: in what the runs differ, ``broken``: promises not kept any more."""

    cases: int
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    broken: tuple[str, ...]


def parse(found: Mapping[str, object]) -> Comparison:
    """``found`` as values; ``EvaluationError`` when it is not what we know."""
    try:
        return _shape().validate_python(found)
    except ValidationError as error:
        raise EvaluationError("rag-eval compare says something this page does not know. Restart rag ui.") from error


def comparison(base: Run, new: Run, found: Comparison, language: Language) -> str:
    """What became better and what worse from ``base`` to ``new``."""
    words = WORDS[language]
    swapped = escape(f"#/evaluation/{quote(f'{new.name}|{base.name}', safe='')}")
    return (
        f'<div class="pr-evaluation"><p><a class="pr-evaluation-back" href="#/evaluation">{icon("previous")}'
        f"{escape(words.back)}</a></p><h2>{escape(words.compared)}</h2>"
        f'<dl class="pr-evaluation-pair">{_side(words.base, base)}{_side(words.new, new)}</dl>'
        f'<p class="pr-row"><span class="pr-note">{escape(words.shared.format(count=Count(found.cases)))}</span>'
        f'<a class="pr-button" href="{swapped}">{icon("retry")}{escape(words.swap)}</a></p>'
        f"{_warnings(found)}{_verdict(found, words) if found.cases else ''}{_differences(found, words)}"
        f"{_flips(found, words)}{_settings(base, new, found, words)}</div>"
    )


def _side(label: str, run: Run) -> str:
    return (
        f"<div><dt>{escape(label)}</dt>"
        f'<dd><a href="{address(run.name)}">{escape(when(run.created))}</a> · {escape(run.cases)}</dd></div>'
    )


def _warnings(found: Comparison) -> str:
    lines = "".join(f"<p>{escape(each)}</p>" for each in found.warnings)
    return f'<div class="pr-notice pr-warn">{lines}</div>' if lines else ""


def _verdict(found: Comparison, words: Words) -> str:
    """What it comes to, in a few words."""
    boxes = [("bad", words.broken, found.broken)]
    for verdict, look, title in (("worse", "bad", words.worse), ("improved", "good", words.improved)):
        names = words.listing.join(_names(found.differences, verdict, words))
        boxes.append((look, title, (names,) if names else ()))
    shown = "".join(
        f'<div class="pr-notice pr-{look}"><h3>{escape(title)}</h3>'
        f"{''.join(f'<p>{escape(line)}</p>' for line in lines)}</div>"
        for look, title, lines in boxes
        if lines
    )
    return shown or f'<p class="pr-notice">{escape(words.no_change)}</p>'


def _names(differences: Sequence[Difference], verdict: str, words: Words) -> list[str]:
    """The metrics with this verdict; a type only where the whole does not have it."""
    told = [each for each in differences if each.told == verdict]
    whole = [each.metric for each in told if each.group == OVERALL]
    inside = [each for each in told if each.group != OVERALL and each.metric not in whole]
    return [marks.label(metric, words) for metric in whole] + [
        f"{marks.label(each.metric, words)} ({words.types.get(each.group, each.group)})" for each in inside
    ]


def _differences(found: Comparison, words: Words) -> str:
    whole = [each for each in found.differences if each.group == OVERALL]
    moved = [each for each in whole if each.better or each.worse]
    same = [marks.label(each.metric, words) for each in whole if each not in moved]
    inside = [each for each in found.differences if each.group != OVERALL and each.told in _LOOKS]
    quiet = escape(words.no_evidence_hint.format(names=" · ".join(same))) if same else ""
    told = f'<p class="pr-note">{escape(words.verdict_hint)} {quiet}</p>' if whole else ""
    return _table(moved, words.measured, words) + told + _table(inside, words.within_types, words)


def _table(shown: Sequence[Difference], title: str, words: Words) -> str:
    if not shown:
        return ""
    shares = [each for each in shown if marks.is_share(each.metric)]
    reach = max((max(abs(each.low), abs(each.high)) for each in shares), default=0.0)
    heads = (title, words.base, words.new, words.difference, "", words.cases_moved, words.probability, words.verdict)
    head = "".join(f'<th scope="col">{escape(each)}</th>' if each else "<td></td>" for each in heads)
    rows = "".join(_difference(each, reach, words) for each in shown)
    return (
        f'<div class="pr-wide" tabindex="0" role="region" aria-label="{escape(title)}"><table class="pr-table '
        f'pr-evaluation-differences"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _difference(each: Difference, reach: float, words: Words) -> str:
    kind = "" if each.group == OVERALL else f"{words.types.get(each.group, each.group)} · "
    low, mean, high = (marks.signed(each.metric, value, words) for value in (each.low, each.difference, each.high))
    own = max(abs(each.low), abs(each.high))
    mark = marks.around_zero(
        each.low,
        each.difference,
        each.high,
        f"{mean} ({low} … {high})",
        reach=reach if marks.is_share(each.metric) else own,
    )
    look = _LOOKS.get(each.told, "")
    return (
        f'<tr><th scope="row">{escape(kind)}{escape(marks.label(each.metric, words))}</th>'
        f"<td>{escape(marks.value(each.metric, each.base, words))}</td>"
        f"<td>{escape(marks.value(each.metric, each.new, words))}</td>"
        f"<td>{mark}</td><td><b>{escape(mean)}</b> <small>{escape(low)} … {escape(high)}</small></td>"
        f"<td>{each.better} / {each.worse}</td><td>{'&lt;.001' if each.p < 0.001 else f'{each.p:.3f}'}</td>"
        f'<td><span class="pr-evaluation-verdict pr-evaluation-{look or "none"}">'
        f"{escape(words.verdicts.get(each.told, each.told))}</span></td></tr>"
    )


def _flips(found: Comparison, words: Words) -> str:
    sorted_flips = {words.newly_broken: list[Flip](), words.mended: list[Flip](), words.otherwise: list[Flip]()}
    for flip in found.flips:
        before, after = flip.before in FAILURES, flip.after in FAILURES
        title = words.otherwise if before == after else words.mended if before else words.newly_broken
        sorted_flips[title].append(flip)
    return "".join(
        f"<section><h3>{escape(title)} {len(flips)}</h3>"
        f'<ul class="pr-evaluation-flips">{"".join(_flip(flip, words) for flip in flips[:_FLIPS])}</ul></section>'
        for title, flips in sorted_flips.items()
        if flips
    )


def _flip(flip: Flip, words: Words) -> str:
    return (
        f'<li><span>{escape(flip.question)}</span> <span class="pr-note">{escape(flip.id)} · '
        f"{escape(words.outcomes[flip.before])} → {escape(words.outcomes[flip.after])}</span></li>"
    )


def _settings(base: Run, new: Run, found: Comparison, words: Words) -> str:
    """The settings that differ, and what else ``rag-eval`` notes."""
    before, after = dict(leaves(base.settings)), dict(leaves(new.settings))
    lines = [f"{name}: {before[name]} → {after[name]}" for name in differing([base.settings, new.settings])]
    known = base.settings.keys() | new.settings.keys()
    lines += [note for note in found.notes if note.partition(": ")[0] not in known]
    inside = "".join(f"<li>{escape(line)}</li>" for line in lines) or f"<li>{escape(words.same_settings)}</li>"
    return f'<section><h3>{escape(words.what_differs)}</h3><ul class="pr-note">{inside}</ul></section>'


@cache
def _shape() -> TypeAdapter[Comparison]:
    return TypeAdapter(Comparison)
