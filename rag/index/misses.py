"""What to say when a filter fits no document: the value, and the nearest that are known."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from rag.corpus.names import issuer_key, number_key, region_key
from rag.index.dialects import among
from rag.index.tables import documents

_MOST = 3
_KEYS = {"issuer": issuer_key, "region": region_key, "number": number_key}
_SAID = {"issuer": "is issued by", "region": "is about the region", "number": "has the number"}


def unknown_sources(connection: Connection, wanted: Sequence[str]) -> str | None:
    """What to say of the first of the ``wanted`` sources that is not indexed, ``None`` when all are."""
    known = set(connection.execute(select(documents.c.source).where(among(documents.c.source, wanted))).scalars())
    absent = next((source for source in wanted if source not in known), None)
    return None if absent is None else unknown_source(connection, absent)


def unknown_source(connection: Connection, source: str) -> str:
    """What to say of a source that is not indexed."""
    known = list(connection.execute(select(documents.c.source).order_by(documents.c.source)).scalars())
    near = [each for each in known if source and source in each][:_MOST]
    near = near or difflib.get_close_matches(source, known, n=_MOST, cutoff=0.4)
    advice = f"Did you mean {' or '.join(near)}?" if near else "`rag documents` lists those there are."
    return f"no document {source!r} is indexed. {advice}"


def explain(connection: Connection, name: str, value: str) -> str:
    """Why no document fits when the field ``name`` of a filter is ``value``."""
    if name not in _KEYS:
        return _dates(connection, name, value)
    key, column = _KEYS[name], documents.c[name]
    known = list(connection.execute(select(column).where(column.is_not(None)).distinct().order_by(column)).scalars())
    if not known:
        return f"no document {_SAID[name]} {value!r}: none says its {name}. Leave it away."
    wanted = key(value)
    # A number that differs in more than a few characters is another number; of a name, half may be missing.
    likeness = _ratio if name == "number" else _coverage
    near = sorted((-likeness(wanted, key(each)), each) for each in known)[:_MOST]
    if shown := [each for likely, each in near if likely]:
        return f"no document {_SAID[name]} {value!r}. Did you mean {' or '.join(shown)}?"
    others = " …" if len(known) > _MOST else ""
    return f"no document {_SAID[name]} {value!r}. Known: {', '.join(known[:_MOST])}{others}"


def _ratio(wanted: str, known: str) -> float:
    """How alike both are as wholes, 0 below 0.6."""
    ratio = difflib.SequenceMatcher(None, wanted, known, autojunk=False).ratio()
    return ratio if ratio >= 0.6 else 0.0


def _coverage(wanted: str, known: str) -> float:
    """How much of ``wanted`` stands in ``known``, in order, the shorter the better; 0 below a half."""
    blocks = difflib.SequenceMatcher(None, wanted, known, autojunk=False).get_matching_blocks()
    share = sum(block.size for block in blocks) / len(wanted)
    return share / (1 + len(known) / 1000) if share >= 0.5 else 0.0


def _dates(connection: Connection, name: str, value: str) -> str:
    said = {"since": "is dated in or after", "until": "is dated in or before"}.get(name, "was issued by")
    first, last = connection.execute(select(func.min(documents.c.first_day), func.max(documents.c.first_day))).one()
    if first is None:
        return f"no document {said} {value}: none has a date. Leave {name} away."
    return f"no document {said} {value}. The dates run from {first} to {last}."
