from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, Select, create_engine, not_, select

from rag.index.catalog import Catalog
from rag.index.dialects import among
from rag.index.tables import chunks, documents
from tests.index.parts import make_document

BY_SOURCE = select(documents.c.text).where(among(documents.c.source, ["a.txt"]))
BY_ID = (
    select(chunks.c.text).join_from(chunks, documents).where(among(chunks.c.chunk_id, ["a"]), documents.c.text != "")
)


@pytest.mark.parametrize(("query", "read"), [(BY_SOURCE, {"documents"}), (BY_ID, {"chunks", "documents"})])
def test_what_is_among_values_is_looked_up_in_an_index(tmp_path: Path, query: Select[str], read: set[str]) -> None:
    Catalog(tmp_path / "catalog.db").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'catalog.db'}")
    said = str(query.compile(engine))
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", ("[]", "")[: said.count("?")]).all()
    engine.dispose()
    assert {" ".join(row[3].split()[:2]) for row in plan} >= {f"SEARCH {table}" for table in read}


@pytest.mark.parametrize(("turned", "expected"), [(lambda each: each, ["a.txt"]), (not_, ["b.txt"])])
def test_among_values_or_not(
    catalog: Catalog, turned: Callable[[ColumnElement[bool]], ColumnElement[bool]], expected: list[str]
) -> None:
    for source in ("a.txt", "b.txt"):
        catalog.put(make_document(source), path=f"/{source}")
    query = select(documents.c.source).where(turned(among(documents.c.source, ["a.txt"])))
    with catalog._transaction() as connection:
        assert list(connection.execute(query).scalars()) == expected
