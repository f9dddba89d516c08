"""The lexical index beside a shared catalogue: each machine's own, which follows the catalogue's log."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import StorageError
from rag.index.catalog import Catalog
from rag.index.changelog import Position
from rag.index.following import Follower
from rag.index.lexical import LexicalIndex, fields_of
from rag.index.texts import search_keys

if TYPE_CHECKING:
    from tantivy import Index, IndexWriter

_BATCH = 500  # chunks


class LexicalCopy(LexicalIndex):
    """The terms of the chunks of a shared ``catalog``, in the folder ``path``; questions bring it up to date."""

    def __init__(self, path: Path, catalog: Catalog) -> None:
        super().__init__(path)
        self._catalog = catalog
        self._position = path / "position.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._follower = Follower(self, catalog, path.with_name("lexical.lock"))

    def catch_up(self) -> None:
        """Take over all that is new in the catalogue; ``StorageError`` when another process keeps the folder."""
        self._follower.catch_up()

    def ids(self) -> set[str]:
        """The ids of every chunk, once all that is new is taken over."""
        self.catch_up()
        return super().ids()

    def position(self) -> Position | None:
        """How far in the log this is."""
        try:
            return Position(**json.loads(self._position.read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def stamp(self, position: Position) -> None:
        """Be at ``position``."""
        fresh = self._position.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(asdict(position)), "utf-8")
            fresh.replace(self._position)
        except OSError as error:
            raise StorageError(f"cannot write {self._position}: {error}. Make its folder writable.") from error

    def make_anew(self) -> None:
        """Make it anew from the catalogue; until the end, searches find what was there before."""
        from tantivy import Document

        if not self._position.exists():
            self.reset()  # whatever is there is of another kind, or cannot be read
        with self._writer() as writer:
            writer.delete_all_documents()
            for chunk_ids in self._catalog.all_chunk_ids(_BATCH):
                for chunk, metadata in self._catalog.hits_material(chunk_ids).values():
                    writer.add_document(Document(**fields_of(search_keys(chunk, metadata))))

    def take_over(self, added: Collection[str], removed: Collection[str]) -> None:
        """Take the chunks ``added`` anew and forget those ``removed``."""
        material = self._catalog.hits_material(added)
        self.add([search_keys(chunk, metadata) for chunk, metadata in material.values()])
        self.delete(set(removed) | (set(added) - set(material)))

    @contextmanager
    def _index(self) -> Iterator[Index]:
        self._follower.look()
        with super()._index() as index:
            yield index

    @contextmanager
    def _writer(self) -> Iterator[IndexWriter]:
        # Tantivy refuses a second writer at once; processes that share this folder take turns.
        with self._follower.lock, super()._writer() as writer:
            yield writer
