"""Questions and answers as HTML: pure functions; every foreign character goes through ``ui.markup.escape``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.certainty import level, percent
from rag.schema import Answer, DocumentInfo, Verdict
from ui.chat import actions, sentences, sources
from ui.chat.words import WORDS, Words
from ui.icons import icon
from ui.markup import escape
from ui.words import Count, Language


@dataclass(frozen=True, slots=True)
class Writing:
    """An answer that is being written: its text so far, and how many passages were found (``None``: not yet)."""

    text: str = ""
    found: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that ended without an answer, and why."""

    message: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what has come of it; the ids are those of the store, ``None`` while nothing is stored.

    ``rating`` is what the asker said of the answer: ``up``, ``down`` or ``None``; ``comment`` in their words.
    """

    question: str
    outcome: Answer | Writing | Failure
    asked: int | None = None
    answered: int | None = None
    rating: str | None = None
    comment: str = ""


def view(language: Language) -> str:
    """The empty chat: where the turns go, and the box for the question."""
    words = WORDS[language]
    return (
        '<div class="pr-scroll" tabindex="-1">'
        f'<div class="pr-turns" role="log" aria-label="{escape(words.conversation)}"></div></div>'
        '<div class="pr-tip" role="tooltip" id="pr-tip" hidden></div>'
        '<div class="pr-ask-line"><form class="pr-ask" autocomplete="off"><p class="pr-limits" hidden></p>'
        f'<p class="pr-note pr-pending" data-preparing hidden>{escape(words.building)}</p>'
        '<div class="pr-box">'
        f'<textarea class="pr-question-box" rows="1" maxlength="20000" aria-label="{escape(words.question)}" '
        f'placeholder="{escape(words.placeholder)}"></textarea>'
        f'<button type="submit" class="pr-send" aria-label="{escape(words.send)}">{icon("send")}</button>'
        f'<button type="button" class="pr-send pr-stop" data-do="stop" aria-label="{escape(words.stop)}" hidden>'
        f"{icon('stop')}</button></div></form></div>"
    )


def welcome(documents: Sequence[DocumentInfo], examples: Sequence[str], language: Language, *, admin: bool) -> str:
    """The first screen: what to expect of an answer and what to ask, or how to begin when there is nothing yet."""
    words = WORDS[language]
    if not documents:
        hint = words.empty_hint if admin else words.empty_ask
        link = f'<p><a class="pr-button pr-primary" href="#/library">{icon("upload")}{escape(words.to_library)}</a></p>'
        body = f"<h2>{escape(words.empty_title)}</h2><p>{escape(hint)}</p>{link if admin else ''}"
    else:
        body = f"<h2>{escape(words.welcome)}</h2><p>{escape(words.promise)}</p>{suggested(examples, words.examples)}"
    return f'<div class="pr-welcome">{body}</div>'


def suggested(questions: Sequence[str], heading: str) -> str:
    """Questions to ask with a click; nothing when there are none."""
    buttons = "".join(
        f'<li><button type="button" class="pr-example" data-do="example">{escape(each)}</button></li>'
        for each in questions
    )
    return f'<h3>{escape(heading)}</h3><ul class="pr-examples">{buttons}</ul>' if buttons else ""


def problem(message: str, language: Language) -> str:
    """The first screen when the library cannot even be listed."""
    return f'<div class="pr-welcome">{_notice("pr-bad", WORDS[language].failed, message)}</div>'


def turns(said: Sequence[Turn], language: Language) -> str:
    """Questions with their answers, refusals and errors, in order."""
    return "".join(turn(each, language) for each in said)


def turn(said: Turn, language: Language) -> str:
    """One question and what has come of it."""
    words = WORDS[language]
    writing = isinstance(said.outcome, Writing)
    known = f' data-turn="{said.asked}"' if said.asked is not None else ""
    known += f' data-answer="{said.answered}"' if said.answered is not None else ""
    return (
        f'<article class="pr-turn" aria-busy="{str(writing).lower()}"{known}>'
        f'<div class="pr-question"><div class="pr-asked">{escape(said.question)}</div>'
        f"{actions.on_question(said.question, words) if said.asked is not None else ''}</div>"
        f'<div class="pr-answer">{_outcome(said.outcome, words)}</div>{_below(said, words)}</article>'
    )


def _below(said: Turn, words: Words) -> str:
    if isinstance(said.outcome, Writing) or said.asked is None:
        return ""
    answer = said.outcome if isinstance(said.outcome, Answer) else None
    return actions.on_answer(answer, said.rating, said.comment, words)


def _outcome(outcome: Answer | Writing | Failure, words: Words) -> str:
    if isinstance(outcome, Failure):
        return _notice("pr-bad", words.failed, outcome.message)
    if isinstance(outcome, Writing):
        return _writing(outcome, words)
    refused = outcome.refused and not outcome.correction
    return _refusal(outcome, words) if refused else _answer(outcome, words)


def _writing(writing: Writing, words: Words) -> str:
    if writing.text:
        return sentences.written(writing.text, words)
    state = words.searching if writing.found is None else words.reading.format(number=Count(writing.found))
    return f'<p class="pr-note pr-pending">{escape(state)}</p>'


def _answer(answer: Answer, words: Words) -> str:
    notes = [words.read_as.format(question=answer.rewritten)] if answer.rewritten else []
    before = "".join(f'<p class="pr-note">{escape(note)}</p>' for note in notes)
    if answer.correction and answer.reason:
        before += _aside(answer.reason)
    after = "".join(_aside(said) for said in (answer.partial, answer.notice) if said)
    sure = "" if answer.correction else _summary(answer, words)
    return before + sentences.text(answer, words) + after + sure + sources.cited(answer, words)


def _aside(said: str) -> str:
    return f'<p class="pr-aside">{icon("warn")}<span>{escape(said)}</span></p>'


def _summary(answer: Answer, words: Words) -> str:
    """How sure the answer is, in a word and a number, and how many sentences the documents do not fully support."""
    sure = level(answer.confidence)
    told = [getattr(words, sure).format(percent=percent(answer.confidence))]
    counts = Counter(sentence.verdict for sentence in answer.sentences)
    doubtful: tuple[Verdict, ...] = ("partly", "unsupported")
    told += [
        words.count.format(verdict=getattr(words, verdict), number=counts[verdict])
        for verdict in doubtful
        if counts[verdict]
    ]
    if answer.sentences and len(told) == 1:
        told.append(words.all_supported)
    return f'<p class="pr-sure pr-sure-{sure}"><i></i>{escape(" · ".join(told))}</p>'


def _refusal(answer: Answer, words: Words) -> str:
    searched = words.read_as.format(question=answer.rewritten) if answer.rewritten else ""
    note = f'<p class="pr-note">{escape(searched)}</p>' if searched else ""
    refused = _notice("pr-refusal", words.refused, answer.reason or answer.text)
    return f'{note}{refused}{sources.nearest(answer.hits, words)}<div class="pr-instead" data-instead></div>'


def _notice(kind: str, heading: str, said: str) -> str:
    return f'<div class="pr-notice {kind}"><h3>{escape(heading)}</h3><p>{escape(said)}</p></div>'
