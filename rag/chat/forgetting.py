"""The end of a conversation forgotten, as if it had not been said: for a question asked again or otherwise."""

from __future__ import annotations

from sqlalchemy import Connection, select

from rag.chat.rows import ORDER, exchange_id, is_turn, title_of
from rag.chat.tables import conversations, turns
from rag.errors import ConversationError


def cut(connection: Connection, conversation_id: str, turn_id: int) -> None:
    """Forget the question ``turn_id`` and what was asked after it, with the answers, and a summary that tells of it.

    ``ConversationError`` unless the turn is a question there.
    """
    question = select(turns.c.id).where(is_turn(conversation_id, turn_id), turns.c.role == "user")
    if connection.execute(question).scalar() is None:
        raise ConversationError(
            f"turn {turn_id} of conversation {conversation_id} is no question. Cut at a question's turn."
        )
    here = turns.c.conversation_id == conversation_id
    first = connection.execute(select(turns.c.id, turns.c.content).where(here).order_by(*ORDER).limit(1)).one()
    connection.execute(turns.delete().where(here, exchange_id >= turn_id))
    changed = conversations.update().where(conversations.c.id == conversation_id)
    told = changed.where(conversations.c.summary_until >= turn_id)
    connection.execute(told.values(summary=None, summary_until=0))
    if first.id == turn_id:
        # The title is the first question's, unless somebody chose another: the next first question gives it.
        derived = changed.where(conversations.c.title == title_of(first.content))
        connection.execute(derived.values(title="", title_key=""))
