"""Rows of the conversations' tables: what is selected, in which order, and what text can be stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, CursorResult, Row, and_, func, select

from rag.chat.records import Feedback, Turn
from rag.chat.tables import conversations, turns
from rag.corpus.script import search_key
from rag.errors import ConversationError
from rag.schema import Answer

_COUNT = select(func.count()).where(turns.c.conversation_id == conversations.c.id).scalar_subquery()
LISTED = (*(conversations.c[name] for name in ("id", "title", "owner", "created", "updated")), _COUNT)
"""What a ``Conversation`` is made of, in the order of its fields."""

exchange_id = func.coalesce(turns.c.answers, turns.c.id)
"""The id of a question, for the question itself and for its answer."""

ORDER = (exchange_id, turns.c.id)
"""Each answer behind its question, whatever was asked meanwhile."""

_TITLE_CHARS = 40
_LONGEST_TITLE = 200
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL, and what UTF-8, has no place for


def storable(text: str) -> str:
    """``text`` without the characters that cannot be stored, each replaced by �."""
    return _UNSTORABLE.sub("\ufffd", text)


def shortened(text: str, length: int) -> str:
    """``text``, or its beginning with an ellipsis: at most ``length`` characters."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def checked_title(title: str) -> str:
    """``title`` in one line; ``ConversationError`` when it is empty or longer than 200 characters."""
    title = " ".join(storable(title).split())
    if not title or len(title) > _LONGEST_TITLE:
        raise ConversationError(f"a title has 1 to {_LONGEST_TITLE} characters, this one {len(title)}. Choose another.")
    return title


def title_of(question: str) -> str:
    """The title that a conversation takes from its first question."""
    return shortened(" ".join(question.split()), _TITLE_CHARS)


def now() -> str:
    """The time in UTC, ISO 8601 with microseconds, which sorts as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def insert_turn(connection: Connection, conversation_id: str, **values: Any) -> int:
    """Add a turn; its id."""
    row = {"conversation_id": conversation_id, "created": now(), "content_key": search_key(values["content"])}
    inserted = connection.execute(turns.insert().values({**row, **values})).inserted_primary_key
    key: int = inserted[0] if inserted else 0
    return key


def set_note(connection: Connection, condition: ColumnElement[bool], note: str | None, *, question: str | None) -> bool:
    """Change the note of a question; false when it has none, being answered, is another, or is not there."""
    same = [] if question is None else [turns.c.content == storable(question)]
    waiting = turns.update().where(condition, turns.c.note.is_not(None), *same)
    return bool(cast("CursorResult[Any]", connection.execute(waiting.values(note=note))).rowcount)


def is_turn(conversation_id: str, turn_id: int) -> ColumnElement[bool]:
    """The turn with this id, if it belongs to this conversation."""
    return and_(turns.c.conversation_id == conversation_id, turns.c.id == turn_id)


def turn_of(row: Row[Any], *, answer: Answer | None = None, feedback: Feedback | None = None) -> Turn:
    """A turn from a row that has its columns."""
    return Turn(row.id, row.role, row.content, row.created, answer, row.note, feedback)
