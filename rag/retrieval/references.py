"""Exact references to the chunks they mean, before any ranking: 《行政复议法》第十二条, 温州方案第二部分第(三)项."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from rag.corpus.labels import chinese_numeral
from rag.corpus.script import detect_script, search_key, to_traditional
from rag.retrieval.articles import find_part
from rag.retrieval.naming import MOST, Named, Names
from rag.retrieval.outlines import Gap, Outline, Place
from rag.retrieval.pointers import Pointer, Step, find_pointers

if TYPE_CHECKING:
    from rag.index.catalog import Catalog
    from rag.index.selection import Listed

_SEPARATOR = " › "
# Looked for in the question as typed, so that one without any of this costs nothing.
_POSSIBLE = re.compile(
    r"第.{0,16}[编編章节節条條部方款项項目点點]|[《号號]|附[件则則录錄表]|[、．.]\s*[(（\d]|\b(?:article|chapter|part)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Located:
    """Where a question points.

    ``chunk_ids``: the chunks of the sections meant and of those below them, the very paragraph or item first; of
    several references in turn. ``reference``: what was understood, in words. ``missing``: that the document is there
    but not the section, as a sentence in the question's language. ``sources``: the documents named by title or number.
    """

    chunk_ids: tuple[str, ...] = ()
    reference: str | None = None
    missing: str | None = None
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Found:
    """What one pointer means in one document: chunks and the words for them, or a sentence on what is missing."""

    source: str
    chunk_ids: tuple[str, ...] = ()
    words: str | None = None
    missing: str | None = None


def locate(question: str, catalog: Catalog, sources: frozenset[str] | None = None) -> Located:
    """The sections that ``question`` refers to by number, among the documents ``sources`` (``None``: all).

    A section's number without a document counts where only one document can be meant. What is located is certain, or
    nothing is located and ranking goes on as usual.
    """
    if not _POSSIBLE.search(question):
        return Located()
    key = search_key(question)
    names = Names(catalog, key, sources)
    found = [_resolve(question, catalog, named, pointer) for pointer, named in _named(find_pointers(key)[:MOST], names)]
    known = [each for each in found if each]
    mentioned = [documents[0] for documents in names.anywhere()]
    words = [each.words for each in known if each.words]
    if not known:
        words = [document.title or document.source for document in mentioned]
    return Located(
        chunk_ids=tuple(dict.fromkeys(_in_turn([each.chunk_ids for each in known]))),
        reference="; ".join(dict.fromkeys(words)) or None,
        missing=" ".join(each.missing for each in known if each.missing) or None,
        sources=frozenset([document.source for document in mentioned] + [each.source for each in known]),
    )


def _in_turn(rows: Sequence[Sequence[str]]) -> list[str]:
    return [each for row in zip_longest(*rows) for each in row if each is not None]


def _named(pointers: Sequence[Pointer], names: Names) -> list[tuple[Pointer, Named]]:
    """Each pointer with the documents meant: those named before it, else those of the pointer before."""
    pairs: list[tuple[Pointer, Named]] = []
    for pointer in pointers:
        named = names.before(pointer.before)
        if not named.documents and pointer.after:
            named = names.before(pointer.after)
        if not named.documents and not named.other:
            named = pairs[-1][1] if pairs else names.unnamed()
        pairs.append((pointer, named))
    return pairs


def _resolve(question: str, catalog: Catalog, named: Named, pointer: Pointer) -> _Found | None:
    """The first of the documents of one title that has the section; else what the first one lacks."""
    missing: _Found | None = None
    for document in named.documents:
        outline = Outline(catalog.sections(document.source))
        place = outline.find(pointer.steps)
        if place.sections:
            return _found(catalog, document, outline, place)
        if place.gap and named.sure and missing is None:
            sentence = _sentence(place.gap, document.title or document.source, question)
            missing = _Found(document.source, missing=sentence)
    return missing


def _found(catalog: Catalog, document: Listed, outline: Outline, place: Place) -> _Found | None:
    ids = catalog.section_chunks(document.source, outline.with_all_below(place.sections))
    if not ids:
        return None
    words = [document.title or document.source, *_headings(place)]
    if place.inner and (part := _part(catalog.text(document.source), place)):
        words.append("".join(map(_written, place.inner)))
        chunks = catalog.chunks(ids)
        first = [each for each in ids if chunks[each].start < part[1] and part[0] < chunks[each].end]
        ids = list(dict.fromkeys([*first, *ids]))
    return _Found(document.source, tuple(ids), _SEPARATOR.join(words))


def _part(text: str, place: Place) -> tuple[int, int] | None:
    """Where the inner steps lead in the ``text`` of the document."""
    for section in place.sections:
        if part := find_part(text[section.start : section.end], place.inner):
            return section.start + part[0], section.start + part[1]
    return None


def _headings(place: Place) -> list[str]:
    """The headings down to the sections found; an article's number says it all."""
    first = place.sections[0]
    above = () if "条" in first.label or "條" in first.label else first.path[:-1]
    return [*above, "、".join(section.heading for section in place.sections)]


def _written(step: Step) -> str:
    number = chinese_numeral(step.numbers[0])
    return {"paren": f"({number})", "arabic": f"{step.numbers[0]}."}.get(step.unit, f"第{number}{step.unit}")


def _sentence(gap: Gap, title: str, question: str) -> str:
    script = detect_script(question)
    if script == "en":
        return f"{title}{gap.within} in this corpus has no {gap.wanted}: it has {gap.first} to {gap.last}."
    sentence = f"资料中的《{title}》{gap.within}没有{gap.wanted},只有{gap.first}至{gap.last}。"
    return to_traditional(sentence) if script == "hant" else sentence
