"""Values to HTML: pure functions, every foreign character written as text.

All ASCII punctuation and all control characters of a foreign text (document, title, file name, question, error) are
written as character references or left out, so nothing in it can become a tag, an attribute, a template, Markdown, a
link or a request, whatever component shows it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rag.schema import Answer, Citation, DocumentInfo, Hit
from ui.strings import Strings

NEAREST = 3
EXCERPT_CHARS = 120
LONG_QUOTE_CHARS = 200

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MARK = re.compile(r"\[(\d{1,4})\]")


@dataclass(frozen=True, slots=True)
class Writing:
    """An answer that is still being written."""

    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that ended in an error."""

    message: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what has come of it."""

    question: str
    outcome: Answer | Writing | Failure


def escape(text: str) -> str:
    """``text`` as HTML that shows exactly its visible characters; line ends become ``<br>``."""
    visible = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    inert = _PUNCTUATION.sub(lambda match: f"&#{ord(match.group())};", visible)
    return inert.replace("\n", "<br>")


def header(documents: Sequence[DocumentInfo], strings: Strings) -> str:
    """The title of the page and what the corpus holds."""
    chunks = sum(document.chunks for document in documents)
    line = strings.corpus.format(documents=f"{len(documents):,}", chunks=f"{chunks:,}") if documents else ""
    return f'<h1>{escape(strings.title)}</h1><p class="pr-corpus">{escape(line)}</p>'


def welcome(documents: Sequence[DocumentInfo], examples: Sequence[str], strings: Strings) -> str:
    """The first screen: what to expect of an answer and what to ask, or how to ingest when there is nothing yet."""
    if not documents:
        command = f"<p><code>{escape(strings.ingest)}</code></p>"
        return _screen(strings, f"<h2>{escape(strings.empty_title)}</h2><p>{escape(strings.empty_hint)}</p>{command}")
    buttons = "".join(
        f'<li><button type="button" class="pr-example" data-question="{example}">{example}</button></li>'
        for example in map(escape, examples)
    )
    offered = f'<h3>{escape(strings.examples)}</h3><ul class="pr-examples">{buttons}</ul>' if buttons else ""
    return _screen(strings, f"<h2>{escape(strings.welcome)}</h2><p>{escape(strings.promise)}</p>{offered}")


def problem(message: str, strings: Strings) -> str:
    """The first screen when the library cannot even be listed."""
    return _screen(strings, _notice("pr-error", strings.broken, f"<p>{escape(message)}</p>"))


def conversation(turns: Sequence[Turn], strings: Strings) -> str:
    """Questions with their answers, refusals and errors, in order."""
    busy = str(any(isinstance(turn.outcome, Writing) for turn in turns)).lower()
    body = "".join(
        f'<section class="pr-turn"><div class="pr-question">{escape(turn.question)}</div>'
        f'<div class="pr-answer">{_outcome(turn.outcome, index, strings)}</div></section>'
        for index, turn in enumerate(turns, start=1)
    )
    return f'<div class="pr-turns" lang="{strings.tag}" role="log" aria-busy="{busy}">{body}</div>'


def history(turns: Sequence[Turn]) -> list[Mapping[str, str]]:
    """What was said so far, as ``Chatbot.ask`` wants it; questions that ended in an error are left out."""
    said: list[Mapping[str, str]] = []
    for turn in turns:
        if isinstance(turn.outcome, Answer):
            said.append({"role": "user", "content": turn.question})
            said.append({"role": "assistant", "content": turn.outcome.text})
    return said


def _screen(strings: Strings, body: str) -> str:
    return f'<div class="pr-welcome" lang="{strings.tag}">{body}</div>'


def _outcome(outcome: Answer | Writing | Failure, turn: int, strings: Strings) -> str:
    if isinstance(outcome, Failure):
        return _notice("pr-error", strings.failed, f"<p>{escape(outcome.message)}</p>")
    if isinstance(outcome, Writing):
        return _paragraphs(outcome.text, None, turn, strings) or f'<p class="pr-soft">{escape(strings.searching)}</p>'
    return _refusal(outcome, turn, strings) if outcome.refused else _answer(outcome, turn, strings)


def _answer(answer: Answer, turn: int, strings: Strings) -> str:
    searched = strings.read_as.format(question=answer.rewritten) if answer.rewritten else ""
    note = f'<p class="pr-soft">{escape(searched)}</p>' if searched else ""
    text = _paragraphs(answer.text, {citation.number for citation in answer.citations}, turn, strings)
    entries = "".join(_entry(c, c.number, f"pr-{turn}-{c.number}", _quote(c.quote, strings)) for c in answer.citations)
    return note + text + _list(strings.sources, entries)


def _refusal(answer: Answer, turn: int, strings: Strings) -> str:
    reason = f"<p>{escape(answer.reason or answer.text)}</p>"
    entries = "".join(
        _entry(hit, number, f"pr-{turn}-{number}", escape(_excerpt(hit.text)))
        for number, hit in enumerate(answer.hits[:NEAREST], start=1)
    )
    return _notice("pr-refusal", strings.refused, reason) + _list(strings.nearest, entries)


def _notice(kind: str, heading: str, body: str) -> str:
    return f'<div class="pr-notice {kind}"><h3>{escape(heading)}</h3>{body}</div>'


def _list(heading: str, entries: str) -> str:
    return f'<h3>{escape(heading)}</h3><ol class="pr-sources">{entries}</ol>' if entries else ""


def _entry(place: Citation | Hit, number: int, anchor: str, quote: str) -> str:
    path = f"<b>{escape(place.title or place.source)}</b>"
    if place.section:
        path += f" › {escape(place.section)}"
    return (
        f'<li id="{anchor}" tabindex="-1"><span class="pr-number">{number}</span><div><div class="pr-path">{path}</div>'
        f'<blockquote>{quote}</blockquote><div class="pr-soft">{escape(place.source)}</div></div></li>'
    )


def _quote(quote: str, strings: Strings) -> str:
    if len(quote) <= LONG_QUOTE_CHARS:
        return escape(quote.strip())
    cut, whole = escape(_excerpt(quote)), escape(quote.strip())
    return f"<details><summary><span>{cut}</span> <i>{escape(strings.whole)}</i></summary>{whole}</details>"


def _paragraphs(text: str, numbers: Collection[int] | None, turn: int, strings: Strings) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return "".join(f"<p>{_marked(line, numbers, turn, strings)}</p>" for line in lines)


def _marked(line: str, numbers: Collection[int] | None, turn: int, strings: Strings) -> str:
    """``line`` with each citation mark as a button; bracketed numbers that cite nothing stay what they are."""
    pieces, position = [], 0
    for match in _MARK.finditer(line):
        number = int(match[1])
        if numbers is None or number in numbers:
            label = escape(f"{strings.source} {number}")
            pieces.append(escape(line[position : match.start()]))
            pieces.append(
                f'<button type="button" class="pr-mark" data-source="pr-{turn}-{number}" aria-label="{label}">'
                f"{number}</button>"
            )
            position = match.end()
    return "".join([*pieces, escape(line[position:])])


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT_CHARS else flat[:EXCERPT_CHARS].rstrip() + "……"
