"""Where conversations are kept: the catalogue's SQLite file, or a PostgreSQL database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection, inspect, select

from rag.chat.tables import FORMAT, TABLES, feedback, versions
from rag.errors import IndexMismatchError, PolicyRagError
from rag.index.databases import address_of, file_address, name_of, open_engine, transaction

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
        address = address_of(url) if url else file_address(path)
        self.name = name_of(address)
        self._engine = open_engine(address)
        try:
            with self.transaction() as connection:
                self._prepare(connection)
        except PolicyRagError:
            self.close()
            raise

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    def transaction(self) -> AbstractContextManager[Connection]:
        """A connection whose changes are kept together, or not at all when the block raises."""
        advice = "Check that it can be reached and written, or set RAG_DATABASE__URL to another database."
        return transaction(self._engine, f"the conversations in {self.name}", advice)

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
