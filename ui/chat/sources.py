"""The lists below an answer: the quoted places, or those nearest to a question that was refused."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.provenance import named, quoted_from
from rag.schema import Answer, Citation, Copy, Hit
from ui.chat.words import Words
from ui.icons import icon
from ui.links import encoded
from ui.markup import escape, excerpt

NEAREST = 3
COPIES = 3


def cited(answer: Answer, words: Words) -> str:
    """Each citation with its words, its place and what is known of the passage behind it; opened one by one."""
    said = {sentence.text.strip() for sentence in answer.sentences}
    entries = [
        _citation(each, quoted_from(each, answer.hits), words, said=each.quote.strip() in said)
        for each in answer.citations
    ]
    return _list(words.sources, entries)


def nearest(hits: Sequence[Hit], words: Words) -> str:
    """The first of ``hits``, each with the beginning of its text."""
    entries = [
        _entry(hit, f'data-source="{encoded(hit.source)}" data-start="{hit.start}" data-end="{hit.end}"', "", words)
        + f'<blockquote class="pr-quote">{escape(excerpt(hit.text))}</blockquote>{_known(hit, hit, words)}'
        for hit in hits[:NEAREST]
    ]
    return _list(words.nearest, entries)


def _list(heading: str, entries: Sequence[str]) -> str:
    listed = "".join(f'<li class="pr-source">{entry}</li>' for entry in entries)
    return f'<h3>{escape(heading)}</h3><ol class="pr-sources">{listed}</ol>' if entries else ""


def _citation(citation: Citation, hit: Hit | None, words: Words, *, said: bool) -> str:
    """``said``: the quote is a sentence of the answer as it stands, and need not be shown twice."""
    damaged = ""
    if citation.damaged:
        damaged = f'<span class="pr-flag" title="{escape(words.as_it_stands)}">{escape(words.damaged)}</span>'
    number = f'<span class="pr-number">{citation.number}</span>'
    return (
        _entry(citation, f'data-number="{citation.number}"', number, words)
        + f'<blockquote class="pr-quote" data-quote="{citation.number}"{" hidden" if said else ""}>'
        + f"{escape(citation.quote.strip())}</blockquote>"
        + damaged
        + _known(citation, hit, words)
    )


def _entry(place: Citation | Hit, attributes: str, number: str, words: Words) -> str:
    """The line that opens the place in its document."""
    section = f'<span class="pr-section">{escape(place.section)}</span>' if place.section else ""
    return (
        f'<button type="button" class="pr-place" data-do="source" {attributes} title="{escape(words.open_source)}">'
        f'{number}<span class="pr-path"><b>{escape(place.title or place.source)}</b>{section}</span>'
        f"{icon('next')}</button>"
    )


def _known(place: Citation | Hit, hit: Hit | None, words: Words) -> str:
    """File, page and date, then the version that replaced the document and where else the words stand."""
    dated = f' · <span class="pr-date">{escape(hit.issued)}</span>' if hit and hit.issued else ""
    paged = f' · <span class="pr-paged">{escape(words.page.format(page=place.page))}</span>' if place.page else ""
    lines = [("pr-note", escape(place.source) + paged + dated)]
    if hit and hit.superseded_by:
        lines.append(("pr-note pr-old", escape(words.superseded.format(source=hit.superseded_by))))
    if hit and hit.copies:
        lines.append(("pr-note", escape(words.copies.format(places=_places(hit.copies, words)))))
    return "".join(f'<div class="{kind}">{line}</div>' for kind, line in lines)


def _places(copies: Sequence[Copy], words: Words) -> str:
    shown = [named(copy) for copy in copies[:COPIES]]
    more = [words.more.format(number=len(copies) - COPIES)] if len(copies) > COPIES else []
    return " | ".join([*shown, *more])
