"""Killed writers, torn files, full and read-only disks, and readers and writers in several processes at once."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.corpus.document import parse_document
from rag.errors import IndexBusyError, PolicyRagError, StorageError
from rag.index.graph import Graph
from rag.index.store import Index
from rag.index.verify import verify
from rag.retrieval.hybrid import HybridRetriever
from rag.schema import Document
from tests.index.parts import CountingEmbeddings, found_by_word, open_index, put

# Not forked from here: a process that has used Chroma has threads that its children lack.
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload([__name__])
MANY = 1100  # windows; Chroma writes its graph at a thousand


def document(source: str, articles: int, *, word: str = "主管") -> Document:
    lines = [f"第{number}条 第{number}项事务由{word}部门办理。" for number in range(1, articles + 1)]
    return parse_document("\n".join(lines) + "\n", source=source, overrides={"title": f"{word}部门服务办法"})


def test_killed_writers_lose_nothing(tmp_path: Path) -> None:
    """The long form is ``python -m tests.index.kills --kills 100 --moves 50``."""
    command = [sys.executable, "-m", "tests.index.kills", "--kills", "3", "--moves", "1", "--seed", "11"]
    command += ["--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose graph is on the disk."""
    home = tmp_path_factory.mktemp("large") / "home"
    index = open_index(home)
    put(index, document("a.txt", MANY))
    index.close()
    assert len(list(home.glob("vectors/*/index_metadata.pickle"))) == 1
    return home


@pytest.fixture
def home(large: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(large, tmp_path / "home"))


def nearest(index: Index) -> list[tuple[str, float]]:
    """What is nearest to the windows of some chunks."""
    asked = [f"{chunk.chunk_id}:0" for chunk in index.catalog.get("a.txt").chunks[::200]]
    stored = index.vectors.vectors(asked)
    return [(chunk_id, round(score, 4)) for each in asked for chunk_id, score in index.vectors.search(stored[each], 3)]


