"""Where conversations are kept: the catalogue's SQLite file, or a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from rag.chat.tables import FORMAT, TABLES, feedback, versions
from rag.errors import ConfigurationError, IndexMismatchError, MissingDependencyError, PolicyRagError, StorageError

# Creating tables is the one thing two processes must not do at once; the number is ours alone.
_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7202155)"}


class Database:
    """The database at ``url`` or, without one, the SQLite file ``path``; its tables are created at first use.

    Safe to share between threads and between processes; every write is one transaction.

    Raises:
        ConfigurationError: ``url`` is no URL of SQLite or PostgreSQL.
        MissingDependencyError: the driver for PostgreSQL is not installed.
        StorageError: the database cannot be reached or used. IndexMismatchError: another version wrote it.
    """

    def __init__(self, path: Path, *, url: str | None = None) -> None:
        address = _address(url) if url else URL.create("sqlite", database=str(path))
        self.name = str(path) if url is None else _name(address)
        self._engine = self._open(address)
        try:
            with self.transaction() as connection:
                self._prepare(connection)
        except PolicyRagError:
            self.close()
            raise

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose changes are kept together, or not at all when the block raises."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
            raise StorageError(
                f"the conversations in {self.name} cannot be used: {reason}. Check that it can be reached and written, "
                "or set RAG_DATABASE__URL to another database."
            ) from error

    def _open(self, address: URL) -> Engine:
        if address.get_backend_name() == "sqlite":
            _make_folder(address)
            engine = create_engine(address)
            event.listen(engine, "connect", _configure)
            return engine
        try:
            return create_engine(address, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                f"{self.name} needs the package psycopg. Run `pip install 'policy-rag[postgres]'`."
            ) from error

    def _prepare(self, connection: Connection) -> None:
        if not inspect(connection).has_table(feedback.name):  # the youngest: with it, all are there
            connection.exec_driver_sql(_ALONE[connection.dialect.name])
            fresh = not inspect(connection).has_table(versions.name)
            if not fresh:
                self._check_format(connection)
            TABLES.create_all(connection)
            if fresh:
                connection.execute(versions.insert().values(id=1, version=FORMAT))
        self._check_format(connection)

    def _check_format(self, connection: Connection) -> None:
        version = connection.execute(select(versions.c.version)).scalar()
        if version != FORMAT:
            raise IndexMismatchError(
                f"the conversations in {self.name} have the format {version}, this version reads {FORMAT}. Use the "
                "version that wrote them, or set RAG_DATABASE__URL to another database."
            )


def _address(url: str) -> URL:
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


def _name(address: URL) -> str:
    """The address without user and password."""
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return f"postgresql://{address.host or ''}{f':{address.port}' if address.port else ''}/{address.database or ''}"


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
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
