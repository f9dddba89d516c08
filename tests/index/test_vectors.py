from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from langchain_core.documents import Document

from rag.errors import StorageError
from rag.index.vectors import VectorIndex
from tests.index.parts import CountingEmbeddings

ROWS = np.array([[1, 0], [0, 2], [3, 4], [-1, 0]], dtype=np.float32)
IDS = ["east", "north", "between", "west"]


def add(index: VectorIndex, ids: list[str], rows: np.ndarray) -> None:
    index.add(ids, np.asarray(rows, np.float32), texts=[f"text of {i}" for i in ids], sources=["a.txt"] * len(ids))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    add(index, IDS, ROWS)
    yield index
    index.close()


def rounded(hits: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return [(chunk_id, round(similarity, 4)) for chunk_id, similarity in hits]


def test_search_gives_cosine_similarities(index: VectorIndex) -> None:
    expected = [("east", 1.0), ("between", 0.6), ("north", 0.0), ("west", -1.0)]
    assert rounded(index.search([10, 0], 4)) == expected
    assert rounded(index.search(np.array([10, 0]), 2)) == expected[:2]


def test_stored_vectors_come_back(index: VectorIndex) -> None:
    stored = index.vectors(["between", "unknown"])
    assert {chunk_id: row.tolist() for chunk_id, row in stored.items()} == {"between": [3.0, 4.0]}
    assert index.ids() == set(IDS)
    assert index.count() == 4


def test_a_vector_added_again_replaces_the_old_one(index: VectorIndex) -> None:
    add(index, ["west"], np.array([[1, 0.1]]))
    assert index.count() == 4
    assert rounded(index.search([1, 0.1], 1)) == [("west", 1.0)]


def test_deleted_chunks_are_not_found(index: VectorIndex) -> None:
    index.delete(["east", "unknown"])
    assert [chunk_id for chunk_id, _ in index.search([1, 0], 4)] == ["between", "north", "west"]


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    assert index.search([1, 0], 3) == []
    index.delete([])
    assert (index.ids(), index.count(), index.vectors([])) == (set(), 0, {})
    index.close()


def test_more_than_chroma_takes_at_once(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    ids = [f"c{number}" for number in range(5600)]
    add(index, ids, np.ones((len(ids), 2)))
    assert index.count() == 5600
    index.delete(ids[1:])
    assert index.ids() == {"c0"}
    index.close()


def test_it_lasts(index: VectorIndex, tmp_path: Path) -> None:
    index.close()
    again = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    assert rounded(again.search([0, 1], 1)) == [("north", 1.0)]
    again.close()


def test_it_is_a_langchain_vector_store_too(index: VectorIndex) -> None:
    assert index.store.similarity_search_by_vector([1.0, 0.0], k=1) == [
        Document(id="east", page_content="text of east", metadata={"source": "a.txt"})
    ]


def test_an_open_index_sees_what_another_process_writes(index: VectorIndex, tmp_path: Path) -> None:
    index.search([1, 0], 1)
    script = (
        "import sys, numpy as np; from pathlib import Path; from rag.index.vectors import VectorIndex\n"
        "from langchain_core.embeddings import DeterministicFakeEmbedding\n"
        "index = VectorIndex(Path(sys.argv[1]), DeterministicFakeEmbedding(size=2))\n"
        "index.delete(['east'])\n"
        "index.add(['new'], np.array([[1, 0.2]], np.float32), texts=['t'], sources=['s'])\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "vectors")], check=True, cwd=root)
    assert [chunk_id for chunk_id, _ in index.search([1, 0.2], 4)] == ["new", "between", "north", "west"]


def test_reset_takes_other_dimensions(index: VectorIndex) -> None:
    index.reset()
    assert index.ids() == set()
    add(index, ["cube"], np.array([[1, 0, 0]]))
    assert rounded(index.search([1, 0, 0], 1)) == [("cube", 1.0)]


def test_damage_is_named_and_reset_mends_it(index: VectorIndex, tmp_path: Path) -> None:
    index.close()
    (tmp_path / "vectors" / "chroma.sqlite3").write_bytes(b"not a database" * 100)
    for _ in range(2):  # a failed attempt leaves nothing behind that the next one stumbles over
        with pytest.raises(StorageError, match=r"vector index in .*vectors cannot be used.*rag verify --repair"):
            index.ids()
    index.reset()
    assert index.ids() == set()
    add(index, ["new"], np.array([[1, 0]]))
    assert rounded(index.search([1, 0], 3)) == [("new", 1.0)]


def test_a_lost_graph_is_named(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    ids = [f"c{number}" for number in range(1200)]  # enough that Chroma writes its graph to disk
    add(index, ids, np.random.default_rng(0).normal(size=(len(ids), 2)))
    index.close()
    (header,) = (tmp_path / "vectors").glob("*/header.bin")
    header.unlink()
    with pytest.raises(StorageError, match=r"vector index in .*vectors cannot be used.*rag verify --repair"):
        index.ids()
    index.reset()
    assert index.ids() == set()
    index.close()


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("not a folder")
    with pytest.raises(StorageError, match="vectors cannot be used"):
        VectorIndex(tmp_path / "vectors", CountingEmbeddings()).count()


def test_chroma_is_loaded_at_the_first_use_only(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from rag.index.manifest import Manifest; from rag.index.store import Index\n"
        "index = Index(Path(sys.argv[1]), None, Manifest('fake', 2, 300, 1)); index.catalog.infos()\n"
        "print([name for name in ('chromadb', 'langchain_core', 'tantivy') if name in sys.modules])\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, check=True, cwd=root, capture_output=True, text=True)
    assert done.stdout == "[]\n"
