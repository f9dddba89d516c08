"""The log of a shared catalogue, and who may write to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from rag.errors import IndexBusyError, IndexMismatchError, StorageError
from rag.index.catalog import Catalog
from rag.index.changelog import Changes, Position, trim
from rag.index.manifest import InCatalog
from tests.index.parts import MANIFEST, make_document


@pytest.fixture
def catalog(empty_postgres: str, tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "unused.db", url=empty_postgres)
    yield catalog
    catalog.close()


def ids(source: str, marker: str = "甲") -> frozenset[str]:
    return frozenset(chunk.chunk_id for chunk in make_document(source, marker=marker).chunks)


def test_the_log_tells_what_has_changed(catalog: Catalog) -> None:
    start = catalog.position()
    assert catalog.changes(start) == Changes(frozenset(), frozenset(), start)
    catalog.put(make_document("a.txt"), path="/a.txt")
    first = catalog.position()
    catalog.put(make_document("b.txt"), path="/b.txt")
    catalog.put(replace(make_document("a.txt"), chunks=make_document("a.txt").chunks[:1]), path="/a.txt")
    second = catalog.position()
    catalog.remove("b.txt")
    kept = make_document("a.txt").chunks[0].chunk_id
    assert catalog.changes(start, at_most=1) == Changes(ids("a.txt"), frozenset(), first)
    assert catalog.changes(first, at_most=2) == Changes(ids("b.txt") | {kept}, ids("a.txt") - {kept}, second)
    everything = Changes(frozenset({kept}), (ids("a.txt") | ids("b.txt")) - {kept}, catalog.position())
    assert catalog.changes(start) == everything


def test_what_the_log_does_not_tell_is_made_anew(catalog: Catalog) -> None:
    start = catalog.position()
    catalog.put(make_document("a.txt"), path="/a.txt")
    middle = catalog.position()
    assert catalog.changes(Position("another", start.number)) is None
    with catalog._engine.begin() as connection:
        trim(connection, middle.number)
    assert catalog.changes(start) is None
    assert catalog.changes(middle) == Changes(frozenset(), frozenset(), middle)
    assert catalog.position() == middle
    catalog.note_rebuilt()
    assert catalog.changes(middle) is None
    last = catalog.position()
    assert catalog.changes(last) == Changes(frozenset(), frozenset(), last)


def test_a_change_that_fails_is_not_in_the_log(catalog: Catalog) -> None:
    start = catalog.position()
    twice = make_document()
    with pytest.raises(StorageError, match="unique"):
        catalog.put(replace(twice, chunks=(twice.chunks[0], twice.chunks[0])), path="/a.txt")
    assert catalog.changes(start) == Changes(frozenset(), frozenset(), start)


def test_a_second_machine_is_told_who_writes(catalog: Catalog, empty_postgres: str, tmp_path: Path) -> None:
    other = Catalog(tmp_path / "unused.db", url=empty_postgres)
    with catalog.sole_writer() as interrupted:
        assert not interrupted
        with pytest.raises(IndexBusyError, match=r"process \d+ on .* \(since .*\) is writing to postgresql://127"):
            other.sole_writer().__enter__()
    with pytest.raises(ZeroDivisionError), other.sole_writer():
        raise ZeroDivisionError
    with catalog.sole_writer() as interrupted:
        assert interrupted
    with other.sole_writer() as interrupted:
        assert not interrupted
    other.close()


def test_a_writer_that_has_lost_its_lock_writes_no_more(catalog: Catalog, empty_postgres: str, tmp_path: Path) -> None:
    other = Catalog(tmp_path / "unused.db", url=empty_postgres)
    writing = catalog.sole_writer()
    writing.__enter__()
    catalog.put(make_document("a.txt"), path="/a.txt")
    with psycopg.connect(empty_postgres, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    with other.sole_writer() as interrupted:
        assert interrupted
        other.put(make_document("b.txt"), path="/b.txt")
        with pytest.raises(StorageError, match="cannot be used"):
            catalog.put(make_document("c.txt"), path="/c.txt")
    with pytest.raises(StorageError, match="cannot be used"):
        writing.__exit__(None, None, None)
    assert [info.source for info in other.infos()] == ["a.txt", "b.txt"]
    other.close()


def test_the_manifest_is_the_catalogues(catalog: Catalog) -> None:
    kept = InCatalog(catalog)
    assert kept.load() is None
    kept.save(MANIFEST)
    assert kept.load() == MANIFEST
    kept.forget()
    assert kept.load() is None
    catalog.keep_manifest({"unheard": 1})
    with pytest.raises(StorageError, match=r"manifest in postgresql://.* cannot be read.*rag verify --repair"):
        kept.load()


def test_another_format_and_a_server_that_is_not_there(catalog: Catalog, empty_postgres: str, tmp_path: Path) -> None:
    with psycopg.connect(empty_postgres, autocommit=True) as connection:
        connection.execute("UPDATE catalogue_format SET version = 99")
    with pytest.raises(IndexMismatchError, match="has the format 99, this version reads"):
        Catalog(tmp_path / "unused.db", url=empty_postgres)
    nowhere = "postgresql://tester:hidden@127.0.0.1:1/nowhere"
    with pytest.raises(StorageError, match=r"catalogue postgresql://127\.0\.0\.1:1/nowhere cannot be used") as caught:
        Catalog(tmp_path / "unused.db", url=nowhere)
    assert "hidden" not in str(caught.value)
