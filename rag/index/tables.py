"""The tables of the catalogue (SQLAlchemy Core: no mapping layer to load or to learn)."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import JSON, Column, ForeignKey, Integer, MetaData, String, Table, Text

from rag.schema import Metadata

SCHEMA_VERSION = 1
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
    Column("text", Text, nullable=False),
    Column("sections", JSON, nullable=False),
    Column("furniture", JSON, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("chunk_characters", Integer, nullable=False),
    Column("furniture_characters", Integer, nullable=False),
    Column("section_count", Integer, nullable=False),
    Column("ingested_at", String, nullable=False),
)

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
)
