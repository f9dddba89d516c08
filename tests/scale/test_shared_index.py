"""One index that several machines share: catalogue in PostgreSQL, vectors on a Chroma server, the rest each its own."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.errors import IndexBusyError, IndexMismatchError, StorageError
from rag.index import changelog
from rag.index.manifest import Manifest
from rag.index.served_vectors import ChromaServer, Servers
from rag.index.store import Index
from rag.index.verify import repair, verify
from rag.schema import VerifyReport
from tests.index.parts import MANIFEST, CountingEmbeddings, agree, found_by_word, ingestor, write
from tests.scale.servers import Served

OPEN = Callable[..., Index]
FILES = {"a.txt": "小区管理办法\n第一条 小区由居民管理。\n", "b.txt": "公园管理办法\n第一条 公园免费开放。\n"}


@pytest.fixture
def servers(empty_postgres: str, chroma_server: Served) -> Servers:
    return Servers(empty_postgres, ChromaServer(chroma_server.url, f"test-{uuid.uuid4().hex}"))


@pytest.fixture
def machine(servers: Servers, tmp_path: Path) -> Iterator[OPEN]:
    """The index as the machine of that name has it."""
    opened: list[Index] = []

    def open_on(name: str, manifest: Manifest = MANIFEST) -> Index:
        opened.append(Index(tmp_path / name, CountingEmbeddings(), manifest, servers=servers))
        return opened[-1]

    yield open_on
    for index in opened:
        index.close()


def ingest(index: Index, tmp_path: Path, files: dict[str, str]) -> None:
    report = ingestor(index).run([write(tmp_path / "files", files)])
    assert report.failed == ()


def test_each_machine_finds_what_another_has_written(machine: OPEN, tmp_path: Path) -> None:
    one, other = machine("one"), machine("other")
    ingest(one, tmp_path, FILES)
    other.require_ready()
    for index in (one, other):
        assert agree(index)
        assert (found_by_word(index, "小区"), found_by_word(index, "公园")) == ({"a.txt"}, {"b.txt"})
        assert {hit for hit, _ in index.vectors.search([1.0] * 16, 9, sources=["a.txt"])} == {
            chunk.chunk_id for chunk in index.catalog.get("a.txt").chunks
        }
    ingest(other, tmp_path, {"a.txt": FILES["a.txt"].replace("小区", "街道"), "c.txt": FILES["b.txt"]})
    one.catch_up()
    assert agree(one)
    assert [found_by_word(one, word) for word in ("小区", "街道", "公园")] == [set(), {"a.txt"}, {"c.txt"}]
    assert one.vectors.search([1.0] * 16, 9, sources=["b.txt"]) == []
    assert one.vectors.search([1.0] * 16, 9, sources=["c.txt"])
    assert verify(one) == verify(other) == VerifyReport(2, one.catalog.count_chunks())


def test_a_machine_that_is_far_behind_starts_anew(machine: OPEN, tmp_path: Path) -> None:
    one, other = machine("one"), machine("other")
    ingest(one, tmp_path, FILES)
    other.require_ready()
    ingest(one, tmp_path, {"a.txt": FILES["a.txt"]})
    with one.catalog._engine.begin() as connection:
        changelog.trim(connection, one.catalog.position().number)
    other.catch_up()
    assert agree(other)
    assert (found_by_word(other, "小区"), found_by_word(other, "公园")) == ({"a.txt"}, set())
    assert other.vectors.search([1.0] * 16, 9, sources=["b.txt"]) == []


def test_two_that_follow_in_one_folder_take_turns(machine: OPEN, tmp_path: Path) -> None:
    writer, one, same = machine("writer"), machine("one"), machine("one")
    ingest(writer, tmp_path, FILES)
    one.require_ready()
    same.require_ready()
    ingest(same, tmp_path, {"b.txt": FILES["b.txt"]})
    one.catch_up()
    assert agree(one)
    assert agree(same)


def test_one_machine_writes_at_a_time(machine: OPEN, tmp_path: Path) -> None:
    one, other = machine("one"), machine("other")
    ingest(one, tmp_path, FILES)
    with one.writing(), pytest.raises(IndexBusyError, match=r"process \d+ on .* is writing to postgresql://"):
        other.remove("a.txt")
    other.remove("a.txt")
    assert one.catalog.states().keys() == {str(tmp_path / "files" / "b.txt")}


KILLED = """
import os, sys
from pathlib import Path
from rag.index.served_vectors import ChromaServer, Servers
from rag.index.store import Index
from tests.index.parts import MANIFEST, CountingEmbeddings, ingestor

database, url, collection, home, files = sys.argv[1:]
index = Index(Path(home), CountingEmbeddings(), MANIFEST, servers=Servers(database, ChromaServer(url, collection)))
put_all = index.catalog.put_all
index.catalog.put_all = lambda *_, **__: os.kill(os.getpid(), 9)
ingestor(index).run([Path(files)])
"""


def test_a_writer_that_is_killed_leaves_what_was_there(machine: OPEN, servers: Servers, tmp_path: Path) -> None:
    one = machine("one")
    ingest(one, tmp_path, {"a.txt": FILES["a.txt"]})
    assert servers.database is not None
    assert servers.chroma is not None
    files = write(tmp_path / "files", FILES)
    arguments = [servers.database, servers.chroma.url, servers.chroma.collection, str(tmp_path / "killed"), str(files)]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == -9
    assert one.vectors.count() > len(one.catalog.chunk_ids())
    one.catch_up()
    assert found_by_word(one, "公园") == set()
    ingest(machine("other"), tmp_path, FILES)
    one.catch_up()
    assert verify(one).problems == ()
    assert (found_by_word(one, "小区"), found_by_word(one, "公园")) == ({"a.txt"}, {"b.txt"})


def test_a_repair_is_taken_over_by_the_others(machine: OPEN, tmp_path: Path) -> None:
    one, other = machine("one"), machine("other")
    ingest(one, tmp_path, FILES)
    other.require_ready()
    gone = {chunk.chunk_id for chunk in one.catalog.get("a.txt").chunks}
    one.vectors.delete(gone)
    with pytest.raises(StorageError, match=r"vector index .* holds 1 of 2 chunks"):
        other.require_ready()
    assert repair(one, rechunk=lambda document: document).repaired
    other.require_ready()
    assert {hit for hit, _ in other.vectors.search([1.0] * 16, 9, sources=["a.txt"])} == gone


def test_a_machine_with_other_settings_is_told(machine: OPEN, tmp_path: Path) -> None:
    ingest(machine("one"), tmp_path, FILES)
    with pytest.raises(IndexMismatchError, match="chunk_chars 300, now 200"):
        machine("other", Manifest("fake", 200, 1)).require_ready()
