"""What an index costs as it grows: ``python -m evals.scaling FOLDER --size 250 --size 500 …`` prints a line a size.

``--plot FILE`` draws them.

Documents are generated (seeded, 1,500 characters of words drawn from the seed documents, none twice the same), and
vectors are those of a cheap stand-in for the model: what is measured is the index. Times are processor seconds, which
do not depend on what else the machine does; each size is measured in a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from time import process_time
from typing import Annotated, Any

import numpy as np
import typer
from langchain_core.embeddings import Embeddings

from evals.growth import picture
from rag.corpus.document import ReadLimits, read_document
from rag.index.embeddings import Kind, Vectors
from rag.index.ingest import Ingestor
from rag.index.manifest import Manifest
from rag.index.served_vectors import ChromaServer, Servers
from rag.index.store import Index
from rag.resources import shipped
from rag.schema import Document

DIMENSIONS = 384
_ARTICLES, _CHARACTERS = 5, 300
_SEARCHES = 40
_MANIFEST = Manifest("stand-in", 300, 1)
_PLOTS: Mapping[str, Mapping[str, str]] = {
    "processor seconds of an ingest": {
        "all new": "ingest s",
        "one changed": "one changed s",
        "none changed": "again s",
    },
    "milliseconds of a search": {"by vectors": "dense search ms", "by words": "word search ms"},
    "peak memory of the ingest, MB": {"": "peak MB"},
    "MB on disk": {"graph": "graph MB", "exact copy": "exact MB", "catalogue": "catalogue MB", "words": "words MB"},
}


class StandIn(Embeddings):
    """Texts to the sum of their characters' random vectors: texts with like words are near, and it costs nothing."""

    def __init__(self) -> None:
        self._table = np.random.default_rng(0).normal(size=(4096, DIMENSIONS)).astype(np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a passage."""
        found: list[list[float]] = self.embed_array(texts, kind="passage").tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return self.embed_documents([text])[0]

    def embed_array(self, texts: list[str], *, kind: Kind) -> Vectors:
        """One vector a text, fp32 (n, 384)."""
        assert kind in ("passage", "query")
        codes = [[ord(character) % 4096 for character in text] for text in texts]
        rows = np.stack([self._table[each].sum(axis=0) for each in codes])
        found: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return found


def main(
    folder: Path,
    size: Annotated[list[int], typer.Option(help="Documents; may be given several times.")],
    database: Annotated[str | None, typer.Option(help="An empty PostgreSQL database for the catalogue.")] = None,
    chroma: Annotated[str | None, typer.Option(help="A Chroma server for the vectors.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Also draw the figures into this SVG file.")] = None,
    alone: Annotated[bool, typer.Option("--alone", hidden=True)] = False,
) -> None:
    """Measure indexes of each ``size`` in the new ``folder``, or on servers (then of one size)."""
    servers = Servers(database, ChromaServer(chroma) if chroma else None)
    if alone or database or chroma:
        typer.echo(json.dumps(measured(folder, size[0], servers)))
        return
    lines = []
    for each in size:
        command = [sys.executable, "-m", "evals.scaling", str(folder / str(each)), "--size", str(each), "--alone"]
        lines.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
        typer.echo(lines[-1])
    if plot is not None:
        plot.write_text(drawn([json.loads(line) for line in lines]), "utf-8")


def drawn(found: Sequence[Mapping[str, float]]) -> str:
    """The picture of what was measured at each size."""
    return picture(
        {
            title: {label: [(int(each["documents"]), each[name]) for each in found] for label, name in lines.items()}
            for title, lines in _PLOTS.items()
        }
    )


def generate(documents: int, into: Path, *, seed: int = 0) -> None:
    """Write that many text files into the new folder ``into``; number i depends on ``seed`` and i alone."""
    words = _words()
    into.mkdir(parents=True)
    for number in range(documents):
        draw = Random(f"{seed}-{number}")
        articles = [
            f"第{article + 1}条 {''.join(_sentences(draw, words))}" for article in range(_ARTICLES)
        ]  # an outline as real documents have one
        text = "\n".join([f"{''.join(draw.choices(words, k=6))}管理办法", *articles, ""])
        (into / f"{number:06}.txt").write_text(text, encoding="utf-8")


def measured(folder: Path, documents: int, servers: Servers) -> Mapping[str, Any]:
    """What an index of that many generated documents costs: processor seconds, milliseconds, MB."""
    generate(documents, folder / "files")
    index = Index(folder / "home", StandIn(), _MANIFEST, servers=servers)
    first = _cpu(lambda: _ingest(index, folder))
    again = _cpu(lambda: _ingest(index, folder))
    (folder / "files" / "000000.txt").write_text("新的管理办法\n第一条 新的内容。\n", encoding="utf-8")
    one_changed = _cpu(lambda: _ingest(index, folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {
        "documents": documents,
        "chunks": index.catalog.count_chunks(),
        "windows": index.vectors.count(),
        "ingest s": first,
        "again s": again,
        "one changed s": one_changed,
        "peak MB": peak,
        **_operations(index),
        **{f"{name} MB": size for name, size in _sizes(folder / "home").items()},
    }
    index.close()
    return {name: round(value, 3) for name, value in found.items()}


def _operations(index: Index) -> dict[str, float]:
    words, draw = _words(), Random(1)
    questions = ["".join(draw.choices(words, k=8)) for _ in range(_SEARCHES)]
    vectors = [index.embeddings.embed_query(question) for question in questions]
    index.vectors.search(vectors[0], 40)
    return {
        "dense search ms": _cpu(lambda: [index.vectors.search(each, 40) for each in vectors]) * 1000 / _SEARCHES,
        "word search ms": _cpu(lambda: [index.lexical.search(each, 40) for each in questions]) * 1000 / _SEARCHES,
        "count_chunks ms": _cpu(index.catalog.count_chunks) * 1000,
        "chunk_ids ms": _cpu(index.catalog.chunk_ids) * 1000,
        "states ms": _cpu(index.catalog.states) * 1000,
        "infos ms": _cpu(index.catalog.infos) * 1000,
        "vector ids ms": _cpu(index.vectors.ids) * 1000,
        "word ids ms": _cpu(index.lexical.ids) * 1000,
        "ready ms": _cpu(index.require_ready) * 1000,
    }


def _ingest(index: Index, folder: Path) -> None:
    def read(path: Path, *, source: str, overrides: Mapping[str, Any]) -> Document:
        return read_document(path, source=source, limits=ReadLimits(), overrides=overrides)

    Ingestor(index, read=read).run([folder / "files"])


def _sizes(home: Path) -> dict[str, float]:
    vectors = home / "vectors"
    parts = {
        "catalogue": home.glob("catalog.db*"),
        "exact": vectors.glob("exact.db*"),
        "graph": (file for file in vectors.rglob("*") if not file.name.startswith("exact.db")),
        "words": (home / "lexical").rglob("*"),
    }
    return {name: sum(f.stat().st_size for f in files if f.is_file()) / 1e6 for name, files in parts.items()}


def _cpu(work: Callable[[], object]) -> float:
    before = process_time()
    work()
    return process_time() - before


def _words() -> list[str]:
    text = "".join(path.read_text("utf-8") for path in sorted(shipped("seeds").glob("*.txt")))
    found = [text[start : start + 2] for start in range(0, len(text) - 2, 2)]
    return [word for word in found if all("\u4e00" <= character <= "\u9fff" for character in word)]


def _sentences(draw: Random, words: list[str]) -> Iterator[str]:
    length = 0
    while length < _CHARACTERS:
        sentence = "".join(draw.choices(words, k=draw.randint(6, 14))) + "。"
        length += len(sentence)
        yield sentence


if __name__ == "__main__":
    typer.run(main)
