from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.corpus.archive import ArchiveLimits
from rag.corpus.document import ReadLimits
from rag.corpus.isolation import WorkerLimits, Workers
from rag.index.reading import Ahead, FileReader, in_order
from tests.index.parts import pack, write
from tests.processes import worker_pids

TEXT = "关于城市更新的决定\n第一条 坚持规划引领。\n"
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux shows them")


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(WorkerLimits())
    yield workers
    workers.close()


@pytest.fixture
def reader(workers: Workers) -> FileReader:
    return FileReader(ReadLimits(), workers, ArchiveLimits())


def read(reader: FileReader, path: Path) -> str:
    return reader(path, source=path.name, overrides={}).text


def test_a_few_texts_start_no_process_and_many_do(reader: FileReader, tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", {f"{n}.txt": TEXT for n in range(33)})
    paths = sorted(folder.iterdir())
    assert [read(reader, path) for path in paths[:32]] == [TEXT] * 32
    assert worker_pids() == []
    assert read(reader, paths[32]) == TEXT
    assert len(worker_pids()) == 1


def test_what_is_no_plain_text_is_read_elsewhere_whatever_it_is_called(
    reader: FileReader, workers: Workers, tmp_path: Path
) -> None:
    folder = write(
        tmp_path / "docs", {"a.csv": "事项,部门\n登记,某局\n", "page.txt": f"<html><body>{TEXT}</body></html>"}
    )
    pack(folder / "b.zip", {"in/a.txt": TEXT})
    for path in (folder / "a.csv", folder / "page.txt", folder / "b.zip/in/a.txt"):
        assert worker_pids() == []
        assert "登记" in (text := read(reader, path)) or "坚持规划引领" in text
        assert len(worker_pids()) == 1
        workers.close()


def asked_before(sizes: list[int], handed_out: int) -> int:
    """How many of the steps were asked for when the first ``handed_out`` were."""
    asked = []

    def steps() -> Iterator[Ahead[int]]:
        for number, size in enumerate(sizes):
            asked.append(number)
            yield Ahead(number, None, size)

    ordered = in_order(steps())
    assert [next(ordered).what for _ in range(handed_out)] == list(range(handed_out))
    return len(asked)


def test_documents_are_asked_for_ahead_but_not_without_bound() -> None:
    assert asked_before([1] * 10, 1) == 10
    assert asked_before([1] * 1000, 1) == 65
    assert asked_before([1] * 1000, 500) == 564
    assert asked_before([15_000_000] * 20, 1) == 3
    assert asked_before([100_000_000] * 20, 2) == 3


def test_all_steps_come_in_order() -> None:
    steps = [Ahead(number, None, number * 1_000_000) for number in range(100)]
    assert list(in_order(steps)) == steps
