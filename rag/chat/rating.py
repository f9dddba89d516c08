"""What askers think of answers: kept with the answer's turn, one opinion a turn."""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy import Connection, Row, Select, select

from rag.chat.records import Feedback, Rating
from rag.chat.rows import is_turn, now, storable
from rag.chat.tables import feedback, turns
from rag.errors import ConversationError

LONGEST_COMMENT = 2000
_COLUMNS = [feedback.c[name].label(f"feedback_{name}") for name in ("rating", "comment", "created")]


def checked(rating: Rating | None, comment: str) -> Feedback | None:
    """What is to be kept, from now on; ``ConversationError`` when it is no rating, or the comment too long."""
    if rating is None:
        return None
    if rating not in get_args(Rating):
        raise ConversationError(f"{str(rating)[:40]!r} is no rating. Give up or down, or None to take it back.")
    comment = storable(comment).strip()
    if len(comment) > LONGEST_COMMENT:
        raise ConversationError(f"the comment has {len(comment)} characters, more than {LONGEST_COMMENT}. Shorten it.")
    return Feedback(rating, comment, now())


def put(connection: Connection, conversation_id: str, turn_id: int, given: Feedback | None) -> None:
    """Keep what is ``given`` in place of what was; ``ConversationError`` unless the turn is an answer there."""
    answer = select(turns.c.id).where(is_turn(conversation_id, turn_id), turns.c.role == "assistant")
    if connection.execute(answer).scalar() is None:
        raise ConversationError(
            f"turn {turn_id} of conversation {conversation_id} is no answer. Rate an answer's turn."
        )
    connection.execute(feedback.delete().where(feedback.c.turn_id == turn_id))
    if given is not None:
        row = {"rating": given.rating, "comment": given.comment, "created": given.created}
        connection.execute(feedback.insert().values(turn_id=turn_id, **row))


def with_feedback() -> Select[Any]:
    """Turns with what is thought of them, for ``feedback_of``."""
    return select(turns, *_COLUMNS).outerjoin(feedback, feedback.c.turn_id == turns.c.id)


def feedback_of(row: Row[Any]) -> Feedback | None:
    """What is thought of the turn in a row of ``with_feedback``."""
    if row.feedback_rating is None:
        return None
    return Feedback(row.feedback_rating, row.feedback_comment, row.feedback_created)
