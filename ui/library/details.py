"""One document as HTML, as the library knows it: pure functions."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from rag.schema import Document, DocumentInfo, Furniture, Section
from ui.icons import icon
from ui.library.listing import titled
from ui.library.render import covered, remove_button
from ui.library.words import WORDS, Words
from ui.links import encoded
from ui.markup import escape, excerpt, preformatted
from ui.words import Language

_MOST_SHOWN = 200  # places of one kind of furniture
_ALL_OPEN = 40  # sections up to which the whole outline is unfolded
_LONGEST_HEADING = 80


def page(document: Document, info: DocumentInfo, language: Language, *, admin: bool) -> str:
    """What is known of ``document``, its outline, and what was left out; an ``admin`` sees its path, can remove it."""
    words, title = WORDS[language], titled(info)
    at = preformatted(encoded(document.source))
    return (
        f'<a class="pr-library-back" href="#/library">{icon("previous")}{escape(words.all_documents)}</a>'
        f'<h2 tabindex="-1">{escape(title)}</h2><div class="pr-row pr-library-does">'
        f'<button type="button" class="pr-button pr-primary" data-do="library.ask" data-at="{at}">'
        f"{icon('chat')}{escape(words.ask)}</button>"
        f'<button type="button" class="pr-button" data-do="library.read" data-at="{at}" data-start="0" data-end="0">'
        f"{icon('book')}{escape(words.read)}</button>"
        f"{remove_button(document.source, title, words, labelled=True) if admin else ''}</div>"
        f"<section><h3>{escape(words.about)}</h3>"
        f'<dl class="pr-library-about">{_about(info, words, admin=admin)}</dl></section>'
        f"<section><h3>{escape(words.outline)}</h3>{_outline(document, at, words)}</section>"
        f"<section><h3>{escape(words.furniture)}</h3>{_furniture(document, at, words)}</section>"
    )


def _about(info: DocumentInfo, words: Words, *, admin: bool) -> str:
    metadata = info.metadata
    plain = (
        (words.source, info.source),
        (words.issuer, metadata.issuer),
        (words.number, metadata.number),
        (words.date, metadata.issued),
        (words.published, metadata.published),
        (words.region, metadata.region),
        (words.script, words.scripts[metadata.script]),
        (words.origin, metadata.origin),
        (words.characters, f"{info.characters:,}"),
        (words.sections, f"{info.sections:,}"),
        (words.chunks, f"{info.chunks:,}"),
    )
    added = f"{datetime.fromisoformat(info.ingested_at).astimezone():%Y-%m-%d %H:%M}"
    rows = [(label, escape(value)) for label, value in plain if value]
    rows += [
        (words.coverage, covered(info, words)),
        (words.ingested, escape(added)),
        (words.encoding, escape(info.encoding)),
        ("SHA-256", f'<code title="{preformatted(info.sha256)}">{escape(info.sha256[:12])}</code>'),
    ]
    about = "".join(f"<div><dt>{escape(label)}</dt><dd>{value}</dd></div>" for label, value in rows)
    where = f'<div class="pr-library-path"><dt>{escape(words.path)}</dt><dd>{escape(info.path)}</dd></div>'
    return about + where if admin else about


def _outline(document: Document, at: str, words: Words) -> str:
    below: dict[int | None, list[Section]] = defaultdict(list)
    for section in document.sections:
        below[section.parent].append(section)
    if not below:
        return f'<p class="pr-note">{escape(words.no_outline)}</p>'
    unfolded = len(document.sections) <= _ALL_OPEN

    def branch(parent: int | None) -> str:
        hidden = "" if parent is None or unfolded else " hidden"
        return f"<ul{hidden}>{''.join(leaf(section) for section in below[parent])}</ul>"

    def leaf(section: Section) -> str:
        heading = section.heading or section.label
        if section.index not in below:
            return f"<li>{_reads(document, section, at)}</li>"
        toggle = (
            f'<button type="button" class="pr-icon" data-do="library.unfold" aria-expanded="{str(unfolded).lower()}" '
            f'aria-label="{preformatted(words.unfold.format(heading=heading))}">{icon("next")}</button>'
        )
        return f"<li>{toggle}{_reads(document, section, at)}{branch(section.index)}</li>"

    return f'<div class="pr-library-outline">{branch(None)}</div>'


def _reads(document: Document, section: Section, at: str) -> str:
    """The button that opens the reader at the heading."""
    heading = section.heading or section.label
    as_written = document.text.startswith(heading, section.start)
    line = document.text[section.start : section.end].partition("\n")[0]
    end = section.start + (len(heading) if as_written else min(len(line), _LONGEST_HEADING))
    return (
        f'<button type="button" class="pr-link" data-do="library.read" data-at="{at}" data-start="{section.start}" '
        f'data-end="{end}">{escape(heading)}</button>'
    )


def _furniture(document: Document, at: str, words: Words) -> str:
    kinds: dict[str, list[Furniture]] = defaultdict(list)
    for span in document.furniture:
        kinds[span.kind].append(span)
    if not kinds:
        return f'<p class="pr-note">{escape(words.no_furniture)}</p>'
    breaks = [position for position, character in enumerate(document.text) if character == "\n"]
    listed = "".join(
        _kind(kind, kinds[kind], words, _places(document, kinds[kind], breaks, at, words))
        for kind in sorted(kinds, key=lambda kind: (kind == "blank", -len(kinds[kind])))
    )
    return f'<p class="pr-note">{escape(words.furniture_note)}</p><div class="pr-library-furniture">{listed}</div>'


def _kind(kind: str, spans: Sequence[Furniture], words: Words, places: str) -> str:
    characters = sum(span.end - span.start for span in spans)
    said = words.kind_count.format(count=f"{len(spans):,}", characters=f"{characters:,}")
    name = f'{escape(words.kinds.get(kind, kind))} <span class="pr-note">{escape(said)}</span>'
    return f"<details><summary>{name}</summary>{places}</details>" if kind != "blank" else f"<p>{name}</p>"


def _places(document: Document, spans: Sequence[Furniture], breaks: Sequence[int], at: str, words: Words) -> str:
    rest = len(spans) - _MOST_SHOWN
    more = f'<li class="pr-note">{escape(words.rest.format(count=f"{rest:,}"))}</li>' if rest > 0 else ""
    items = []
    for span in spans[:_MOST_SHOWN]:
        line = bisect_right(breaks, span.start - 1) + 1
        place = words.place.format(line=f"{line:,}", start=f"{span.start + 1:,}")
        items.append(
            f'<li><button type="button" class="pr-link" data-do="library.read" data-at="{at}" '
            f'data-start="{span.start}" data-end="{span.end}" '
            f'title="{preformatted(words.open_there)}">{escape(place)}</button>'
            f'<span class="pr-library-left-out">{escape(excerpt(document.text[span.start : span.end]))}</span></li>'
        )
    return f"<ul>{''.join(items)}{more}</ul>"
