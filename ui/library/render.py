"""The list of documents as HTML: pure functions; every foreign character goes through ``ui.markup``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rag.corpus.archive import ARCHIVES
from rag.corpus.formats.registry import SUFFIXES
from rag.schema import DocumentInfo
from ui.icons import icon
from ui.library import progress
from ui.library.listing import COLUMNS, coverage, dated, titled
from ui.library.removed import Removed
from ui.library.words import WORDS, Words
from ui.links import address, encoded
from ui.markup import escape, preformatted
from ui.words import Language

_SHORT = 16  # characters that are not broken, such as those of 温政发〔2018〕14号


@dataclass(frozen=True, slots=True)
class Offer:
    """Files may be added: how many MB one or an archive may have, and whether the model has to be built ``first``."""

    megabytes: float
    archive_megabytes: float
    first: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """By which of ``COLUMNS`` a list is sorted."""

    column: str
    descending: bool = False


def view(language: Language, *, offer: Offer | None) -> str:
    """The frame of the tab: what is in it comes in later calls."""
    words = WORDS[language]
    return (
        '<div class="pr-library"><div data-part="list">'
        f'<div class="pr-library-head"><h2>{escape(words.heading)}</h2>'
        '<p class="pr-note" data-count role="status"></p></div>'
        f"{_drop_zone(offer, words) if offer else ''}"
        f'<section class="pr-library-under-way" aria-label="{preformatted(words.uploads)}">'
        '<ul class="pr-library-jobs" data-sending></ul><div data-jobs></div>'
        '<p class="pr-library-unseen" role="status" data-said></p>'
        f'<button type="button" class="pr-button pr-library-clear" data-do="library.clear" hidden>{escape(words.clear)}'
        "</button></section><ul data-removed></ul>"
        f'<label class="pr-library-find">{icon("search")}<input type="search" class="pr-input" data-do="library.find" '
        f'maxlength="200" autocomplete="off" placeholder="{preformatted(words.find)}" '
        f'aria-label="{preformatted(words.find)}"></label>'
        '<div data-table></div><div class="pr-library-more" data-more></div></div>'
        f'<div data-part="document" hidden></div><template>{progress.row(words)}</template></div>'
    )


def empty(language: Language, *, admin: bool) -> str:
    """How to begin, when there is no document at all."""
    words = WORDS[language]
    hint = words.empty_admin if admin else words.empty
    return (
        f'<div class="pr-library-empty">{icon("book")}<h3>{escape(words.empty_title)}</h3><p>{escape(hint)}</p></div>'
    )


def table(rows: str, order: Order, language: Language) -> str:
    """The table around ``rows``; without any, what to do about it."""
    words = WORDS[language]
    if not rows:
        return f'<div class="pr-library-empty">{icon("search")}<p>{escape(words.nothing)}</p></div>'
    headings = "".join(_heading(column, order, words) for column in COLUMNS)
    headings += f'<th scope="col"><span class="pr-library-unseen">{escape(words.actions)}</span></th>'
    return (
        f'<table class="pr-table pr-library-table"><caption class="pr-library-unseen">{escape(words.heading)}</caption>'
        f"<thead><tr>{headings}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def rows(documents: Sequence[DocumentInfo], language: Language, *, admin: bool) -> str:
    """A row a document; an ``admin`` can remove each."""
    return "".join(_row(each, WORDS[language], admin=admin) for each in documents)


def more(left: int, language: Language) -> str:
    """The button for the next rows, when there are ``left`` more."""
    if left <= 0:
        return ""
    label = WORDS[language].more.format(count=min(left, 100))
    return f'<button type="button" class="pr-button" data-do="library.more">{escape(label)}</button>'


def count(shown: int, total: int, language: Language) -> str:
    """How many documents fit, of how many; plain text, nothing for an empty library."""
    words = WORDS[language]
    if not total:
        return ""
    return (words.count if shown == total else words.count_of).format(shown=f"{shown:,}", total=f"{total:,}")


def removed(documents: Sequence[Removed], language: Language) -> str:
    """A line for each document that can be put back."""
    words = WORDS[language]
    return "".join(
        f'<li class="pr-library-removed"><span>{escape(words.removed.format(title=_name(each)))}</span>'
        f'<button type="button" class="pr-link" data-do="library.restore" data-id="{escape(each.id)}">'
        f"{icon('undo')} {escape(words.undo)}</button></li>"
        for each in documents
    )


def remove_button(source: str, title: str, words: Words, *, labelled: bool = False) -> str:
    """The button that removes ``source``, with what it asks first; ``labelled`` with text, else an icon."""
    label = f"{words.remove} {title}"
    looks = "pr-button" if labelled else "pr-icon"
    return (
        f'<button type="button" class="{looks}" data-do="library.remove" data-at="{preformatted(encoded(source))}" '
        f'data-sure="{preformatted(words.sure.format(title=title))}" data-yes="{preformatted(words.remove)}" '
        f'aria-label="{preformatted(label)}">{icon("trash")}{escape(words.remove) if labelled else ""}</button>'
    )


def covered(document: DocumentInfo, words: Words) -> str:
    """How much of the file is accounted for, as a bar and a number."""
    text, left_out = coverage(document)
    said = words.covered.format(text=f"{text:.0%}", left_out=f"{left_out:.1%}")
    return (
        f'<span class="pr-library-covered" title="{preformatted(said)}">'
        f'<svg class="pr-library-bar" width="44" height="6" role="img" aria-label="{preformatted(said)}">'
        f'<rect width="44" height="6" rx="3"></rect>'
        f'<rect width="{44 * (text + left_out):.1f}" height="6" rx="3"></rect>'
        f'<rect width="{44 * text:.1f}" height="6" rx="3"></rect></svg> {text + left_out:.0%}</span>'
    )


def when(moment: str) -> str:
    """A moment of ours (ISO 8601) as a day where the server is, to the minute on pointing at it."""
    local = datetime.fromisoformat(moment).astimezone()
    return f'<time datetime="{preformatted(moment)}" title="{local:%Y-%m-%d %H:%M}">{local:%Y-%m-%d}</time>'


def _name(each: Removed) -> str:
    return each.document.metadata.title or each.document.source


def _drop_zone(offer: Offer, words: Words) -> str:
    endings = sorted(SUFFIXES | ARCHIVES)
    accepted = words.accepted.format(megabytes=f"{offer.megabytes:g}", archive=f"{offer.archive_megabytes:g}")
    first = f'<p class="pr-note pr-library-once">{escape(words.first)}</p>' if offer.first else ""
    return (
        f'<div class="pr-library-drop" data-broken="{preformatted(words.broken)}" '
        f'data-folder="{preformatted(words.folder)}" '
        f'data-waiting="{preformatted(words.waiting_turn)}" data-uploading="{preformatted(words.uploading)}" '
        f'data-failed="{preformatted(words.states["failed"])}">'
        f"<p>{icon('upload')}<span>{escape(words.drop)}</span></p>"
        f'<button type="button" class="pr-button pr-primary" data-do="library.choose" '
        f'aria-describedby="pr-library-accepted">{escape(words.choose)}</button>'
        f'<p class="pr-note" id="pr-library-accepted">{escape(accepted)}</p>{first}'
        f'<input type="file" multiple accept="{preformatted(",".join(endings))}" data-do="library.chosen" '
        f'aria-label="{preformatted(words.choose)}" hidden></div>'
    )


def _heading(column: str, order: Order, words: Words) -> str:
    current = column == order.column
    sorting = ("descending" if order.descending else "ascending") if current else "none"
    arrow = f'<span aria-hidden="true">{("↓" if order.descending else "↑") if current else ""}</span>'
    return (
        f'<th scope="col" class="pr-library-{column}" aria-sort="{sorting}">'
        f'<button type="button" class="pr-library-sort" data-do="library.sort" '
        f'data-column="{column}">{escape(getattr(words, column))}{arrow}</button></th>'
    )


def _row(document: DocumentInfo, words: Words, *, admin: bool) -> str:
    metadata, title = document.metadata, titled(document)
    source = f'<span class="pr-library-source">{escape(document.source)}</span>' if title != document.source else ""
    cells = (
        ("issuer", words.issuer, escape(metadata.issuer or "")),
        ("number", words.number, escape(metadata.number or "")),
        ("date", words.date, escape(dated(document) or "")),
        ("script", words.script, escape(words.scripts[metadata.script]) if metadata.script != "unknown" else ""),
        ("characters", words.characters, f"{document.characters:,}"),
        ("chunks", words.chunks, f"{document.chunks:,}"),
        ("coverage", words.coverage, covered(document, words)),
        ("ingested", words.ingested, when(document.ingested_at)),
    )
    known = "".join(_cell(*cell) for cell in cells)
    button = remove_button(document.source, title, words) if admin else ""
    return (
        f'<tr><td class="pr-library-title"><a href="{preformatted(address(document.source))}">{escape(title)}</a>'
        f'{source}</td>{known}<td class="pr-library-actions">{button}</td></tr>'
    )


def _cell(column: str, label: str, value: str) -> str:
    looks = " pr-library-unknown" if not value else " pr-library-short" if len(value) <= _SHORT else ""
    return f'<td class="pr-library-{column}{looks}" data-label="{preformatted(label)}">{value or "—"}</td>'
