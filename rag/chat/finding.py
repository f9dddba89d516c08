"""Conversations found by words in their titles and in what was said."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from rag.chat.records import Conversation, Match
from rag.chat.rows import LISTED, ORDER, shortened, storable
from rag.chat.tables import conversations, turns
from rag.corpus.script import search_key
from rag.corpus.sentences import sentence_spans

_EXCERPT_CHARS = 120


def find(connection: Connection, condition: ColumnElement[bool], text: str) -> list[Match]:
    """The conversations that fit ``condition`` and have each word of ``text`` somewhere, the latest first."""
    # Parted first: the key of a text has no space between Chinese words.
    words = [key for word in storable(text).split() if (key := search_key(word))]
    if not words:
        return []
    said = turns.c.conversation_id == conversations.c.id
    fitting = [
        or_(_has(conversations.c.title_key, word), exists().where(said, _has(turns.c.content_key, word)))
        for word in words
    ]
    query = select(*LISTED).where(condition, *fitting).order_by(conversations.c.updated.desc())
    found = [Conversation(*row) for row in connection.execute(query)]
    return [Match(conversation, _excerpt(connection, conversation, words)) for conversation in found]


def _has(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return column.contains(word, autoescape=True)


def _excerpt(connection: Connection, conversation: Conversation, words: Sequence[str]) -> str:
    """The first sentence said that has a word searched for; the title when only that has one."""
    anywhere = or_(*(_has(turns.c.content_key, word) for word in words))
    query = select(turns.c.content).where(turns.c.conversation_id == conversation.id, anywhere)
    content: str | None = connection.execute(query.order_by(*ORDER).limit(1)).scalar()
    if content is None:
        return conversation.title
    sentences = [content[start:end] for start, end in sentence_spans(content)]
    found = [sentence for sentence in sentences if any(word in search_key(sentence) for word in words)]
    return shortened((found or sentences)[0], _EXCERPT_CHARS)
