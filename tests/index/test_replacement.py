from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.errors import IndexBusyError, ModelError
from rag.index.replacement import replace
from rag.index.store import Index
from rag.index.verify import verify
from rag.schema import Failure, IngestReport, Moved
from tests.index.parts import CountingEmbeddings, agree, found_by_word, ingestor, pack, write

URBAN = "关于城市更新的决定\n\n一、总体要求\n坚持规划引领,提升城市化率。\n"
RURAL = "关于乡村振兴的意见\n\n一、发展目标\n粮食产量稳定增长。\n"
MARINE = "關於海洋經濟的方案\n\n一、發展目標\n建設現代漁港。\n"
FOREST = "关于森林防火的通知\n\n一、值班制度\n防火期每日巡山。\n"


def put(index: Index, path: Path) -> IngestReport:
    return replace(index, ingestor(index), path)


def held(index: Index) -> Any:
    """All that the index says of its documents."""
    infos = index.catalog.infos()
    return infos, index.catalog.states(), [index.catalog.get(info.source) for info in infos]


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    return folder


@pytest.fixture
def old(index: Index, tmp_path: Path) -> Path:
    """An archive of three that was ingested, with a document of another name beside it."""
    folder = write(tmp_path / "old", {"marine.txt": MARINE})
    archive = pack(folder / "a.zip", {"in/urban.txt": URBAN, "rural.txt": RURAL, "gone.txt": FOREST})
    ingestor(index).run([folder])
    return archive


def test_an_archive_takes_the_place_of_another(
    index: Index, old: Path, uploads: Path, embeddings: CountingEmbeddings
) -> None:
    new = pack(uploads / "a.zip", {"in/urban.txt": URBAN.replace("规划", "民生"), "rural.txt": RURAL, "b.txt": MARINE})
    embeddings.take()
    assert put(index, new) == IngestReport(
        added=("a.zip/b.txt",),
        updated=("a.zip/in/urban.txt",),
        unchanged=("a.zip/rural.txt",),
        removed=("a.zip/gone.txt",),
    )
    assert not any("粮食" in text for text in embeddings.take())
    assert {info.path for info in index.catalog.infos()} == {
        *(str(new / name) for name in ("b.txt", "in/urban.txt", "rural.txt")),
        str(old.parent / "marine.txt"),
    }
    assert agree(index)


def test_a_file_takes_the_place_of_another(
    index: Index, old: Path, uploads: Path, embeddings: CountingEmbeddings
) -> None:
    embeddings.take()
    same = write(uploads, {"marine.txt": MARINE}) / "marine.txt"
    assert put(index, same) == IngestReport(unchanged=("marine.txt",))
    assert embeddings.take() == []
    same.write_text(RURAL, encoding="utf-8")
    assert put(index, same) == IngestReport(updated=("marine.txt",))
    assert index.catalog.entry("marine.txt").path == str(same)
    assert found_by_word(index, "渔港") == set()


@pytest.mark.parametrize(
    "files",
    [{}, {"picture.png": "PNG"}, {"in/urban.txt": "", "new.txt": ""}, {"a.txt": "\0\1" * 500}],
    ids=["nothing", "no document", "only empty ones", "no text"],
)
def test_what_cannot_be_read_changes_nothing(index: Index, old: Path, uploads: Path, files: dict[str, str]) -> None:
    before = held(index)
    report = put(index, pack(uploads / "a.zip", files))
    assert (report.added, report.updated, report.unchanged, report.removed, report.moved) == ((),) * 5
    assert held(index) == before
    assert agree(index)


def test_a_damaged_archive_changes_nothing(index: Index, old: Path, uploads: Path) -> None:
    before = held(index)
    (uploads / "a.zip").write_bytes(b"PK no archive")
    [failure] = put(index, uploads / "a.zip").failed
    assert failure.path == str(uploads / "a.zip")
    assert "Pack it again" in failure.reason
    assert held(index) == before


def test_one_of_many_that_cannot_be_read_stays_and_the_others_go_on(index: Index, old: Path, uploads: Path) -> None:
    new = pack(uploads / "a.zip", {"in/urban.txt": "", "rural.txt": RURAL})
    reason = "in/urban.txt is empty (0 bytes). Remove it, or save its text again."
    assert put(index, new) == IngestReport(
        unchanged=("a.zip/rural.txt",),
        removed=("a.zip/gone.txt",),
        failed=(Failure(str(new / "in/urban.txt"), reason),),
    )
    assert index.catalog.text("a.zip/in/urban.txt") == URBAN


@pytest.mark.parametrize("with_vectors", [True, False])
def test_an_error_in_the_middle_leaves_what_was_there(
    index: Index,
    old: Path,
    uploads: Path,
    embeddings: CountingEmbeddings,
    with_vectors: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.index.writer.FLUSH_CHUNKS", 1)  # each document is written by itself
    if not with_vectors:
        monkeypatch.setattr("rag.index.replacement._WITH_VECTORS", 0)
    before = held(index)
    new = pack(
        uploads / "a.zip",
        {
            "in/urban.txt": URBAN.replace("规划", "民生"),
            "renamed.txt": FOREST,
            "new.txt": MARINE,
            "rural.txt": RURAL.replace("粮食", "鲸鱼"),
        },
    )
    embeddings.refuses = "鲸鱼"
    embeddings.take()
    with pytest.raises(ModelError):
        put(index, new)
    embedded = embeddings.take()
    assert any("民生" in text for text in embedded)
    assert any("规划" in text for text in embedded) is not with_vectors
    assert held(index) == before
    assert (found_by_word(index, "规划"), found_by_word(index, "民生")) == ({"a.zip/in/urban.txt"}, set())
    assert agree(index)
    assert verify(index).problems == ()
    embeddings.refuses = None
    assert put(index, new) == IngestReport(
        added=("a.zip/new.txt",),
        updated=("a.zip/in/urban.txt", "a.zip/rural.txt"),
        moved=(Moved("a.zip/gone.txt", "a.zip/renamed.txt"),),
    )


def test_while_another_writes_nothing_is_touched(index: Index, old: Path, uploads: Path) -> None:
    before = held(index)
    with index.writing(), pytest.raises(IndexBusyError):
        put(index, pack(uploads / "a.zip", {"rural.txt": URBAN}))
    assert held(index) == before
