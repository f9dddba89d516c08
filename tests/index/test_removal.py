from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.index.store import Index
from rag.schema import IngestReport
from tests.index.parts import CountingEmbeddings, agree, found_by_word, ingestor, open_index, sidecar, write

FILES = {
    "a.txt": "一、城市更新\n推进老旧小区改造。\n",
    "b.txt": "一、乡村振兴\n健全农村金融体系。\n",
    "metadata.yaml": sidecar({"a.txt": {"title": "城市更新办法", "issued": "2021-03-05"}}),
}


@pytest.fixture
def index(tmp_path: Path, embeddings: CountingEmbeddings) -> Iterator[Index]:
    index = open_index(tmp_path / "home", embeddings)
    ingestor(index).run([write(tmp_path / "docs", FILES)])
    yield index
    index.close()


def unchanged(index: Index, folder: Path) -> bool:
    return ingestor(index).run([folder]) == IngestReport(unchanged=("a.txt", "b.txt"))


def test_what_was_removed_is_put_back_as_it_was(index: Index, embeddings: CountingEmbeddings, tmp_path: Path) -> None:
    document, infos, states = index.catalog.get("a.txt"), index.catalog.infos(), index.catalog.states()
    vectors = index.vectors.vectors({f"{chunk.chunk_id}:0" for chunk in document.chunks})
    assert infos[0].metadata.title == "城市更新办法"
    index.remove("a.txt")
    assert found_by_word(index, "小区") == set()
    embeddings.take()
    index.restore(document)
    assert embeddings.take() == []
    assert (index.catalog.get("a.txt"), index.catalog.infos(), index.catalog.states()) == (document, infos, states)
    restored = index.vectors.vectors(vectors)
    assert {name: list(vector) for name, vector in restored.items()} == {n: list(v) for n, v in vectors.items()}
    assert found_by_word(index, "小区") == {"a.txt"}
    assert agree(index)
    assert unchanged(index, tmp_path / "docs")


def test_by_another_process_it_is_embedded_again(index: Index, embeddings: CountingEmbeddings, tmp_path: Path) -> None:
    document = index.catalog.get("b.txt")
    index.remove("b.txt")
    other = open_index(tmp_path / "home", embeddings)
    embeddings.take()
    other.restore(document)
    other.close()
    assert len(embeddings.take()) == len(document.chunks)
    assert index.catalog.get("b.txt") == document
    assert agree(index)
    # Its file is found under the name that it had, and is what it was.
    assert unchanged(index, tmp_path / "docs")
    assert [info.path for info in index.catalog.infos()] == [
        str(tmp_path / "docs" / name) for name in ("a.txt", "b.txt")
    ]


def test_the_last_document_can_be_put_back_without_its_file(index: Index, tmp_path: Path) -> None:
    document = index.catalog.get("a.txt")
    index.remove("a.txt")
    index.remove("b.txt")
    (tmp_path / "docs" / "a.txt").unlink()
    index.restore(document)
    index.require_ready()
    assert index.catalog.get("a.txt") == document
    # An ingest of the folder finds that the file is gone.
    assert ingestor(index).run([tmp_path / "docs"]) == IngestReport(added=("b.txt",), removed=("a.txt",))


def test_a_document_that_is_there_is_not_replaced(index: Index, tmp_path: Path) -> None:
    document = index.catalog.get("a.txt")
    message = "a.txt is in the index already. Remove it first to put another in its place."
    with pytest.raises(DocumentError) as caught:
        index.restore(document)
    assert str(caught.value) == message
    index.remove("a.txt")
    assert ingestor(index).run([tmp_path / "docs"]).added == ("a.txt",)
    with pytest.raises(DocumentError) as caught:
        index.restore(document)
    assert str(caught.value) == message
    assert agree(index)


def test_a_file_that_goes_by_another_name_meanwhile_stays(index: Index, tmp_path: Path) -> None:
    old = index.catalog.get("a.txt")
    index.remove("a.txt")
    path = tmp_path / "docs" / "a.txt"
    (tmp_path / "docs" / "metadata.yaml").unlink()
    elsewhere = write(tmp_path / "elsewhere", {"a.txt": "一、另外的\n完全不同的内容。\n"})
    assert ingestor(index).run([elsewhere]).added == ("a.txt",)
    [renamed] = ingestor(index).run([path]).added
    index.remove("a.txt")
    index.restore(old)
    assert sorted(info.source for info in index.catalog.infos()) == sorted(["a.txt", "b.txt", renamed])
    assert index.catalog.get("a.txt") == old
    assert asdict(index.catalog.entry(renamed))["path"] == str(path)
    assert agree(index)
