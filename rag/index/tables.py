"""The tables of the catalogue (SQLAlchemy Core: no mapping layer to load or to learn)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, MetaData, Select, String, Table, Text, func, select

from rag.schema import Metadata

SCHEMA_VERSION = 3
ADDED_IN_3 = (("documents", "layout JSON"), ("chunks", "page INTEGER"), ("chunks", "page_breaks JSON"))
"""What a catalogue of version 2 lacks."""
METADATA_FIELDS = tuple(field.name for field in fields(Metadata))
TABLES = MetaData()

documents = Table(
    "documents",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False, unique=True),
    Column("path", String, nullable=False, unique=True),
    Column("sha256", String, nullable=False),
    Column("overrides", String, nullable=False),
    Column("encoding", String, nullable=False),
    *(Column(name, String) for name in METADATA_FIELDS),
    # The metadata as it is compared: see rag/index/keys.py.
    Column("title_key", String),
    Column("work_key", String, index=True),
    Column("number_key", String, index=True),
    Column("issuer_key", String),
    Column("region_key", String),
    Column("first_day", String),
    Column("last_day", String),
    # The next version of this document, and the day from which it counts; kept by rag/index/succession.py.
    Column("superseded_by", String),
    Column("superseded_on", String),
    Column("characters", Integer, nullable=False),
    Column("chunk_characters", Integer, nullable=False),
    Column("furniture_characters", Integer, nullable=False),
    Column("section_count", Integer, nullable=False),
    Column("ingested_at", String, nullable=False),
    # Last, because SQLite reads a row from its beginning: what stands behind a long text costs reading the text.
    Column("sections", JSON, nullable=False),
    Column("furniture", JSON, nullable=False),
    Column("layout", JSON),
    Column("text", Text, nullable=False),
)
# Filters scan these instead of the documents, whose rows are as long as their texts.
Index(
    "filtered",
    *(documents.c[name] for name in ("source", "number_key", "issuer_key", "region_key")),
    *(documents.c[name] for name in ("first_day", "last_day", "superseded_on")),
)
Index("placed", *(documents.c[name] for name in ("region_key", "title_key", "source")))
Index("titled", *(documents.c[name] for name in ("title_key", "source")))

chunks = Table(
    "chunks",
    TABLES,
    Column("chunk_id", String, primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("section", Integer),
    Column("path", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("gaps", JSON, nullable=False),
    Column("page", Integer),
    Column("page_breaks", JSON),
)


def among(values: Iterable[str | int]) -> Select[Any]:
    """The ``values`` as a subquery: one parameter however many there are, so that a statement is prepared once."""
    return select(func.json_each(json.dumps(list(values))).table_valued("value"))
