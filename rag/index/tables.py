"""The tables of the catalogue (SQLAlchemy Core: no mapping layer to load or to learn)."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

from rag.schema import Metadata

SCHEMA_VERSION = 3
ADDED_IN_3 = (("documents", "layout JSON"), ("chunks", "page INTEGER"), ("chunks", "page_breaks JSON"))
"""What a catalogue of version 2 lacks."""
METADATA_FIELDS = tuple(field.name for field in fields(Metadata))
TABLES = MetaData()
# Compared by code point everywhere, as SQLite and Python do, whatever language a server sorts by.
STRING = String().with_variant(String(collation="C"), "postgresql")

documents = Table(
    "documents",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("source", STRING, nullable=False, unique=True),
    Column("path", STRING, nullable=False, unique=True),
    Column("sha256", STRING, nullable=False),
    Column("overrides", STRING, nullable=False),
    Column("encoding", STRING, nullable=False),
    *(Column(name, STRING) for name in METADATA_FIELDS),
    # The metadata as it is compared: see rag/index/keys.py.
    Column("title_key", STRING),
    Column("work_key", STRING, index=True),
    Column("number_key", STRING, index=True),
    Column("issuer_key", STRING),
    Column("region_key", STRING),
    Column("first_day", STRING),
    Column("last_day", STRING),
    # The next version of this document, and the day from which it counts; kept by rag/index/succession.py.
    Column("superseded_by", STRING),
    Column("superseded_on", STRING),
    Column("characters", Integer, nullable=False),
    Column("chunk_characters", Integer, nullable=False),
    Column("furniture_characters", Integer, nullable=False),
    Column("section_count", Integer, nullable=False),
    Column("ingested_at", STRING, nullable=False),
    # Last, because SQLite reads a row from its beginning: what stands behind a long text costs reading the text.
    Column("sections", JSON, nullable=False),
    Column("furniture", JSON, nullable=False),
    Column("layout", JSON),
    Column("text", Text, nullable=False),
)
# Filters scan these instead of the documents, whose rows are as long as their texts; in PostgreSQL they are not.
for _name, _columns in (
    ("filtered", ("source", "number_key", "issuer_key", "region_key", "first_day", "last_day", "superseded_on")),
    ("placed", ("region_key", "title_key", "source")),
    ("titled", ("title_key", "source")),
):
    Index(_name, *(documents.c[column] for column in _columns)).ddl_if(dialect="sqlite")

chunks = Table(
    "chunks",
    TABLES,
    Column("chunk_id", STRING, primary_key=True),
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
