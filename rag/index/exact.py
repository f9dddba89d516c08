"""The vectors once more, by document and chunk: what a search within chosen documents or chunks compares one by one.

Chroma's own filters take 80 to 250 ms with 60,000 chunks, whatever they choose: they walk the whole graph. This copy
bears the revision of the collection it agrees with; one that bears another is made anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.index.texts import chunk_of

_Rows = npt.NDArray[np.float32]
_WANTED = "(SELECT value FROM json_each(?))"
_BLOCK = 12  # windows stored together: a few chunks, so that neither one chunk nor a whole document costs much to read
_BATCH = 256  # blocks compared at a time: they stay in the processor's cache
_TABLES = """
PRAGMA page_size = 16384;
CREATE TABLE IF NOT EXISTS blocks
  (id INTEGER PRIMARY KEY, source TEXT NOT NULL, names TEXT NOT NULL, vectors BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS by_source ON blocks (source);
CREATE TABLE IF NOT EXISTS chunks (id TEXT PRIMARY KEY, source TEXT NOT NULL, block INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_block ON chunks (block);
CREATE TABLE IF NOT EXISTS stamp (revision TEXT NOT NULL);
INSERT INTO stamp SELECT '' WHERE NOT EXISTS (SELECT 1 FROM stamp);
"""


class ExactVectors:
    """Normalised vectors in the SQLite file ``path``, opened at the first use; not safe to share between threads.

    Methods raise ``sqlite3.Error`` when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def close(self) -> None:
        """Release the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def discard(self) -> None:
        """Remove the file, and what a killed process has left to be undone in it."""
        self.close()
        self._path.unlink(missing_ok=True)
        self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)

    def become(self, other: ExactVectors) -> None:
        """Take the place of the file by that of ``other``, at once."""
        other.close()
        self.discard()
        other._path.replace(self._path)

    def revision(self, *, thorough: bool = False) -> str:
        """The revision of the collection that this agrees with; a damaged file is discarded, and agrees with none.

        ``thorough`` reads the whole file to see whether it is damaged.
        """
        try:
            with self._transaction() as connection:
                if thorough and connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
                    raise sqlite3.DatabaseError
                return str(connection.execute("SELECT revision FROM stamp").fetchone()[0])
        except sqlite3.OperationalError:  # locked or not to be written: nothing is wrong with the file
            raise
        except sqlite3.DatabaseError:
            self.discard()
            return ""

    def stamp(self, revision: str, *, instead_of: str | None = None) -> None:
        """Bear ``revision``; with ``instead_of`` only if that was borne before."""
        with self._transaction() as connection:
            known = "coalesce(?, revision)"
            connection.execute(f"UPDATE stamp SET revision = ? WHERE revision = {known}", (revision, instead_of))

    def add(self, names: Sequence[str], vectors: npt.ArrayLike, sources: Sequence[str]) -> None:
        """Insert or replace the windows ``names``; ``vectors`` has one row for each. Those of a chunk come together."""
        rows = np.asarray(vectors, dtype=np.float32)
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        with self._transaction() as connection:
            _forget(connection, {chunk_of(name) for name in names})
            for start, end in _blocks(names, sources):
                _store(connection, sources[start], names[start:end], rows[start:end])

    def delete(self, chunk_ids: Iterable[str]) -> None:
        """Forget the windows of ``chunk_ids``; unknown ones are ignored."""
        with self._transaction() as connection:
            _forget(connection, chunk_ids)

    def search(self, vector: _Rows, n: int, sources: Collection[str] | None) -> list[tuple[str, float]]:
        """The ``n`` nearest windows of ``sources`` (``None``: of all) and their cosine similarities, best first."""
        condition = "? NOTNULL" if sources is None else f"source IN {_WANTED}"
        names, scores = self._compared(vector, condition, sources or ())
        best = np.argpartition(-scores, n)[:n] if n < len(scores) else np.arange(len(scores))
        return [(names[index], float(scores[index])) for index in best[np.argsort(-scores[best], kind="stable")]]

    def of_chunks(self, vector: _Rows, chunk_ids: Collection[str]) -> list[tuple[str, float]]:
        """The windows of ``chunk_ids`` and their cosine similarities."""
        wanted = set(chunk_ids)
        among = f"id IN (SELECT block FROM chunks WHERE id IN {_WANTED})"
        names, scores = self._compared(vector, among, wanted)
        return [(name, score) for name, score in zip(names, scores.tolist(), strict=True) if chunk_of(name) in wanted]

    def vectors(self, names: Collection[str]) -> dict[str, _Rows]:
        """The vectors of the windows ``names``, without those that are not known."""
        wanted = set(names)
        among = f"id IN (SELECT block FROM chunks WHERE id IN {_WANTED})"
        chunk_ids = _json({chunk_of(name) for name in wanted})
        found: dict[str, _Rows] = {}
        with self._transaction() as connection:
            for packed, vectors in connection.execute(f"SELECT names, vectors FROM blocks WHERE {among}", (chunk_ids,)):
                known = json.loads(packed)
                rows = np.frombuffer(vectors, np.float32).reshape(len(known), -1)
                found.update((name, row) for name, row in zip(known, rows, strict=True) if name in wanted)
        return found

    def count(self) -> int:
        """How many windows there are."""
        with self._transaction() as connection:
            found = connection.execute("SELECT sum(json_array_length(names)) FROM blocks").fetchone()[0]
        return int(found or 0)

    def chunk_ids(self) -> set[str]:
        """The ids of every chunk."""
        with self._transaction() as connection:
            return {chunk_id for (chunk_id,) in connection.execute("SELECT id FROM chunks")}

    def sources(self, chunk_ids: Collection[str]) -> dict[str, str]:
        """The document of each of ``chunk_ids``, without those that are not known."""
        with self._transaction() as connection:
            return dict(connection.execute(f"SELECT id, source FROM chunks WHERE id IN {_WANTED}", (_json(chunk_ids),)))

    def count_documents(self) -> int:
        """How many documents there are."""
        with self._transaction() as connection:
            return int(connection.execute("SELECT count(DISTINCT source) FROM blocks").fetchone()[0])

    def _compared(self, vector: _Rows, condition: str, values: Collection[str]) -> tuple[list[str], _Rows]:
        """The windows of the blocks that fit ``condition`` and their cosine similarities."""
        query = vector / max(float(np.linalg.norm(vector)), float(np.finfo(np.float32).tiny))
        names: list[str] = []
        parts: list[_Rows] = [np.empty(0, np.float32)]
        with self._transaction() as connection:
            found = connection.execute(f"SELECT names, vectors FROM blocks WHERE {condition}", (_json(sorted(values)),))
            while blocks := found.fetchmany(_BATCH):
                names += [name for each, _ in blocks for name in json.loads(each)]
                rows = np.frombuffer(b"".join(packed for _, packed in blocks), np.float32).reshape(-1, len(query))
                # Not ``@``: starting BLAS's threads anew for each batch costs more than the products.
                parts.append(np.einsum("ij,j->i", rows, query))
        return names, np.concatenate(parts)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._opened is not None and self._file != _identity(self._path):
            self.close()  # another process has put another in its place
        if self._opened is None:
            self._opened = sqlite3.connect(self._path, timeout=10, check_same_thread=False)
            # Asked first, because a reader of a folder that it may not change must not write.
            if not self._opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'stamp'").fetchone():
                self._opened.executescript(_TABLES)
            self._file = _identity(self._path)
        with self._opened:
            yield self._opened


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _json(values: Iterable[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def _blocks(names: Sequence[str], sources: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Spans of whole chunks of one document, about ``_BLOCK`` windows each."""
    start = 0
    for position in range(1, len(names) + 1):
        if position == len(names) or chunk_of(names[position]) != chunk_of(names[position - 1]):
            ends = position == len(names) or sources[position] != sources[start]
            if ends or position - start >= _BLOCK:
                yield start, position
                start = position


def _store(connection: sqlite3.Connection, source: str, names: Sequence[str], rows: _Rows) -> None:
    values = (source, _json(names), rows.tobytes())
    block = connection.execute("INSERT INTO blocks (source, names, vectors) VALUES (?, ?, ?)", values).lastrowid
    chunks = dict.fromkeys(chunk_of(name) for name in names)
    connection.executemany("INSERT INTO chunks VALUES (?, ?, ?)", ((chunk, source, block) for chunk in chunks))


def _forget(connection: sqlite3.Connection, chunk_ids: Iterable[str]) -> None:
    gone = set(chunk_ids)
    among = f"SELECT DISTINCT block FROM chunks WHERE id IN {_WANTED}"
    for (block,) in connection.execute(among, (_json(gone),)).fetchall():
        each = "SELECT source, names, vectors FROM blocks WHERE id = ?"
        source, packed, vectors = connection.execute(each, (block,)).fetchone()
        names: list[str] = json.loads(packed)
        kept = [position for position, name in enumerate(names) if chunk_of(name) not in gone]
        connection.execute("DELETE FROM blocks WHERE id = ?", (block,))
        connection.execute("DELETE FROM chunks WHERE block = ?", (block,))
        if kept:
            rows = np.frombuffer(vectors, np.float32).reshape(len(names), -1)[kept]
            _store(connection, source, [names[position] for position in kept], rows)
