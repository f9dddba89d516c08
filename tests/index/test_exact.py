from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rag.index.exact import ExactVectors
from rag.index.texts import Window
from rag.index.vectors import VectorIndex
from tests.index.parts import CountingEmbeddings

SIZE = 8
EVERYWHERE = ["a.txt", "b.txt"]
# Two documents with five chunks of seven windows each.
NAMES = [f"{source}{chunk}:{number}" for source in "ab" for chunk in range(5) for number in range(7)]
SOURCES = [f"{name[0]}.txt" for name in NAMES]
ROWS: npt.NDArray[np.float32] = np.random.default_rng(0).normal(size=(len(NAMES), SIZE)).astype(np.float32)
QUERY: npt.NDArray[np.float32] = np.random.default_rng(1).normal(size=SIZE).astype(np.float32)


def cosines(names: Sequence[str] = NAMES) -> dict[str, float]:
    """The truth in double precision, for those of ``NAMES``."""
    rows = {name: row.astype(float) for name, row in zip(NAMES, ROWS, strict=True)}
    length = float(np.linalg.norm(QUERY))
    return {name: float(rows[name] @ QUERY) / length / float(np.linalg.norm(rows[name])) for name in names}


def chunk(*names: str) -> list[str]:
    """The windows of the chunks ``names``."""
    return [each for each in NAMES if each.split(":")[0] in names]


def close_to(found: Sequence[tuple[str, float]]) -> Any:
    return pytest.approx(dict(found), abs=1e-6)


@pytest.fixture
def exact(tmp_path: Path) -> Iterator[ExactVectors]:
    exact = ExactVectors(tmp_path / "exact.db")
    exact.add(NAMES, ROWS, SOURCES)
    yield exact
    exact.close()


