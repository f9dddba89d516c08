from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.index.catalog import Catalog
from rag.index.store import Index
from tests.index.parts import CountingEmbeddings, open_index


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """Where the catalogue is: ``None`` for its file, or the URL of an empty PostgreSQL database."""
    if request.param == "sqlite":
        return None
    found: str = request.getfixturevalue("empty_postgres")
    return found


@pytest.fixture
def open_catalog(database: str | None, tmp_path: Path) -> Iterator[Callable[[], Catalog]]:
    """Opens the catalogue of the test, as often as it likes; in SQLite and, once more, in PostgreSQL."""
    opened: list[Catalog] = []

    def again() -> Catalog:
        opened.append(Catalog(tmp_path / "home" / "catalog.db", url=database))
        return opened[-1]

    yield again
    for catalog in opened:
        catalog.close()


@pytest.fixture
def catalog(open_catalog: Callable[[], Catalog]) -> Catalog:
    return open_catalog()


@pytest.fixture
def embeddings() -> CountingEmbeddings:
    return CountingEmbeddings()


@pytest.fixture
def index(tmp_path: Path, embeddings: CountingEmbeddings) -> Iterator[Index]:
    index = open_index(tmp_path / "home", embeddings)
    yield index
    index.close()
