"""Which documents a filter, a title or a number means, asked of the catalogue's indexed columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from rag.corpus.names import issuer_key, number_key, region_key
from rag.corpus.script import search_key
from rag.errors import FilterError
from rag.index import misses
from rag.index.dialects import among, holds
from rag.index.keys import first_day, is_date, last_day
from rag.index.tables import chunks, documents
from rag.schema import Filter


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as references and versions see it; the keys are search keys, ``superseded_by`` is a source."""

    source: str
    title_key: str | None
    number_key: str | None
    issued: str | None
    region: str | None
    superseded_by: str | None
    title: str | None = field(default=None, compare=False)


def listed(
    connection: Connection, *, title: str | None, number: str | Sequence[str] | None, at_most: int | None = None
) -> list[Listed]:
    """See ``Catalog.listed``."""
    conditions = []
    if title:
        conditions.append(holds(documents.c.title_key, search_key(title)))
    if number:
        numbers = [number] if isinstance(number, str) else number
        conditions.append(documents.c.number_key.in_(list(map(number_key, numbers))))
    if not conditions:
        return []
    # The scan over the titles, and their order, stay in their index; only what fits is read from the table.
    order = func.coalesce(func.length(documents.c.title_key), 0), documents.c.source
    ids = select(documents.c.id).where(*conditions).order_by(*order).limit(at_most)
    query = _listing().where(documents.c.id.in_(ids)).order_by(*order)
    return [Listed(*row) for row in connection.execute(query)]


def about(connection: Connection, place: str) -> frozenset[str]:
    """See ``Catalog.about``."""
    key = region_key(place)
    fits = holds(documents.c.region_key, key) | holds(documents.c.title_key, key)
    return frozenset(connection.execute(select(documents.c.source).where(fits)).scalars())


def sole(connection: Connection, sources: Collection[str] | None) -> Listed | None:
    """See ``Catalog.sole``."""
    if sources is not None and len(sources) != 1:
        return None
    query = _listing().limit(2)
    found = connection.execute(query if sources is None else query.where(documents.c.source.in_(sources))).all()
    return Listed(*found[0]) if len(found) == 1 else None


def section_chunks(connection: Connection, source: str, sections: Collection[int]) -> list[str]:
    """See ``Catalog.section_chunks``."""
    wanted = among(chunks.c.section, sections)
    query = select(chunks.c.chunk_id).join_from(chunks, documents).where(documents.c.source == source, wanted)
    return list(connection.execute(query.order_by(chunks.c.ordinal)).scalars())


def superseded(connection: Connection, chunk_ids: Iterable[str]) -> dict[str, Listed]:
    """See ``Catalog.superseded``."""
    query = (
        _listing(chunks.c.chunk_id)
        .join_from(chunks, documents)
        .where(among(chunks.c.chunk_id, chunk_ids), documents.c.superseded_by.is_not(None))
    )
    return {chunk_id: Listed(*values) for *values, chunk_id in connection.execute(query)}


def select_sources(connection: Connection, where: Filter) -> frozenset[str] | None:
    """See ``Catalog.select``."""
    conditions = _conditions(where)
    if not conditions:
        return None
    if absent := misses.unknown_sources(connection, where.sources):
        raise FilterError(absent)
    found = frozenset(_sources(connection, *conditions.values()))
    if not found:
        raise FilterError(_reason(connection, where, conditions))
    return found


def _conditions(where: Filter) -> dict[str, ColumnElement[bool]]:
    """A condition for each field that is given, by its name."""
    column = documents.c
    known: dict[str, ColumnElement[bool]] = {}
    if where.sources:
        known["sources"] = among(column.source, where.sources)
    for name, key in (("issuer", issuer_key), ("region", region_key), ("number", number_key)):
        if (value := getattr(where, name)) is not None:
            if not (wanted := key(value)):
                raise FilterError(f"{name} is {value!r}, which says nothing. Name one, or leave it away.")
            known[name] = holds(column[f"{name}_key"], wanted)
    return known | _in_time(where)


def _in_time(where: Filter) -> dict[str, ColumnElement[bool]]:
    for name in ("since", "until", "as_of"):
        value = getattr(where, name)
        if value is not None and not is_date(value):
            raise FilterError(f"{name} is {value!r}, which is no date. Write 2019, 2019-06 or 2019-06-20.")
    if where.since and where.until and first_day(where.since) > last_day(where.until):
        raise FilterError(f"since is {where.since}, after until, {where.until}. Exchange them.")
    column = documents.c
    known: dict[str, ColumnElement[bool]] = {}
    if where.since is not None:
        known["since"] = column.last_day >= first_day(where.since)
    if where.until is not None:
        known["until"] = column.first_day <= last_day(where.until)
    if where.as_of is not None:
        then = last_day(where.as_of)
        still = column.superseded_on.is_(None) | (column.superseded_on > then)
        known["as_of"] = (column.first_day <= then) & still
    return known


def _reason(connection: Connection, where: Filter, conditions: dict[str, Any]) -> str:
    """Why no document fits: the first field that nothing fits on its own, or else all of them together."""
    for name, condition in conditions.items():
        if not _sources(connection, condition, at_most=1):
            return misses.explain(connection, name, str(getattr(where, name)))
    given = ", ".join(
        f"{field.name}={getattr(where, field.name)!r}" for field in fields(where) if field.name in conditions
    )
    return f"no document fits {given} together, though some fit each alone. Leave one away."


def _sources(connection: Connection, *conditions: ColumnElement[bool], at_most: int | None = None) -> list[str]:
    query = select(documents.c.source).where(*conditions).limit(at_most)
    return list(connection.execute(query).scalars())


def _listing(*more: Any) -> Any:
    return select(*(documents.c[field.name] for field in fields(Listed)), *more)
