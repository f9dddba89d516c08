from __future__ import annotations

from pathlib import Path

import pytest

from rag.index.store import Index
from rag.schema import IngestReport, Moved
from tests.index.parts import CountingEmbeddings, agree, found_by_word, ingestor, pack, sidecar, write

URBAN = "关于城市更新的决定\n\n一、总体要求\n坚持规划引领,提升城市化率。\n二、主要任务\n完善网格管理。\n"
RURAL = "关于乡村振兴的意见\n\n一、发展目标\n粮食产量稳定增长。\n"
MARINE = "關於海洋經濟的方案\n\n一、發展目標\n建設現代漁港。\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with a document, and an archive with two."""
    folder = write(tmp_path / "docs", {"marine.txt": MARINE})
    pack(folder / "a.zip", {"内部/urban.txt": URBAN, "rural.txt": RURAL})
    return folder


MEMBERS = ("a.zip/rural.txt", "a.zip/内部/urban.txt")


def test_what_is_in_an_archive_is_ingested_like_files(index: Index, docs: Path) -> None:
    assert ingestor(index).run([docs]) == IngestReport(added=(*MEMBERS, "marine.txt"))
    assert found_by_word(index, "网格") == {"a.zip/内部/urban.txt"}
    assert index.catalog.text("a.zip/内部/urban.txt") == URBAN
    assert {info.path for info in index.catalog.infos()} == {
        str(docs / name) for name in ("a.zip/内部/urban.txt", "a.zip/rural.txt", "marine.txt")
    }
    assert agree(index)


def test_an_archive_that_is_named(index: Index, docs: Path) -> None:
    assert ingestor(index).run([docs / "a.zip"]) == IngestReport(added=MEMBERS)
    pack(docs / "a.zip", {"rural.txt": RURAL})
    assert ingestor(index).run([docs / "a.zip"]) == IngestReport(unchanged=MEMBERS[:1], removed=MEMBERS[1:])


def test_an_archive_that_changed_is_read_only_where_it_did(
    index: Index, docs: Path, embeddings: CountingEmbeddings
) -> None:
    ingestor(index).run([docs])
    embeddings.take()
    assert ingestor(index).run([docs]) == IngestReport(unchanged=(*MEMBERS, "marine.txt"))
    pack(docs / "a.zip", {"rural.txt": RURAL.replace("粮食", "水果"), "内部/urban.txt": URBAN})
    report = ingestor(index).run([docs])
    assert report == IngestReport(updated=MEMBERS[:1], unchanged=(MEMBERS[1], "marine.txt"))
    texts = embeddings.take()
    assert any("水果" in text for text in texts)
    assert not any("网格" in text for text in texts)
    assert agree(index)


def test_an_archive_that_is_gone_takes_its_documents_along(index: Index, docs: Path) -> None:
    ingestor(index).run([docs])
    (docs / "a.zip").unlink()
    assert ingestor(index).run([docs]) == IngestReport(unchanged=("marine.txt",), removed=MEMBERS)
    assert agree(index)


def test_an_archive_that_is_damaged_keeps_its_documents(index: Index, docs: Path) -> None:
    ingestor(index).run([docs])
    (docs / "a.zip").write_bytes(b"PK\x03\x04")
    report = ingestor(index).run([docs])
    assert (report.unchanged, report.removed) == (("marine.txt",), ())
    assert [failure.path for failure in report.failed] == [str(docs / "a.zip")]
    assert found_by_word(index, "网格") == {"a.zip/内部/urban.txt"}


def test_an_archive_that_was_unpacked_or_renamed(index: Index, docs: Path, embeddings: CountingEmbeddings) -> None:
    ingestor(index).run([docs])
    embeddings.take()
    (docs / "a.zip").rename(docs / "b.zip")
    moved = ingestor(index).run([docs]).moved
    assert moved == (
        Moved("a.zip/rural.txt", "b.zip/rural.txt"),
        Moved("a.zip/内部/urban.txt", "b.zip/内部/urban.txt"),
    )
    (docs / "b.zip").unlink()
    (docs / "rural.txt").write_text(RURAL, encoding="utf-8")
    report = ingestor(index).run([docs])
    assert report == IngestReport(
        unchanged=("marine.txt",),
        removed=("b.zip/内部/urban.txt",),
        moved=(Moved("b.zip/rural.txt", "rural.txt"),),
    )
    assert embeddings.take() == []
    assert agree(index)


def test_a_sidecar_in_the_archive(index: Index, tmp_path: Path) -> None:
    entries = {"rural.txt": {"title": "振兴意见"}, "urban.txt": {"skip": True}}
    archive = pack(tmp_path / "a.zip", {"rural.txt": RURAL, "urban.txt": URBAN, "metadata.yaml": sidecar(entries)})
    assert ingestor(index).run([archive]) == IngestReport(added=("a.zip/rural.txt",))
    assert index.catalog.get("a.zip/rural.txt").metadata.title == "振兴意见"
    pack(archive, {"rural.txt": RURAL, "metadata.yaml": sidecar({"rural.txt": {"title": "乡村意见"}})})
    assert ingestor(index).run([archive]) == IngestReport(updated=("a.zip/rural.txt",))
    assert index.catalog.get("a.zip/rural.txt").metadata.title == "乡村意见"


def test_an_archive_that_did_not_change_is_not_opened(index: Index, docs: Path) -> None:
    ingestor(index).run([docs])
    (docs / "a.zip").write_bytes(b"nobody looks")
    report = ingestor(index).run([docs], changed={docs / "marine.txt"})
    assert report == IngestReport(unchanged=("marine.txt",))
    assert found_by_word(index, "网格") == {"a.zip/内部/urban.txt"}
