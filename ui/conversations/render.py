"""The list of conversations as HTML: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from rag.chat.records import Conversation, Match
from ui.conversations.words import WORDS, Words
from ui.icons import icon
from ui.markup import escape
from ui.words import Language


def side(language: Language) -> str:
    """What is around the list: a button for a new conversation, and a box to search."""
    words = WORDS[language]
    return (
        f'<a class="pr-button pr-new" href="#/" data-do="new">{icon("plus")}{escape(words.new)}</a>'
        f'<label class="pr-find">{icon("search")}<input type="search" class="pr-input" data-do="find" maxlength="200" '
        f'placeholder="{escape(words.search)}" aria-label="{escape(words.search)}"></label>'
        f'<div class="pr-list" data-list></div>'
    )


def listed(conversations: Sequence[Conversation], today: date, language: Language) -> str:
    """The conversations under the days they were last changed, the latest first; ``today`` is the asker's."""
    words = WORDS[language]
    if not conversations:
        return f'<p class="pr-note pr-empty">{escape(words.none)}</p>'
    return "".join(
        f"<h2>{escape(when)}</h2><ul>{''.join(_entry(each, words) for each in group)}</ul>"
        for when, group in groupby(conversations, lambda each: _when(each.updated, today, words))
    )


def found(matches: Sequence[Match], language: Language) -> str:
    """What a search found, each with the words that fit."""
    words = WORDS[language]
    if not matches:
        return f'<p class="pr-note pr-empty">{escape(words.nothing)}</p>'
    return f"<ul>{''.join(_entry(each.conversation, words, each.excerpt) for each in matches)}</ul>"


def _entry(conversation: Conversation, words: Words, excerpt: str = "") -> str:
    said = f'<span class="pr-excerpt">{escape(excerpt)}</span>' if excerpt else ""
    sure = escape(words.sure.format(title=conversation.title))
    more = escape(words.more.format(title=conversation.title))
    known, title = escape(conversation.id), escape(conversation.title)
    forget = _does("forget", words.delete, "trash", f' data-sure="{sure}"')
    return (
        f'<li class="pr-entry" data-conversation="{known}">'
        f'<a href="#/c/{known}"><span class="pr-entry-title">{title}</span>{said}</a>'
        f'<details class="pr-more"><summary class="pr-icon" aria-label="{more}" title="{more}">···</summary>'
        f'<div class="pr-menu-list">{_does("rename", words.rename, "edit")}{_does("share", words.share, "share")}'
        f"{_exports(conversation.id, words)}{forget}</div></details>"
        f'<form class="pr-rename" hidden><input class="pr-input" maxlength="200" value="{title}" '
        f'aria-label="{escape(words.rename)}"></form></li>'
    )


def _does(do: str, label: str, picture: str, attributes: str = "") -> str:
    return f'<button type="button" data-do="{do}"{attributes}>{icon(picture)}{escape(label)}</button>'


def _exports(conversation_id: str, words: Words) -> str:
    at = f"/export/{escape(conversation_id)}"
    return (
        f'<a href="{at}.md" download>{icon("download")}{escape(words.markdown)}</a>'
        f'<a href="{at}.html" target="_blank" rel="noopener">{icon("print")}{escape(words.page)}</a>'
    )


def _when(updated: str, today: date, words: Words) -> str:
    days = (today - datetime.fromisoformat(updated).astimezone().date()).days
    if days <= 0:
        return words.today
    return words.yesterday if days == 1 else words.week if days <= 7 else words.earlier
