"""The reader as HTML: pure functions; every foreign character goes through ``ui.markup``."""

from __future__ import annotations

from collections.abc import Sequence

from rag.schema import Document, Metadata, Section
from ui.icons import icon
from ui.links import encoded
from ui.markup import escape, preformatted
from ui.reader import blocks
from ui.reader.blocks import Script
from ui.reader.outline import outline
from ui.reader.reading import Reading
from ui.reader.words import WORDS, Words
from ui.words import Language

_TAGS = {"hans": "zh-Hans", "hant": "zh-Hant", "en": "en", "unknown": "zh"}
_NO_SECTION: tuple[Section, ...] = ()


def page(reading: Reading, language: Language, *, script: Script = "original", around: int | None = None) -> str:
    """The whole panel. Of a long document the part around the character ``around``, else around the mark."""
    words = WORDS[language]
    document = reading.document
    sections = document.sections if document else _NO_SECTION
    at = reading.mark.start if reading.mark else around
    converted = blocks.converter(document, script) if document else str
    tree = outline(sections, at, converted, words)
    return (
        f'<div class="pr-reader-frame" data-number="{reading.citation.number if reading.citation else ""}">'
        f'<header class="pr-reader-head">{_title(reading, words)}{_bar(reading, script, bool(tree), words)}'
        f"{_find(words)}</header>"
        f'<div class="pr-reader-body"><nav class="pr-reader-outline" id="pr-reader-outline" '
        f'aria-label="{escape(words.outline)}" hidden>{tree}</nav>{_text(reading, script, around, words)}</div></div>'
    )


def more(reading: Reading, script: Script, edge: int, *, before: bool) -> dict[str, object]:
    """The next part of a long document on one side of ``edge``: its ``html``, and ``edge``, ``None`` at the end."""
    document = reading.document
    if document is None:
        return {"html": "", "edge": None}
    places = blocks.cuts(document.text, document.sections, reading.mark, document.layout.pages)
    low, high = blocks.window(places, edge)
    part = (low, min(edge, high)) if before else (max(low, edge), high)
    outer = low if before else high
    at_end = outer in (0, len(document.text))
    html = blocks.html(reading, places, part, blocks.converter(document, script)) if part[0] < part[1] else ""
    return {"html": html, "edge": None if at_end else outer}


def _title(reading: Reading, words: Words) -> str:
    document, citation = reading.document, reading.citation
    title = document.metadata.title if document else citation.title if citation else ""
    source = document.source if document else citation.source if citation else ""
    facts = [*_facts(document.metadata, words), source] if document else [source]
    listed = "".join(f"<span>{escape(fact)}</span>" for fact in facts)
    return (
        f'<div class="pr-reader-title"><h2 id="pr-reader-title" tabindex="-1">{escape(title or source)}</h2>'
        f"{_search(words) if document else ''}"
        f'<button type="button" class="pr-icon" data-do="reader.close" aria-label="{escape(words.close)}" '
        f'title="{escape(words.close)}">{icon("close")}</button></div><p class="pr-note pr-reader-facts">{listed}</p>'
        f"{_section(reading)}{_newer(reading, words)}{_moved(reading, words)}"
    )


def _facts(known: Metadata, words: Words) -> list[str]:
    dated = words.issued.format(date=known.issued) if known.issued else None
    if not dated and known.published:
        dated = words.published.format(date=known.published)
    written = {"hans": words.written_hans, "hant": words.written_hant}.get(known.script)
    return [fact for fact in (known.issuer, known.number, dated, written) if fact]


def _section(reading: Reading) -> str:
    """The way to the section with the marked words."""
    if reading.document is None or reading.mark is None:
        return ""
    start = reading.mark.start
    inside = [each for each in reading.document.sections if each.start <= start < each.end]
    if not inside:
        return ""
    path = inside[-1].path
    near = " › ".join(["…", *path[-2:]] if len(path) > 2 else path)
    return f'<p class="pr-note pr-reader-path" title="{preformatted(" › ".join(path))}">{escape(near)}</p>'


def _newer(reading: Reading, words: Words) -> str:
    if reading.newer is None:
        return ""
    said = escape(words.newer.format(source=reading.newer))
    return (
        f'<p class="pr-reader-warning">{icon("warn")}<span>{said} <button type="button" class="pr-link" '
        f'data-do="reader.document" data-source="{encoded(reading.newer)}">{escape(words.open_newer)}</button>'
        "</span></p>"
    )


def _moved(reading: Reading, words: Words) -> str:
    if reading.state not in ("moved", "outside"):
        return ""
    return f'<p class="pr-reader-warning">{icon("warn")}<span>{escape(getattr(words, reading.state))}</span></p>'


