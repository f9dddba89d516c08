"""Documents that were removed and can still be put back, as long as the program runs."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count

from rag.errors import DocumentNotFoundError
from rag.schema import Document

_MOST = 50
_MOST_CHARACTERS = 40_000_000  # of the texts together: some 150 MB


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that was removed, under an ``id`` for putting it back."""

    id: str
    document: Document


class RemovedDocuments:
    """The documents each visitor removed last, at most 50 of each and none too large. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._kept: dict[str | None, list[Removed]] = {}

    def keep(self, document: Document, owner: str | None) -> str:
        """Remember ``document``; the id it can be had back by."""
        with self._lock:
            kept = self._kept.setdefault(owner, [])
            kept.append(Removed(str(next(self._numbers)), document))
            while len(kept) > 1 and (len(kept) > _MOST or _size(kept) > _MOST_CHARACTERS):
                del kept[0]
            return kept[-1].id

    def of(self, owner: str | None, ids: Collection[str]) -> list[Removed]:
        """Those of ``ids`` that ``owner`` can still put back, in the order they were removed."""
        with self._lock:
            return [each for each in self._kept.get(owner, []) if each.id in ids]

    def get(self, owner: str | None, removed_id: str) -> Document:
        """The document under ``removed_id``; ``DocumentNotFoundError`` when it is too late."""
        for each in self.of(owner, [removed_id]):
            return each.document
        raise DocumentNotFoundError("this document can no longer be put back. Upload its file again.")

    def forget(self, owner: str | None, removed_id: str) -> None:
        """It is back, or no longer wanted."""
        with self._lock:
            self._kept[owner] = [each for each in self._kept.get(owner, []) if each.id != removed_id]


def _size(kept: list[Removed]) -> int:
    return sum(len(each.document.text) for each in kept)
