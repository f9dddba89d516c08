"""The catalogue: documents and their chunks in SQLite, the truth the other two indexes are rebuilt from."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, create_engine, event, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from rag.errors import DocumentNotFoundError, IndexMismatchError, StorageError
from rag.index.tables import METADATA_FIELDS, SCHEMA_VERSION, TABLES, chunks, documents
from rag.schema import Chunk, Document, DocumentInfo, Furniture, Metadata, Section

# One JSON parameter instead of one per id: any number of ids, and SQLite prepares the statement once.
_WANTED = text("SELECT value FROM json_each(:ids)").bindparams(bindparam("ids"))
_CHUNK = [documents.c.source if field.name == "source" else chunks.c[field.name] for field in fields(Chunk)]
_METADATA = [documents.c[name] for name in METADATA_FIELDS]


# The type parameters of SQLAlchemy's Row differ between 2.0 and 2.1.
_Row: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class State:
    """What decides whether a file has changed: the hash of its bytes and of its entry in the sidecar."""

    source: str
    sha256: str
    overrides: str


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

    def put(self, document: Document, *, path: str, overrides: str = "") -> set[str]:
        """Insert ``document``, replacing the one of its source or ``path``; the ids of chunks that are gone.

        ``path`` is the absolute path of the file, ``overrides`` the hash of its sidecar entry.
        """
        with self._transaction() as connection:
            replaced = (documents.c.source == document.source) | (documents.c.path == path)
            old = _delete(connection, replaced)
            row = _document_row(document) | {"path": path, "overrides": overrides}
            inserted = connection.execute(documents.insert().values(row)).inserted_primary_key
            key = inserted[0] if inserted else None
            if document.chunks:
                connection.execute(chunks.insert(), [_chunk_row(chunk, key) for chunk in document.chunks])
        return old - {chunk.chunk_id for chunk in document.chunks}

    def move(self, source: str, path: str) -> None:
        """Record that the unchanged file of ``source`` is now at ``path``."""
        with self._transaction() as connection:
            connection.execute(documents.update().where(documents.c.source == source).values(path=path))

    def remove(self, source: str) -> set[str]:
        """Forget ``source``; the ids of its chunks. ``DocumentNotFoundError`` when it is not known."""
        with self._transaction() as connection:
            self._key(connection, source)
            return _delete(connection, documents.c.source == source)

    def get(self, source: str) -> Document:
        """The document ``source``, as it was put. ``DocumentNotFoundError`` names the nearest sources."""
        with self._transaction() as connection:
            key = self._key(connection, source)
            row = connection.execute(select(documents).where(documents.c.id == key)).one()
            found = connection.execute(
                select(*_CHUNK)
                .join_from(chunks, documents)
                .where(chunks.c.document_id == key)
                .order_by(chunks.c.ordinal)
            )
            return _document(row, tuple(_chunk(each) for each in found))

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
        return _sections(rows)

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
            return [_info(row) for row in connection.execute(query)]

    def states(self) -> dict[str, State]:
        """By absolute path, what each document was when it was put."""
        query = select(documents.c.path, documents.c.source, documents.c.sha256, documents.c.overrides)
        with self._transaction() as connection:
            return {path: State(*rest) for path, *rest in connection.execute(query)}

    def chunks(self, ids: Iterable[str]) -> dict[str, Chunk]:
        """The chunks of ``ids``, without those that are not known."""
        return {chunk_id: chunk for chunk_id, (chunk, _) in self.hits_material(ids).items()}

    def hits_material(self, ids: Iterable[str]) -> dict[str, tuple[Chunk, Metadata]]:
        """The chunks of ``ids`` with the metadata of their documents, without those that are not known."""
        query = (
            select(*_CHUNK, *_METADATA)
            .join_from(chunks, documents)
            .where(chunks.c.chunk_id.in_(_WANTED.columns(chunks.c.chunk_id)))
        )
        with self._transaction() as connection:
            rows = connection.execute(query, {"ids": json.dumps(list(ids))}).all()
            return {row[0]: (_chunk(row), Metadata(*row[len(_CHUNK) :])) for row in rows}

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
        if version == 0:
            TABLES.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION:
            raise IndexMismatchError(
                f"{self._path} has the format {version}, this version reads {SCHEMA_VERSION}. "
                "Move the file away and ingest the documents again."
            )

    def _key(self, connection: Connection, source: str) -> int:
        query = select(documents.c.id).where(documents.c.source == source)
        key: int | None = connection.execute(query).scalar()
        if key is None:
            known = list(connection.execute(select(documents.c.source).order_by(documents.c.source)).scalars())
            near = difflib.get_close_matches(source, known, n=3, cutoff=0.4)
            advice = f"Did you mean {' or '.join(near)}?" if near else "`rag documents` lists those there are."
            raise DocumentNotFoundError(f"no document {source!r} is indexed. {advice}")
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


def _delete(connection: Connection, condition: Any) -> set[str]:
    query = select(chunks.c.chunk_id).join_from(chunks, documents).where(condition)
    gone = set(connection.execute(query).scalars())
    connection.execute(documents.delete().where(condition))
    return gone


def _document_row(document: Document) -> dict[str, Any]:
    return {
        "source": document.source,
        "sha256": document.sha256,
        "encoding": document.encoding,
        **{name: getattr(document.metadata, name) for name in METADATA_FIELDS},
        "text": document.text,
        "sections": [astuple(section) for section in document.sections],
        "furniture": [astuple(span) for span in document.furniture],
        "characters": len(document.text),
        "chunk_characters": sum(len(chunk.text) for chunk in document.chunks),
        "furniture_characters": sum(span.end - span.start for span in document.furniture),
        "section_count": len(document.sections),
        "ingested_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _chunk_row(chunk: Chunk, document_id: int | None) -> dict[str, Any]:
    row = {column.name: getattr(chunk, column.name) for column in _CHUNK if column.table is chunks}
    return row | {"document_id": document_id}


def _metadata(row: _Row) -> Metadata:
    return Metadata(**{name: getattr(row, name) for name in METADATA_FIELDS})


def _chunk(row: _Row) -> Chunk:
    """A chunk from the columns of ``_CHUNK``, which stand in the order of its fields."""
    chunk_id, source, ordinal, section, path, text, start, end, gaps, *_ = row
    spans = tuple((first, last) for first, last in gaps)
    return Chunk(chunk_id, source, ordinal, section, tuple(path), text, start, end, spans)


def _document(row: _Row, found: tuple[Chunk, ...]) -> Document:
    return Document(
        source=row.source,
        text=row.text,
        encoding=row.encoding,
        sha256=row.sha256,
        metadata=_metadata(row),
        sections=tuple(Section(*(*fields, tuple(path))) for *fields, path in row.sections),
        chunks=found,
        furniture=tuple(Furniture(*span) for span in row.furniture),
    )


def _sections(rows: Any) -> tuple[Section, ...]:
    return tuple(Section(*(*fields, tuple(path))) for *fields, path in rows)


def _info(row: _Row) -> DocumentInfo:
    return DocumentInfo(
        source=row.source,
        path=row.path,
        metadata=_metadata(row),
        encoding=row.encoding,
        sha256=row.sha256,
        characters=row.characters,
        chunk_characters=row.chunk_characters,
        furniture_characters=row.furniture_characters,
        sections=row.section_count,
        chunks=row.chunks,
        ingested_at=row.ingested_at,
    )
