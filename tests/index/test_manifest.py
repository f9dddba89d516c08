from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import IndexMismatchError, StorageError
from rag.index.manifest import Manifest, check, load, save

MANIFEST = Manifest(embedding="bundled-1", chunk_chars=300, chunker=1)


def test_a_manifest_lasts(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    assert load(path) is None
    save(MANIFEST, path)
    assert load(path) == MANIFEST
    assert [file.name for file in tmp_path.iterdir()] == ["manifest.json"]


def test_an_equal_manifest_passes_and_each_difference_is_named() -> None:
    check(MANIFEST, replace(MANIFEST))
    with pytest.raises(IndexMismatchError) as refused:
        check(MANIFEST, replace(MANIFEST, embedding="other", chunk_chars=500))
    assert str(refused.value) == (
        "the index was built with embedding 'bundled-1', now 'other'; chunk_chars 300, now 500. Run `rag verify "
        "--repair` to rebuild the index from the catalogue (no file is needed), or go back to the earlier settings."
    )


def test_a_missing_manifest_is_refused() -> None:
    with pytest.raises(IndexMismatchError, match=r"its manifest is missing.*rag verify --repair"):
        check(None, MANIFEST)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"embedding": "x"}', "\udcff"])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(StorageError, match=r"manifest\.json cannot be read.*rag verify --repair"):
        load(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot write .*manifest\.json.*set RAG_HOME"):
        save(MANIFEST, tmp_path / "nowhere" / "manifest.json")
