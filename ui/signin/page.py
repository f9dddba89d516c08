"""The sign-in page as HTML: a pure function. It runs no script and loads nothing."""

from __future__ import annotations

from pathlib import Path

from ui.markup import escape, preformatted
from ui.signin.words import WORDS
from ui.words import LANGUAGES, Language
from ui.words import WORDS as COMMON

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_STYLE = Path(__file__).with_name("signin.css")


def sign_in_page(language: Language, *, name: str = "", problem: str = "") -> str:
    """The form, with the ``name`` that was typed and the ``problem`` of the last try.

    The form has no ``action``: it comes back to the address as it is, and what follows its ``#`` is there again after
    the redirect, so that a link to a conversation still opens it.
    """
    words, common = WORDS[language], COMMON[language]
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    first, second = (" autofocus", "") if not name else ("", " autofocus")
    return (
        f'<!doctype html><html lang="{common.tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<link rel="icon" href="data:,"><title>{escape(words.sign_in)} · {escape(common.title)}</title>'
        f"<style>{_STYLE.read_text('utf-8')}</style></head><body><main><h1>{escape(common.title)}</h1>"
        f'<form method="post">{told}'
        f'<label for="name">{escape(words.name)}</label><input id="name" name="name" value="{preformatted(name)}" '
        f'autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required{first}>'
        f'<label for="password">{escape(words.password)}</label><input id="password" name="password" type="password" '
        f'autocomplete="current-password" required{second}>'
        f'<button type="submit">{escape(words.sign_in)}</button></form><p class="note">{escape(words.no_account)}</p>'
        f'<nav aria-label="{escape(words.language)}">{_languages(language)}</nav></main></body></html>'
    )


def _languages(chosen: Language) -> str:
    return "".join(
        f'<a href="?lang={code}" lang="{COMMON[code].tag}"{" aria-current=true" if code == chosen else ""}>{name}</a>'
        for name, code in LANGUAGES
    )
