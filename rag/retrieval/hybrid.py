"""Hybrid retrieval: dense and lexical candidates, fused with their scores kept."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from rag.corpus.script import search_key
from rag.index.embeddings import Vectors, embed_query
from rag.retrieval.fusion import Fused, fuse
from rag.schema import Chunk, Hit, Metadata

if TYPE_CHECKING:
    from rag.index.store import Index

WEIGHTS = {"dense": 1.0, "lexical": 1.0}
PATH_SEPARATOR = " › "


@dataclass(frozen=True, slots=True)
class Passage:
    """A hit with the chunk and the document's metadata it was made of."""

    hit: Hit
    chunk: Chunk
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a question found, best first, and the vector it was searched by."""

    passages: tuple[Passage, ...]
    vector: Vectors


class HybridRetriever:
    """Searches ``index`` by meaning and by words; each arm contributes ``candidates`` chunks before fusion."""

    def __init__(self, index: Index, *, candidates: int = 60) -> None:
        self._index = index
        self._candidates = candidates

    def retrieve(self, question: str, k: int) -> Retrieved:
        """The ``k`` best chunks for ``question``, best first, with the raw score of each arm in ``Hit.scores``."""
        key = search_key(question)
        vector = embed_query(self._index.embeddings, key)
        rankings = {
            "dense": self._index.vectors.search(vector, self._candidates),
            "lexical": self._index.lexical.search(key, self._candidates),
        }
        fused = fuse(rankings, WEIGHTS)
        if not fused:
            self._index.require_ready()  # says so if the last document has gone meanwhile
        # Some ids may be gone from the catalogue while a writer is at work, so a few more are looked up.
        material = self._index.catalog.hits_material([each.chunk_id for each in fused[: k + 10]])
        found = (_passage(each, *material[each.chunk_id]) for each in fused if each.chunk_id in material)
        return Retrieved(tuple(islice(found, k)), vector)


def _passage(fused: Fused, chunk: Chunk, metadata: Metadata) -> Passage:
    hit = Hit(
        text=chunk.text,
        score=fused.score,
        source=chunk.source,
        title=metadata.title or chunk.source,
        section=PATH_SEPARATOR.join(chunk.path),
        start=chunk.start,
        end=chunk.end,
        chunk_id=chunk.chunk_id,
        scores=dict(fused.arms),
    )
    return Passage(hit, chunk, metadata)
