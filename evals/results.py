"""What a run leaves behind: a report of estimates and rows that survives a round trip through JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from evals.datasets import Evidence
from rag.errors import ConfigurationError

VERSION = 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the ``n`` cases a metric applied to, with its 95 % bootstrap interval; ``None`` where it has none."""

    mean: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A hit as a report keeps it: ``text`` is its beginning; ``scores`` are the arms that ``score`` was fused from."""

    source: str
    section: str
    start: int
    end: int
    score: float
    scores: dict[str, float]
    relevant: bool
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what was expected, what came back, how good it was; ``error`` when asking failed.

    ``citations`` are ``rag.schema.Citation`` as dictionaries; ``timings`` are milliseconds per stage.
    """

    id: str
    type: str
    script: str
    question: str
    rewritten: str | None
    answerable: bool
    expected: str
    answer_keys: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    answer: str
    refused: bool
    reason: str | None
    confidence: float
    citations: tuple[dict[str, Any], ...]
    retrieved: tuple[Retrieved, ...]
    scores: dict[str, float | None]
    timings: dict[str, float]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run. ``groups`` holds each type and ``overall``; ``extra`` the metrics that need the whole run."""

    created: str
    cases: str
    documents: int
    corpus: str
    commit: str | None
    settings: dict[str, Any]
    versions: dict[str, str]
    prompts: dict[str, str]
    groups: dict[str, dict[str, Estimate]]
    extra: dict[str, Estimate]
    rows: tuple[Row, ...] = field(repr=False)
    version: int = VERSION

    def to_json(self, path: Path) -> None:
        """Write the report to ``path``, replacing what is there only once all of it is written.

        Raises:
            ConfigurationError: ``path`` cannot be written.
        """
        partial = path.with_name(f"{path.name}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(self.dumps(), encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            raise ConfigurationError(f"cannot write {path}: {error.strerror}. Name another file with --out.") from error

    def dumps(self) -> str:
        """The report as one JSON document."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, path: Path) -> Report:
        """The report in ``path``.

        Raises:
            ConfigurationError: no such file, not a report, or a report of another version.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"cannot read the report {path}: {error.strerror}. Check the path.") from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{path} is not UTF-8, so no report of rag-eval run. Check the path.") from error
        try:
            found = json.loads(text)
        except ValueError as error:
            raise ConfigurationError(f"{path} is not valid JSON ({error}). Run rag-eval run --out again.") from error
        version = found.get("version") if isinstance(found, dict) else None
        if version != VERSION:
            raise ConfigurationError(
                f"{path} is no report of version {VERSION} (version: {version!r}). Run rag-eval run --out again."
            )
        try:
            return _shape().validate_json(text)
        except ValidationError as error:
            problem = error.errors()[0]
            name = ".".join(str(part) for part in problem["loc"])
            raise ConfigurationError(f"{path}: field {name!r}: {problem['msg']}. Run rag-eval run again.") from error


def row_dumps(row: Row) -> str:
    """``row`` as one line of JSON."""
    return json.dumps(asdict(row), ensure_ascii=False, allow_nan=False)


def row_loads(line: str) -> Row:
    """The row that ``row_dumps`` wrote; ``pydantic.ValidationError`` when it is none."""
    return _row_shape().validate_json(line)


@cache
def _shape() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


@cache
def _row_shape() -> TypeAdapter[Row]:
    return TypeAdapter(Row)
