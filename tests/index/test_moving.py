from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from rag.errors import StorageError
from rag.index.store import Index
from rag.schema import IngestReport, Moved
from tests.index.parts import CountingEmbeddings, agree, found_by_word, ingestor, open_index, sidecar, write

# Not forked from here: a process that has used Chroma has threads that its children lack.
FORKING = multiprocessing.get_context("forkserver")
URBAN = "关于城市更新的决定\n\n一、总体要求\n坚持规划引领,提升城市化率。\n二、主要任务\n完善网格管理。\n"
RURAL = "关于乡村振兴的意见\n\n一、发展目标\n粮食产量稳定增长。\n"


@pytest.fixture
def docs(index: Index, tmp_path: Path, embeddings: CountingEmbeddings) -> Path:
    """A folder with two documents that are indexed."""
    folder = write(tmp_path / "docs", {"urban.txt": URBAN, "rural.txt": RURAL})
    ingestor(index).run([folder])
    embeddings.take()
    return folder


def sources(index: Index) -> list[str]:
    return [info.source for info in index.catalog.infos()]


def test_a_file_with_a_new_name_is_the_same_document(index: Index, docs: Path, embeddings: CountingEmbeddings) -> None:
    (docs / "in").mkdir()
    (docs / "urban.txt").rename(docs / "in/城市.txt")
    report = ingestor(index).run([docs])
    assert report == IngestReport(unchanged=("rural.txt",), moved=(Moved("urban.txt", "in/城市.txt"),))
    assert embeddings.take() == []
    assert found_by_word(index, "网格") == {"in/城市.txt"}
    assert sources(index) == ["in/城市.txt", "rural.txt"]
    assert agree(index)
    assert ingestor(index).run([docs]) == IngestReport(unchanged=("in/城市.txt", "rural.txt"))


def test_what_the_sidecar_said_of_the_old_name_stays(index: Index, docs: Path, embeddings: CountingEmbeddings) -> None:
    entry = {"urban.txt": {"title": "滨海新区行动纲要", "issuer": "市委"}}
    (docs / "metadata.yaml").write_text(sidecar(entry), encoding="utf-8")
    ingestor(index).run([docs])
    before = index.catalog.get("urban.txt").metadata
    embeddings.take()
    (docs / "urban.txt").rename(docs / "b.txt")
    assert ingestor(index).run([docs]).moved == (Moved("urban.txt", "b.txt"),)
    assert index.catalog.get("b.txt").metadata == before
    assert before.title == "滨海新区行动纲要"
    assert embeddings.take() == []
    assert ingestor(index).run([docs]) == IngestReport(unchanged=("b.txt", "rural.txt"))


def test_what_the_sidecar_says_of_the_new_name_counts(index: Index, docs: Path) -> None:
    (docs / "urban.txt").rename(docs / "b.txt")
    (docs / "metadata.yaml").write_text(sidecar({"b.txt": {"title": "滨海新区行动纲要"}}), encoding="utf-8")
    assert ingestor(index).run([docs]).moved == (Moved("urban.txt", "b.txt"),)
    assert index.catalog.get("b.txt").metadata.title == "滨海新区行动纲要"
    assert ingestor(index).run([docs]) == IngestReport(unchanged=("b.txt", "rural.txt"))


def test_of_two_copies_one_is_the_moved_one(index: Index, docs: Path, embeddings: CountingEmbeddings) -> None:
    (docs / "urban.txt").unlink()
    write(docs / "copies", {"one.txt": URBAN, "two.txt": URBAN})
    report = ingestor(index).run([docs])
    assert report == IngestReport(
        added=("copies/two.txt",), unchanged=("rural.txt",), moved=(Moved("urban.txt", "copies/one.txt"),)
    )
    assert embeddings.take() == []
    assert found_by_word(index, "网格") == {"copies/one.txt", "copies/two.txt"}


def test_a_copy_of_a_file_that_is_there_is_a_document_of_its_own(
    index: Index, docs: Path, embeddings: CountingEmbeddings
) -> None:
    (docs / "copy.txt").write_text(URBAN, encoding="utf-8")
    report = ingestor(index).run([docs])
    assert report == IngestReport(added=("copy.txt",), unchanged=("rural.txt", "urban.txt"))
    assert embeddings.take() == []


