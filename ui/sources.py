"""The lists below an answer: the quoted places, or those nearest to a question that was refused."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.provenance import quoted_from
from rag.schema import Answer, Citation, Copy, Hit
from ui.markup import escape, excerpt
from ui.strings import Strings

NEAREST = 3
LONG_QUOTE_CHARS = 200
COPIES = 3


def cited(answer: Answer, turn: int, strings: Strings) -> str:
    """Each citation with its words, its place and what is known of the passage behind it."""
    entries = [
        _entry(citation, citation.number, turn, _quoted(citation, quoted_from(citation, answer.hits), strings))
        for citation in answer.citations
    ]
    return _list(strings.sources, entries)


def nearest(hits: Sequence[Hit], turn: int, strings: Strings) -> str:
    """The first of ``hits``, each with the beginning of its text."""
    entries = [
        _entry(hit, number, turn, f"<blockquote>{escape(excerpt(hit.text))}</blockquote>{_known(hit, hit, strings)}")
        for number, hit in enumerate(hits[:NEAREST], start=1)
    ]
    return _list(strings.nearest, entries)


def _list(heading: str, entries: Sequence[str]) -> str:
    listed = "".join(entries)
    return f'<h3>{escape(heading)}</h3><ol class="pr-sources">{listed}</ol>' if entries else ""


def _entry(place: Citation | Hit, number: int, turn: int, body: str) -> str:
    path = f"<b>{escape(place.title or place.source)}</b>"
    if place.section:
        path += f" › {escape(place.section)}"
    return (
        f'<li id="pr-{turn}-{number}" tabindex="-1"><span class="pr-number">{number}</span>'
        f'<div><div class="pr-path">{path}</div>{body}</div></li>'
    )


def _quoted(citation: Citation, hit: Hit | None, strings: Strings) -> str:
    """The words of a citation, a mark where they look damaged, and what is known of the passage behind them."""
    mark = f'<span class="pr-flag" title="{escape(strings.as_it_stands)}">{escape(strings.damaged)}</span>'
    quote = _quote(citation.quote, strings)
    return f"<blockquote>{quote}</blockquote>{mark if citation.damaged else ''}{_known(citation, hit, strings)}"


def _known(place: Citation | Hit, hit: Hit | None, strings: Strings) -> str:
    """File and date, then the version that replaced the document and where else the words stand."""
    dated = f' · <span class="pr-date">{escape(hit.issued)}</span>' if hit and hit.issued else ""
    lines = [("pr-soft", escape(place.source) + dated)]
    if hit and hit.superseded_by:
        lines.append(("pr-old", escape(strings.superseded.format(source=hit.superseded_by))))
    if hit and hit.copies:
        lines.append(("pr-soft", escape(strings.copies.format(places=_places(hit.copies, strings)))))
    return "".join(f'<div class="{kind}">{line}</div>' for kind, line in lines)


def _places(copies: Sequence[Copy], strings: Strings) -> str:
    shown = [" › ".join(filter(None, (copy.title or copy.source, copy.section))) for copy in copies[:COPIES]]
    more = [strings.more.format(number=len(copies) - COPIES)] if len(copies) > COPIES else []
    return " | ".join([*shown, *more])


def _quote(quote: str, strings: Strings) -> str:
    if len(quote) <= LONG_QUOTE_CHARS:
        return escape(quote.strip())
    cut, whole = escape(excerpt(quote)), escape(quote.strip())
    return f"<details><summary><span>{cut}</span> <i>{escape(strings.whole)}</i></summary>{whole}</details>"
