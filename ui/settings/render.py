"""The settings tab as HTML, and how the library is: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rag.schema import Check
from ui.icons import icon
from ui.markup import escape
from ui.settings.words import WORDS, Words
from ui.words import Language


def page(mine: str, library: str, language: Language, *, admin: bool) -> str:
    """The tab around its parts, which are HTML."""
    words = WORDS[language]
    note = f'<p class="pr-note">{escape(words.shared_note)}</p>' if admin else ""
    return (
        f'<div class="pr-settings"><h2>{escape(words.title)}</h2>'
        f'<section class="pr-set-card"><h3>{escape(words.mine)}</h3><p class="pr-note">{escape(words.mine_note)}</p>'
        f'<form class="pr-set-form" data-mine autocomplete="off" novalidate>{mine}</form></section>'
        f'<section class="pr-set-card"><h3>{escape(words.shared)}</h3>{note}<div data-library>{library}</div></section>'
        f"{_health(words) if admin else ''}</div>"
    )


def health(checks: Sequence[Check], version: str, language: Language) -> str:
    """Each check with whether all is well, what was found, and what to do where it is not."""
    words = WORDS[language]
    listed = "".join(_check(each, words) for each in checks)
    return (
        f'<ul class="pr-set-checks">{listed}</ul><p class="pr-note">{escape(words.version.format(version=version))}</p>'
    )


def _health(words: Words) -> str:
    return (
        f'<section class="pr-set-card"><h3>{escape(words.health)}</h3>'
        f'<p class="pr-note">{escape(words.health_note)}</p>'
        f'<p><button type="button" class="pr-button" data-do="settings.health" data-busy="{escape(words.checking)}">'
        f'{icon("check")}<span>{escape(words.check)}</span></button></p><div data-health role="status"></div></section>'
    )


def _check(check: Check, words: Words) -> str:
    kind, picture, said = ("good", "check", words.well) if check.ok else ("bad", "cross", words.wrong)
    sign = f'<span class="pr-set-sign" role="img" aria-label="{escape(said)}">{icon(picture)}</span>'
    hint = f'<p class="pr-set-hint">{escape(check.hint)}</p>' if check.hint else ""
    return (
        f'<li class="pr-set-{kind}">{sign}'
        f"<div><b>{escape(check.name)}</b><p>{escape(check.detail)}</p>{hint}</div></li>"
    )
