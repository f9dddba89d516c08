"""The lexical index: BM25 over the terms of search keys, in Tantivy on disk."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from hashlib import blake2b
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import StorageError
from rag.index.checksums import damaged_files
from rag.index.damage import storage_errors
from rag.index.terms import characters, lone_characters, terms

if TYPE_CHECKING:
    from tantivy import Index, IndexWriter, Query, Schema, Searcher

# How much a field's BM25 score counts. A character alone says little, so it only orders what words did not find.
WEIGHTS: Mapping[str, float] = {"body": 1.0, "heading": 0.6, "title": 0.4, "characters": 0.1}
_WRITER_BYTES = 50_000_000
_FEW = 200  # so many terms are looked up one by one faster than as a set


@dataclass(frozen=True, slots=True)
class LexicalEntry:
    """A chunk as search keys."""

    chunk_id: str
    source: str
    title: str
    heading: str
    body: str


class LexicalIndex:
    """The terms of chunks, in the folder ``path``. Methods raise ``StorageError`` when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: Index | None = None

    def add(self, entries: Sequence[LexicalEntry]) -> None:
        """Insert or replace ``entries``, all or none."""
        from tantivy import Document

        if not entries:
            return
        with self._writer() as writer:
            for entry in entries:
                writer.delete_documents_by_term("chunk_id", entry.chunk_id)
                writer.add_document(Document(**fields_of(entry)))

    def delete(self, ids: Iterable[str]) -> None:
        """Forget ``ids``, all or none; unknown ones are ignored."""
        if gone := sorted(ids):
            with self._writer() as writer:
                for chunk_id in gone:
                    writer.delete_documents_by_term("chunk_id", chunk_id)

    def search(
        self,
        key: str,
        n: int,
        *,
        weights: Mapping[str, float] = WEIGHTS,
        sources: Collection[str] | None = None,
    ) -> list[tuple[str, float]]:
        """The ``n`` best chunks for a search key and their weighted BM25 scores, best first.

        Only fields named in ``weights`` are searched, and with ``sources`` only these documents; a chunk that shares
        no term with ``key`` is not found. Scores do not depend on ``sources``.
        """
        with self._index() as index:
            query = _query(index.schema, key, weights)
            if sources is not None:
                query = _among(index.schema, query, "source", sources)
            return _found(index.searcher(), query, n)

    def scores(self, key: str, chunk_ids: Collection[str]) -> dict[str, float]:
        """The weighted BM25 score of each of ``chunk_ids``, without those that share no term with ``key``."""
        if not chunk_ids:
            return {}
        with self._index() as index:
            query = _among(index.schema, _query(index.schema, key, WEIGHTS), "chunk_id", chunk_ids)
            return dict(_found(index.searcher(), query, len(chunk_ids)))

    def rarity(self, wanted: Iterable[str]) -> dict[str, float]:
        """How telling each term is: BM25's inverse document frequency in the bodies, 0 for a term no body has."""
        with self._index() as index:
            searcher = index.searcher()
            total = searcher.num_docs
            counts = {term: searcher.doc_freq("body", term) for term in wanted}
        return {term: log(1 + (total - df + 0.5) / (df + 0.5)) if df else 0.0 for term, df in counts.items()}

    def ids(self) -> set[str]:
        """The ids of every chunk, read from the chunks themselves, so that damage shows."""
        return set(self.digests())

    def digests(self) -> dict[str, str | None]:
        """By the id of every chunk, ``digest_of`` what was added; ``None`` in an index of an earlier version.

        Reads all files, so that damage shows.
        """
        from tantivy import Query

        found: dict[str, str | None] = {}
        with self._index() as index:
            if damaged := damaged_files(self._path):
                raise ValueError(f"{', '.join(damaged)} is not as it was written")
            searcher = index.searcher()
            for _, address in searcher.search(Query.all_query(), max(1, searcher.num_docs), count=False).hits:
                chunk_id, *digest = searcher.doc(address).get_all("chunk_id")
                found[str(chunk_id)] = str(digest[0]) if digest else None
        return found

    def count(self) -> int:
        """How many chunks there are."""
        with self._index() as index:
            return index.searcher().num_docs

    def reset(self) -> None:
        """Forget everything, whatever state the folder is in."""
        self._opened = None
        try:
            shutil.rmtree(self._path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StorageError(f"cannot remove the folder {self._path}: {error}. Remove it yourself.") from error

    @contextmanager
    def _index(self) -> Iterator[Index]:
        # ValueError and OSError are all that Tantivy raises.
        with storage_errors(f"the lexical index in {self._path}", ValueError, OSError):
            if self._opened is None:
                self._opened = _open(self._path)
            self._opened.reload()  # 0.02 ms, and shows what another process has committed
            yield self._opened

    @contextmanager
    def _writer(self) -> Iterator[IndexWriter]:
        with self._index() as index:
            writer = index.writer(_WRITER_BYTES, 1)
            # What a killed process has left bears names that the next commit would give.
            writer.garbage_collect_files()
            for left in self._path.glob(".tmp*"):
                left.unlink(missing_ok=True)
            try:
                yield writer
            except BaseException:
                writer.rollback()
                raise
            writer.commit()
            writer.wait_merging_threads()


def _open(path: Path) -> Index:
    from tantivy import Index, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

    builder = SchemaBuilder()
    builder.add_text_field("chunk_id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    for name in WEIGHTS:
        builder.add_text_field(name, tokenizer_name="terms", index_option="freq")
    path.mkdir(parents=True, exist_ok=True)
    index = Index(builder.build(), path=str(path))
    index.register_tokenizer("terms", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    return index


def _found(searcher: Searcher, query: Query, n: int | None) -> list[tuple[str, float]]:
    hits = searcher.search(query, n or max(1, searcher.num_docs), count=False).hits
    return [(str(searcher.doc(address).get_first("chunk_id")), score) for score, address in hits]


def digest_of(entry: LexicalEntry) -> str:
    """A digest of all that is searched of ``entry``."""
    return "=" + blake2b("\0".join(astuple(entry)).encode(), digest_size=12).hexdigest()


def fields_of(entry: LexicalEntry) -> dict[str, str | list[str]]:
    """What the index keeps of ``entry``."""
    whole = f"{entry.title}\n{entry.heading}\n{entry.body}"
    return {
        # The digest beside the id, not in a field of its own: indexes of earlier versions have no such field.
        "chunk_id": [entry.chunk_id, digest_of(entry)],
        "source": entry.source,
        "title": " ".join(terms(entry.title)),
        "heading": " ".join(terms(entry.heading)),
        "body": " ".join(terms(entry.body)),
        "characters": " ".join(characters(whole)),
    }


def _query(schema: Schema, key: str, weights: Mapping[str, float]) -> Query:
    from tantivy import Occur, Query

    # Built term by term, never parsed: no question can be a syntax error.
    words = dict.fromkeys(terms(key))
    wanted = {"title": words, "heading": words, "body": words, "characters": dict.fromkeys(lone_characters(key))}
    clauses = [
        (Occur.Should, Query.boost_query(Query.term_query(schema, field, term, "freq"), weight))
        for field, weight in weights.items()
        for term in wanted[field]
    ]
    return Query.boolean_query(clauses)


def _among(schema: Schema, query: Query, field: str, values: Collection[str]) -> Query:
    """``query``, with the same scores, where ``field`` has one of ``values``."""
    from tantivy import Occur, Query

    if len(values) <= _FEW:
        one_of = Query.boolean_query(
            [(Occur.Should, Query.term_query(schema, field, each, "basic")) for each in values]
        )
    else:
        one_of = Query.term_set_query(schema, field, sorted(values))
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(one_of, 0.0))])
