"""Renamed documents that no report has told of yet: that of a writer that is killed is lost with it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import astuple
from pathlib import Path

from rag.errors import StorageError
from rag.schema import Moved


class Untold:
    """The moves of an ingest, in the file ``path`` from before they come about until its report is there.

    Raises:
        StorageError: the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, moved: Moved) -> None:
        """``moved`` is about to come about."""
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(astuple(moved)) + "\n")
        except OSError as error:
            raise self._unusable(error) from error

    def left(self, sources: Collection[str]) -> list[Moved]:
        """What came about of the moves that an interrupted ingest has left: the new name is among ``sources``."""
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unusable(error) from error
        moves = dict.fromkeys(filter(None, map(_read, lines)))
        return [moved for moved in moves if moved.new in sources and moved.old not in sources]

    def forget(self) -> None:
        """All are told of."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> StorageError:
        return StorageError(f"cannot use {self._path}: {error}. Make its folder writable or set RAG_HOME.")


def _read(line: str) -> Moved | None:
    try:
        return Moved(*json.loads(line))
    except (ValueError, TypeError):  # cut off: a disk was full
        return None
