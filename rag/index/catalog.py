"""The catalogue: documents and their chunks in SQLite or PostgreSQL, the truth the other indexes are rebuilt from."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, func, inspect, select

from rag.errors import DocumentNotFoundError, IndexBusyError, IndexMismatchError, PolicyRagError, StorageError
from rag.index import changelog, misses, selection, succession
from rag.index.akin import akin
from rag.index.changelog import Changes, Position
from rag.index.databases import address_of, file_address, is_shared, name_of, open_engine, translated
from rag.index.dialects import among
from rag.index.rows import CHUNK, chunk_of, chunk_row, document_of, document_row, info_of, layout_of, sections_of
from rag.index.selection import Listed
from rag.index.tables import ADDED_IN_3, METADATA_FIELDS, SCHEMA_VERSION, TABLES, chunks, documents
from rag.schema import Chunk, Document, DocumentInfo, DocumentPage, Filter, Layout, Metadata, Section

_ADVICE = "If the folder is writable and the disk not full, move the file away and ingest the documents again."
_OTHER_FILE = "Move the file away and ingest the documents again."
_OTHER_DATABASE = "Use the version that wrote it, or set RAG_DATABASE__URL to another database."
_METADATA = [documents.c[name] for name in METADATA_FIELDS]
_INFO = [column for column in documents.columns if column.name not in ("text", "sections", "furniture", "layout")]


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
    """The documents of one index, in the SQLite file ``path`` or the PostgreSQL database ``url``; for many threads.

    Every write is one transaction. Methods raise ``StorageError`` when the database cannot be used.

    Raises:
        ConfigurationError: ``url`` is no address of PostgreSQL or SQLite. IndexMismatchError: another version wrote it.
    """

    def __init__(self, path: Path, *, url: str | None = None) -> None:
        address = address_of(url) if url else file_address(path)
        self.name, self.shared = name_of(address), is_shared(address)
        self._writer: Connection | None = None
        self._held: Connection | None = None
        self._watch: Connection | None = None
        self._watched = threading.Lock()
        self._engine = self._reading = open_engine(address)
        if self.shared:  # what one transaction reads is of one moment; SQLite is told in ``_transaction``
            self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ")
        try:
            with self._transaction(write=True) as connection:
                self._create(connection)
        except PolicyRagError:
            self.close()
            raise

    def close(self) -> None:
        """Release the file."""
        with self._watched:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        self._engine.dispose()

    @contextmanager
    def at_one_moment(self) -> Iterator[Self]:
        """This catalogue as it is now, whatever is written meanwhile: to be read, by one thread."""
        with self._transaction() as connection:
            now = copy(self)
            now._held = connection
            yield now

    def put(self, document: Document, *, path: str, overrides: str = "", ingested_at: str | None = None) -> set[str]:
        """Insert ``document``, replacing the one of its source or ``path``; the ids of chunks that are gone.

        ``path`` is the absolute path of the file, ``overrides`` the hash of its sidecar entry, ``ingested_at`` when it
        was ingested (default: now).
        """
        return self.put_all([(document, Entry(path, overrides, ingested_at))])

    def put_all(self, entries: Iterable[tuple[Document, Entry]], *, without: Collection[str] = ()) -> set[str]:
        """Insert documents as ``put`` does and forget those of the paths ``without``, all or nothing.

        The ids of chunks that are gone; paths that are not known are ignored.
        """
        with self._transaction(write=True) as connection:
            gone, works = _delete(connection, among(documents.c.path, without)) if without else (set(), set())
            succession.renew(connection, works)
            self._log(connection, [], gone)
            for document, entry in entries:
                gone |= self._put(connection, document, entry)
                gone -= {chunk.chunk_id for chunk in document.chunks}
        return gone

    def move(self, source: str, path: str) -> None:
        """Record that the unchanged file of ``source`` is now at ``path``."""
        self.move_all({source: path})

    def move_all(self, paths: Mapping[str, str]) -> None:
        """As ``move``, the new ``paths`` by source, all or nothing."""
        with self._transaction(write=True) as connection:
            for source, path in paths.items():
                connection.execute(documents.update().where(documents.c.source == source).values(path=path))

    def remove(self, source: str) -> set[str]:
        """Forget ``source``; the ids of its chunks. ``DocumentNotFoundError`` when it is not known."""
        with self._transaction(write=True) as connection:
            self._key(connection, source)
            old, works = _delete(connection, documents.c.source == source)
            succession.renew(connection, works)
            self._log(connection, [], old)
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

    def texts(self, sources: Collection[str]) -> dict[str, str]:
        """The original texts of those of ``sources`` that are known."""
        query = select(documents.c.source, documents.c.text).where(among(documents.c.source, sources))
        with self._transaction() as connection:
            return {row.source: row.text for row in connection.execute(query)}

    def sections(self, source: str) -> tuple[Section, ...]:
        """The outline of ``source``. ``DocumentNotFoundError`` names the nearest sources."""
        with self._transaction() as connection:
            key = self._key(connection, source)
            rows = connection.execute(select(documents.c.sections).where(documents.c.id == key)).scalar_one()
        return sections_of(rows)

    def layout(self, source: str) -> Layout:
        """The layout of ``source``. ``DocumentNotFoundError`` names the nearest sources."""
        with self._transaction() as connection:
            key = self._key(connection, source)
            return layout_of(connection.execute(select(documents.c.layout).where(documents.c.id == key)).scalar_one())

    def infos(self) -> list[DocumentInfo]:
        """Every document without its text, sorted by source."""
        counted = select(chunks.c.document_id, func.count().label("chunks")).group_by(chunks.c.document_id).subquery()
        query = (
            select(*_INFO, func.coalesce(counted.c.chunks, 0).label("chunks"))
            .outerjoin(counted, counted.c.document_id == documents.c.id)
            .order_by(documents.c.source)
        )
        with self._transaction() as connection:
            return [info_of(row) for row in connection.execute(query)]

    def page(self, after: str | None, at_most: int) -> DocumentPage:
        """``at_most`` documents of ``infos``, from the first whose source comes ``after`` that one; reads no others."""
        counted = select(func.count()).where(chunks.c.document_id == documents.c.id).scalar_subquery().label("chunks")
        query = select(*_INFO, counted).order_by(documents.c.source).limit(at_most + 1)
        if after is not None:
            query = query.where(documents.c.source > after)
        with self._transaction() as connection:
            total = connection.execute(select(func.count()).select_from(documents)).scalar_one()
            found = [info_of(row) for row in connection.execute(query)]
        shown = tuple(found[:at_most])
        return DocumentPage(shown, total, shown[-1].source if len(found) > at_most else None)

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
        query = select(*CHUNK, *_METADATA).join_from(chunks, documents).where(among(chunks.c.chunk_id, ids))
        with self._transaction() as connection:
            rows = connection.execute(query).all()
            return {row[0]: (chunk_of(row), Metadata(*row[len(CHUNK) :])) for row in rows}

    def akin(self, entries: Sequence[tuple[Document, Entry]]) -> list[tuple[Chunk, Metadata]]:
        """The chunks, with their documents' metadata, whose texts those of ``entries`` may repeat: see ``akin``."""
        with self._transaction() as connection:
            keys = akin(connection, [each for each, _ in entries], [entry.path for _, entry in entries])
            wanted = among(documents.c.id, keys)
            rows = connection.execute(select(*CHUNK, *_METADATA).join_from(chunks, documents).where(wanted)).all()
            return [(chunk_of(row), Metadata(*row[len(CHUNK) :])) for row in rows]

    def revision(self) -> object:
        """What is another whenever something was written; it says nothing once this catalogue has been closed."""
        if self.shared:
            return self.position()
        with self._reaching(), self._watched:
            if self._watch is None:  # a connection sees what others have written, but not what itself has
                self._watch = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return self._watch.exec_driver_sql("PRAGMA data_version").scalar_one()

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of ``ids`` that are chunks of a document."""
        with self._transaction() as connection:
            return set(connection.execute(select(chunks.c.chunk_id).where(among(chunks.c.chunk_id, ids))).scalars())

    def incomplete(self) -> set[str]:
        """The sources of the documents that have lost chunks, or parts of them; ``StorageError`` for a damaged file."""
        length = func.coalesce(func.sum(func.length(chunks.c.text)), 0)
        query = (
            select(documents.c.source)
            .outerjoin(chunks, chunks.c.document_id == documents.c.id)
            .group_by(documents.c.id)
            .having(length != documents.c.chunk_characters)
        )
        with self._transaction() as connection:
            if not self.shared and (found := connection.exec_driver_sql("PRAGMA quick_check").scalar()) != "ok":
                raise StorageError(f"the catalogue {self.name} is damaged: {found}. {_ADVICE}")
            return set(connection.execute(query).scalars())

    def all_chunk_ids(self, at_once: int) -> Iterator[list[str]]:
        """The ids of every chunk in their order, ``at_once`` at a time, each time as things then are."""
        query, last = select(chunks.c.chunk_id).order_by(chunks.c.chunk_id).limit(at_once), ""
        while True:
            with self._transaction() as connection:
                found = list(connection.execute(query.where(chunks.c.chunk_id > last)).scalars())
            if not found:
                return
            last = found[-1]
            yield found

    def chunk_ids(self) -> set[str]:
        """The ids of every chunk."""
        with self._transaction() as connection:
            return set(connection.execute(select(chunks.c.chunk_id)).scalars())

    def is_empty(self) -> bool:
        """Whether there is no chunk; costs the same however many there are."""
        with self._transaction() as connection:
            return connection.execute(select(chunks.c.chunk_id).limit(1)).first() is None

    def count_chunks(self) -> int:
        """How many chunks there are."""
        with self._transaction() as connection:
            return connection.execute(select(func.count()).select_from(chunks)).scalar_one()

    # --- what several machines share -------------------------------------------------------------------------

    def position(self) -> Position:
        """Where the log of a shared catalogue ends."""
        with self._transaction() as connection:
            return changelog.head(connection)

    def changes(self, after: Position, *, at_most: int = 200) -> Changes | None:
        """What came ``after`` that position, ``at_most`` documents; ``None``: whatever follows has to be made anew."""
        with self._transaction() as connection:
            return changelog.since(connection, after, at_most)

    def note_rebuilt(self) -> None:
        """Have every copy of what is in a shared catalogue made anew."""
        if self.shared:
            with self._transaction(write=True) as connection:
                changelog.append(connection, None, None)

    def manifest(self) -> dict[str, Any] | None:
        """The manifest that a shared catalogue keeps."""
        with self._transaction() as connection:
            found: dict[str, Any] | None = connection.execute(select(changelog.about.c.manifest)).scalar_one()
        return found

    def keep_manifest(self, manifest: dict[str, Any] | None) -> None:
        """Keep the manifest in a shared catalogue."""
        with self._transaction(write=True) as connection:
            connection.execute(changelog.about.update().values(manifest=manifest))

    @contextmanager
    def sole_writer(self) -> Iterator[bool]:
        """Be the only writer to a shared catalogue, on whatever machine; gives whether the one before was interrupted.

        An error inside leaves the mark of an interruption for the next writer.

        Raises:
            IndexBusyError: another one is writing.
        """
        with self._reaching(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # closed at the end, whatever happens: with it the server drops the lock
            if owner := changelog.take_writing(connection):
                raise IndexBusyError(f"{owner} is writing to {self.name}. Wait until it has finished, then try again.")
            interrupted = changelog.sign(connection)
            self._writer = connection
            try:
                yield interrupted
                changelog.finish(connection)
            finally:
                self._writer = None

    def _put(self, connection: Connection, document: Document, entry: Entry) -> set[str]:
        old, works = _delete(connection, (documents.c.source == document.source) | (documents.c.path == entry.path))
        row = document_row(document) | {"path": entry.path, "overrides": entry.overrides}
        row |= {"ingested_at": entry.ingested_at} if entry.ingested_at else {}
        inserted = connection.execute(documents.insert().values(row)).inserted_primary_key
        key = inserted[0] if inserted else None
        if document.chunks:
            connection.execute(chunks.insert(), [chunk_row(chunk, key) for chunk in document.chunks])
        succession.renew(connection, works | {row["work_key"]})
        new = [chunk.chunk_id for chunk in document.chunks]
        self._log(connection, new, old - set(new))
        return old

    def _log(self, connection: Connection, added: Sequence[str], removed: Collection[str]) -> None:
        if self.shared and (added or removed):
            changelog.append(connection, added, removed)

    def _create(self, connection: Connection) -> None:
        version = self._version(connection)
        if version != SCHEMA_VERSION and not self.shared:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # another process may be at it just now
            version = self._version(connection)
        if version == SCHEMA_VERSION:
            return
        if version == 0:
            TABLES.create_all(connection)
        elif version == 2:
            for table, column in ADDED_IN_3:
                connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
        else:
            raise IndexMismatchError(
                f"{self.name} has the format {version}, this version reads {SCHEMA_VERSION}. "
                f"{_OTHER_DATABASE if self.shared else _OTHER_FILE}"
            )
        if self.shared:
            changelog.create(connection, SCHEMA_VERSION)
        else:
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _version(self, connection: Connection) -> int:
        if not self.shared:
            return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        known = changelog.about
        if not inspect(connection).has_table(known.name):
            changelog.be_alone(connection)
            if not inspect(connection).has_table(known.name):
                return 0
        return int(connection.execute(select(known.c.version)).scalar_one())

    def _key(self, connection: Connection, source: str) -> int:
        query = select(documents.c.id).where(documents.c.source == source)
        key: int | None = connection.execute(query).scalar()
        if key is None:
            raise DocumentNotFoundError(misses.unknown_source(connection, source))
        return key

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[Connection]:
        if self._held is not None and not write:
            yield self._held
            return
        with self._reaching():
            if write and self._writer is not None:
                self._writer.exec_driver_sql("SELECT 1")  # if that connection is lost, another may be the writer
            with (self._engine if write else self._reading).begin() as connection:
                if not write and not self.shared:
                    connection.exec_driver_sql("BEGIN")  # or each statement would read what is there by then
                yield connection

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        advice = "Check that the server runs and can be reached, then try again." if self.shared else _ADVICE
        with translated(f"the catalogue {self.name}", advice):
            yield


def _delete(connection: Connection, condition: Any) -> tuple[set[str], set[str | None]]:
    """The ids of the chunks that are gone with their documents, and which works these were versions of."""
    query = select(chunks.c.chunk_id).join_from(chunks, documents).where(condition)
    gone = set(connection.execute(query).scalars())
    works = set(connection.execute(select(documents.c.work_key).where(condition)).scalars())
    connection.execute(documents.delete().where(condition))
    return gone, works
