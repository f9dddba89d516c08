from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from langchain_core.documents import Document

from rag.errors import StorageError
from rag.index.texts import Window
from rag.index.vectors import VectorIndex
from tests.index.parts import CountingEmbeddings

ROWS = np.array([[1, 0], [0, 2], [3, 4], [-1, 0]], dtype=np.float32)
IDS = ["east", "north", "between", "west"]


def window(chunk_id: str, number: int = 0, source: str = "a.txt") -> Window:
    return Window(f"{chunk_id}:{number}", chunk_id, source, f"text of {chunk_id}")


def add(index: VectorIndex, ids: Sequence[str], rows: npt.NDArray[Any], sources: Sequence[str] | None = None) -> None:
    """Chunks of one window each."""
    windows = [window(i, 0, source) for i, source in zip(ids, sources or ["a.txt"] * len(ids), strict=True)]
    index.add(windows, np.asarray(rows, np.float32))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    add(index, IDS, ROWS)
    yield index
    index.close()


def cosine(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def rounded(hits: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return [(chunk_id, round(similarity, 4)) for chunk_id, similarity in hits]


def test_search_gives_cosine_similarities(index: VectorIndex) -> None:
    expected = [("east", 1.0), ("between", 0.6), ("north", 0.0), ("west", -1.0)]
    assert rounded(index.search([10, 0], 4)) == expected
    assert rounded(index.search(np.array([10, 0]), 2)) == expected[:2]


def several(index: VectorIndex) -> None:
    """One chunk of three windows, two of one each."""
    windows = [window("wide", 0), window("wide", 1), window("wide", 2), window("east"), window("far", 0, "b.txt")]
    index.add(windows, np.array([[1, 0.1], [0, 1], [1, 1], [1, 0.2], [-1, 0.1]], np.float32))


def test_a_chunk_is_as_near_as_the_nearest_of_its_windows(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    several(index)
    expected = [("wide", round(1 / 1.01**0.5, 4)), ("east", round(1 / 1.04**0.5, 4)), ("far", -0.995)]
    assert rounded(index.search([1, 0], 3)) == expected
    assert rounded(index.search([1, 0], 3, sources=["a.txt", "b.txt"])) == expected
    assert rounded(index.search([1, 0], 3, sources=["a.txt"])) == expected[:2]
    assert rounded(index.search([1, 0], 1)) == expected[:1]
    assert rounded(index.search([0, 3], 1)) == [("wide", 1.0)]
    assert index.ids() == {"wide", "east", "far"}
    assert index.count() == 5
    index.close()


def test_similarities_of_chosen_chunks(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    several(index)
    found = index.similarities([0, 5], ["far", "wide", "unknown"])
    assert {chunk_id: round(score, 4) for chunk_id, score in found.items()} == {"wide": 1.0, "far": 0.0995}
    assert index.similarities([0, 5], []) == {}
    assert index.similarities([0, 5], ["unknown"]) == {}
    index.close()


def test_a_deleted_chunk_leaves_none_of_its_windows(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    several(index)
    index.delete(["wide"])
    assert index.ids() == {"east", "far"}
    assert index.count() == 2
    assert index.vectors(["wide:0", "wide:1", "wide:2"]) == {}
    assert [chunk_id for chunk_id, _ in index.search([0, 1], 9)] == ["east", "far"]
    assert index.similarities([0, 1], ["wide"]) == {}
    index.close()


MANY = 300  # documents of four chunks each


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorIndex]:
    index = VectorIndex(tmp_path_factory.mktemp("library") / "vectors", CountingEmbeddings(size=8))
    ids = [f"c{number}" for number in range(4 * MANY)]
    rows = np.random.default_rng(0).normal(size=(len(ids), 8)).astype(np.float32)
    add(index, ids, rows, [f"d{number // 4}" for number in range(len(ids))])
    yield index
    index.close()


@pytest.mark.parametrize("chosen", [[7], range(40), range(0, 300, 2), range(10, 300), range(300)])
def test_a_search_within_documents_finds_their_nearest(library: VectorIndex, chosen: range) -> None:
    sources = {f"d{number}" for number in chosen}
    inside = [f"c{4 * number + place}" for number in chosen for place in range(4)]
    stored = library.vectors([f"{chunk_id}:0" for chunk_id in inside])
    for query in np.random.default_rng(1).normal(size=(5, 8)):
        cosines = [cosine(stored[f"{chunk_id}:0"], query) for chunk_id in inside]
        best = sorted(zip(inside, cosines, strict=True), key=lambda hit: -hit[1])[:20]
        assert rounded(library.search(query, 20, sources=sources)) == rounded(best)


def test_similarities_are_those_of_the_search(library: VectorIndex) -> None:
    for query in np.random.default_rng(2).normal(size=(3, 8)):
        nearest = library.search(query, 50)
        assert len(nearest) == 50
        assert library.similarities(query, [chunk_id for chunk_id, _ in nearest]) == pytest.approx(
            dict(nearest), abs=1e-5
        )


def test_a_search_within_unknown_or_no_documents(index: VectorIndex) -> None:
    assert index.search([1, 0], 3, sources=["unknown"]) == []
    assert index.search([1, 0], 3, sources=[]) == []


def test_a_search_within_documents_that_are_far_from_the_question(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    ids = [f"c{number}" for number in range(400)]
    rows = np.array([[1, number / 1e4] if number < 200 else [-1, number / 1e4] for number in range(400)], np.float32)
    add(index, ids, rows, [f"d{number // 4}" for number in range(400)])
    far = {f"d{number}" for number in range(50, 100)}
    assert {chunk_id for chunk_id, _ in index.search([1, 0], 5, sources=far)} <= set(ids[200:])
    assert len(index.search([1, 0], 5, sources=far)) == 5
    index.close()


def test_a_search_within_documents_sees_every_change(index: VectorIndex, tmp_path: Path) -> None:
    add(index, ["other"], np.array([[1, 1]]), ["b.txt"])
    add(index, ["west"], np.array([[5, 0]]), ["b.txt"])
    index.delete(["other", "between"])
    assert rounded(index.search([1, 0], 9, sources=["b.txt"])) == [("west", 1.0)]
    assert rounded(index.search([1, 0], 9, sources=["a.txt"])) == [("east", 1.0), ("north", 0.0)]
    index.reset()
    assert index.search([1, 0], 9, sources=["a.txt"]) == []


@pytest.mark.parametrize("damage", ["gone", "spoilt", "behind"])
@pytest.mark.parametrize("written", [False, True])
def test_a_copy_that_does_not_agree_is_made_anew(
    index: VectorIndex, tmp_path: Path, damage: str, written: bool
) -> None:
    copy = tmp_path / "vectors" / "exact.db"
    before = copy.read_bytes()
    index.delete(["east"])
    index.close()
    if damage == "gone":
        copy.unlink()
    else:
        copy.write_bytes(b"not a database" * 1000 if damage == "spoilt" else before)
    again = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    if written:
        add(again, ["west"], np.array([[0, 1]]))
    last = ("west", 0.0 if written else -1.0)
    for _ in range(2):
        assert set(rounded(again.search([1, 0], 9, sources=["a.txt"]))) == {("between", 0.6), ("north", 0.0), last}
    again.close()


def test_a_copy_damaged_inside_is_made_anew_after_a_check(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=8))
    rows = np.random.default_rng(0).normal(size=(600, 8)).astype(np.float32)
    ids = [f"c{number}" for number in range(600)]
    add(index, ids, rows, [f"d{number}" for number in range(600)])
    expected = rounded(index.search(rows[3], 5, sources={"d3", "d4"}))
    index.close()
    copy = tmp_path / "vectors" / "exact.db"
    data = copy.read_bytes()
    copy.write_bytes(data[: 16384 * 2] + bytes(len(data) - 16384 * 2))
    assert index.ids() == set(ids)
    assert rounded(index.search(rows[3], 5, sources={"d3", "d4"})) == expected
    index.close()


def test_stored_vectors_come_back(index: VectorIndex) -> None:
    stored = index.vectors(["between:0", "between:1", "unknown:0"])
    assert {window_id: row.tolist() for window_id, row in stored.items()} == {"between:0": [3.0, 4.0]}
    assert index.ids() == set(IDS)
    assert index.count() == 4


def test_a_vector_added_again_replaces_the_old_one(index: VectorIndex) -> None:
    add(index, ["west"], np.array([[1, 0.1]]))
    assert index.count() == 4
    assert rounded(index.search([1, 0.1], 1)) == [("west", 1.0)]


def test_a_chunk_added_again_with_fewer_windows_loses_the_others(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", CountingEmbeddings(size=2))
    several(index)
    assert rounded(index.search([0, 1], 1)) == [("wide", 1.0)]
    index.add([window("wide", 0)], np.array([[1, 0.1]], np.float32))
    assert index.ids() == {"wide", "east", "far"}
    assert set(index.vectors(["wide:0", "wide:1", "wide:2"])) == {"wide:0"}
    assert [chunk_id for chunk_id, _ in index.search([0, 1], 3)] == ["east", "far", "wide"]
    assert [chunk_id for chunk_id, _ in index.search([0, 1], 3, sources=["a.txt"])] == ["east", "wide"]
    index.close()


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
        Document(id="east:0", page_content="text of east", metadata={"source": "a.txt", "chunk_id": "east"})
    ]


def test_an_open_index_sees_what_another_process_writes(index: VectorIndex, tmp_path: Path) -> None:
    index.search([1, 0], 1)
    script = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from rag.index.texts import Window; from rag.index.vectors import VectorIndex\n"
        "from langchain_core.embeddings import DeterministicFakeEmbedding\n"
        "index = VectorIndex(Path(sys.argv[1]), DeterministicFakeEmbedding(size=2))\n"
        "index.delete(['east'])\n"
        "index.add([Window('new:0', 'new', 's', 't')], np.array([[1, 0.2]], np.float32))\n"
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
        "index = Index(Path(sys.argv[1]), None, Manifest('fake', 300, 1)); index.catalog.infos()\n"
        "print([name for name in ('chromadb', 'langchain_core', 'tantivy') if name in sys.modules])\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, check=True, cwd=root, capture_output=True, text=True)
    assert done.stdout == "[]\n"
