"""Question cases from JSON Lines, checked as they are read, and what a data set consists of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from evals.matching import letters
from rag.chatbot import Chatbot
from rag.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim piece of the raw file ``source`` that supports the answer; no ``quote``: all of the file.

    ``grade`` is how relevant it is, from 1 up; only nDCG looks at it.
    """

    source: str
    quote: str = ""
    grade: int = 1


Evidence.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]  # slots leave no room inside


@dataclass(frozen=True, slots=True)
class Case:
    """One evaluation question; ``answer_keys`` must all be in a correct answer, ``|`` separates alternatives.

    ``where`` says where the case was read, for messages; it is not part of the format.
    """

    id: str
    type: str
    question: str
    answerable: bool
    script: Literal["hans", "hant", "en", ""] = ""
    answer: str = ""
    answer_keys: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    history: tuple[dict[str, str], ...] = ()
    where: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Cases, and the documents they are about by file name; without ``documents``, they are about the user's index.

    ``retrieval_only``: relevant documents are known but no answers, so nothing is asked, only searched.
    """

    name: str
    cases: tuple[Case, ...]
    documents: Mapping[str, str] = field(default_factory=dict)
    retrieval_only: bool = False


_KEYS = {field.name for field in fields(Case)} - {"where"}
_TURN = {"role", "content"}
_ROLES = {"user", "assistant"}


def read_cases(path: Path) -> list[Case]:
    """The cases in ``path``, one JSON object a line.

    Raises:
        ConfigurationError: no such file, or a malformed case; the message names file, line and field.
    """
    lines = read_text(path).split("\n")
    cases = [_case(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise ConfigurationError(f"{path} holds no case. Write one JSON object a line.")
    return require_unique(cases)


def read_text(path: Path) -> str:
    """The UTF-8 text of ``path``, without a byte order mark; ``ConfigurationError`` when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"cannot read the cases in {path}: {error.strerror}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8: {error}. Save it as UTF-8.") from error


def require_unique(cases: Iterable[Case]) -> list[Case]:
    """The cases as a list; ``ConfigurationError`` when two have the same id."""
    known: dict[str, Case] = {}
    for case in cases:
        if case.id in known:
            first = known[case.id].where
            raise ConfigurationError(f"{case.where}: field 'id': {case.id!r} is taken by {first}. Give it another.")
        known[case.id] = case
    return list(known.values())


def check_evidence(cases: Sequence[Case], bot: Chatbot) -> None:
    """Raises ``ConfigurationError`` unless every piece of evidence is found in the document of ``bot`` it names.

    Script, width, punctuation and spacing may differ. The message names file, line and field.
    """
    sources = {info.source for info in bot.documents()}
    missing = sorted({item.source for case in cases for item in case.evidence} - sources)
    texts: dict[str, str] = {}
    for case in cases:
        for number, item in enumerate(case.evidence):
            place = f"{case.where}: field 'evidence.{number}"
            if item.source in missing:
                more = f" Missing in all: {', '.join(missing[:5])}{' …' if missing[5:] else ''}." if missing[1:] else ""
                raise ConfigurationError(
                    f"{place}.source': {item.source!r} is not among the {len(sources)} documents of the index.{more} "
                    "Run `rag ingest` on the folder that has it."
                )
            if item.quote and not _found(item.quote, item.source, bot, texts):
                raise ConfigurationError(
                    f"{place}.quote': {item.quote[:40]!r} is not in {item.source}. Copy the words from the file."
                )


def complain(where: str, error: ValidationError) -> ConfigurationError:
    """The first problem of ``error`` in our words, with the field it is in."""
    problem = error.errors()[0]
    name = ".".join(str(part) for part in problem["loc"])
    given = "" if problem["type"] == "missing" else f" (not {_short(problem['input'])})"
    return ConfigurationError(f"{where}: field {name!r}: {problem['msg']}{given}. Mend it.")


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
        case = _shape().validate_json(json.dumps({**found, "where": where}), strict=True)
    except ValidationError as error:
        raise complain(where, error) from error
    for name, problem in _problems(case):
        raise ConfigurationError(f"{where}: field {name!r}: {problem}.")
    return case


def _problems(case: Case) -> Iterable[tuple[str, str]]:
    """What the types of the fields cannot say: each field with what is wrong and what to do."""
    for name in ("id", "type", "question"):
        if not getattr(case, name).strip():
            yield name, "it is blank. Write something"
    for number, key in enumerate(case.answer_keys):
        if not all(each.strip() for each in key.split("|")):
            yield f"answer_keys.{number}", f"{key!r} has a blank alternative, found in every answer. Remove it"
    for number, item in enumerate(case.evidence):
        if not item.source.strip():
            yield f"evidence.{number}.source", "it is blank. Name the file the quote is from"
        if not any(char.isalnum() for char in item.quote):
            yield f"evidence.{number}.quote", "it quotes no word. Copy the words from the file"
        if item.grade < 1:
            yield f"evidence.{number}.grade", f"{item.grade} is less than 1. Leave evidence away that is not relevant"
    if not case.answerable and (case.answer_keys or case.evidence):
        name = "answer_keys" if case.answer_keys else "evidence"
        yield name, "an unanswerable question has none. Empty it, or set answerable to true"
    yield from _turn_problems(case.history)


def _turn_problems(history: Sequence[Mapping[str, str]]) -> Iterable[tuple[str, str]]:
    for number, turn in enumerate(history):
        if turn.keys() != _TURN:
            yield f"history.{number}", f"it has {sorted(turn)}. A turn has role and content"
        elif turn["role"] not in _ROLES:
            yield f"history.{number}.role", f"{turn['role']!r} is neither user nor assistant. Write one of them"


def _found(quote: str, source: str, bot: Chatbot, texts: dict[str, str]) -> bool:
    if source not in texts:
        texts[source] = bot.document(source).text
    text = texts[source]
    if quote in text:
        return True
    folded = texts.setdefault(f"{source}\0letters", letters(text))
    return letters(quote) in folded


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


@cache
def _shape() -> TypeAdapter[Case]:
    return TypeAdapter(Case)
