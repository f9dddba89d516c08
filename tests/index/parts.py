"""What the tests of the index share: small documents, a deterministic embedding model, an index in a folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from langchain_core.embeddings import DeterministicFakeEmbedding
from pydantic import PrivateAttr

from rag.corpus.document import ReadLimits, read_document
from rag.errors import ModelError
from rag.index.ingest import Ingestor
from rag.index.manifest import Manifest
from rag.index.store import Index
from rag.index.writer import Writer
from rag.schema import Chunk, Document, Furniture, Metadata, Section

MANIFEST = Manifest(embedding="fake", chunk_chars=300, chunker=1)


class CountingEmbeddings(DeterministicFakeEmbedding):
    """LangChain's own fake, which remembers what it embedded and refuses texts that hold ``refuses``."""

    size: int = 16
    refuses: str | None = None
    _texts: list[str] = PrivateAttr(default_factory=list)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.refuses and any(self.refuses in text for text in texts):
            raise ModelError(f"cannot embed {self.refuses}")
        self._texts += texts
        return super().embed_documents(texts)

    def take(self) -> list[str]:
        """The texts embedded since the last call."""
        taken, self._texts = self._texts, []
        return taken


def read(path: Path, *, source: str, overrides: Mapping[str, Any]) -> Document:
    return read_document(path, source=source, limits=ReadLimits(chunk_chars=300), overrides=overrides)


def open_index(home: Path, embeddings: CountingEmbeddings | None = None, manifest: Manifest = MANIFEST) -> Index:
    return Index(home, embeddings or CountingEmbeddings(), manifest)


def ingestor(index: Index) -> Ingestor:
    return Ingestor(index, read=read)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """``folder`` with exactly these files."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def pack(path: Path, files: Mapping[str, str]) -> Path:
    """The ZIP archive ``path`` with these files."""
    with ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def sidecar(entries: Mapping[str, Mapping[str, Any]]) -> str:
    return json.dumps(entries, ensure_ascii=False)


def found_by_word(index: Index, key: str) -> set[str]:
    """Sources of the documents that the lexical index and the catalogue know for a search key."""
    ids = [chunk_id for chunk_id, _ in index.lexical.search(key, 50)]
    return {chunk.source for chunk in index.catalog.chunks(ids).values()}


def found_by_text(index: Index) -> set[str]:
    """Texts of all chunks that the vectors and the catalogue know."""
    return {chunk.text for chunk in index.catalog.chunks(index.vectors.ids()).values()}


def agree(index: Index) -> bool:
    """Whether the three stores hold the same chunks."""
    return index.catalog.chunk_ids() == index.vectors.ids() == index.lexical.ids()


def make_document(source: str = "a.txt", *, marker: str = "甲") -> Document:
    """A document with a value in every field, made by hand."""
    text = f"第一章 总则\n\n第一条 {marker}社会治理。\n第二条 城市\u3000更新。"
    return Document(
        source=source,
        text=text,
        encoding="gb18030",
        sha256="0" * 64,
        metadata=Metadata(title="市域社会治理决定", issuer="市委", number="温政发〔2018〕14号", script="hans"),
        sections=(
            Section(0, None, 1, "第一章", "第一章 总则", 0, len(text), ("第一章 总则",)),
            Section(1, 0, 2, "第一条", "第一条", 8, 18, ("第一章 总则", "第一条")),
        ),
        chunks=(
            Chunk(f"{source}-{marker}-0", source, 0, 1, ("第一章 总则", "第一条"), text[8:18], 8, 18),
            Chunk(f"{source}-{marker}-1", source, 1, None, (), "第二条 城市更新。", 19, 29, ((25, 26),)),
        ),
        furniture=(Furniture(6, 8, "blank"), Furniture(25, 26, "space")),
    )


def put(index: Index, *documents: Document) -> None:
    with index.writing():
        index.prepare()
        writer = Writer(index, lambda _: None)
        for each in documents:
            writer.put(each, path=f"/{each.source}", overrides="")
        writer.flush()
