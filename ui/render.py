"""Values to HTML: pure functions; every foreign character goes through ``ui.markup.escape``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rag.answer.certainty import level, percent
from rag.answer.notices import without_flag
from rag.schema import Answer, DocumentInfo, Sentence, Verdict
from ui import sources
from ui.markup import escape
from ui.strings import Strings

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
    refused = outcome.refused and not outcome.correction
    return _refusal(outcome, turn, strings) if refused else _answer(outcome, turn, strings)


def _answer(answer: Answer, turn: int, strings: Strings) -> str:
    searched = strings.read_as.format(question=answer.rewritten) if answer.rewritten else ""
    note = f'<p class="pr-soft">{escape(searched)}</p>' if searched else ""
    if answer.correction and answer.reason:
        note += f'<p class="pr-partial">{escape(answer.reason)}</p>'
    partial = f'<p class="pr-partial">{escape(answer.partial)}</p>' if answer.partial else ""
    partial += f'<p class="pr-partial">{escape(answer.notice)}</p>' if answer.notice else ""
    sure = "" if answer.correction else _summary(answer, strings)
    listed = sources.cited(answer, turn, strings)
    return note + _text(answer, turn, strings) + partial + sure + listed


def _text(answer: Answer, turn: int, strings: Strings) -> str:
    """The paragraphs of the answer, each sentence with its verdict; what belongs to no sentence has none."""
    numbers = {citation.number for citation in answer.citations}
    paragraphs = [""]
    for piece, verdict in _pieces(answer):
        for index, line in enumerate(piece.split("\n")):
            if index:
                paragraphs.append("")
            judged = verdict if line.strip() else None
            paragraphs[-1] += _judged(_marked(line, numbers, turn, strings), judged, strings)
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs if paragraph.strip())


def _pieces(answer: Answer) -> list[tuple[str, Verdict | None]]:
    """The text cut at its sentences; when it does not hold them all in order, the sentences alone."""
    rest = answer.text.removesuffix(answer.partial or "").rstrip()
    pieces: list[tuple[str, Verdict | None]] = []
    for sentence in answer.sentences:
        said = _said(sentence)
        before, found, rest = rest.partition(said)
        if not found:
            said_before = [(answer.correction, None)] if answer.correction else []
            return [*said_before, *((_said(each), each.verdict) for each in answer.sentences)]
        pieces += [(before, None), (said, sentence.verdict)]
        rest = without_flag(rest)
    return [*pieces, (rest, None)]


def _said(sentence: Sentence) -> str:
    return sentence.text + "".join(f"[{number}]" for number in sentence.citations)


def _judged(line: str, verdict: Verdict | None, strings: Strings) -> str:
    if verdict in (None, "supported"):
        return line
    label = escape(getattr(strings, str(verdict)))
    return f'<span class="pr-{verdict}">{line}<span class="pr-flag">{label}</span></span>'


def _summary(answer: Answer, strings: Strings) -> str:
    """How sure the answer is, in a word and a number, and how many sentences the documents do not fully support."""
    told = [getattr(strings, level(answer.confidence)).format(percent=percent(answer.confidence))]
    counts = Counter(sentence.verdict for sentence in answer.sentences)
    doubtful: tuple[Verdict, ...] = ("partly", "unsupported")
    told += [
        strings.count.format(verdict=getattr(strings, verdict), number=counts[verdict])
        for verdict in doubtful
        if counts[verdict]
    ]
    if answer.sentences and len(told) == 1:
        told.append(strings.supported)
    return f'<p class="pr-soft">{escape(" · ".join(told))}</p>'


def _refusal(answer: Answer, turn: int, strings: Strings) -> str:
    reason = f"<p>{escape(answer.reason or answer.text)}</p>"
    return _notice("pr-refusal", strings.refused, reason) + sources.nearest(answer.hits, turn, strings)


def _notice(kind: str, heading: str, body: str) -> str:
    return f'<div class="pr-notice {kind}"><h3>{escape(heading)}</h3>{body}</div>'


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
