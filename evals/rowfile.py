"""The rows of a run that is under way, on disk: one line a case, so that an interrupted run can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evals.datasets import Case
from evals.results import Row, row_dumps, row_loads
from rag.errors import StorageError


class RowFile:
    """Rows in ``path``, each with a key of its case and of ``run``: all that the rows of one run have in common."""

    def __init__(self, path: Path, run: Mapping[str, Any]) -> None:
        self.path = path
        self._run = json.dumps(run, sort_keys=True, ensure_ascii=False)

    def kept(self) -> dict[str, Row]:
        """The rows of this very run by the key of their case; a line cut short and a failed case do not count."""
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(f"cannot read {self.path}: {error}. Run again without --resume.") from error
        read = (_read(line) for line in lines if line)
        return {key: row for key, row in filter(None, read) if row.error is None}

    def key(self, case: Case) -> str:
        """What a row must have to be the row of ``case`` in this run."""
        told = asdict(case) | {"where": ""}
        return hashlib.sha256(f"{self._run}\n{json.dumps(told, sort_keys=True)}".encode()).hexdigest()

    def restart(self, rows: Mapping[str, Row]) -> None:
        """Begin again with ``rows`` only, by key."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("".join(_line(key, row) for key, row in rows.items()), encoding="utf-8")
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {error.strerror}. Name another file with --out.") from error

    def append(self, case: Case, row: Row) -> None:
        """Add the row of ``case``; it is on disk when this returns."""
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(_line(self.key(case), row))
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {error.strerror}. Free space, then --resume.") from error


def _line(key: str, row: Row) -> str:
    return f'{{"key": "{key}", "row": {row_dumps(row)}}}\n'


def _read(line: str) -> tuple[str, Row] | None:
    try:
        found = json.loads(line)
        return found["key"], row_loads(json.dumps(found["row"]))
    except (ValueError, TypeError, KeyError):  # pydantic's ValidationError is a ValueError
        return None
