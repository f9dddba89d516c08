"""The databases that hold a catalogue or conversations: an SQLite file, or PostgreSQL for several machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from rag.errors import ConfigurationError, MissingDependencyError, StorageError

_CONNECT_S = 10  # a server that does not answer is told of by then


def address_of(url: str) -> URL:
    """``url`` as an address of SQLite or PostgreSQL. ``ConfigurationError`` when it is neither; it is not told."""
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    # Not from the error, and the value is not told: it may hold a password.
    if backend in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and address.database not in (None, "", ":memory:"):
        return address
    raise ConfigurationError(
        "database.url (RAG_DATABASE__URL) is no address of a PostgreSQL database or an SQLite file. Write "
        "postgresql://user:password@host:5432/name or sqlite:////folder/file.db."
    )


def file_address(path: Path) -> URL:
    """The address of the SQLite file ``path``."""
    return URL.create("sqlite", database=str(path))


def is_shared(address: URL) -> bool:
    """Whether other machines reach the same database."""
    return address.get_backend_name() != "sqlite"


def name_of(address: URL) -> str:
    """The address without user and password."""
    if not is_shared(address):
        return str(address.database)
    return f"postgresql://{address.host or ''}{f':{address.port}' if address.port else ''}/{address.database or ''}"


def open_engine(address: URL, **options: Any) -> Engine:
    """An engine for ``address``, which connects at the first use; the folder of an SQLite file is made.

    Raises:
        MissingDependencyError: the driver for PostgreSQL is not installed. StorageError: the folder cannot be made.
    """
    options["json_serializer"] = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    if not is_shared(address):
        _make_folder(address)
        engine = create_engine(address, **options)
        event.listen(engine, "connect", _configure)
        return engine
    if "connect_timeout" not in address.query:
        options["connect_args"] = {"connect_timeout": _CONNECT_S}
    try:
        return create_engine(address, pool_pre_ping=True, **options)
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"{name_of(address)} needs the package psycopg. Run `pip install 'policy-rag[postgres]'`."
        ) from error


@contextmanager
def translated(subject: str, advice: str) -> Iterator[None]:
    """Raise ``StorageError`` about ``subject``, with ``advice`` at its end, in place of what the database raises."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
        raise StorageError(f"{subject} cannot be used: {reason}. {advice}") from error


@contextmanager
def transaction(engine: Engine, subject: str, advice: str) -> Iterator[Connection]:
    """A connection whose changes are kept together, or not at all when the block raises; errors as ``translated``."""
    with translated(subject, advice), engine.begin() as connection:
        yield connection


def _make_folder(address: URL) -> None:
    folder = Path(str(address.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot create the folder {folder}: {error}. Set RAG_HOME to another one.") from error


def _configure(connection: Any, _record: object) -> None:
    # First of all to wait for others: the second statement already needs the file for itself.
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA journal_mode = WAL")
    # A commit is on the disk before anything is done on the strength of it, such as dropping what it has replaced.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
