from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from rag.errors import DocumentNotFoundError, IndexMismatchError, StorageError
from rag.index.catalog import Catalog, State
from rag.schema import DocumentInfo, DocumentPage, Furniture, Heading, Layout, Metadata
from tests.index.parts import make_document


def test_a_document_comes_back_as_it_was_put(catalog: Catalog, open_catalog: Callable[[], Catalog]) -> None:
    document = make_document()
    catalog.put(document, path="/docs/a.txt")
    assert catalog.get("a.txt") == document
    assert catalog.text("a.txt") == document.text
    assert open_catalog().get("a.txt") == document


def test_layout_and_pages_come_back(catalog: Catalog) -> None:
    layout = Layout((Heading(0, 4, 1),), (Furniture(2, 3, "page number"),), (0, 5))
    document = make_document()
    chunks = tuple(replace(chunk, page=1, page_breaks=(5,)) for chunk in document.chunks)
    paged = replace(document, layout=layout, chunks=chunks)
    catalog.put(paged, path="/docs/a.pdf")
    assert catalog.get("a.txt") == paged
    assert catalog.layout("a.txt") == layout


def test_a_catalogue_of_version_2_is_brought_up_to_date(tmp_path: Path) -> None:
    file, document = tmp_path / "catalog.db", make_document()
    older = Catalog(file)
    older.put(document, path="/docs/a.txt")
    older.close()
    connection = sqlite3.connect(file)
    for table, column in (("documents", "layout"), ("chunks", "page"), ("chunks", "page_breaks")):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    for _ in range(2):
        catalog = Catalog(file)
        assert catalog.get("a.txt") == document
        catalog.close()


def test_a_page_is_part_of_all(catalog: Catalog) -> None:
    assert catalog.page(None, 2) == DocumentPage((), 0, None)
    # Compared by code point, wherever the catalogue is: neither by case nor by language.
    for source in ("乙.txt", "Z.txt", "a/ä.txt", "a.txt", "甲.txt"):
        document = make_document(source)
        catalog.put(document if source != "a.txt" else replace(document, chunks=()), path=f"/{source}")
    infos = catalog.infos()
    assert [info.source for info in infos] == sorted(info.source for info in infos)
    assert catalog.page(None, 5) == DocumentPage(tuple(infos), 5, None)
    first = catalog.page(None, 2)
    assert first == DocumentPage(tuple(infos[:2]), 5, "a.txt")
    second = catalog.page(first.next, 2)
    assert second == DocumentPage(tuple(infos[2:4]), 5, infos[3].source)
    catalog.remove(infos[3].source)  # the place stays, though its document goes
    assert catalog.page(second.next, 2) == DocumentPage(tuple(infos[4:]), 4, None)
    assert catalog.page("龥", 2) == DocumentPage((), 4, None)


def test_infos_and_states(catalog: Catalog) -> None:
    first, second = make_document("b.txt"), make_document("a.txt")
    catalog.put(first, path="/docs/b.txt", overrides="mark")
    catalog.put(replace(second, chunks=(), metadata=Metadata()), path="/docs/a.txt")
    info_a, info_b = catalog.infos()
    assert (info_a.source, info_a.chunks, info_a.chunk_characters) == ("a.txt", 0, 0)
    assert info_b == DocumentInfo(
        source="b.txt",
        path="/docs/b.txt",
        metadata=first.metadata,
        encoding="gb18030",
        sha256="0" * 64,
        characters=len(first.text),
        chunk_characters=sum(len(chunk.text) for chunk in first.chunks),
        furniture_characters=3,
        sections=2,
        chunks=2,
        ingested_at=info_b.ingested_at,
    )
    assert info_b.ingested_at.endswith("+00:00")
    assert catalog.states() == {
        "/docs/b.txt": State("b.txt", "0" * 64, "mark"),
        "/docs/a.txt": State("a.txt", "0" * 64, ""),
    }