def blocks(path: Path) -> list[tuple[str, str, int]]:
    """Source, names and bytes of what is stored together."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT source, names, length(vectors) FROM blocks ORDER BY id").fetchall()
    connection.close()
    return found


def test_the_nearest_windows_of_documents_best_first(exact: ExactVectors) -> None:
    truth = sorted(cosines().items(), key=lambda each: -each[1])
    found = exact.search(QUERY, 9, EVERYWHERE)
    assert [name for name, _ in found] == [name for name, _ in truth[:9]]
    assert close_to(found) == dict(truth[:9])
    inside = [each for each in truth if each[0].startswith("b")]
    assert [name for name, _ in exact.search(QUERY, 4, ["b.txt"])] == [name for name, _ in inside[:4]]
    assert [name for name, _ in exact.search(QUERY, 1000, ["b.txt"])] == [name for name, _ in inside]


def test_how_long_a_vector_is_does_not_matter(exact: ExactVectors) -> None:
    assert exact.search(QUERY * 100, 5, EVERYWHERE) == close_to_pairs(exact.search(QUERY, 5, EVERYWHERE))


def close_to_pairs(found: Sequence[tuple[str, float]]) -> list[tuple[str, Any]]:
    return [(name, pytest.approx(score, abs=1e-6)) for name, score in found]


def test_nothing_is_found_in_no_or_unknown_documents(exact: ExactVectors) -> None:
    assert exact.search(QUERY, 5, []) == exact.search(QUERY, 5, ["c.txt"]) == []


def test_a_null_vector_is_like_nothing(exact: ExactVectors) -> None:
    exact.add(["null:0"], np.zeros((1, SIZE), np.float32), ["c.txt"])
    assert exact.of_chunks(QUERY, ["null"]) == [("null:0", 0.0)]
    assert exact.search(np.zeros(SIZE, np.float32), 1, ["a.txt"])[0][1] == 0.0


def test_the_windows_of_chosen_chunks_only(exact: ExactVectors) -> None:
    assert close_to(exact.of_chunks(QUERY, ["a2", "b4", "unknown"])) == cosines(chunk("a2", "b4"))
    assert exact.of_chunks(QUERY, []) == exact.of_chunks(QUERY, ["unknown"]) == []
    assert close_to(exact.of_chunks(QUERY, {name.split(":")[0] for name in NAMES})) == cosines()


def test_whole_chunks_of_one_document_are_stored_together(exact: ExactVectors, tmp_path: Path) -> None:
    exact.close()
    stored = blocks(tmp_path / "exact.db")
    names = [json.loads(each) for _, each, _ in stored]
    assert [name for each in names for name in each] == NAMES
    assert [{f"{name[0]}.txt" for name in each} for each in names] == [{source} for source, _, _ in stored]
    chunks = [{name.split(":")[0] for name in each} for each in names]
    assert sum(map(len, chunks)) == len(set().union(*chunks)) == 10
    # About twelve windows: two chunks of seven, and what is left at the end of a document.
    assert [len(each) for each in names] == [14, 14, 7, 14, 14, 7]
    assert [size for _, _, size in stored] == [4 * SIZE * len(each) for each in names]


def test_the_document_of_a_chunk(exact: ExactVectors) -> None:
    assert exact.sources(["a0", "b3", "unknown"]) == {"a0": "a.txt", "b3": "b.txt"}
    assert exact.count_documents() == 2


def test_one_chunk_of_a_block_is_deleted_and_the_others_stay(exact: ExactVectors) -> None:
    exact.delete(["a0", "unknown"])
    left = [name for name in NAMES if not name.startswith("a0")]
    assert close_to(exact.search(QUERY, 1000, EVERYWHERE)) == cosines(left)
    assert close_to(exact.of_chunks(QUERY, ["a0", "a1"])) == cosines(chunk("a1"))
    assert exact.sources(["a0", "a1"]) == {"a1": "a.txt"}


def test_a_document_without_chunks_is_gone(exact: ExactVectors) -> None:
    exact.delete([f"b{number}" for number in range(5)])
    assert exact.count_documents() == 1
    assert exact.search(QUERY, 5, ["b.txt"]) == []
    exact.delete([])
    assert exact.count_documents() == 1


def test_a_chunk_added_again_replaces_all_its_windows(exact: ExactVectors) -> None:
    exact.add(["a1:0"], QUERY[np.newaxis], ["b.txt"])
    assert exact.of_chunks(QUERY, ["a1"]) == [("a1:0", pytest.approx(1.0))]
    assert exact.sources(["a1", "a0"]) == {"a1": "b.txt", "a0": "a.txt"}
    assert exact.search(QUERY, 1, ["b.txt"])[0][0] == "a1:0"
    assert len(exact.search(QUERY, 1000, EVERYWHERE)) == len(NAMES) - 6


def test_many_blocks_are_compared_in_parts(tmp_path: Path) -> None:
    exact = ExactVectors(tmp_path / "exact.db")
    names = [f"c{number}:0" for number in range(12 * 300)]
    rows = np.random.default_rng(2).normal(size=(len(names), SIZE)).astype(np.float32)
    exact.add(names, rows, ["a.txt"] * len(names))
    best = np.argsort(-(rows @ QUERY) / np.linalg.norm(rows, axis=1))[:20]
    assert [name for name, _ in exact.search(QUERY, 20, ["a.txt"])] == [names[index] for index in best]
    exact.close()


def test_it_lasts_with_its_revision(exact: ExactVectors, tmp_path: Path) -> None:
    assert exact.revision() == ""
    exact.stamp("first")
    exact.stamp("third", instead_of="second")
    assert exact.revision() == "first"
    exact.stamp("second", instead_of="first")
    exact.close()
    again = ExactVectors(tmp_path / "exact.db")
    assert again.revision(thorough=True) == "second"
    assert len(again.search(QUERY, 1000, EVERYWHERE)) == len(NAMES)
    again.close()


@pytest.mark.parametrize("thorough", [False, True])
def test_a_damaged_file_is_discarded_and_agrees_with_nothing(
    exact: ExactVectors, tmp_path: Path, thorough: bool
) -> None:
    exact.stamp("first")
    exact.close()
    path = tmp_path / "exact.db"
    data = path.read_bytes()
    # Thorough also sees what is spoilt behind the first pages.
    path.write_bytes(data[: 16384 * 2] + bytes(len(data) - 16384 * 2) if thorough else b"no database" * 3000)
    again = ExactVectors(path)
    assert again.revision(thorough=thorough) == ""
    assert not path.exists()
    again.add(NAMES, ROWS, SOURCES)
    assert len(again.search(QUERY, 1000, EVERYWHERE)) == len(NAMES)
    again.close()


def test_a_file_that_cannot_be_made_is_an_error_of_sqlite(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        ExactVectors(tmp_path / "nowhere" / "exact.db").count_documents()


def test_the_cosines_are_those_of_chroma(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, CountingEmbeddings(size=SIZE))
    windows = [Window(name, name.split(":")[0], source, name) for name, source in zip(NAMES, SOURCES, strict=True)]
    index.add(windows, ROWS)
    everywhere = index.search(QUERY, 10)
    assert [name for name, _ in everywhere] == [name for name, _ in index.search(QUERY, 10, sources=EVERYWHERE)]
    assert dict(everywhere) == pytest.approx(index.similarities(QUERY, [f"{s}{n}" for s in "ab" for n in range(5)]))
    index.close()
