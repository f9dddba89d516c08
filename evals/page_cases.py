"""The failures of a report as HTML: what was asked, expected and given, and why it was found. All text is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from evals.labels import NOTHING, label, number
from evals.matching import has_key, letters, without_markers
from evals.metrics import LONGEST_ANSWER, LONGEST_ANSWER_OTHERWISE
from evals.outcomes import FAILURES, WORDS, failed, outcome
from evals.results import Retrieved, Row

Range = tuple[float, float]
_STUB = 0.06
_LANGUAGES = {"hans": "zh-Hans", "hant": "zh-Hant", "en": "en"}
_TOLD = ("recall@5", "key_recall", "char_f1", "citation_recall", "citation_precision", "characters", "ms_total")


def failures(rows: Sequence[Row]) -> str:
    """A heading with filters, and a closed box for each row that failed."""
    wrong = [row for row in rows if failed(row)]
    if not wrong:
        return "<h2>Failures</h2><p>None.</p>"
    kinds = Counter(outcome(row) for row in wrong)
    types = Counter(row.type for row in wrong)
    chips = _chips("kind", {k: (WORDS[k], kinds[k]) for k in FAILURES if kinds[k]})
    chips += _chips("type", {name: (name, types[name]) for name in sorted(types)})
    shown = f'<p class="soft small" id="shown" role="status">{len(wrong)} of {len(wrong)} shown</p>'
    told = '<p class="soft small">A bar runs from the lowest to the highest score of its kind for the question.</p>'
    return f"<h2>Failures</h2>{told}{chips}{shown}{''.join(map(_case, wrong))}"


def arms(scores: Mapping[str, float], ranges: Mapping[str, Range]) -> str:
    """A small bar for each score, from the lowest to the highest of its kind; a stub for the lowest."""
    parts = []
    for name, (low, high) in ranges.items():
        value = scores.get(name)
        share = 0.0 if value is None else _STUB + (1 - _STUB) * ((value - low) / (high - low) if high > low else 1.0)
        bar = f'<i><b style="width:{share:.0%}"></b></i>'
        told = NOTHING if value is None else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
        parts.append(f'<div class="arm"><span>{escape(name)}</span>{bar}<span>{told}</span></div>')
    return f'<div class="arms">{"".join(parts)}</div>'


def _case(row: Row) -> str:
    kind = outcome(row)
    head = f'<span class="tag bad">{escape(WORDS[kind])}</span> <span class="tag">{escape(row.type)}</span> '
    head += f'<span class="soft small">{escape(row.id)}</span><strong{_lang(row)}>{escape(row.question)}</strong>'
    data = f'data-kind="{kind}" data-type="{escape(row.type, quote=True)}"'
    facts = "".join(f"<dt>{name}</dt><dd{_lang(row)}>{html}</dd>" for name, html in _facts(row) if html)
    return (
        f'<details class="case" {data}><summary>{head}</summary><div class="inside"><dl>{facts}</dl>'
        f"{_hits(row)}</div></details>"
    )


def _facts(row: Row) -> Iterable[tuple[str, str]]:
    yield "searched as", escape(row.rewritten or "")
    yield "expected", escape(row.expected) or ("" if row.answerable else '<span class="soft">a refusal</span>')
    yield "answer keys", " ".join(_keys(row))
    yield "evidence", _quotes((item.source, "", item.quote) for item in row.evidence)
    yield "error", escape(row.error or "")
    yield "got", escape(row.answer)
    yield "reason", escape("" if row.reason in (None, row.answer) else str(row.reason))
    yield "cited", _quotes((str(c["source"]), str(c["section"]), str(c["quote"])) for c in row.citations)
    told = [f"{label(m)} {number(row.scores[m], m)}" for m in _TOLD if row.scores.get(m) is not None]
    yield "measured", escape(", ".join([f"confidence {row.confidence:.2f}", *told]))


def _keys(row: Row) -> Iterable[str]:
    """Each answer key, marked by whether the answer holds it, and whether the answer is too long."""
    text = "" if row.refused or row.error is not None else without_markers(row.answer)
    for key in row.answer_keys:
        look, mark = ("good", "✓") if has_key(key, text) else ("bad", "✗")
        yield f'<span class="tag {look}">{mark} {escape(key.replace("|", " / "))}</span>'
    limit = LONGEST_ANSWER.get(row.type, LONGEST_ANSWER_OTHERWISE)
    if row.answer_keys and (length := len(letters(text))) > limit:
        yield f'<span class="tag bad">✗ {length} letters, more than {limit}</span>'


def _quotes(places: Iterable[tuple[str, str, str]]) -> str:
    items = [f"<li>{escape(quote)}{_place(source, section)}</li>" for source, section, quote in places]
    return f"<ul>{''.join(items)}</ul>" if items else ""


def _place(source: str, section: str) -> str:
    return f'<br><span class="soft small">{escape(" · ".join(filter(None, (source, section))))}</span>'


def _hits(row: Row) -> str:
    if not row.retrieved:
        return ""
    found = [str(rank) for rank, hit in enumerate(row.retrieved, 1) if hit.relevant]
    where = f"evidence at rank {', '.join(found)}" if found else "no evidence among them"
    told = f" · {where}" if row.evidence else ""
    ranges = _ranges(row.retrieved)
    items = "".join(_hit(rank, hit, ranges) for rank, hit in enumerate(row.retrieved, 1))
    return f'<p class="soft small hits">Retrieved, best first{told}</p><ol class="hits">{items}</ol>'


def _hit(rank: int, hit: Retrieved, ranges: Mapping[str, Range]) -> str:
    mark = ' <span class="tag good">evidence</span>' if hit.relevant else ""
    place = escape(" · ".join(filter(None, (hit.source, hit.section))))
    words = f'<p class="soft">{rank}. {place}{mark}</p><p lang="zh">{escape(hit.text)}</p>'
    return f"<li><div>{words}</div>{arms({'fused': hit.score, **hit.scores}, ranges)}</li>"


def _ranges(hits: Sequence[Retrieved]) -> dict[str, Range]:
    values: dict[str, list[float]] = {}
    for hit in hits:
        for name, value in {"fused": hit.score, **hit.scores}.items():
            values.setdefault(name, []).append(value)
    return {name: (min(each), max(each)) for name, each in values.items()}


def _chips(by: str, choices: Mapping[str, tuple[str, int]]) -> str:
    total = sum(count for _, count in choices.values())
    buttons = [f'<button type="button" value="" aria-pressed="true">all {total}</button>']
    for value, (words, count) in choices.items():
        start = f'<button type="button" value="{escape(value, quote=True)}" aria-pressed="false">'
        buttons.append(f"{start}{escape(words)} {count}</button>")
    return f'<div class="filters" data-by="{by}" role="group" aria-label="by {by}" hidden>{"".join(buttons)}</div>'


def _lang(row: Row) -> str:
    return f' lang="{_LANGUAGES[row.script]}"' if row.script in _LANGUAGES else ""
