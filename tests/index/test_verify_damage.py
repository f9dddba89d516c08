"""Every kind of damage to a store is found, and mended without more work than it takes."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from rag.corpus.document import parse_document, rechunk
from rag.errors import StorageError
from rag.index.store import Index
from rag.index.texts import search_keys, windows
from rag.index.verify import repair, verify
from rag.index.writer import Writer
from rag.schema import Document, VerifyReport
from tests.index.parts import CountingEmbeddings, found_by_word, open_index

CHUNKS = 40  # of a window each
MANY = 1100  # enough that Chroma writes its graph to the disk


def document(chunks: int) -> Document:
    lines = [f"第{number}条 第{number}项事务由主管部门办理。" for number in range(1, chunks + 1)]
    return parse_document("\n".join(lines) + "\n", source="a.txt", overrides={"title": "服务办法"})


def new_home(home: Path, chunks: int) -> Path:
    index = open_index(home)
    with index.writing():
        index.prepare()
        writer = Writer(index, lambda _: None)
        writer.put(document(chunks), path="/a.txt", overrides="")
        writer.flush()
    assert verify(index) == VerifyReport(documents=1, chunks=chunks)
    index.close()
    return home


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """By the number of chunks, homes to be copied."""
    return {chunks: new_home(tmp_path_factory.mktemp("homes") / "home", chunks) for chunks in (CHUNKS, MANY)}


@dataclass
class Opened:
    """An index, its folder, and one of its chunks."""

    index: Index
    home: Path
    document: Document

    def __post_init__(self) -> None:
        self.chunk = self.document.chunks[7]
        self.metadata = self.document.metadata
        (self.window,) = windows(self.chunk, self.metadata)
        self.entry = search_keys(self.chunk, self.metadata)

    def add(self, window_id: str, text: str, *, chunk_id: str = "", source: str = "a.txt") -> None:
        """Put a window into the vectors that does not belong there."""
        wrong = replace(self.window, window_id=window_id, chunk_id=chunk_id or self.chunk.chunk_id, text=text)
        vector = self.index.vectors.vectors([self.window.window_id])[self.window.window_id]
        self.index.vectors.add([replace(wrong, source=source)], np.stack([vector]))

    def sql(self, file: str, statement: str, *values: object) -> None:
        """Change a database behind the back of everybody."""
        self.index.close()
        with sqlite3.connect(self.home / file) as connection:
            assert connection.execute(statement, values).rowcount > 0
        connection.close()

    def cut(self, pattern: str) -> None:
        """Take away the second half of a file."""
        self.index.close()
        file = max(self.home.glob(pattern), key=lambda each: each.stat().st_size)
        data = file.read_bytes()
        file.write_bytes(data[: len(data) // 2])

    def spoil(self, pattern: str) -> None:
        """Change a few bytes in the middle of a file."""
        self.index.close()
        file = max(self.home.glob(pattern), key=lambda each: each.stat().st_size)
        data = bytearray(file.read_bytes())
        data[len(data) // 2 : len(data) // 2 + 8] = b"\xff\x00\xff\x00\xff\x00\xff\x00"
        file.write_bytes(data)


def _remove(folder: str) -> Callable[[Opened], None]:
    def damage(opened: Opened) -> None:
        opened.index.close()
        shutil.rmtree(opened.home / folder)

    return damage


def _other_vector(opened: Opened) -> None:
    opened.index.close()
    with sqlite3.connect(opened.home / "vectors" / "exact.db") as connection:
        (block,) = connection.execute("SELECT block FROM chunks WHERE id = ?", (opened.chunk.chunk_id,)).fetchone()
        (packed,) = connection.execute("SELECT vectors FROM blocks WHERE id = ?", (block,)).fetchone()
        connection.execute("UPDATE blocks SET vectors = ? WHERE id = ?", (bytes(len(packed)), block))
    connection.close()


VECTORS, LEXICAL = "the vector index", "the lexical index"
TORN = r"vectors cannot be used: its files are not as the last writer left them"
DAMAGE: dict[str, tuple[Callable[[Opened], object], str, int]] = {
    "the vectors are gone": (_remove("vectors"), f"{VECTORS} lacks 40 of 40 chunks", CHUNKS),
    "the words are gone": (_remove("lexical"), f"{LEXICAL} lacks 40 of 40 chunks", 0),
    "a vector is missing": (lambda o: o.index.vectors.delete([o.chunk.chunk_id]), f"{VECTORS} lacks 1 of", 1),
    "a chunk's words are missing": (lambda o: o.index.lexical.delete([o.chunk.chunk_id]), f"{LEXICAL} lacks 1 of", 0),
    "an unknown vector": (lambda o: o.add("x:0", "x", chunk_id="x"), f"{VECTORS} holds 1 unknown chunks", 0),
    "unknown words": (
        lambda o: o.index.lexical.add([replace(o.entry, chunk_id="x")]),
        f"{LEXICAL} holds 1 unknown chunks",
        0,
    ),
    "another text": (lambda o: o.add(o.window.window_id, "别的"), f"{VECTORS} holds 1 chunks that differ", 1),
    "another source": (
        lambda o: o.add(o.window.window_id, o.window.text, source="b.txt"),
        f"{VECTORS} holds 1 chunks that differ",
        1,
    ),
    "other words": (
        lambda o: o.index.lexical.add([replace(o.entry, body="别的")]),
        f"{LEXICAL} holds 1 chunks that differ",
        0,
    ),
    "another vector in the copy": (_other_vector, f"{VECTORS} holds 12 chunks that differ", 12),
    "a text changed inside Chroma": (
        lambda o: o.sql(
            "vectors/chroma.sqlite3",
            "UPDATE embedding_metadata SET string_value = 'x' WHERE key = 'chroma:document' AND string_value = ?",
            o.window.text,
        ),
        f"{VECTORS} holds 1 chunks that differ",
        1,
    ),
    "the graph is cut off": (lambda o: o.cut("vectors/*/data_level0.bin"), TORN, 0),
    "bytes of the graph are spoilt": (lambda o: o.spoil("vectors/*/data_level0.bin"), TORN, 0),
    "Chroma's database is cut off": (lambda o: o.cut("vectors/chroma.sqlite3"), "vectors cannot be used", 0),
    "the exact copy is cut off": (lambda o: o.cut("vectors/exact.db"), "", 0),
    "a file of words is cut off": (lambda o: o.cut("lexical/*.idx"), "lexical cannot be used", 0),
    "bytes of a file of words are spoilt": (lambda o: o.spoil("lexical/*.idx"), "lexical cannot be used: .*idx", 0),
    "the list of files of words is cut off": (lambda o: o.cut("lexical/meta.json"), "lexical cannot be used", 0),
    "the catalogue lacks a chunk": (
        lambda o: o.sql("catalog.db", "DELETE FROM chunks WHERE chunk_id = ?", o.chunk.chunk_id),
        r"the chunks of a\.txt in the catalogue are not those of its text",
        0,
    ),
    "a chunk in the catalogue is another": (
        lambda o: o.sql("catalog.db", "UPDATE chunks SET text = replace(text, '主管', '其他') WHERE ordinal = 7"),
        r"the chunks of a\.txt in the catalogue are not those of its text",
        0,
    ),
    "the manifest is gone": (lambda o: (o.home / "manifest.json").unlink(), "its manifest is missing", CHUNKS),
}


@pytest.fixture
def opened(kind: str, homes: dict[int, Path], tmp_path: Path, embeddings: CountingEmbeddings) -> Iterator[Opened]:
    chunks = MANY if "graph" in kind else CHUNKS
    home = Path(shutil.copytree(homes[chunks], tmp_path / "home"))
    opened = Opened(open_index(home, embeddings), home, document(chunks))
    yield opened
    opened.index.close()


@pytest.mark.parametrize("kind", list(DAMAGE))
def test_damage_is_named_and_mended(opened: Opened, embeddings: CountingEmbeddings, kind: str) -> None:
    damage, problem, embedded = DAMAGE[kind]
    damage(opened)
    index = opened.index
    found = verify(index)
    assert re.search(problem, " ".join(found.problems))
    repaired = repair(index, rechunk=lambda each: rechunk(each, 300))
    assert (repaired.problems, repaired.repaired) == (found.problems, bool(found.problems))
    assert len(embeddings.take()) == embedded
    assert verify(index) == VerifyReport(documents=1, chunks=len(opened.document.chunks))
    assert index.catalog.get("a.txt") == opened.document
    assert found_by_word(index, "主管部门") == {"a.txt"}
    vector = embeddings.embed_query(opened.window.text)
    assert index.vectors.search(vector, 1) == [(opened.chunk.chunk_id, pytest.approx(1.0, abs=1e-5))]
    index.require_ready()


@pytest.mark.parametrize("kind", ["the catalogue is cut off"])
def test_a_damaged_catalogue_is_told(opened: Opened, kind: str) -> None:
    with sqlite3.connect(opened.home / "catalog.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    opened.cut("catalog.db")
    with pytest.raises(StorageError, match=r"the catalogue .*catalog\.db .*ingest the documents again"):
        verify(opened.index)
