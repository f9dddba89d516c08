"""Values of the schema to rows of the catalogue's tables, and back."""

from __future__ import annotations

from dataclasses import asdict, astuple, fields
from datetime import UTC, datetime
from typing import Any, TypeAlias

from rag.index.keys import document_keys
from rag.index.tables import METADATA_FIELDS, chunks, documents
from rag.schema import Chunk, Document, DocumentInfo, Furniture, Heading, Layout, Metadata, Section

CHUNK = [documents.c.source if field.name == "source" else chunks.c[field.name] for field in fields(Chunk)]
"""The columns of a chunk, in the order of its fields."""

# The type parameters of SQLAlchemy's Row differ between 2.0 and 2.1.
Row: TypeAlias = Any


def document_row(document: Document) -> dict[str, Any]:
    """The columns of ``documents`` that follow from the document itself."""
    return {
        "source": document.source,
        "sha256": document.sha256,
        "encoding": document.encoding,
        **{name: getattr(document.metadata, name) for name in METADATA_FIELDS},
        **document_keys(document.metadata),
        "characters": len(document.text),
        "chunk_characters": sum(len(chunk.text) for chunk in document.chunks),
        "furniture_characters": sum(span.end - span.start for span in document.furniture),
        "section_count": len(document.sections),
        "ingested_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sections": [astuple(section) for section in document.sections],
        "furniture": [astuple(span) for span in document.furniture],
        "layout": None if document.layout == Layout() else asdict(document.layout),
        "text": document.text,
    }


def chunk_row(chunk: Chunk, document_id: int | None) -> dict[str, Any]:
    """The columns of ``chunks``."""
    row = {column.name: getattr(chunk, column.name) for column in CHUNK if column.table is chunks}
    return row | {"document_id": document_id}


def _metadata(row: Row) -> Metadata:
    return Metadata(**{name: getattr(row, name) for name in METADATA_FIELDS})


def chunk_of(row: Row) -> Chunk:
    """A chunk from the columns of ``CHUNK``, which stand in the order of its fields."""
    chunk_id, source, ordinal, section, path, text, start, end, gaps, page, breaks, *_ = row
    spans = tuple((first, last) for first, last in gaps)
    return Chunk(chunk_id, source, ordinal, section, tuple(path), text, start, end, spans, page, tuple(breaks or ()))


def document_of(row: Row, found: tuple[Chunk, ...]) -> Document:
    """A document from a whole row of ``documents``, with its chunks ``found``."""
    return Document(
        source=row.source,
        text=row.text,
        encoding=row.encoding,
        sha256=row.sha256,
        metadata=_metadata(row),
        sections=sections_of(row.sections),
        chunks=found,
        furniture=tuple(Furniture(*span) for span in row.furniture),
        layout=layout_of(row.layout),
    )


def layout_of(stored: Any) -> Layout:
    """A layout from the column ``layout``."""
    if not stored:
        return Layout()
    return Layout(
        headings=tuple(Heading(**each) for each in stored["headings"]),
        furniture=tuple(Furniture(**each) for each in stored["furniture"]),
        pages=tuple(stored["pages"]),
    )


def sections_of(rows: Any) -> tuple[Section, ...]:
    """The outline from the column ``sections``."""
    return tuple(Section(*(*values, tuple(path))) for *values, path in rows)


def info_of(row: Row) -> DocumentInfo:
    """A line of the library from a row without text, with the number of its ``chunks``."""
    return DocumentInfo(
        source=row.source,
        path=row.path,
        metadata=_metadata(row),
        encoding=row.encoding,
        sha256=row.sha256,
        characters=row.characters,
        chunk_characters=row.chunk_characters,
        furniture_characters=row.furniture_characters,
        sections=row.section_count,
        chunks=row.chunks,
        ingested_at=row.ingested_at,
    )
