"""The frame of the page: bar, tabs, the places where the parts put themselves. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rag.schema import DocumentInfo
from ui.icons import icon
from ui.markup import escape
from ui.words import LANGUAGES, WORDS, Count, Language, Words

TABS = (("chat", "#/", "chat"), ("library", "#/library", "book"), ("evaluation", "#/evaluation", "chart"))
_SETTINGS = ("settings", "#/settings", "settings")


def frame(language: Language, *, owner: str | None) -> str:
    """Everything that stays while parts come and go."""
    words = WORDS[language]
    tabs = "".join(_tab(*tab, words) for tab in (*TABS, _SETTINGS))
    views = "".join(
        f'<section class="pr-view pr-view-{name}" data-view="{name}" hidden></section>'
        for name, _, _ in (*TABS, _SETTINGS)
    )
    return (
        f'<div class="pr-frame" lang="{words.tag}">'
        f'<a class="pr-skip" href="#pr-main" data-do="skip">{escape(words.skip)}</a>'
        f'<header class="pr-top"><button type="button" class="pr-icon pr-menu" data-do="menu" aria-expanded="false" '
        f'aria-controls="pr-side" aria-label="{escape(words.menu)}">{icon("menu")}</button>'
        f'<h1>{escape(words.title)}</h1><p class="pr-corpus" data-corpus></p>'
        f'<nav class="pr-tabs" aria-label="{escape(words.parts)}">{tabs}</nav>'
        f'<div class="pr-tools">{_languages(language, words)}{_theme(words)}{_signed_in(owner, words)}</div></header>'
        f'<div class="pr-body"><aside class="pr-side" id="pr-side" aria-label="{escape(words.menu)}"></aside>'
        '<div class="pr-shade" data-do="menu" hidden></div>'
        f'<main class="pr-main" id="pr-main" tabindex="-1">{views}</main>'
        '<aside class="pr-reader" id="pr-reader" hidden></aside></div>'
        '<div class="pr-status" role="status" aria-live="polite"></div>'
        '<dialog class="pr-dialog" aria-labelledby="pr-dialog-text"><p id="pr-dialog-text"></p>'
        '<div class="pr-row pr-end">'
        f'<button type="button" class="pr-button" value="no">{escape(words.cancel)}</button>'
        f'<button type="button" class="pr-button pr-primary" value="yes"></button></div></dialog></div>'
    )


def corpus_line(documents: Sequence[DocumentInfo], words: Words) -> str:
    """How much there is to answer from; nothing for an empty corpus."""
    if not documents:
        return ""
    chunks = sum(document.chunks for document in documents)
    return escape(words.corpus.format(documents=Count(len(documents)), chunks=Count(chunks)))


def _tab(name: str, target: str, picture: str, words: Words) -> str:
    label = escape(getattr(words, name))
    return f'<a class="pr-tab" href="{target}" data-tab="{name}">{icon(picture)}<span>{label}</span></a>'


def _languages(language: Language, words: Words) -> str:
    options = "".join(
        f'<option value="{code}"{" selected" if code == language else ""}>{name}</option>' for name, code in LANGUAGES
    )
    return _select("language", words.language, options)


def _theme(words: Words) -> str:
    named = (("auto", words.theme_auto), ("light", words.theme_light), ("dark", words.theme_dark))
    options = "".join(f'<option value="{value}">{escape(name)}</option>' for value, name in named)
    return _select("theme", words.theme, options)


def _select(do: str, label: str, options: str) -> str:
    return f'<select class="pr-select pr-plain" data-do="{do}" aria-label="{escape(label)}">{options}</select>'


def _signed_in(owner: str | None, words: Words) -> str:
    if owner is None:
        return ""
    return (
        f'<span class="pr-owner">{escape(owner)}</span>'
        f'<button type="button" class="pr-button" data-do="sign-out">{escape(words.sign_out)}</button>'
    )