def _bar(reading: Reading, script: Script, outlined: bool, words: Words) -> str:
    """Outline, citations and script, as far as there is something to do with them."""
    contents = (
        f'<button type="button" class="pr-button" data-do="reader.outline" aria-expanded="false" '
        f'aria-controls="pr-reader-outline">{icon("menu")}{escape(words.outline)}</button>'
    )
    document = reading.document
    chinese = document is not None and document.metadata.script != "en"
    return (
        f'<div class="pr-reader-bar">{contents if outlined else ""}{_steps(reading, words)}'
        f"{_scripts(script, words) if chinese else ''}</div>"
    )


def _search(words: Words) -> str:
    return (
        f'<button type="button" class="pr-icon" data-do="reader.search" aria-expanded="false" '
        f'aria-controls="pr-reader-find" aria-label="{escape(words.search)}" title="{escape(words.search)}">'
        f"{icon('search')}</button>"
    )


def _steps(reading: Reading, words: Words) -> str:
    """Where the citation stands among those of its answer, and the ones beside it."""
    if reading.citation is None:
        return ""
    numbers = [each.number for each in reading.citations]
    at = numbers.index(reading.citation.number)
    before = numbers[at - 1] if at else None
    after = numbers[at + 1] if at + 1 < len(numbers) else None
    label = escape(words.position.format(at=at + 1, total=len(numbers)))
    return (
        f'<div class="pr-reader-steps" role="group" aria-label="{label}">{_step("previous", before, words)}'
        f"<span>{at + 1} / {len(numbers)}</span>{_step('next', after, words)}</div>"
    )


def _step(name: str, number: int | None, words: Words) -> str:
    label = escape(getattr(words, name))
    to = "disabled" if number is None else f'data-number="{number}"'
    return (
        f'<button type="button" class="pr-icon" data-do="reader.go" data-step="{name}" {to} aria-label="{label}" '
        f'title="{label}">{icon(name)}</button>'
    )


def _scripts(chosen: Script, words: Words) -> str:
    named: Sequence[tuple[Script, str]] = (("original", words.original), ("hans", words.hans), ("hant", words.hant))
    buttons = "".join(
        f'<button type="button" data-do="reader.script" data-script="{value}" '
        f'aria-pressed="{str(value == chosen).lower()}">{escape(name)}</button>'
        for value, name in named
    )
    return f'<div class="pr-reader-scripts" role="group" aria-label="{escape(words.script)}">{buttons}</div>'


def _find(words: Words) -> str:
    label = escape(words.search)
    steps = "".join(
        f'<button type="button" class="pr-icon" data-do="reader.match" data-step="{step}" aria-label="{escape(name)}" '
        f'title="{escape(name)}">{icon(picture)}</button>'
        for step, name, picture in ((-1, words.match_before, "previous"), (1, words.match_after, "next"))
    )
    return (
        f'<form class="pr-reader-find" id="pr-reader-find" role="search" autocomplete="off" hidden>'
        f'<input type="search" class="pr-input" maxlength="200" placeholder="{label}" aria-label="{label}">'
        f'<output aria-live="polite" data-found="{preformatted(words.found)}" '
        f'data-part="{preformatted(words.part_found)}" data-nothing="{preformatted(words.nothing)}"></output>'
        f"{steps}</form>"
    )


def _text(reading: Reading, script: Script, around: int | None, words: Words) -> str:
    document = reading.document
    body = _blocks(reading, document, script, around, words) if document else ""
    return (
        f'<div class="pr-reader-scroll" role="region" aria-label="{escape(words.text)}" tabindex="0">'
        f'<div class="pr-reader-page" lang="{_tag(document, script)}">{_stored(reading, words)}{body}</div></div>'
    )


def _blocks(reading: Reading, document: Document, script: Script, around: int | None, words: Words) -> str:
    places = blocks.cuts(document.text, document.sections, reading.mark, document.layout.pages)
    if around is None:
        around = reading.mark.start if reading.mark else 0
    part = blocks.window(places, around)
    low = _more(part[0], "before", words.more_before) if part[0] else ""
    high = _more(part[1], "after", words.more_after) if part[1] < len(document.text) else ""
    text = blocks.html(reading, places, part, blocks.converter(document, script))
    return f'{low}<div class="pr-reader-text">{text}</div>{high}'


def _more(edge: int, side: str, label: str) -> str:
    return (
        f'<button type="button" class="pr-button pr-reader-more" data-do="reader.more" data-side="{side}" '
        f'data-edge="{edge}">{escape(label)}</button>'
    )


def _stored(reading: Reading, words: Words) -> str:
    """The quote as the answer has it, where the document no longer does."""
    if reading.citation is None or reading.state not in ("changed", "gone"):
        return ""
    return (
        f'<div class="pr-notice pr-warn pr-reader-stored"><p>{escape(getattr(words, reading.state))}</p>'
        f'<blockquote aria-label="{escape(words.quoted)}">{preformatted(reading.citation.quote)}</blockquote></div>'
    )


def _tag(document: Document | None, script: Script) -> str:
    return _TAGS[document.metadata.script if document and script == "original" else script if document else "unknown"]
