"""Question cases from JSON Lines, checked as they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ConfigurationError

_KEYS = {"id", "type", "question", "script", "answerable", "answer", "answer_keys", "evidence", "history"}
_REQUIRED = {"id", "type", "question", "answerable"}


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


def read_cases(path: Path) -> list[Case]:
    """The cases in ``path``, one JSON object a line.

    Raises:
        ConfigurationError: no such file, or a malformed case; the message names line and field.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigurationError(f"cannot read the cases in {path}: {error.strerror}. Check the path.") from error
    cases = [_case(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise ConfigurationError(f"{path} holds no case. Write one JSON object a line.")
    return cases


def _case(line: str, where: str) -> Case:
    try:
        fields: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise ConfigurationError(f"{where}: not valid JSON ({error}). Mend the line.") from error
    for name in fields.keys() - _KEYS:
        raise ConfigurationError(f"{where}: unknown field {name!r}. Known: {', '.join(sorted(_KEYS))}.")
    for name in sorted(_REQUIRED - fields.keys()):
        raise ConfigurationError(f"{where}: field {name!r} is missing. Add it.")
    try:
        evidence = tuple(Evidence(item["source"], item["quote"]) for item in fields.pop("evidence", ()))
    except (KeyError, TypeError) as error:
        raise ConfigurationError(f"{where}: field 'evidence' must be a list of {{source, quote}}.") from error
    keys = tuple(fields.pop("answer_keys", ()))
    history = tuple(fields.pop("history", ()))
    return Case(**fields, answer_keys=keys, evidence=evidence, history=history)
