"""Hybrid retrieval: what a question points at, then candidates by meaning and by words, scored by both.

In this order: the filter; exact references; for each side of the question, candidates of both arms with the scores of
both; versions no longer in force; near-duplicates; the reranker, where one is configured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from rag.corpus.romanised import find_romanised
from rag.corpus.script import search_key
from rag.index.embeddings import Vectors, embed_queries
from rag.index.terms import terms
from rag.retrieval.diversity import asks_across, folded, spread
from rag.retrieval.fusion import Fused, fuse
from rag.retrieval.references import Located, locate
from rag.retrieval.sides import Side, in_turn, split
from rag.retrieval.versions import in_force
from rag.schema import Chunk, Filter, Hit, Metadata

if TYPE_CHECKING:
    from rag.index.catalog import Catalog
    from rag.index.selection import Listed
    from rag.index.store import Index
    from rag.reader.reader import Reading

EVERYTHING = Filter()
NOWHERE = Located()
PATH_SEPARATOR = " › "
_ATTEMPTS = 3  # while a writer changes the catalogue during each
_WIDEST = 32  # times as many candidates as usual are looked at while a writer is at work
_IN_ORDER = 8  # chunks of a section that are worth reading in order; a whole chapter is not
_SPARE = 10  # looked up beyond what is wanted: twins are folded
_LOOKED_UP = 26  # at least, so that the first passages are the same however few are wanted


Arm = Callable[[int], list[tuple[str, float]]]
"""The best chunks, as many as asked for, with their scores."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A hit with the chunk and the document's metadata it was made of, and what the reader found in it, if it did."""

    hit: Hit
    chunk: Chunk
    metadata: Metadata
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a question found, best first, the vector it was searched by, and what it points at (see ``Located``).

    ``originals``: by source, the text of each document that a passage is from, in the version that was found. What is
    quoted is quoted from there: by then the catalogue may have another version, or none.
    """

    passages: tuple[Passage, ...]
    vector: Vectors
    located: Located = NOWHERE
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class _Query:
    """A question with its search key, how many passages it wants from where, and the catalogue as of one moment."""

    question: str
    key: str
    k: int
    where: Filter
    catalog: Catalog


class Ordering(Protocol):
    """Orders the best passages anew: how many of them, and how."""

    @property
    def passages(self) -> int: ...

    def reorder(self, question: str, passages: Sequence[Passage]) -> tuple[Passage, ...]: ...


class HybridRetriever:
    """Searches ``index`` by meaning and by words; each arm contributes ``candidates`` chunks, scored by both."""

    def __init__(self, index: Index, *, candidates: int = 40, ordering: Ordering | None = None) -> None:
        self._index = index
        self._candidates = candidates
        self._ordering = ordering

    def retrieve(self, question: str, k: int, *, where: Filter = EVERYTHING, originals: bool = True) -> Retrieved:
        """The ``k`` best chunks for ``question`` among the documents that fit ``where``, best first.

        All are of one state of the catalogue, and so are the ``originals``, which who quotes nothing can do without.

        ``Hit.score`` is the probability that the passage holds what is asked, ``Hit.scores`` the raw score of each arm.
        Passages that the question points at come before all others, and carry a score named ``reference``.

        Raises:
            FilterError: ``where`` is malformed or fits no document. StorageError: the index cannot be read.
        """
        vectors: dict[str, Vectors] = {}
        key = search_key(question)
        for _ in range(_ATTEMPTS):
            # Chunks are in both arms before the catalogue knows them and until after it has forgotten them: while it
            # stays the same, what it knows is there as a whole.
            revision = self._index.catalog.revision()
            with self._index.catalog.at_one_moment() as catalog:
                query = _Query(question, key, k, where, catalog)
                passages, located, sides = self._found(query, vectors)
                texts = catalog.texts(self._quotable(passages, k)) if originals else {}
            if self._index.catalog.revision() == revision:
                break
        if not passages:
            self._index.require_ready()  # says so if the last document has gone meanwhile
        # Of a question with several sides, or to several documents, no passage answers more than one part.
        ordering = self._ordering if sides == 1 and not asks_across(key) else None
        ordered = ordering.reorder(question, passages) if ordering else tuple(passages)
        return Retrieved(ordered[:k], vectors[key], located, texts)

    def _quotable(self, passages: Sequence[Passage], k: int) -> set[str]:
        """The sources of those that may be among the ``k`` best, however they are ordered."""
        first = max(k, self._ordering.passages) if self._ordering else k
        return {passage.hit.source for passage in passages[:first]}

    def _found(self, query: _Query, vectors: dict[str, Vectors]) -> tuple[list[Passage], Located, int]:
        """The passages, what the question points at, and how many sides it has; ``vectors`` is filled by the way."""
        catalog = query.catalog
        sources = catalog.select(query.where)
        located = locate(query.question, catalog, sources)
        whole = Side(query.key, sources)
        sides = [*_within(split(query.key, catalog.about), sources), whole]
        if texts := [text for text in dict.fromkeys(side.question for side in sides) if text not in vectors]:
            vectors |= zip(texts, embed_queries(self._index.embeddings, texts), strict=True)
        rankings = [
            self._ranked(catalog, side, vectors[side.question], located.chunk_ids if side is whole else ())
            for side in sides
        ]
        fused = list(in_turn(rankings, identity=lambda each: each.chunk_id))
        return self._passages(fused, located, query), located, len(sides)

    def _ranked(self, catalog: Catalog, side: Side, vector: Vectors, also: Sequence[str]) -> list[Fused]:
        """The candidates of both arms, and the chunks ``also``, by the scores of both."""
        vectors, lexical, n = self._index.vectors, self._index.lexical, self._candidates
        # What an English question calls Wenzhou is 温州 in the documents.
        key = " ".join([side.question, *find_romanised(side.question)])
        dense, words = _known(
            catalog,
            n,
            lambda wanted: vectors.search(vector, wanted, sources=side.sources),
            lambda wanted: lexical.search(key, wanted, sources=side.sources),
        )
        dense |= vectors.similarities(vector, [each for each in {**words, **dict.fromkeys(also)} if each not in dense])
        words |= lexical.scores(key, [each for each in dense if each not in words])
        return fuse(dense, words, terms=len(set(terms(key))))

    def _passages(self, fused: list[Fused], located: Located, query: _Query) -> list[Passage]:
        wanted = max(query.k + _SPARE, _LOOKED_UP, self._ordering.passages if self._ordering else 0)
        across = asks_across(query.key)
        pointed, others = _pointed(fused, located)
        superseded = query.catalog.superseded([each.chunk_id for each in fused])
        current = in_force(others, superseded, key=query.key, where=query.where)
        chosen = [*pointed, *current][: None if across else wanted]
        material = query.catalog.hits_material([each.chunk_id for each in chosen])
        found = [_passage(each, *material[each.chunk_id], superseded) for each in chosen]
        return spread(folded(found)) if across else folded(found)


def _known(catalog: Catalog, n: int, *arms: Arm) -> list[dict[str, float]]:
    """The ``n`` best of each of ``arms`` among what the catalogue knows: a writer's new chunks are there before."""
    found = [arm(n) for arm in arms]
    known = catalog.known({chunk_id for each in found for chunk_id, _ in each})
    for place, arm in enumerate(arms):
        wanted, kept = n, [hit for hit in found[place] if hit[0] in known]
        while len(kept) < n and len(found[place]) >= wanted and wanted < _WIDEST * n:
            wanted *= 2
            found[place] = arm(wanted)
            known |= catalog.known(chunk_id for chunk_id, _ in found[place])
            kept = [hit for hit in found[place] if hit[0] in known]
        found[place] = kept[:n]
    return [dict(each) for each in found]


def _within(sides: Sequence[Side], sources: frozenset[str] | None) -> Iterator[Side]:
    """``sides`` inside ``sources``; a side that has no document there is left out."""
    for side in sides:
        inside = side.sources if sources is None else (side.sources or sources) & sources
        if inside:
            yield replace(side, sources=inside)


def _pointed(fused: Sequence[Fused], located: Located) -> tuple[list[Fused], list[Fused]]:
    """What the question points at (a few chunks in their own order, many by score), and the rest."""
    order = {chunk_id: position for position, chunk_id in enumerate(located.chunk_ids)}
    pointed = [replace(each, arms={**each.arms, "reference": 1.0}) for each in fused if each.chunk_id in order]
    if len(pointed) <= _IN_ORDER:
        pointed.sort(key=lambda each: order[each.chunk_id])
    return pointed, [each for each in fused if each.chunk_id not in order]


def _passage(fused: Fused, chunk: Chunk, metadata: Metadata, superseded: Mapping[str, Listed]) -> Passage:
    old = superseded.get(chunk.chunk_id)
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
        superseded_by=old.superseded_by if old else None,
        issued=metadata.issued or metadata.published,
        page=chunk.page,
    )
    return Passage(hit, chunk, metadata)
