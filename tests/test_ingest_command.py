"""``rag ingest`` as a process of its own, which is interrupted, starved and followed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from rag import Chatbot, Settings
from tests.conftest import SMALL_DOCUMENTS
from tests.index.parts import agree, ingestor, open_index, write
from tests.processes import until

TEXT = "关于第{0}号社区更新的决定\n第一条 第{0}号社区坚持规划引领，{0}年内完成管网改造。\n"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(home: Path, command_environment: Mapping[str, str]) -> Iterator[Start]:
    """Starts ``rag ingest`` on the test's home; a process that still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "rag.cli", "--home", home, "ingest", *arguments]
        pipe = subprocess.PIPE
        started.append(
            subprocess.Popen(list(map(str, command)), env=command_environment, stdout=pipe, stderr=pipe, text=True)
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def many(folder: Path, number: int) -> Path:
    return write(folder, {f"{n:04}.txt": TEXT.format(n) for n in range(number)})


def children(process: int) -> list[int]:
    return [
        int(child) for path in Path(f"/proc/{process}/task").glob("*/children") for child in path.read_text().split()
    ]


def stored(home: Path) -> int:
    """How many documents are in the index, as another process sees it."""
    if not (home / "manifest.json").exists():
        return 0
    bot = Chatbot.open(Settings(home=home))
    found = len(bot.documents())
    bot.close()
    return found


def test_following_a_folder_tells_each_change_and_ends_with_ctrl_c(start: Start, papers: Path, home: Path) -> None:
    process = start("--watch", "--json", papers)
    assert process.stdout is not None

    def told() -> Mapping[str, Any]:
        assert process.stdout is not None
        decoded: dict[str, Any] = json.loads(process.stdout.readline())
        return decoded

    assert [told() for _ in SMALL_DOCUMENTS] == [{"event": "added", "source": name} for name in sorted(SMALL_DOCUMENTS)]
    assert told() == {"event": "watching", "paths": [str(papers)], "unchanged": 0}
    (papers / "表.csv").write_text("事项,部门\n不动产登记,市政务服务局\n", encoding="utf-8")
    assert told() == {"event": "added", "source": "表.csv"}
    (papers / "表.csv").rename(papers / "清单.csv")
    assert told() == {"event": "moved", "old": "表.csv", "new": "清单.csv"}
    (papers / "坏.txt").write_bytes(b"")
    failed = told()
    assert (failed["event"], failed["path"]) == ("failed", str(papers / "坏.txt"))
    below = children(process.pid)
    nice = max(1, os.getpriority(os.PRIO_PROCESS, 0))
    assert {os.getpriority(os.PRIO_PROCESS, each) for each in (process.pid, *below)} == {nice}
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, "")
    assert errors.endswith("stopped; what is written stays\n")  # after lines of progress, where it took long
    assert below  # a table is read in a process of its own
    assert not any(Path(f"/proc/{child}").exists() for child in below)
    assert stored(home) == 3


def test_an_interrupted_ingest_keeps_what_is_written_and_goes_on_from_there(
    start: Start, tmp_path: Path, home: Path
) -> None:
    folder = many(tmp_path / "docs", 600)
    process = start(folder)
    until(lambda: stored(home))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.endswith("What is written stays; the same command goes on from there.\ninterrupted\n")
    written = stored(home)
    assert 0 < written < 600
    for path in sorted(folder.iterdir())[written + 5 :]:
        path.unlink()
    report = json.loads(start("--json", folder).communicate(timeout=120)[0])
    assert (len(report["unchanged"]), len(report["added"]), report["failed"]) == (written, 5, [])


def test_a_process_that_reads_files_may_be_killed(start: Start, tmp_path: Path) -> None:
    row = "不动产登记,市政务服务局\n"
    folder = write(tmp_path / "docs", {f"{n}.csv": "事项,部门\n" + row * 3 + f"{n},某局\n" for n in range(12)})
    process = start("--json", folder)
    until(lambda: children(process.pid))
    for child in children(process.pid):
        os.kill(child, signal.SIGKILL)
    report = json.loads(process.communicate(timeout=120)[0])
    assert (process.returncode, len(report["added"]), report["failed"]) == (0, 12, [])


@pytest.mark.parametrize("kilobytes", [0, 40, 200])
def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path, kilobytes: int) -> None:
    home, first, second = tmp_path / "home", many(tmp_path / "first", 5), many(tmp_path / "second", 200)
    index = open_index(home)
    assert len(ingestor(index).run([first]).added) == 5
    index.close()
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom rag.errors import StorageError\n"
        "from tests.index.parts import ingestor, open_index\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]) * 1000,) * 2)\n"
        "try:\n    index = open_index(Path(sys.argv[2]))\n    ingestor(index).run([Path(sys.argv[3])])\n"
        "except StorageError as error:\n    print(error)\n    sys.exit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(kilobytes), str(home), str(second)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert str(home) in done.stdout
    index = open_index(home)
    report = ingestor(index).run([first, second])
    assert (len(report.added) + len(report.unchanged), report.failed) == (205, ())
    assert agree(index)
    index.close()
