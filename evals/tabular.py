"""CSV files with the columns ``question`` and ``answer``, about the documents of the user's index."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from evals.datasets import Case, Dataset, read_text, require_unique
from evals.matching import letters
from evals.questions import script_of
from rag.errors import ConfigurationError

_NEEDED = {"question", "answer"}
_KNOWN = _NEEDED | {"id", "type"}
_SHORT = 20


def read_table(path: Path) -> Dataset:
    """A case a row; no answer means that the question must be refused. ``id`` and ``type`` are further columns.

    An answer of at most 20 letters is its own answer key; a longer one is only compared as a whole.

    Raises:
        ConfigurationError: not readable, wrong columns, a blank question; the message names line and field.
    """
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), restval="")
    columns = set(reader.fieldnames or ())
    if not columns >= _NEEDED or not columns <= _KNOWN:
        message = f"the columns are {sorted(columns)}. Needed: question, answer; known besides: id, type."
        raise ConfigurationError(f"{path.name}, line 1: {message}")
    cases: list[Case] = []
    for row in reader:
        where = f"{path.name}, line {reader.line_num}"
        if None in row:
            raise ConfigurationError(f"{where}: more fields than columns. Put quotes round a text with commas.")
        if not row["question"].strip():
            raise ConfigurationError(f"{where}: field 'question': it is blank. Write a question.")
        cases.append(_case({name: value.strip() for name, value in row.items()}, len(cases) + 1, where))
    if not cases:
        raise ConfigurationError(f"{path} holds no case. Write one row a question.")
    return Dataset(path.name, tuple(require_unique(cases)))


def _case(row: dict[str, str], number: int, where: str) -> Case:
    answer = row["answer"]
    keyed = 0 < len(letters(answer)) <= _SHORT
    return Case(
        id=row.get("id") or f"row-{number}",
        type=row.get("type") or ("question" if answer else "unanswerable"),
        question=row["question"],
        answerable=bool(answer),
        script=script_of(row["question"]),
        answer=answer,
        answer_keys=(answer.replace("|", "｜"),) if keyed else (),
        where=where,
    )
