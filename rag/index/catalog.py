"""The catalogue: documents and their chunks in SQLite, the truth the other two indexes are rebuilt from."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, func, select
from sqlalchemy.exc import SQLAlchemyError

from rag.errors import DocumentNotFoundError, IndexMismatchError, StorageError
from rag.index import misses, selection, succession
from rag.index.rows import CHUNK, chunk_of, chunk_row, document_of, document_row, info_of, sections_of
from rag.index.selection import Listed
from rag.index.tables import ADDED_IN_3, METADATA_FIELDS, SCHEMA_VERSION, TABLES, among, chunks, documents
from rag.schema import Chunk, Document, DocumentInfo, Filter, Metadata, Section

_METADATA = [documents.c[name] for name in METADATA_FIELDS]


@dataclass(frozen=True, slots=True)
class State:
    """What decides whether a file has changed: the hash of its bytes and of its entry in the sidecar."""

    source: str
    sha256: str
    overrides: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a document besides itself: its file, the hash of its sidecar entry, when it was ingested."""

    path: str
    overrides: str = ""
    ingested_at: str | None = None


class Catalog:
    """The documents of one index, in the SQLite file ``path``; safe to share between threads.

    Every write is one transaction. Methods raise ``StorageError`` when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"cannot create the folder {path.parent}: {error}. Set RAG_HOME to another one."
            ) from error
        serialise = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
        self._engine = create_engine(f"sqlite:///{path}", json_serializer=serialise)
        event.listen(self._engine, "connect", _configure)
        with self._transaction() as connection:
            self._create(connection)

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()

    def put(self, document: Document, *, path: str, overrides: str = "", ingested_at: str | None = None) -> set[str]:
        """Insert ``document``, replacing the one of its source or ``path``; the ids of chunks that are gone.

        ``path`` is the absolute path of the file, ``overrides`` the hash of its sidecar entry, ``ingested_at`` when it
        was ingested (default: now).
        """
        with self._transaction() as connection:
            replaced = (documents.c.source == document.source) | (documents.c.path == path)
            old, works = _delete(connection, replaced)
            row = document_row(document) | {"path": path, "overrides": overrides}
            row |= {"ingested_at": ingested_at} if ingested_at else {}
            inserted = connection.execute(documents.insert().values(row)).inserted_primary_key
            key = inserted[0] if inserted else None
            if document.chunks:
                connection.execute(chunks.insert(), [chunk_row(chunk, key) for chunk in document.chunks])
            succession.renew(connection, works | {row["work_key"]})
        return old - {chunk.chunk_id for chunk in document.chunks}

    def move(self, source: str, path: str) -> None:
        """Record that the unchanged file of ``source`` is now at ``path``."""
        with self._transaction() as connection:
            connection.execute(documents.update().where(documents.c.source == source).values(path=path))

    def remove(self, source: str) -> set[str]:
        """Forget ``source``; the ids of its chunks. ``DocumentNotFoundError`` when it is not known."""
        with self._transaction() as connection:
            self._key(connection, source)
            old, works = _delete(connection, documents.c.source == source)
            succession.renew(connection, works)
        return old

    def get(self, source: str) -> Document:
        """The document ``source``, as it was put. ``DocumentNotFoundError`` names the nearest sources."""
        with self._transaction() as connection:
            key = self._key(connection, source)
            row = connection.execute(select(documents).where(documents.c.id == key)).one()
            found = connection.execute(
                select(*CHUNK)
                .join_from(chunks, documents)
                .where(chunks.c.document_id == key)
                .order_by(chunks.c.ordinal)
            )
            return document_of(row, tuple(chunk_of(each) for each in found))

    def entry(self, source: str) -> Entry:
        """What is known of ``source`` besides the document. ``DocumentNotFoundError`` names the nearest sources."""
        with self._transaction() as connection:
            query = select(documents.c.path, documents.c.overrides, documents.c.ingested_at)
            return Entry(*connection.execute(query.where(documents.c.id == self._key(connection, source))).one())

    def text(self, source: str) -> str:
        """The original text of ``source``. ``DocumentNotFoundError`` names the nearest sources."""
        with self._transaction() as connection:
            key = self._key(connection, source)
            found: str = connection.execute(select(documents.c.text).where(documents.c.id == key)).scalar_one()
        return found

    def sections(self, source: str) -> tuple[Section, ...]:
        """The outline of ``source``. ``DocumentNotFoundError`` names the nearest sources."""
        with self._transaction() as connection:
            key = self._key(connection, source)
            rows = connection.execute(select(documents.c.sections).where(documents.c.id == key)).scalar_one()
        return sections_of(rows)

    def infos(self) -> list[DocumentInfo]:
        """Every document without its text, sorted by source."""
        columns = [column for column in documents.columns if column.name not in ("text", "sections", "furniture")]
        counted = select(chunks.c.document_id, func.count().label("chunks")).group_by(chunks.c.document_id).subquery()
        query = (
            select(*columns, func.coalesce(counted.c.chunks, 0).label("chunks"))
            .outerjoin(counted, counted.c.document_id == documents.c.id)
            .order_by(documents.c.source)
        )
        with self._transaction() as connection:
            return [info_of(row) for row in connection.execute(query)]

    def states(self) -> dict[str, State]:
        """By absolute path, what each document was when it was put."""
        query = select(documents.c.path, documents.c.source, documents.c.sha256, documents.c.overrides)
        with self._transaction() as connection:
            return {path: State(*rest) for path, *rest in connection.execute(query)}

    def select(self, where: Filter) -> frozenset[str] | None:
        """The sources of the documents that fit ``where``; ``None`` when it asks for nothing.

        Raises:
            FilterError: a date is malformed, or nothing fits: the message names the value and the nearest known ones.
        """
        if where == Filter():
            return None
        with self._transaction() as connection:
            return selection.select_sources(connection, where)

    def listed(
        self, *, title: str | None = None, number: str | Sequence[str] | None = None, at_most: int | None = None
    ) -> list[Listed]:
        """Documents whose title contains ``title`` and whose number is (one of) ``number``, the shortest titles first.

        Either in any script and digit style; without arguments none.
        """
        with self._transaction() as connection:
            return selection.listed(connection, title=title, number=number, at_most=at_most)

    def about(self, place: str) -> frozenset[str]:
        """The sources of the documents whose region or title has ``place`` in it."""
        with self._transaction() as connection:
            return selection.about(connection, place)

    def sole(self, sources: Collection[str] | None) -> Listed | None:
        """The document, where there is only one: in ``sources``, or altogether if that is ``None``."""
        with self._transaction() as connection:
            return selection.sole(connection, sources)

    def section_chunks(self, source: str, sections: Collection[int]) -> list[str]:
        """The ids of the chunks of these ``sections`` (indexes; not of those below them), in order."""
        with self._transaction() as connection:
            return selection.section_chunks(connection, source, sections)

    def superseded(self, chunk_ids: Iterable[str]) -> dict[str, Listed]:
        """Those of ``chunk_ids`` whose document has a later version, each with its document."""
        with self._transaction() as connection:
            return selection.superseded(connection, chunk_ids)

    def chunks(self, ids: Iterable[str]) -> dict[str, Chunk]:
        """The chunks of ``ids``, without those that are not known."""
        return {chunk_id: chunk for chunk_id, (chunk, _) in self.hits_material(ids).items()}

    def hits_material(self, ids: Iterable[str]) -> dict[str, tuple[Chunk, Metadata]]:
        """The chunks of ``ids`` with the metadata of their documents, without those that are not known."""
        query = select(*CHUNK, *_METADATA).join_from(chunks, documents).where(chunks.c.chunk_id.in_(among(ids)))
        with self._transaction() as connection:
            rows = connection.execute(query).all()
            return {row[0]: (chunk_of(row), Metadata(*row[len(CHUNK) :])) for row in rows}

    def chunk_ids(self) -> set[str]:
        """The ids of every chunk."""
        with self._transaction() as connection:
            return set(connection.execute(select(chunks.c.chunk_id)).scalars())

    def count_chunks(self) -> int:
        """How many chunks there are."""
        with self._transaction() as connection:
            return connection.execute(select(func.count()).select_from(chunks)).scalar_one()

    def _create(self, connection: Connection) -> None:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version == SCHEMA_VERSION:
            return
        if version == 0:
            TABLES.create_all(connection)
        elif version == 2:
            for table, column in ADDED_IN_3:
                connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
        else:
            raise IndexMismatchError(
                f"{self._path} has the format {version}, this version reads {SCHEMA_VERSION}. "
                "Move the file away and ingest the documents again."
            )
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _key(self, connection: Connection, source: str) -> int:
        query = select(documents.c.id).where(documents.c.source == source)
        key: int | None = connection.execute(query).scalar()
        if key is None:
            raise DocumentNotFoundError(misses.unknown_source(connection, source))
        return key

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise StorageError(
                f"the catalogue {self._path} cannot be used: {reason}. If the folder is writable and the disk is not "
                "full, move the file away and ingest the documents again."
            ) from error


def _configure(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 10000")


def _delete(connection: Connection, condition: Any) -> tuple[set[str], set[str | None]]:
    """The ids of the chunks that are gone with their documents, and which works these were versions of."""
    query = select(chunks.c.chunk_id).join_from(chunks, documents).where(condition)
    gone = set(connection.execute(query).scalars())
    works = set(connection.execute(select(documents.c.work_key).where(condition)).scalars())
    connection.execute(documents.delete().where(condition))
    return gone, works
