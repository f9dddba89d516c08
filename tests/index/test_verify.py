from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.corpus.document import rechunk
from rag.errors import ModelError
from rag.index.manifest import Manifest
from rag.index.store import Index
from rag.index.verify import repair, verify
from rag.schema import Document, VerifyReport
from tests.index.parts import (
    CountingEmbeddings,
    agree,
    found_by_word,
    ingestor,
    open_index,
    write,
)

FILES = {
    "a.txt": "一、城市更新\n推进老旧小区改造。完善公共服务。\n",
    "b.txt": "一、乡村振兴\n" + "健全农村金融体系,提高粮食产量,改善人居环境。" * 20 + "\n",
}


def rechunked(document: Document) -> Document:
    return rechunk(document, 300)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = open_index(tmp_path / "home")
    ingestor(index).run([write(tmp_path / "docs", FILES)])
    shutil.rmtree(tmp_path / "docs")  # repairs need no file
    yield index
    index.close()


def test_an_index_that_agrees(index: Index) -> None:
    report = VerifyReport(documents=2, chunks=index.catalog.count_chunks())
    assert verify(index) == report
    assert repair(index, rechunk=rechunked) == report


def test_an_index_that_is_new(tmp_path: Path) -> None:
    index = open_index(tmp_path / "new")
    assert verify(index) == VerifyReport(documents=0, chunks=0)
    index.close()


def test_what_is_missing_and_what_is_left_over(index: Index) -> None:
    chunks = index.catalog.count_chunks()
    gone = index.catalog.remove("a.txt")
    index.lexical.delete(index.catalog.chunk_ids())
    report = verify(index)
    assert report == VerifyReport(
        documents=1,
        chunks=chunks - len(gone),
        problems=(
            f"the vector index holds {len(gone)} unknown chunks.",
            f"the lexical index lacks {chunks - len(gone)} of {chunks - len(gone)} chunks.",
            f"the lexical index holds {len(gone)} unknown chunks.",
        ),
    )
    assert repair(index, rechunk=rechunked) == replace(report, repaired=True)
    assert verify(index).problems == ()
    assert found_by_word(index, "金融") == {"b.txt"}


def test_only_what_is_missing_is_embedded(index: Index) -> None:
    embeddings = index.embeddings
    assert isinstance(embeddings, CountingEmbeddings)
    embeddings.take()
    (lost,) = index.catalog.get("a.txt").chunks
    index.vectors.delete([lost.chunk_id])
    repair(index, rechunk=rechunked)
    assert len(embeddings.take()) == 1
    assert agree(index)


def test_damaged_parts_are_rebuilt(index: Index, tmp_path: Path) -> None:
    index.close()
    for name in ("vectors/chroma.sqlite3", "lexical/meta.json"):
        (tmp_path / "home" / name).write_bytes(b"damaged" * 100)
    again = open_index(tmp_path / "home")
    report = verify(again)
    assert [problem.split(" cannot be used")[0] for problem in report.problems] == [
        f"the vector index in {tmp_path / 'home' / 'vectors'}",
        f"the lexical index in {tmp_path / 'home' / 'lexical'}",
    ]
    assert repair(again, rechunk=rechunked) == replace(report, repaired=True)
    again.require_ready()
    assert agree(again)
    again.close()


@pytest.mark.parametrize("content", [None, "{"])
def test_a_manifest_that_is_lost_or_damaged(index: Index, content: str | None) -> None:
    index.manifest_path.unlink()
    if content is not None:
        index.manifest_path.write_text(content)
    (problem,) = verify(index).problems
    assert "manifest" in problem
    assert repair(index, rechunk=rechunked).repaired
    index.require_ready()
    assert agree(index)


def test_another_model_and_chunk_size(index: Index, tmp_path: Path) -> None:
    before = index.catalog.count_chunks()
    other = open_index(tmp_path / "home", CountingEmbeddings(size=8), Manifest("other", 100, 1))
    (problem,) = verify(other).problems
    assert "embedding 'fake', now 'other'" in problem
    metadata = other.catalog.get("b.txt").metadata
    report = repair(other, rechunk=lambda document: rechunk(document, 100))
    assert report.repaired
    assert report.chunks == other.catalog.count_chunks() > before
    assert other.catalog.get("b.txt").metadata == metadata
    other.require_ready()
    assert agree(other)
    other.close()


def test_a_rebuild_that_was_cut_short_is_known_for_what_it_is(index: Index, tmp_path: Path) -> None:
    other = open_index(tmp_path / "home", CountingEmbeddings(size=8, refuses="小区"), Manifest("other", 300, 1))
    with pytest.raises(ModelError, match="cannot embed 小区"):
        repair(other, rechunk=rechunked)
    assert any("its manifest is missing" in problem for problem in verify(other).problems)
    other.close()
    again = open_index(tmp_path / "home")
    assert repair(again, rechunk=rechunked).repaired
    again.require_ready()
    assert agree(again)
    again.close()
