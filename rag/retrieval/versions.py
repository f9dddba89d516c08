"""Versions in time: what is no longer in force is left out, unless the question or the filter asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.corpus.names import work_key
from rag.index.selection import Listed
from rag.retrieval.fusion import Fused
from rag.schema import Filter

_FORMER = re.compile(
    r"旧[版法]|新旧|(?:修订|修正|修改)前|历次|历史版本|原(?:版|条文|规定)|以前的?(?:版本|规定)"
    r"|\b(?:former|previous|earlier|old|older|superseded) (?:version|edition|law|rule|regulation|text)s?\b"
)


def in_force(fused: Sequence[Fused], superseded: Mapping[str, Listed], *, key: str, where: Filter) -> list[Fused]:
    """``fused`` without the chunks of superseded versions, in their order.

    ``superseded`` is what ``Catalog.superseded`` says of their ids, ``key`` the question as a search key. A version
    stays when the question names its year or its very title, or asks what held before; all stay when ``where`` names
    documents, a number or a time.
    """
    if not superseded or pinned(where) or _FORMER.search(key):
        return list(fused)
    wanted: dict[str, bool] = {}
    for old in superseded.values():
        if old.source not in wanted:
            wanted[old.source] = _named(old, key)
    return [each for each in fused if each.chunk_id not in superseded or wanted[superseded[each.chunk_id].source]]


def pinned(where: Filter) -> bool:
    """Whether ``where`` itself says which versions it wants."""
    return bool(where.sources or where.number or where.since or where.until or where.as_of)


def _named(old: Listed, key: str) -> bool:
    year = (old.issued or "")[:4]
    # A year as a version's: 2010年, 2010版, (2010), 〔2010〕, 2010-12-23; not the 2010 of 2010元.
    if year and re.search(rf"(?<!\d){year}(?=[年版修-]|[)\]〕】])", key):
        return True
    title = _bare(old.title_key or "")
    return bool(title) and title != work_key(title) and title in _bare(key)


def _bare(key: str) -> str:
    return re.sub('[《》〈〉<>“”"]|中华人民共和国', "", key)
