"""What a catalogue that several machines share keeps besides documents: format, manifest, changes, writer.

Every put and remove appends to the log in its own transaction. Whoever keeps a copy of something in the catalogue
(a lexical index, vectors) remembers how far in the log it is and asks for what came after.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Connection, Integer, MetaData, String, Table, func, select

SHARED = MetaData()
KEPT = 10_000  # changes; a copy that is further behind is made anew
_TRIM_EVERY = 500
_APPENDING = 7202156  # PostgreSQL's advisory locks go by number; these are ours alone
_WRITING = 7202157
_CREATING = 7202158

about = Table(
    "catalogue_format",
    SHARED,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("trimmed", BigInteger, nullable=False),
    Column("manifest", JSON(none_as_null=True)),
)
changes = Table(
    "catalogue_changes",
    SHARED,
    Column("number", BigInteger, primary_key=True),
    # Chunks that are new or changed, and chunks that are gone; without either, everything may be otherwise.
    Column("added", JSON(none_as_null=True)),
    Column("removed", JSON(none_as_null=True)),
)
writer = Table(
    "catalogue_writer",
    SHARED,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("process", String, nullable=False),
    Column("since", String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a copy is in the log of the catalogue ``key``."""

    key: str
    number: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What came after a position, up to ``until``: chunks to take anew and chunks to forget."""

    added: frozenset[str]
    removed: frozenset[str]
    until: Position


def be_alone(connection: Connection) -> None:
    """Wait until nobody else creates the tables, and keep others waiting until the transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(_CREATING)))


def create(connection: Connection, version: int) -> None:
    """The tables for a new catalogue of this ``version``."""
    SHARED.create_all(connection)
    connection.execute(about.insert().values(id=1, version=version, key=uuid.uuid4().hex, trimmed=0))


def append(connection: Connection, added: Sequence[str] | None, removed: Collection[str] | None) -> None:
    """Note a change in the transaction that makes it; ``None`` for both: everything may be otherwise."""
    # Numbers are seen in their order: without the lock a later one could be committed before an earlier one.
    connection.execute(select(func.pg_advisory_xact_lock(_APPENDING)))
    values = {"added": added, "removed": None if removed is None else sorted(removed)}
    number = connection.execute(changes.insert().values(values).returning(changes.c.number)).scalar_one()
    if number % _TRIM_EVERY == 0:
        trim(connection, number - KEPT)


def trim(connection: Connection, until: int) -> None:
    """Forget the changes up to the number ``until``."""
    if until > 0:
        connection.execute(changes.delete().where(changes.c.number <= until))
        connection.execute(about.update().where(about.c.trimmed < until).values(trimmed=until))


def head(connection: Connection) -> Position:
    """Where the log ends."""
    last = select(func.max(changes.c.number)).scalar_subquery()
    key, number = connection.execute(select(about.c.key, func.coalesce(last, about.c.trimmed))).one()
    return Position(key, number)


def since(connection: Connection, position: Position, at_most: int) -> Changes | None:
    """At most ``at_most`` changes after ``position``; ``None`` when the log does not tell: make the copy anew."""
    key, trimmed = connection.execute(select(about.c.key, about.c.trimmed)).one()
    if key != position.key or position.number < trimmed:
        return None
    query = select(changes).where(changes.c.number > position.number).order_by(changes.c.number).limit(at_most)
    added: set[str] = set()
    removed: set[str] = set()
    until = position.number
    for until, new, old in connection.execute(query):  # noqa: B007
        if new is None and old is None:
            return None
        removed = (removed - set(new)) | set(old)
        added = (added - set(old)) | set(new)
    return Changes(frozenset(added), frozenset(removed), Position(key, until))


def take_writing(connection: Connection) -> str | None:
    """Be the only writer for as long as ``connection`` is open; if another is, say which.

    A machine that is cut off without a word is given up after a minute.
    """
    for name, seconds in (("idle", 30), ("interval", 10), ("count", 3)):
        connection.exec_driver_sql(f"SET tcp_keepalives_{name} = {seconds}")
    if connection.execute(select(func.pg_try_advisory_lock(_WRITING))).scalar():
        return None
    row: Any = connection.execute(select(writer.c.process, writer.c.since)).one_or_none()
    return f"{row.process} (since {row.since})" if row else "another process"


def sign(connection: Connection) -> bool:
    """Note who writes; whether the one before did not finish."""
    interrupted = connection.execute(writer.delete()).rowcount > 0
    process = f"process {os.getpid()} on {socket.gethostname()}"
    connection.execute(
        writer.insert().values(id=1, process=process, since=datetime.now(UTC).isoformat(timespec="seconds"))
    )
    return interrupted


def finish(connection: Connection) -> None:
    """Note that the writer has finished."""
    connection.execute(writer.delete())
