from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.corpus.document import ReadLimits, read_document
from rag.corpus.isolation import WorkerLimits, Workers, loads
from rag.errors import DocumentError, DocumentSizeError, UnsupportedFormatError
from rag.schema import Document
from tests.processes import until, worker_pids

TEXT = "关于城市更新的决定\n第一条 坚持规划引领，提升城市化率。\n"
LIMITS = ReadLimits()
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux shows them")


@pytest.fixture
def opened() -> Iterator[Callable[[WorkerLimits], Workers]]:
    """Makes workers that end with the test."""
    made: list[Workers] = []

    def open_workers(limits: WorkerLimits) -> Workers:
        made.append(Workers(limits))
        return made[-1]

    yield open_workers
    for workers in made:
        workers.close()
    assert worker_pids() == []


@pytest.fixture
def workers(opened: Callable[[WorkerLimits], Workers]) -> Workers:
    return opened(WorkerLimits(processes=1, timeout_s=60, memory_mb=1024))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "a.txt"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file that takes many seconds to read."""
    (tmp_path / "large.txt").write_text(TEXT * 200_000, encoding="utf-8")
    return tmp_path / "large.txt"


def read(workers: Workers, path: Path, max_bytes: int = 50_000_000) -> Document:
    limits = ReadLimits(max_bytes=max_bytes)
    document: Document = workers.perform(
        "read", path, name=path.name, source=path.name, limits=limits, overrides={"title": "决定"}
    )
    return document


def test_a_document_comes_back_as_it_would_be_read_here(workers: Workers, small: Path) -> None:
    assert worker_pids() == []
    here = read_document(small, source="a.txt", limits=LIMITS, overrides={"title": "决定"})
    assert read(workers, small) == here
    (process,) = worker_pids()
    assert read(workers, small) == here
    assert worker_pids() == [process]


def test_errors_of_ours_come_back_as_they_are(workers: Workers, small: Path) -> None:
    with pytest.raises(DocumentSizeError, match=r"a\.txt has 0\.0 MB, more than the limit of 1e-05 MB"):
        read(workers, small, max_bytes=10)
    with pytest.raises(UnsupportedFormatError, match=r"a\.exe: cannot read \.exe"):
        read(workers, small.rename(small.with_suffix(".exe")))
    assert len(worker_pids()) == 1


def test_whatever_else_a_parser_raises_is_the_files_fault(workers: Workers, small: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.txt cannot be read \(TypeError: .*\)\. It may be damaged: open it"):
        workers.perform("read", small, name="a.txt", wrong=True)


def test_a_file_that_takes_too_long(opened: Callable[[WorkerLimits], Workers], large: Path) -> None:
    workers = opened(WorkerLimits(timeout_s=0.2))
    with pytest.raises(
        DocumentError, match=r"^large\.txt: not read within 0\.2 s\. Split it, or raise RAG_INGEST__TIMEOUT_S\.$"
    ):
        read(workers, large)
    assert worker_pids() == []


def test_a_file_that_takes_too_much_memory(opened: Callable[[WorkerLimits], Workers], large: Path, small: Path) -> None:
    workers = opened(WorkerLimits(memory_mb=100))
    with pytest.raises(DocumentError, match=r"^large\.txt.*100 MB of memory.*RAG_INGEST__MEMORY_MB"):
        read(workers, large)
    assert read(workers, small).source == "a.txt"


def while_reading(workers: Workers, path: Path, act: Callable[[int], object]) -> list[BaseException | Document]:
    """What comes of reading ``path`` when ``act`` is done to the process that does so."""
    outcome: list[BaseException | Document] = []

    def run() -> None:
        try:
            outcome.append(read(workers, path))
        except DocumentError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(worker_pids)
    act(worker_pids()[0])
    thread.join()
    return outcome


def test_a_crash_is_told_and_the_next_file_is_read(workers: Workers, large: Path, small: Path) -> None:
    (error,) = while_reading(workers, large, lambda pid: os.kill(pid, signal.SIGSEGV))
    assert isinstance(error, DocumentError)
    assert str(error).startswith("large.txt: its parser crashed (SIGSEGV). It may be damaged or hostile")
    assert read(workers, small).source == "a.txt"


def test_a_process_that_is_killed_is_started_again(workers: Workers, small: Path) -> None:
    read(workers, small)
    (process,) = worker_pids()
    os.kill(process, signal.SIGSTOP)  # so that it is killed at work
    (document,) = while_reading(workers, small, lambda pid: os.kill(pid, signal.SIGKILL))
    assert isinstance(document, Document)
    assert worker_pids() != [process]


def test_closing_breaks_off_what_is_being_read(workers: Workers, large: Path) -> None:
    (error,) = while_reading(workers, large, lambda _: workers.close())
    assert str(error) == "large.txt: reading it was broken off. Ingest it again."
    assert worker_pids() == []


def test_only_one_stays_when_there_is_nothing_to_do(opened: Callable[[WorkerLimits], Workers], small: Path) -> None:
    workers = opened(WorkerLimits(processes=2))
    threads = [threading.Thread(target=read, args=(workers, small)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers.rest()
    assert len(worker_pids()) == 1


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path, small: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\n"
        "from rag.corpus.document import ReadLimits\nfrom rag.corpus.isolation import Workers, WorkerLimits\n"
        "workers = Workers(WorkerLimits())\n"
        "workers.perform('read', Path(sys.argv[1]), name='a', source='a', limits=ReadLimits(), overrides={})\n"
        "print(os.popen(f'ps -o pid= --ppid {os.getpid()}').read(), flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(small)], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    (process, *_) = [int(line) for line in done.stdout.split()]
    until(lambda: not Path(f"/proc/{process}").exists() or "State:\tZ" in Path(f"/proc/{process}/status").read_text())


def test_a_process_knows_no_secret(workers: Workers, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_LLM__API_KEY", "hidden")
    monkeypatch.setenv("OPENAI_API_KEY", "hidden")
    read(workers, small)
    (process,) = worker_pids()
    assert b"hidden" not in Path(f"/proc/{process}/environ").read_bytes()


def test_what_is_confined_writes_in_its_folder_only(tmp_path: Path) -> None:
    code = (
        "import socket, sys\nfrom pathlib import Path\nfrom rag.corpus.confinement import confine\n"
        "inside, outside = Path(sys.argv[1], 'in'), Path(sys.argv[1])\ninside.mkdir()\n"
        "if not confine(inside):\n    sys.exit(77)\n"
        "(inside / 'a').write_text('x')\n"
        "Path('/dev/null').write_text('x')\n"
        "for act in (lambda: (outside / 'b').write_text('x'), inside.rmdir, (outside / 'd').mkdir, \n"
        "            lambda: socket.create_connection(('127.0.0.1', 9))):\n"
        "    try:\n        act()\n    except OSError as error:\n        print(type(error).__name__)\n"
    )
    (tmp_path / "c").write_text("kept")
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("the system has no Landlock")
    *refused, connection = done.stdout.split()
    assert (done.stderr, refused) == ("", ["PermissionError"] * 3)
    assert connection in ("PermissionError", "ConnectionRefusedError")  # by Linux before 6.7
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "c", "in"]


def test_nothing_but_values_of_ours_is_taken_from_a_process(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
            return (Path.touch, (tmp_path / "touched",))

    with pytest.raises(EOFError, match="is no part of a document"):
        loads(pickle.dumps(("done", Hostile())))
    assert not (tmp_path / "touched").exists()


def test_a_process_that_reads_files_imports_little() -> None:
    heavy = ["chromadb", "gradio", "numpy", "onnxruntime", "sqlalchemy", "tantivy", "torch"]
    code = f"import sys, rag.corpus.worker\nprint([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
