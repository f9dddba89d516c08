from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.errors import DocumentNotFoundError
from rag.index.store import Index
from rag.index.watching import Rhythm, Watcher
from rag.schema import IngestReport, Moved, Waiting
from tests.index.parts import (
    CountingEmbeddings,
    agree,
    found_by_word,
    ingestor,
    open_index,
    pack,
    sidecar,
    write,
)

URBAN = "关于城市更新的决定\n\n一、总体要求\n坚持规划引领,提升城市化率。\n二、主要任务\n完善网格管理。\n"
RURAL = "关于乡村振兴的意见\n\n一、发展目标\n粮食产量稳定增长。\n"
FAST = Rhythm(settle=0.1, every=0.5, unaided=0.2, retries=(0.2, 0.2), busy=0.2)
Events = "queue.Queue[IngestReport | Waiting | BaseException]"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write(tmp_path / "docs", {"urban.txt": URBAN, "rural.txt": RURAL})


class Watched:
    """Takes what a watcher tells, in the order in which it does."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def next(self) -> IngestReport | Waiting:
        event = self._events.get(timeout=60)
        if isinstance(event, BaseException):
            raise event
        return event

    def nothing_more(self) -> bool:
        return self._events.empty()


@contextmanager
def watching(index: Index, *paths: Path, rhythm: Rhythm = FAST) -> Iterator[Watched]:
    """What a watcher in a thread of its own tells; it has ended when the block has."""
    events: Events = queue.Queue()
    stop = threading.Event()

    def run() -> None:
        try:
            for event in Watcher(ingestor(index), paths, rhythm=rhythm).events(stop):
                events.put(event)
        except DocumentNotFoundError as error:
            events.put(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield Watched(events)
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


def test_a_full_ingest_then_each_change(index: Index, docs: Path, embeddings: CountingEmbeddings) -> None:
    with watching(index, docs) as watched:
        assert watched.next() == IngestReport(added=("rural.txt", "urban.txt"))
        embeddings.take()
        (docs / "new.txt").write_text(URBAN.replace("网格", "海绵"), encoding="utf-8")
        assert watched.next() == IngestReport(added=("new.txt",))
        (docs / "new.txt").write_text(URBAN.replace("网格", "绿道"), encoding="utf-8")
        assert watched.next() == IngestReport(updated=("new.txt",))
        (docs / "new.txt").rename(docs / "newer.txt")
        assert watched.next() == IngestReport(moved=(Moved("new.txt", "newer.txt"),))
        (docs / "newer.txt").unlink()
        assert watched.next() == IngestReport(removed=("newer.txt",))
        assert not any("粮食" in text for text in embeddings.take())
    assert agree(index)


def test_what_did_not_change_is_not_read_again(index: Index, docs: Path) -> None:
    with watching(index, docs) as watched:
        watched.next()
        index.remove("rural.txt")
        (docs / "new.txt").write_text(RURAL, encoding="utf-8")
        assert watched.next() == IngestReport(added=("new.txt",))
    assert sorted(info.source for info in index.catalog.infos()) == ["new.txt", "urban.txt"]


def test_an_archive_and_a_sidecar_are_followed(index: Index, docs: Path) -> None:
    with watching(index, docs) as watched:
        watched.next()
        pack(docs / "a.zip", {"x.txt": URBAN.replace("网格", "海绵")})
        assert watched.next() == IngestReport(added=("a.zip/x.txt",))
        (docs / "metadata.yaml").write_text(sidecar({"urban.txt": {"title": "行动纲要"}}), encoding="utf-8")
        assert watched.next() == IngestReport(updated=("urban.txt",))
        (docs / "a.zip").unlink()
        assert watched.next() == IngestReport(removed=("a.zip/x.txt",))


def test_a_file_that_is_being_written_is_read_when_it_is_whole(index: Index, docs: Path) -> None:
    with watching(index, docs, rhythm=Rhythm(settle=1.0, every=0.5)) as watched:
        watched.next()
        with (docs / "slow.txt").open("w", encoding="utf-8") as file:
            for line in URBAN.replace("网格", "海绵").splitlines(keepends=True):
                file.write(line)
                file.flush()
                threading.Event().wait(0.2)
        assert watched.next() == IngestReport(added=("slow.txt",))
        assert watched.nothing_more()
    assert found_by_word(index, "海绵") == {"slow.txt"}


def test_a_file_that_cannot_be_read_is_told_once_and_read_when_it_can(index: Index, docs: Path) -> None:
    with watching(index, docs) as watched:
        watched.next()
        (docs / "empty.txt").write_bytes(b"")
        report = watched.next()
        assert isinstance(report, IngestReport)
        assert [failure.path for failure in report.failed] == [str(docs / "empty.txt")]
        threading.Event().wait(1.0)  # it is tried again twice meanwhile
        assert watched.nothing_more()
        (docs / "empty.txt").write_text(RURAL.replace("粮食", "水果"), encoding="utf-8")
        assert watched.next() == IngestReport(added=("empty.txt",))


def test_an_index_that_another_process_writes_to_is_waited_for(index: Index, docs: Path, tmp_path: Path) -> None:
    other = open_index(tmp_path / "home")
    with watching(index, docs) as watched:
        watched.next()
        with other.writing():
            (docs / "new.txt").write_text(RURAL, encoding="utf-8")
            waiting = watched.next()
            assert isinstance(waiting, Waiting)
            assert "is writing to" in waiting.reason
            threading.Event().wait(0.5)
            assert watched.nothing_more()
        assert watched.next() == IngestReport(added=("new.txt",))
    other.close()


def test_a_folder_that_goes_away_and_comes_back(index: Index, docs: Path, tmp_path: Path) -> None:
    with watching(index, docs) as watched:
        watched.next()
        docs.rename(tmp_path / "aside")
        waiting = watched.next()
        assert isinstance(waiting, Waiting)
        assert waiting.reason.startswith(f"no such file or folder: {docs}")
        (tmp_path / "aside/new.txt").write_text(RURAL, encoding="utf-8")
        (tmp_path / "aside").rename(docs)
        assert watched.next() == IngestReport(added=("new.txt",))
        (docs / "newer.txt").write_text(URBAN, encoding="utf-8")
        assert watched.next() == IngestReport(added=("newer.txt",))


def test_a_folder_without_documents_is_waited_on(index: Index, tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", {"in/a.exe": "x"})
    with watching(index, folder) as watched:
        first = watched.next()
        assert isinstance(first, IngestReport)
        assert (first.added, len(first.skipped)) == ((), 2)
        (folder / "in/a.txt").write_text(URBAN, encoding="utf-8")
        report = watched.next()
        assert isinstance(report, IngestReport)
        assert (report.added, report.skipped) == (("in/a.txt",), ())
        shutil.rmtree(folder / "in")
        emptied = watched.next()
        assert isinstance(emptied, IngestReport)
        assert (emptied.removed, [skipped.path for skipped in emptied.skipped]) == ((), [str(folder)])


def test_nothing_at_a_path_at_first(index: Index, tmp_path: Path) -> None:
    with watching(index, tmp_path / "gone") as watched, pytest.raises(DocumentNotFoundError, match="no such file"):
        watched.next()
