"""Which document replaces which: written into the catalogue whenever a document comes or goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, select

from rag.index.tables import documents

_COLUMNS = ("id", "source", "issuer_key", "region_key", "first_day", "last_day", "superseded_by", "superseded_on")
# The type parameters of SQLAlchemy's Row differ between 2.0 and 2.1.
_Row: TypeAlias = Any


def renew(connection: Connection, works: Iterable[str | None]) -> None:
    """Find anew who supersedes whom among the documents of each of ``works`` (``names.work_key``).

    Versions have one title, different dates, and no region or issuer that contradicts; a version is superseded by the
    next one in time.
    """
    columns = [documents.c[name] for name in _COLUMNS]
    for work in sorted({work for work in works if work}):
        query = select(*columns).where(documents.c.work_key == work).order_by(documents.c.first_day, documents.c.source)
        versions = connection.execute(query).all()
        for position, version in enumerate(versions):
            successor = _successor(version, versions[position + 1 :])
            if successor != (version.superseded_by, version.superseded_on):
                values = dict(zip(("superseded_by", "superseded_on"), successor, strict=True))
                connection.execute(documents.update().where(documents.c.id == version.id).values(values))


def _successor(version: _Row, later: Sequence[_Row]) -> tuple[str, str] | tuple[None, None]:
    for other in later:
        if other.first_day > version.last_day and _alike(version, other):
            return other.source, other.first_day
    return None, None


def _alike(a: _Row, b: _Row) -> bool:
    """Whether region and issuer agree as far as both are known (市委 and 中共温州市委 do)."""
    if a.region_key and b.region_key and a.region_key != b.region_key:
        return False
    return not (a.issuer_key and b.issuer_key) or a.issuer_key in b.issuer_key or b.issuer_key in a.issuer_key
