"""Question cases from JSON Lines, checked as they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim piece of the raw file ``source`` that supports the answer."""

    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class Case:
    """One evaluation question; ``answer_keys`` must all be in a correct answer, ``|`` separates alternatives."""

    id: str
    type: str
    question: str
    answerable: bool
    script: str = ""
    answer: str = ""
    answer_keys: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    history: tuple[dict[str, str], ...] = ()


_KEYS = {field.name for field in fields(Case)}


def read_cases(path: Path) -> list[Case]:
    """The cases in ``path``, one JSON object a line.

    Raises:
        ConfigurationError: no such file, or a malformed case; the message names line and field.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise ConfigurationError(f"cannot read the cases in {path}: {error.strerror}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8: {error}. Save it as UTF-8.") from error
    cases = [_case(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise ConfigurationError(f"{path} holds no case. Write one JSON object a line.")
    return cases


def _case(line: str, where: str) -> Case:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise ConfigurationError(f"{where}: not valid JSON ({error}). Mend the line.") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{where}: a {type(found).__name__} is no case. Write a JSON object.")
    for name in sorted(found.keys() - _KEYS):
        raise ConfigurationError(f"{where}: unknown field {name!r}. Known: {', '.join(sorted(_KEYS))}.")
    try:
        return _shape().validate_json(line, strict=True)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        given = "" if problem["type"] == "missing" else f" (not {problem['input']!r})"
        raise ConfigurationError(f"{where}: field {name!r}: {problem['msg']}{given}. Mend the line.") from error


@cache
def _shape() -> TypeAdapter[Case]:
    return TypeAdapter(Case)
