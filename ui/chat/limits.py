"""The line above the box that says which documents are asked, when not all of them."""

from __future__ import annotations

from dataclasses import asdict

from rag.schema import Filter
from ui.chat.words import Words
from ui.icons import icon
from ui.markup import escape


def limits(where: Filter, words: Words) -> str:
    """What is searched, with a button to search everything; nothing where everything is searched."""
    given = [", ".join(value) if isinstance(value, tuple) else str(value) for value in asdict(where).values() if value]
    if not given:
        return ""
    return (
        f"<span>{escape(words.only.format(filter=' · '.join(given)))}</span>"
        f'<button type="button" class="pr-link" data-do="everything">{icon("close")}{escape(words.everything)}</button>'
    )
