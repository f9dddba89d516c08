"""What a store of conversations gives out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag.schema import Answer

Role = Literal["user", "assistant", "system"]
Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its turns; ``created`` and ``updated`` are ISO 8601 in UTC, ``owner`` is ``None`` locally.

    ``turns`` counts questions and answers. The ``title`` is the first question's until it is renamed.
    """

    id: str
    title: str
    owner: str | None
    created: str
    updated: str
    turns: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the asker thinks of an answer; ``created`` is ISO 8601 in UTC, ``comment`` empty when there is none."""

    rating: Rating
    comment: str
    created: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A question (``user``), an answer (``assistant``) or the summary of earlier turns (``system``).

    ``answer`` is what ``content`` is the text of; ``note`` says why a question has no answer, ``None`` when it has one.
    ``feedback`` is what the asker thinks of an answer, if they have said so.
    """

    id: int
    role: Role
    content: str
    created: str
    answer: Answer | None = None
    note: str | None = None
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A conversation that a search found, and the sentence that holds what was searched for."""

    conversation: Conversation
    excerpt: str
