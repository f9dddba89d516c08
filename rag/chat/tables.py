"""The tables of the conversations (SQLAlchemy Core), the same in SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, Text

FORMAT = 1
TABLES = MetaData()

# The file may be the catalogue's, whose own version is elsewhere: each can change without the other.
versions = Table(
    "conversation_format",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

conversations = Table(
    "conversations",
    TABLES,
    Column("id", String, primary_key=True),
    Column("owner", String, index=True),
    Column("title", Text, nullable=False),
    Column("title_key", Text, nullable=False),
    Column("created", String, nullable=False),
    Column("updated", String, nullable=False),
    # The turns up to summary_until in fewer words, for the history of a new question.
    Column("summary", Text),
    Column("summary_until", Integer, nullable=False),
)

turns = Table(
    "turns",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", String, nullable=False),
    # The question an answer belongs to: two that were asked at once are not told by their order.
    Column("answers", Integer),
    Column("created", String, nullable=False),
    Column("note", Text),
    Column("content", Text, nullable=False),
    Column("content_key", Text, nullable=False),
    Column("answer", Text),
)

# Added after the first version: a database without it is given it when it is opened, and keeps its format.
feedback = Table(
    "feedback",
    TABLES,
    Column("turn_id", ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("rating", String, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", String, nullable=False),
)
