"""What can be done with a question and with an answer, as buttons."""

from __future__ import annotations

import re

from rag.answer.provenance import named
from rag.schema import Answer
from ui.chat.words import Words
from ui.icons import icon
from ui.markup import escape, preformatted

_MARKS = re.compile(r"(?:\[\d{1,4}\])+")


def on_question(question: str, words: Words) -> str:
    """Change the question and ask again; only the last one of a conversation shows it."""
    return (
        f'<div class="pr-acts pr-acts-question">{_button("edit", words.edit, "edit")}</div>'
        f'<form class="pr-edit" hidden><textarea class="pr-input" rows="2" maxlength="20000" '
        f'aria-label="{escape(words.question)}">{preformatted(question)}</textarea>'
        f'<button type="submit" class="pr-button pr-primary">{escape(words.save)}</button></form>'
    )


def on_answer(answer: Answer | None, rating: str | None, comment: str, words: Words) -> str:
    """Copy, ask again, rate and look behind an answer, and what was said of it; without an answer only ask again."""
    if answer is None:
        return f'<div class="pr-acts">{_button("retry", words.retry, "retry")}</div>'
    rated = "".join(
        _button("rate", label, picture, f' data-rating="{value}" aria-pressed="{str(rating == value).lower()}"')
        for value, label, picture in (("up", words.good, "up"), ("down", words.bad, "down"))
    )
    copied = _button("copy", words.copy, "copy", f' data-text="{preformatted(plain(answer))}"')
    sourced = _button("copy", words.copy_sources, "file", f' data-text="{preformatted(with_sources(answer, words))}"')
    return (
        f'<div class="pr-acts">{copied}{sourced if answer.citations else ""}{_button("retry", words.retry, "retry")}'
        f'{rated}<details class="pr-why"><summary>{escape(words.why)}</summary><div data-why></div></details></div>'
        f'<p class="pr-note pr-commented"{"" if comment else " hidden"}>{escape(words.commented)}'
        f"<span>{preformatted(comment)}</span></p>"
        f'<form class="pr-comment" hidden><label><span>{escape(words.comment)}</span>'
        '<textarea class="pr-input" rows="2" maxlength="2000"></textarea></label>'
        f'<button type="submit" class="pr-button">{escape(words.send_comment)}</button></form>'
    )


def plain(answer: Answer) -> str:
    """The answer as text without marks."""
    return _MARKS.sub("", answer.text)


def with_sources(answer: Answer, words: Words) -> str:
    """The answer as text, its marks kept, and what they cite below it."""
    pages = {each.number: f" {words.page.format(page=each.page)}" for each in answer.citations if each.page}
    listed = [
        f"[{each.number}] {named(each)}{pages.get(each.number, '')}\n{each.quote.strip()}" for each in answer.citations
    ]
    return "\n\n".join([answer.text, *listed])


def _button(do: str, label: str, picture: str, attributes: str = "") -> str:
    return (
        f'<button type="button" class="pr-icon" data-do="{do}" aria-label="{escape(label)}" title="{escape(label)}"'
        f"{attributes}>{icon(picture)}</button>"
    )
