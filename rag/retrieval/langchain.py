"""Our search as a LangChain retriever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor
from pydantic import Field

from rag.schema import Filter, Hit


class PolicyRetriever(BaseRetriever):
    """What ``search`` (``Chatbot.search``) finds, as LangChain documents, best first; works in any chain.

    ``k`` and ``where`` hold for every call, unless the call says otherwise: ``retriever.invoke(question, k=3)``, also
    with ``where`` and ``history``. Errors are those of ``Chatbot.search``; asynchronous calls run it in a thread.
    """

    search: Callable[..., list[Hit]] = Field(exclude=True, repr=False)
    k: int = 8
    where: Filter = Filter()

    def _get_relevant_documents(self, query: str, **options: Any) -> list[Document]:
        return [document(hit) for hit in self.search(query, **{"k": self.k, "where": self.where, **options})]

    async def _aget_relevant_documents(self, query: str, **options: Any) -> list[Document]:
        return await run_in_executor(None, self._get_relevant_documents, query, **options)


def document(hit: Hit) -> Document:
    """``hit`` as a LangChain document: its text, its chunk id and, as metadata, all the rest.

    ``start`` and ``end`` count characters of the original file; ``issued`` and ``superseded_by`` are ``None`` where
    nothing is known; ``copies`` are dictionaries with the fields of ``Copy``.
    """
    return Document(
        page_content=hit.text,
        id=hit.chunk_id,
        metadata={
            "source": hit.source,
            "title": hit.title,
            "section": hit.section,
            "start": hit.start,
            "end": hit.end,
            "score": hit.score,
            "scores": dict(hit.scores),
            "chunk_id": hit.chunk_id,
            "issued": hit.issued,
            "superseded_by": hit.superseded_by,
            "copies": [asdict(copy) for copy in hit.copies],
            "page": hit.page,
        },
    )
