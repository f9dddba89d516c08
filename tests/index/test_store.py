from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import DocumentNotFoundError, EmptyIndexError, IndexMismatchError, StorageError
from rag.index.manifest import Manifest
from rag.index.store import Index
from tests.index.parts import agree, found_by_word, ingestor, open_index, write

FILES = {"a.txt": "一、城市更新\n推进老旧小区改造。\n", "b.txt": "一、乡村振兴\n健全农村金融体系。\n"}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = open_index(tmp_path / "home")
    ingestor(index).run([write(tmp_path / "docs", FILES)])
    yield index
    index.close()


def test_remove_forgets_a_document_everywhere(index: Index) -> None:
    index.remove("a.txt")
    assert [info.source for info in index.catalog.infos()] == ["b.txt"]
    assert found_by_word(index, "小区") == set()
    assert agree(index)
    with pytest.raises(DocumentNotFoundError, match=r"'a\.txt' is indexed"):
        index.remove("a.txt")
    index.remove("b.txt")
    with pytest.raises(EmptyIndexError):
        index.require_ready()


def test_an_empty_index_is_not_ready(tmp_path: Path) -> None:
    index = open_index(tmp_path / "new")
    with pytest.raises(
        EmptyIndexError, match=r"nothing has been ingested into .*new yet\. Run `rag ingest PATH` first"
    ):
        index.require_ready()
    index.close()


def test_an_index_of_another_model_is_not_ready(index: Index, tmp_path: Path) -> None:
    index.require_ready()
    other = open_index(tmp_path / "home", manifest=Manifest("fake", 500, 1))
    with pytest.raises(IndexMismatchError, match=r"chunk_chars 300, now 500.*rag verify --repair"):
        other.require_ready()
    other.close()


@pytest.mark.parametrize(("folder", "name"), [("vectors", "vector index"), ("lexical", "lexical index")])
def test_an_index_that_lost_a_part_is_not_ready(index: Index, tmp_path: Path, folder: str, name: str) -> None:
    index.close()
    shutil.rmtree(tmp_path / "home" / folder)
    again = open_index(tmp_path / "home")
    with pytest.raises(StorageError, match=rf"the {name} in .* holds 0 of \d+ chunks\. Run `rag verify --repair`"):
        again.require_ready()
    again.close()


def test_a_second_writer_is_told_whom_to_wait_for(index: Index, tmp_path: Path) -> None:
    other = open_index(tmp_path / "home")
    with index.writing():
        with pytest.raises(StorageError, match=rf"process {os.getpid()} \(since .*\) is writing to .*home\. Wait"):
            other.remove("a.txt")
        assert found_by_word(other, "小区") == {"a.txt"}
    other.remove("a.txt")
    other.close()


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(StorageError, match=r"cannot create the folder .*home"):
        open_index(tmp_path / "home")


def test_a_lock_that_cannot_be_written(index: Index, tmp_path: Path) -> None:
    (tmp_path / "home" / "write.lock").unlink()
    (tmp_path / "home" / "write.lock").mkdir()
    with pytest.raises(StorageError, match=r"cannot write to .*home"):
        index.remove("a.txt")
    assert agree(index)