def test_two_files_that_change_names(index: Index, docs: Path) -> None:
    (docs / "urban.txt").rename(docs / "x")
    (docs / "rural.txt").rename(docs / "urban.txt")
    (docs / "x").rename(docs / "rural.txt")
    assert ingestor(index).run([docs]) == IngestReport(updated=("rural.txt", "urban.txt"))
    assert (index.catalog.text("urban.txt"), index.catalog.text("rural.txt")) == (RURAL, URBAN)


def test_a_file_that_left_a_folder_that_is_not_named_stays(index: Index, docs: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"new.txt": URBAN})
    (docs / "urban.txt").unlink()
    assert ingestor(index).run([other]) == IngestReport(added=("new.txt",))
    assert sources(index) == ["new.txt", "rural.txt", "urban.txt"]


def test_a_moved_file_that_cannot_be_read_stays_under_its_old_name(index: Index, docs: Path) -> None:
    (docs / "urban.txt").rename(docs / "b.txt")
    (docs / "metadata.yaml").write_text(sidecar({"b.txt": {"colour": "red"}}), encoding="utf-8")
    report = ingestor(index).run([docs])
    assert (report.moved, report.removed, len(report.failed)) == ((), (), 1)
    assert sources(index) == ["rural.txt", "urban.txt"]
    (docs / "metadata.yaml").unlink()
    assert ingestor(index).run([docs]).moved == (Moved("urban.txt", "b.txt"),)


def test_only_what_is_said_to_have_changed_is_looked_at(index: Index, docs: Path) -> None:
    (docs / "urban.txt").write_text(RURAL, encoding="utf-8")
    (docs / "rural.txt").write_text(URBAN, encoding="utf-8")
    (docs / "new.txt").write_text(URBAN, encoding="utf-8")
    (docs / "newer.txt").write_text(URBAN, encoding="utf-8")
    report = ingestor(index).run([docs], changed={docs / "urban.txt", docs / "new.txt"})
    assert report == IngestReport(added=("new.txt",), updated=("urban.txt",), unchanged=("rural.txt",))
    assert index.catalog.text("rural.txt") == RURAL


def test_a_folder_that_is_empty_now_may_be_a_disk_that_is_not_there(index: Index, docs: Path) -> None:
    for path in docs.iterdir():
        path.unlink()
    report = ingestor(index).run([docs], empty=True)
    assert (report.removed, [skipped.path for skipped in report.skipped]) == ((), [str(docs)])
    assert sources(index) == ["rural.txt", "urban.txt"]


def test_only_one_writes_at_a_time(index: Index, docs: Path, tmp_path: Path) -> None:
    other = open_index(tmp_path / "home")
    with (
        other.writing(),
        pytest.raises(StorageError, match=r"process \d+ \(since .*\) is writing to .*Wait until it has"),
    ):
        ingestor(index).run([docs])
    other.close()
    assert ingestor(index).run([docs]) == IngestReport(unchanged=("rural.txt", "urban.txt"))


def _killed(home: Path, docs: Path, when: str) -> None:
    index = open_index(home)
    put_all = index.catalog.put_all

    def die(*entries: Any, **options: Any) -> set[str]:
        if when == "after":
            put_all(*entries, **options)
        os.kill(os.getpid(), signal.SIGKILL)
        return set()

    index.catalog.put_all = die  # type: ignore[method-assign]
    ingestor(index).run([docs])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_move_of_which_a_killed_ingest_could_not_tell_is_told_by_the_next(
    index: Index, docs: Path, tmp_path: Path, when: str
) -> None:
    """Killed right before or right after the document is known by its new name."""
    (docs / "urban.txt").rename(docs / "b.txt")
    process = FORKING.Process(target=_killed, args=(tmp_path / "home", docs, when))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert sources(index) == (["b.txt", "rural.txt"] if when == "after" else ["rural.txt", "urban.txt"])
    assert len(found_by_word(index, "网格")) == 1
    report = ingestor(index).run([docs])
    assert report == IngestReport(unchanged=("rural.txt",), moved=(Moved("urban.txt", "b.txt"),))
    assert found_by_word(index, "网格") == {"b.txt"}
    assert agree(index)
    assert ingestor(index).run([docs]) == IngestReport(unchanged=("b.txt", "rural.txt"))
