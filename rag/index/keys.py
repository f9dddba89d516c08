"""The columns by which documents are selected, computed from their metadata when they are written."""

from __future__ import annotations

import re
from datetime import date

from rag.corpus.names import issuer_key, number_key, region_key, work_key
from rag.corpus.script import search_key
from rag.schema import Metadata

_ISO = re.compile(r"\d{4}(-\d\d){0,2}")


def document_keys(metadata: Metadata) -> dict[str, str | None]:
    """The values of the key columns; ``None`` where the metadata says nothing."""
    dated = metadata.issued or metadata.published
    dated = dated if dated and is_date(dated) else None
    return {
        "title_key": metadata.title and search_key(metadata.title),
        # Without a date of its own a document is no version of another.
        "work_key": work_key(metadata.title) if metadata.title and metadata.issued and dated else None,
        "number_key": metadata.number and number_key(metadata.number),
        "issuer_key": metadata.issuer and issuer_key(metadata.issuer),
        "region_key": metadata.region and region_key(metadata.region),
        "first_day": dated and first_day(dated),
        "last_day": dated and last_day(dated),
    }


def is_date(text: str) -> bool:
    """Whether ``text`` is a year, a month or a day in ISO 8601."""
    if not _ISO.fullmatch(text):
        return False
    try:
        date.fromisoformat(first_day(text))
    except ValueError:
        return False
    return True


def first_day(dated: str) -> str:
    """The first day of a year (``2019``), month (``2019-06``) or day, for comparison as text."""
    return dated + "-01-01"[len(dated) - 4 :]


def last_day(dated: str) -> str:
    """The last day of a year, month or day, for comparison as text; every month is given 31 days."""
    return dated + "-12-31"[len(dated) - 4 :]
