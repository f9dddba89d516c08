"""Vectors on a Chroma server, in the middle of which it is killed and started again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rag.errors import IndexMismatchError, StorageError
from rag.index.served_vectors import ChromaServer, ServedVectors
from rag.index.texts import Window
from tests.index.parts import CountingEmbeddings
from tests.scale.servers import Served, free_port

ROWS = np.array([[1, 0], [0, 2], [3, 4], [-1, 0]], dtype=np.float32)
IDS = ["east", "north", "between", "west"]
EXPECTED = [("east", 1.0), ("between", 0.6), ("north", 0.0), ("west", -1.0)]


@pytest.fixture
def server(chroma_server: Served) -> ChromaServer:
    """A collection of the test's own."""
    return ChromaServer(chroma_server.url, f"test-{uuid.uuid4().hex}")


@pytest.fixture
def index(server: ChromaServer, tmp_path: Path) -> Iterator[ServedVectors]:
    index = opened(tmp_path / "vectors", server)
    add(index, IDS, ROWS)
    yield index
    index.close()


def opened(path: Path, server: ChromaServer, owner: str = "library") -> ServedVectors:
    return ServedVectors(path, CountingEmbeddings(size=2), server=server, owner=owner)


def add(index: ServedVectors, ids: Sequence[str], rows: npt.NDArray[Any], source: str = "a.txt") -> None:
    index.add([Window(f"{i}:0", i, source, f"text of {i}") for i in ids], np.asarray(rows, np.float32))


def rounded(hits: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return [(chunk_id, round(similarity, 4)) for chunk_id, similarity in hits]


def test_it_answers_as_a_folder_does(index: ServedVectors) -> None:
    assert rounded(index.search([10, 0], 4)) == EXPECTED
    assert rounded(index.search([10, 0], 4, sources=["a.txt"])) == EXPECTED
    assert index.search([10, 0], 4, sources=["b.txt"]) == []
    assert index.similarities([0, 1], ["north", "gone"]) == pytest.approx({"north": 1.0})
    assert (index.ids(), index.count()) == (set(IDS), 4)
    assert {name: row.tolist() for name, row in index.vectors(["between:0", "gone:0"]).items()} == {"between:0": [3, 4]}
    index.delete(["east", "gone"])
    assert rounded(index.search([10, 0], 4)) == EXPECTED[1:]
    assert index.store.similarity_search_by_vector([0.0, 1.0], k=1)[0].metadata == {
        "source": "a.txt",
        "chunk_id": "north",
    }
    index.reset()
    assert (index.ids(), index.search([1, 0], 3), index.search([1, 0], 3, sources=["a.txt"])) == (set(), [], [])
    add(index, ["cube"], np.array([[1, 0, 0]]))
    assert rounded(index.search([1, 0, 0], 1)) == [("cube", 1.0)]


def test_another_process_on_the_folder_sees_every_change(
    index: ServedVectors, server: ChromaServer, tmp_path: Path
) -> None:
    other = opened(tmp_path / "vectors", server)
    assert rounded(other.search([1, 0], 9, sources=["a.txt"])) == EXPECTED
    index.delete(["between"])
    add(index, ["new"], np.array([[0, 5]]), "b.txt")
    assert rounded(other.search([0, 1], 9, sources=["b.txt"])) == [("new", 1.0)]
    assert other.ids() == {"east", "north", "west", "new"}
    index.reset()
    assert other.search([0, 1], 9, sources=["b.txt"]) == other.search([0, 1], 9) == []
    other.close()


def test_a_lost_copy_is_made_anew(index: ServedVectors, server: ChromaServer, tmp_path: Path) -> None:
    index.close()
    (tmp_path / "vectors" / "exact.db").unlink()
    again = opened(tmp_path / "vectors", server)
    assert rounded(again.search([1, 0], 9, sources=["a.txt"])) == EXPECTED
    again.close()


def test_a_server_that_is_killed_and_comes_back(index: ServedVectors, chroma_server: Served) -> None:
    assert rounded(index.search([1, 0], 4)) == EXPECTED
    chroma_server.kill()
    for _ in range(2):
        with pytest.raises(
            StorageError, match=rf"vector index on {chroma_server.url} cannot be used: .*RAG_CHROMA__URL"
        ):
            index.search([1, 0], 4)
    with pytest.raises(StorageError, match="cannot be used"):
        add(index, ["late"], np.array([[1, 1]]))
    chroma_server.start()
    chroma_server.wait()
    assert rounded(index.search([1, 0], 4)) == EXPECTED
    add(index, ["late"], np.array([[5, 0]]), "b.txt")
    assert set(index.ids()) == {*IDS, "late"}
    assert rounded(index.search([1, 0], 4, sources=["b.txt"])) == [("late", 1.0)]


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    index = opened(tmp_path / "vectors", ChromaServer(url, token="hidden"))
    with pytest.raises(StorageError, match=f"vector index on {url} cannot be used: ") as caught:
        index.count()
    assert "hidden" not in str(caught.value)


def test_the_collection_of_another_catalogue_is_left_alone(
    index: ServedVectors, server: ChromaServer, tmp_path: Path
) -> None:
    stranger = opened(tmp_path / "elsewhere", server, owner="stranger")
    for touch in (stranger.count, stranger.reset):
        with pytest.raises(
            IndexMismatchError, match=r"belongs to another catalogue \(library\).*RAG_CHROMA__COLLECTION"
        ):
            touch()
    stranger.close()
    assert index.ids() == set(IDS)