def test_chunks_with_what_a_hit_needs(catalog: Catalog) -> None:
    a, b = make_document("a.txt"), replace(make_document("b.txt"), metadata=Metadata())
    catalog.put(a, path="/docs/a.txt")
    catalog.put(b, path="/docs/b.txt")
    wanted = [b.chunks[1].chunk_id, "unknown", a.chunks[0].chunk_id]
    assert catalog.hits_material(wanted) == {
        a.chunks[0].chunk_id: (a.chunks[0], a.metadata),
        b.chunks[1].chunk_id: (b.chunks[1], Metadata()),
    }
    assert catalog.chunks(wanted) == {a.chunks[0].chunk_id: a.chunks[0], b.chunks[1].chunk_id: b.chunks[1]}
    assert catalog.chunks([]) == {}
    assert catalog.chunk_ids() == {chunk.chunk_id for document in (a, b) for chunk in document.chunks}
    assert (catalog.count_chunks(), catalog.is_empty()) == (4, False)
    assert sorted(chain.from_iterable(catalog.all_chunk_ids(3))) == sorted(catalog.chunk_ids())
    for source in ("a.txt", "b.txt"):
        catalog.remove(source)
    assert (catalog.count_chunks(), catalog.is_empty(), list(catalog.all_chunk_ids(3))) == (0, True, [])


def test_any_number_of_ids(catalog: Catalog) -> None:
    document = make_document()
    catalog.put(document, path="/docs/a.txt")
    many = [f"unknown-{number}" for number in range(50_000)]
    assert catalog.chunks([*many, document.chunks[0].chunk_id]) == {document.chunks[0].chunk_id: document.chunks[0]}


def test_put_replaces_and_names_the_chunks_that_are_gone(catalog: Catalog) -> None:
    old = make_document()
    new = replace(make_document(marker="乙"), sha256="1" * 64)
    new = replace(new, chunks=(new.chunks[0], old.chunks[1]))
    assert catalog.put(old, path="/docs/a.txt") == set()
    assert catalog.put(new, path="/docs/a.txt") == {old.chunks[0].chunk_id}
    assert catalog.get("a.txt") == new
    assert catalog.chunk_ids() == {chunk.chunk_id for chunk in new.chunks}


def test_put_replaces_the_document_of_the_same_path(catalog: Catalog) -> None:
    catalog.put(make_document("old name.txt"), path="/docs/a.txt")
    catalog.put(make_document("a.txt"), path="/docs/a.txt")
    assert [info.source for info in catalog.infos()] == ["a.txt"]


def test_a_document_can_be_moved(catalog: Catalog) -> None:
    catalog.put(make_document(), path="/docs/a.txt")
    catalog.move("a.txt", "/elsewhere/a.txt")
    assert list(catalog.states()) == ["/elsewhere/a.txt"]


def test_a_put_that_fails_changes_nothing(catalog: Catalog) -> None:
    old = make_document()
    catalog.put(old, path="/docs/a.txt")
    twice = make_document(marker="乙")
    with pytest.raises(StorageError, match=r"(?i)unique"):
        catalog.put(replace(twice, chunks=(twice.chunks[0], twice.chunks[0])), path="/docs/a.txt")
    assert catalog.get("a.txt") == old


def test_remove(catalog: Catalog) -> None:
    a, b = make_document("a.txt"), make_document("b.txt")
    catalog.put(a, path="/docs/a.txt")
    catalog.put(b, path="/docs/b.txt")
    assert catalog.remove("a.txt") == {chunk.chunk_id for chunk in a.chunks}
    assert catalog.chunk_ids() == {chunk.chunk_id for chunk in b.chunks}
    with pytest.raises(DocumentNotFoundError):
        catalog.remove("a.txt")


def test_an_unknown_source_is_answered_with_the_nearest(catalog: Catalog) -> None:
    catalog.put(make_document("wenzhou-2018.txt"), path="/docs/w.txt")
    with pytest.raises(DocumentNotFoundError, match=r"'wenzhou2018' is indexed\. Did you mean wenzhou-2018\.txt\?"):
        catalog.get("wenzhou2018")
    with pytest.raises(DocumentNotFoundError, match=r"'zzz' is indexed\. `rag documents` lists"):
        catalog.get("zzz")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"catalog\.db cannot be used: file is not a database.*ingest the documents"):
        Catalog(tmp_path / "catalog.db")


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(StorageError, match=r"cannot create the folder .*home.*Set RAG_HOME"):
        Catalog(tmp_path / "home" / "catalog.db")


def test_another_format_is_refused(tmp_path: Path) -> None:
    Catalog(tmp_path / "catalog.db").close()
    connection = sqlite3.connect(tmp_path / "catalog.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexMismatchError, match=r"catalog\.db has the format 99, this version reads 3"):
        Catalog(tmp_path / "catalog.db")


def test_several_that_open_a_new_catalogue_at_once(tmp_path: Path) -> None:
    def opened(number: int) -> int:
        catalog = Catalog(tmp_path / f"{number % 5}.db")
        counted = catalog.count_chunks()
        catalog.close()
        return counted

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(opened, range(50))) == [0] * 50
