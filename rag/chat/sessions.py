"""Conversations in a database: each question and answer in order, per owner, found again by title and words."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Connection, CursorResult, Row, and_, exists, select

from rag.answer import exchange
from rag.chat import forgetting, rating
from rag.chat.database import Database
from rag.chat.finding import find
from rag.chat.memory import fits
from rag.chat.recalling import Summarise, recall, shorten
from rag.chat.records import Conversation, Match, Rating, Turn
from rag.chat.rows import (
    LISTED,
    ORDER,
    checked_title,
    insert_turn,
    is_turn,
    now,
    set_note,
    shortened,
    storable,
    title_of,
    turn_of,
)
from rag.chat.tables import conversations, feedback, turns
from rag.corpus.script import search_key
from rag.errors import ConversationNotFoundError, ExchangeError, StorageError
from rag.schema import Answer

UNANSWERED = "not answered"
_LONGEST_NOTE = 500


class Conversations:
    """The conversations of one ``owner`` (``None``: whoever uses this computer), in ``database``.

    Those of others are as if they were not there. Safe to share between threads, and between processes that have the
    same database. A method that takes a conversation raises ``ConversationNotFoundError`` when the owner has none with
    that id; each raises ``StorageError`` when the database cannot be used.
    """

    def __init__(self, database: Database, *, owner: str | None = None) -> None:
        self._database = database
        self._owner = None if owner is None else storable(owner)

    def of(self, owner: str | None) -> Conversations:
        """The conversations of ``owner`` in the same database."""
        return Conversations(self._database, owner=owner)

    def close(self) -> None:
        """Release the database, for all owners."""
        self._database.close()

    # --- the list -------------------------------------------------------------------------------------------

    def create(self, title: str = "") -> Conversation:
        """A new conversation; without a ``title`` it takes the first question's, and is listed from then on."""
        title = checked_title(title) if title else ""
        moment, fresh = now(), secrets.token_hex(6)
        with self._database.transaction() as connection:
            row = {"id": fresh, "owner": self._owner, "created": moment, "updated": moment, "summary_until": 0}
            connection.execute(conversations.insert().values(**row, title=title, title_key=search_key(title)))
            return self._get(connection, fresh)

    def recent(self, *, limit: int | None = None) -> list[Conversation]:
        """The conversations in which something was asked, or at most ``limit`` of them, the latest first."""
        asked = exists().where(turns.c.conversation_id == conversations.c.id)
        query = select(*LISTED).where(self._mine, asked).order_by(conversations.c.updated.desc()).limit(limit)
        with self._database.transaction() as connection:
            return [Conversation(*row) for row in connection.execute(query)]

    def get(self, conversation_id: str) -> Conversation:
        """The conversation with this id."""
        with self._database.transaction() as connection:
            return self._get(connection, conversation_id)

    def resolve(self, reference: str) -> Conversation:
        """The conversation that ``reference`` means: an id, the beginning of only one, or ``last`` for the latest.

        Raises:
            ConversationNotFoundError: it means none, or several.
        """
        if reference == "last":
            latest = self.recent(limit=1)
            if not latest:
                raise ConversationNotFoundError("there is no conversation yet. `rag chat` begins one.")
            return latest[0]
        query = select(*LISTED).where(self._mine, conversations.c.id.startswith(storable(reference), autoescape=True))
        with self._database.transaction() as connection:
            rows = connection.execute(query.order_by(conversations.c.id)).all() if reference else []
        exact = [row for row in rows if row[0] == reference] or rows
        if len(exact) > 1:
            named = ", ".join(row[0] for row in exact[:3])
            raise ConversationNotFoundError(
                f"several conversations begin with {reference!r}: {named}. Type more of it."
            )
        if not exact:
            raise _not_found(reference)
        return Conversation(*exact[0])

    def rename(self, conversation_id: str, title: str) -> Conversation:
        """Give it another title; ``ConversationError`` when that is empty or longer than 200 characters."""
        title = checked_title(title)
        with self._database.transaction() as connection:
            self._update(connection, conversation_id, title=title, title_key=search_key(title))
            return self._get(connection, conversation_id)

    def delete(self, conversation_id: str) -> None:
        """Forget the conversation and all that was said in it."""
        with self._database.transaction() as connection:
            gone = connection.execute(conversations.delete().where(self._is(conversation_id)))
            if not cast("CursorResult[Any]", gone).rowcount:
                raise _not_found(conversation_id)

    def search(self, text: str) -> list[Match]:
        """Conversations with each word of ``text`` in the title or in what was said, the latest first.

        In either script, width and digit style; words are what stands between spaces. Without a word nothing is found.
        """
        with self._database.transaction() as connection:
            return find(connection, self._mine, text)

    # --- what was said --------------------------------------------------------------------------------------

    def turns(self, conversation_id: str) -> list[Turn]:
        """All that was said, each answer behind its question."""
        with self._database.transaction() as connection:
            self._get(connection, conversation_id)
            said = rating.with_feedback().where(turns.c.conversation_id == conversation_id)
            rows = connection.execute(said.order_by(*ORDER)).all()
        return [turn_of(row, answer=self._answer(row), feedback=rating.feedback_of(row)) for row in rows]

    def begin(self, conversation_id: str, question: str) -> int:
        """Keep a question before it is answered, noted as not answered yet; the id of its turn."""
        question = storable(question)
        title = title_of(question)
        untitled = conversations.c.title == ""
        with self._database.transaction() as connection:
            self._touch(connection, conversation_id)
            named = conversations.update().where(self._is(conversation_id), untitled)
            connection.execute(named.values(title=title, title_key=search_key(title)))
            return insert_turn(connection, conversation_id, role="user", content=question, note=UNANSWERED)

    def finish(self, conversation_id: str, turn_id: int, answer: Answer, *, question: str | None = None) -> None:
        """Keep the answer to the question with ``turn_id``, unless that has been cut or answered meanwhile.

        SQLite gives the number of a turn that was cut to another: ``question`` says which one is meant.
        """
        with self._database.transaction() as connection:
            self._touch(connection, conversation_id)
            if set_note(connection, is_turn(conversation_id, turn_id), None, question=question):
                kept = {"content": storable(answer.text), "answer": exchange.to_json(answer)}
                insert_turn(connection, conversation_id, role="assistant", answers=turn_id, **kept)

    def fail(self, conversation_id: str, turn_id: int, note: str, *, question: str | None = None) -> None:
        """Note with the question with ``turn_id`` why it has no answer, unless it has one; ``question`` as above."""
        with self._database.transaction() as connection:
            self._touch(connection, conversation_id)
            said = shortened(storable(note), _LONGEST_NOTE)
            set_note(connection, is_turn(conversation_id, turn_id), said, question=question)

    def cut(self, conversation_id: str, turn_id: int) -> None:
        """Forget the question with ``turn_id`` and all that was asked after it, with the answers.

        An answer that is still on its way to one of them is not kept.

        Raises:
            ConversationError: the turn is no question of this conversation.
        """
        with self._database.transaction() as connection:
            self._touch(connection, conversation_id)
            forgetting.cut(connection, conversation_id, turn_id)

    def rate(self, conversation_id: str, turn_id: int, given: Rating | None, comment: str = "") -> None:
        """Keep what the asker thinks of the answer with ``turn_id``; ``None`` takes it back.

        Raises:
            ConversationError: the turn is no answer of this conversation, or the comment over 2,000 characters.
        """
        said = rating.checked(given, comment)
        with self._database.transaction() as connection:
            # Changes nothing, but makes whoever writes there next wait.
            self._update(connection, conversation_id, updated=conversations.c.updated)
            rating.put(connection, conversation_id, turn_id, said)

    def rated(self, *, everyone: bool = False) -> list[tuple[Conversation, list[Turn]]]:
        """The conversations with an answer that somebody rated, each with its turns, the oldest first.

        ``everyone``: those of all owners, for whoever runs the program.
        """
        whose = [] if everyone else [self._mine]
        said = turns.c.conversation_id == conversations.c.id
        judged = exists().where(said, feedback.c.turn_id == turns.c.id)
        query = select(*LISTED).where(judged, *whose).order_by(conversations.c.created, conversations.c.id)
        with self._database.transaction() as connection:
            found = [Conversation(*row) for row in connection.execute(query)]
        told = []
        for each in found:
            with suppress(ConversationNotFoundError):  # deleted meanwhile
                told.append((each, self.of(each.owner).turns(each.id)))
        return told

    def history(
        self, conversation_id: str, *, budget: int, summarise: Summarise | None = None, before: int | None = None
    ) -> list[dict[str, str]]:
        """The latest turns as ``role`` and ``content``, at most ``budget`` tokens, oldest first.

        What no longer fits is left out, or told first by ``summarise`` in at most a quarter of the budget (role
        ``system``); that summary is kept and renewed only when the turns after it no longer fit. ``before`` is the id
        of the first turn not to look at.
        """
        self.get(conversation_id)
        told, recent = recall(self._database, conversation_id, before=before)
        if not fits([*told, *recent], budget):
            told, recent = shorten(self._database, conversation_id, told, recent, budget=budget, summarise=summarise)
        return [{"role": turn.role, "content": turn.content} for turn in [*told, *recent]]

    # --- rows -----------------------------------------------------------------------------------------------

    @property
    def _mine(self) -> ColumnElement[bool]:
        return conversations.c.owner.is_not_distinct_from(self._owner)

    def _is(self, conversation_id: str) -> ColumnElement[bool]:
        return and_(self._mine, conversations.c.id == storable(conversation_id))

    def _get(self, connection: Connection, conversation_id: str) -> Conversation:
        row = connection.execute(select(*LISTED).where(self._is(conversation_id))).one_or_none()
        if row is None:
            raise _not_found(conversation_id)
        return Conversation(*row)

    def _touch(self, connection: Connection, conversation_id: str) -> None:
        """Mark it as changed: the first statement of a write, since it makes whoever writes there next wait."""
        self._update(connection, conversation_id, updated=now())

    def _update(self, connection: Connection, conversation_id: str, **values: str | Column[str]) -> None:
        changed = conversations.update().where(self._is(conversation_id)).values(values)
        if not cast("CursorResult[Any]", connection.execute(changed)).rowcount:
            raise _not_found(conversation_id)

    def _answer(self, row: Row[Any]) -> Answer | None:
        if row.answer is None:
            return None
        try:
            return exchange.from_json(row.answer)
        except ExchangeError as error:
            raise StorageError(
                f"turn {row.id} of conversation {row.conversation_id} in {self._database.name} is damaged, or was "
                f"written by a later version: {error} `rag conversations delete` takes the conversation out."
            ) from error


def _not_found(reference: str) -> ConversationNotFoundError:
    return ConversationNotFoundError(f"there is no conversation {reference!r}. `rag conversations list` names them.")
