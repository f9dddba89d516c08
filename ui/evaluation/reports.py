"""Reports as ``rag-eval run`` writes them, as far as the page shows them; the format is that of ``evals.results``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from rag.errors import ConfigurationError

OVERALL = "overall"
Outcome = Literal["error", "refused", "answered", "wrong", "correct", "declined", "unscored"]
FAILURES: tuple[Outcome, ...] = ("error", "refused", "answered", "wrong")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over ``n`` cases with its 95 % interval; ``None`` where there is none."""

    mean: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that support the answer; no ``quote``: all of the document."""

    source: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Where a passage stands, and whether it holds evidence."""

    source: str
    start: int
    end: int
    relevant: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One question: what was expected and what came back."""

    id: str
    type: str
    question: str
    rewritten: str | None
    answerable: bool
    expected: str
    evidence: tuple[Evidence, ...]
    answer: str
    refused: bool
    retrieved: tuple[Retrieved, ...]
    scores: dict[str, float | None]
    error: str | None = None

    @property
    def outcome(self) -> Outcome:
        """What became of it; ``unscored``: answered, and nothing says whether correctly. As ``evals.outcomes``."""
        if self.error is not None:
            return "error"
        if self.refused:
            return "refused" if self.answerable else "declined"
        if not self.answerable:
            return "answered"
        right = self.scores.get("correct")
        return "unscored" if right is None else "correct" if right == 1 else "wrong"


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run; ``groups`` holds each type and ``overall``, ``extra`` the metrics of the whole run."""

    created: str
    cases: str
    documents: int
    settings: dict[str, Any]
    groups: dict[str, dict[str, Estimate]]
    extra: dict[str, Estimate]
    rows: tuple[Case, ...]
    version: Literal[1]

    def overall(self, metric: str) -> Estimate:
        """The metric over all cases; without a mean where the run has none."""
        return self.groups.get(OVERALL, {}).get(metric) or self.extra.get(metric) or Estimate()

    @property
    def failures(self) -> list[Case]:
        """The cases that a person should look at."""
        return [case for case in self.rows if case.outcome in FAILURES]


def read(path: Path) -> Report:
    """The report in ``path``; ``ConfigurationError`` when it cannot be read or is none."""
    try:
        return _shape().validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read the report {path}: {error.strerror}. Reload the page.") from error
    except ValidationError as error:
        raise ConfigurationError(f"{path} is no report that this version reads. Run the evaluation again.") from error


@cache
def _shape() -> TypeAdapter[Report]:
    return TypeAdapter(Report)
