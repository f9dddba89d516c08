"""Why this answer: what was found, how each arm scored it, what took how long, and who wrote it."""

from __future__ import annotations

from rag.answer.provenance import named
from rag.schema import Answer, Hit
from ui.chat.words import Words
from ui.links import encoded
from ui.markup import escape

_ARMS = ("dense", "lexical", "fused", "reader")
_OUR_OWN = "extractive"


def panel(answer: Answer, words: Words) -> str:
    """The passages with bars for their scores, times, provider and prompt."""
    return f"{_writer(answer, words)}{_passages(answer, words)}{_timings(answer, words)}"


def _writer(answer: Answer, words: Words) -> str:
    if answer.provider == _OUR_OWN:
        said = [words.why_extractive]
    else:
        said = [words.why_written.format(provider=answer.provider, prompt=answer.prompt or "–")]
    if answer.left_out:
        said.append(words.why_left_out.format(number=len(answer.left_out)))
    if answer.invented:
        said.append(words.why_invented.format(number=answer.invented))
    return "".join(f'<p class="pr-note">{escape(line)}</p>' for line in said)


def _passages(answer: Answer, words: Words) -> str:
    arms = [arm for arm in _ARMS if any(arm in hit.scores for hit in answer.hits)]
    if not answer.hits:
        return ""
    highest = {arm: max(abs(hit.scores.get(arm, 0.0)) for hit in answer.hits) or 1.0 for arm in arms}
    heads = "".join(f'<th scope="col">{escape(getattr(words, f"arm_{arm}"))}</th>' for arm in arms)
    rows = "".join(_row(number, hit, answer, highest, words) for number, hit in enumerate(answer.hits, start=1))
    return (
        f'<div class="pr-wide" tabindex="0" role="region" aria-label="{escape(words.why_passages)}">'
        f'<table class="pr-table pr-why-table"><caption>{escape(words.why_passages)}</caption>'
        f'<thead><tr><th scope="col">#</th><th scope="col">{escape(words.source)}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(number: int, hit: Hit, answer: Answer, highest: dict[str, float], words: Words) -> str:
    quoted = any(
        each.source == hit.source and hit.start <= each.start and each.end <= hit.end for each in answer.citations
    )
    used = f' <span class="pr-tag">{escape(words.used)}</span>' if quoted else ""
    bars = "".join(_bar(hit.scores.get(arm), most) for arm, most in highest.items())
    place = escape(named(hit))
    return (
        f'<tr><td>{number}</td><td><button type="button" class="pr-link" data-do="source" '
        f'data-source="{encoded(hit.source)}" data-start="{hit.start}" data-end="{hit.end}">{place}</button>{used}</td>'
        f"{bars}</tr>"
    )


def _bar(score: float | None, most: float) -> str:
    """A score as a bar beside its number, long in proportion to the highest of its arm."""
    if score is None:
        return "<td>–</td>"
    width = round(100 * max(0.0, min(1.0, score / most)))
    return f'<td><span class="pr-bar"><i style="width:{width}%"></i></span>{score:.2f}</td>'


def _timings(answer: Answer, words: Words) -> str:
    stages = {name: spent for name, spent in answer.timings.items() if name != "total"}
    listed = "".join(f"<div><dt>{escape(name)}</dt><dd>{spent:.0f}</dd></div>" for name, spent in stages.items())
    total = answer.timings.get("total")
    listed += f"<div><dt>Σ</dt><dd>{total:.0f}</dd></div>" if total is not None else ""
    return f'<h4>{escape(words.why_timings)}</h4><dl class="pr-times">{listed}</dl>' if listed else ""
