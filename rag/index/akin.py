"""Which documents in the catalogue may hold the very texts that a new one has: their vectors are there already."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from rag.index.dialects import among
from rag.index.keys import document_keys
from rag.index.tables import documents
from rag.schema import Document

_FEW = 4  # looked at for each new one: thousands may be called 通知


def akin(connection: Connection, new: Collection[Document], paths: Collection[str]) -> set[int]:
    """The keys of the documents that ``new`` ones from files at ``paths`` replace or are likely to repeat.

    What is embedded of a chunk is led by the title (``rag.index.texts.windows``), so only documents of one title share
    texts: versions, copies, files that were renamed. Of those without a title, only whole files are recognised.
    """
    keys = documents.c.id
    found = set(
        connection.execute(select(keys).where(among(documents.c.source, [each.source for each in new]))).scalars()
    )
    found |= set(connection.execute(select(keys).where(among(documents.c.path, paths))).scalars())
    hashes = among(documents.c.sha256, sorted({each.sha256 for each in new}))
    titles = {document_keys(each.metadata)["title_key"] for each in new}
    same = among(documents.c.title_key, sorted(title for title in titles if title))
    if None in titles or "" in titles:
        same |= (documents.c.title_key.is_(None) | (documents.c.title_key == "")) & hashes
    query = select(keys).where(same).order_by(hashes.desc(), keys.desc()).limit(_FEW * len(new))
    return found | set(connection.execute(query).scalars())
