"""Turns as they are stored, paired for the page: each question with its answer or with why it has none."""

from __future__ import annotations

from collections.abc import Sequence

from rag.chat.conversing import CANCELLED
from rag.chat.records import Turn
from rag.chat.sessions import UNANSWERED
from ui.chat import render
from ui.chat.words import WORDS, Words
from ui.words import Language


def turns_of(stored: Sequence[Turn], language: Language) -> list[render.Turn]:
    """Questions with what came of them, in order; summaries are left out."""
    said = [each for each in stored if each.role in ("user", "assistant")]
    paired: list[render.Turn] = []
    for index, asked in enumerate(said):
        if asked.role != "user":
            continue
        after = said[index + 1] if index + 1 < len(said) else None
        if after is not None and after.answer is not None:
            said_of_it = (after.feedback.rating, after.feedback.comment) if after.feedback else (None, "")
            paired.append(render.Turn(asked.content, after.answer, asked.id, after.id, *said_of_it))
        else:
            paired.append(render.Turn(asked.content, render.Failure(_why(asked.note, WORDS[language])), asked.id))
    return paired


def _why(note: str | None, words: Words) -> str:
    return {CANCELLED: words.cancelled, UNANSWERED: words.unanswered, None: words.unanswered}.get(note, note or "")
