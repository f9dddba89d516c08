"""Any kind of data set, told apart by content."""

from __future__ import annotations

import json
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from evals.beir import read_beir
from evals.datasets import Dataset, read_cases, read_text
from evals.squad import read_squad
from evals.tabular import read_table
from rag.errors import ConfigurationError


class Format(StrEnum):
    """What ``rag-eval run`` reads."""

    JSONL = "jsonl"
    SQUAD = "squad"
    BEIR = "beir"
    CSV = "csv"


def read_dataset(path: Path, form: Format | None = None, *, seed: int = 0, unread: bool = False) -> Dataset:
    """The data set at ``path``, in ``form`` or what its content looks like.

    ``seed`` draws what a SQuAD-shaped file leaves out; ``unread`` asks only what the reader was not trained on.

    Raises:
        ConfigurationError: it cannot be read, or something in it is malformed.
    """
    match form or detect(path):
        case Format.BEIR:
            return read_beir(path)
        case Format.SQUAD:
            return read_squad(path, seed=seed, unread=unread)
        case Format.CSV:
            return read_table(path)
        case Format.JSONL:
            return Dataset(path.name, tuple(read_cases(path)))


def parse_format(name: str) -> Format | None:
    """The format ``name``; ``None`` for no name, and ``ConfigurationError`` for one that is not known."""
    if name and name not in [*Format]:
        raise ConfigurationError(f"--format {name}: not one of {', '.join(Format)}.")
    return Format(name) if name else None


def detect(path: Path) -> Format:
    """What ``path`` looks like: a folder, one JSON object with ``data``, a header with commas, or else JSON Lines."""
    if path.is_dir():
        return Format.BEIR
    text = read_text(path).lstrip()
    if not text:
        raise ConfigurationError(f"{path} is empty. Write one case a line, as JSON or as CSV.")
    if not text.startswith("{"):
        return Format.CSV if "question" in text.split("\n", 1)[0].split(",") else Format.JSONL
    try:
        whole = json.loads(text)
    except ValueError:
        return Format.JSONL
    return Format.SQUAD if "data" in whole else Format.JSONL


def select(dataset: Dataset, *, types: frozenset[str] = frozenset(), limit: int | None = None) -> Dataset:
    """``dataset`` with the first ``limit`` cases of ``types`` (all, if none is named).

    Raises:
        ConfigurationError: it has no case of a type named.
    """
    known = {case.type for case in dataset.cases}
    if unknown := sorted(types - known):
        raise ConfigurationError(
            f"no case of type {', '.join(unknown)}. {dataset.name} has: {', '.join(sorted(known))}."
        )
    chosen = [case for case in dataset.cases if not types or case.type in types]
    return replace(dataset, cases=tuple(chosen[:limit]))