@pytest.mark.parametrize("name", ["data_level0.bin", "link_lists.bin", "length.bin", "index_metadata.pickle"])
def test_a_graph_that_was_cut_off_is_searched_one_by_one_and_mended_by_the_next_writer(home: Path, name: str) -> None:
    embeddings = CountingEmbeddings()
    index = open_index(home, embeddings)
    expected = nearest(index)
    index.close()
    (file,) = home.glob(f"vectors/*/{name}")
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2] if name != "link_lists.bin" else data[: len(data) // 2] + bytes(40))
    index = open_index(home, embeddings)
    index.require_ready()
    assert nearest(index) == expected
    (problem,) = verify(index).problems
    assert "its files are not as the last writer left them" in problem
    put(index, document("b.txt", 3, word="民政"))
    assert (len(embeddings.take()), verify(index).problems) == (3, ())
    assert nearest(index) == expected
    index.close()


def test_a_graph_that_was_cut_off_beside_a_damaged_copy_is_embedded_again(home: Path) -> None:
    (file,) = home.glob("vectors/*/data_level0.bin")
    file.write_bytes(file.read_bytes()[:1000])
    (home / "vectors" / "exact.db").write_bytes(b"damaged" * 1000)
    embeddings = CountingEmbeddings()
    index = open_index(home, embeddings)
    with pytest.raises(StorageError, match=r"vectors cannot be used: .*killed.*rag verify --repair"):
        index.vectors.search(embeddings.embed_query("x"), 3)
    put(index, document("b.txt", 3, word="民政"))
    assert (len(embeddings.take()), verify(index).problems) == (MANY + 3, ())
    index.close()


def test_a_copy_of_a_home_is_whole(home: Path) -> None:
    for file in home.glob("vectors/*/*"):
        os.utime(file)
    index = open_index(home)
    assert (index.vectors.is_whole(), verify(index).problems) == (True, ())
    index.close()


def test_an_index_without_seals_as_earlier_versions_left_it(home: Path) -> None:
    for name in ("graph.json", "turn.lock", "turn.queue"):
        (home / "vectors" / name).unlink()
    index = open_index(home)
    expected = nearest(index)
    put(index, document("b.txt", 3, word="民政"))
    assert (nearest(index), verify(index).problems) == (expected, ())
    assert (home / "vectors" / "graph.json").exists()
    index.close()


def test_what_a_killed_deletion_leaves_is_not_in_the_way(home: Path) -> None:
    index = open_index(home)
    index.lexical.delete([index.catalog.get("a.txt").chunks[0].chunk_id])
    (file,) = home.glob("lexical/*.del")
    stem, number, _ = file.name.split(".")
    for later in range(1, 9):  # the names that the next commits would give
        (home / "lexical" / f"{stem}.{int(number) + later}.del").write_bytes(b"cut off")
    managed = home / "lexical" / ".managed.json"
    names = [f'"{each.name}"' for each in home.glob("lexical/*.del")]
    managed.write_text(managed.read_text("utf-8").rstrip("]\n") + "," + ",".join(names) + "]", "utf-8")
    index.close()
    index = open_index(home)
    put(index, document("b.txt", 3, word="民政"))
    index.remove("b.txt")
    assert found_by_word(index, "民政") == set()
    index.close()


# --- several processes ---------------------------------------------------------------------------------------


def _replace(home: Path, words: list[str], done: Any) -> None:
    index = open_index(home)
    for word in words:
        put(index, document("a.txt", 12, word=word))
    index.close()
    done.set()


def test_a_reader_sees_the_old_or_the_new_document_and_never_half_of_one(tmp_path: Path) -> None:
    home, words = tmp_path / "home", ["主管", "民政", "住建", "水利"]
    index = open_index(home)
    put(index, document("a.txt", 12, word=words[0]))
    whole = {tuple(sorted(chunk.text for chunk in document("a.txt", 12, word=word).chunks)) for word in words}
    done = FORKING.Event()
    writer = FORKING.Process(target=_replace, args=(home, words * 4, done))
    writer.start()
    retriever, seen = HybridRetriever(index, candidates=12), set()
    while writer.is_alive() and not done.is_set():
        found = retriever.retrieve("部门办理什么事务？", 12).passages
        seen.add(tuple(sorted(passage.chunk.text for passage in found)))
    writer.join()
    assert writer.exitcode == 0
    assert seen <= whole
    assert len(seen) > 1
    assert verify(index).problems == ()
    index.close()


def _hold(home: Path, held: Any, enough: Any) -> None:
    index = open_index(home)
    with index.writing():
        held.set()
        enough.wait(60)


def test_a_second_process_is_told_which_one_writes(home: Path) -> None:
    held, enough = FORKING.Event(), FORKING.Event()
    other = FORKING.Process(target=_hold, args=(home, held, enough))
    other.start()
    assert held.wait(60)
    index = open_index(home)
    with pytest.raises(IndexBusyError, match=rf"process {other.pid} \(since .*\) is writing to .*home\. Wait until"):
        index.remove("a.txt")
    index.require_ready()
    assert found_by_word(index, "主管") == {"a.txt"}
    enough.set()
    other.join()
    index.remove("a.txt")
    assert index.catalog.infos() == []
    index.close()


def _change_slowly(home: Path, started: Any, enough: Any) -> None:
    with Graph(home / "vectors").turn(write=True):
        started.set()
        enough.wait(60)


def test_a_reader_does_not_wait_for_a_long_change(home: Path) -> None:
    index = open_index(home)
    expected = nearest(index)
    started, enough = FORKING.Event(), FORKING.Event()
    other = FORKING.Process(target=_change_slowly, args=(home, started, enough))
    other.start()
    assert started.wait(60)
    vector = CountingEmbeddings().embed_query("x")
    assert [each for each, _ in index.vectors.search(vector, 3)]
    assert other.is_alive()
    enough.set()
    other.join()
    assert nearest(index) == expected
    index.close()


# --- disks ---------------------------------------------------------------------------------------------------


def _fill(home: Path, room: int, told: Any) -> None:
    largest = max(file.stat().st_size for file in home.rglob("*") if file.is_file())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + room, largest + room))
    index = open_index(home)
    try:
        for number in range(50):
            put(index, document(f"更多{number}.txt", 120, word=f"第{number}"))
    except PolicyRagError as error:
        told.put(f"{type(error).__name__}: {error}")
    else:
        told.put("nothing")


@pytest.mark.parametrize("room", [0, 40_000, 400_000])
def test_a_full_disk_is_told_and_leaves_the_last_good_state(home: Path, room: int) -> None:
    told = FORKING.Queue()
    process = FORKING.Process(target=_fill, args=(home, room, told))
    process.start()
    message = told.get(timeout=120)
    process.join()
    assert message.startswith("StorageError: ")
    index = open_index(home)
    before = {info.source for info in index.catalog.infos()}
    assert "a.txt" in before
    assert found_by_word(index, "主管") == {"a.txt"}
    put(index, document("b.txt", 3, word="民政"))
    assert {info.source for info in index.catalog.infos()} == before | {"b.txt"}
    assert verify(index).problems == ()
    index.close()


@pytest.fixture
def read_only(home: Path, tmp_path: Path) -> Iterator[Path]:
    """``home`` on a file system that cannot be written, where this system lets us make one."""
    view = tmp_path / "view"
    view.mkdir()
    mounts = [["mount", "--bind", str(home), str(view)], ["mount", "-o", "remount,ro,bind", str(view)]]
    if shutil.which("mount") is None or any(subprocess.run(each, capture_output=True).returncode for each in mounts):
        subprocess.run(["umount", str(view)], capture_output=True, check=False)
        pytest.skip("needs the right to mount a file system read-only")
    yield view
    subprocess.run(["umount", "-l", str(view)], check=True)


def test_a_read_only_disk_is_told(read_only: Path) -> None:
    with pytest.raises(StorageError, match=r"view.*writable|writable.*view"):
        put(open_index(read_only), document("b.txt", 3))
