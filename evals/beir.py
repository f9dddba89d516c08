"""BEIR-shaped folders: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/*.tsv``. Only retrieval can be scored on them.

The layout is that of Thakur et al., BEIR, NeurIPS 2021 (https://github.com/beir-cellar/beir).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from evals.corpora import file_names
from evals.datasets import Case, Dataset, Evidence, read_text
from evals.questions import script_of
from rag.errors import ConfigurationError

_SPLITS = ("test", "dev", "train")
_COLUMNS = ["query-id", "corpus-id", "score"]


def read_beir(folder: Path) -> Dataset:
    """The queries of ``folder`` that have a relevant document, and its corpus; ``test.tsv`` is taken before others.

    Raises:
        ConfigurationError: a file is missing or malformed; the message names file, line and field.
    """
    titles_and_texts = {str(row["_id"]): _text(row) for _, row in _rows(folder / "corpus.jsonl")}
    corpus = {name: text for name, text in titles_and_texts.items() if text.strip()}
    sources = dict(zip(corpus, file_names(list(corpus)), strict=True))
    grades = _grades(_qrels(folder), set(titles_and_texts))
    cases = []
    for where, row in _rows(folder / "queries.jsonl"):
        name, question = str(row["_id"]), str(row["text"])
        relevant = {sources[each]: grade for each, grade in grades.get(name, {}).items() if each in sources}
        if relevant:
            evidence = tuple(Evidence(source, grade=grade) for source, grade in relevant.items())
            script = script_of(question)
            cases.append(Case(name, "query", question, True, script=script, evidence=evidence, where=where))
    if not cases:
        raise ConfigurationError(f"{folder}: no query of queries.jsonl has a relevant document in {_qrels(folder)}.")
    return Dataset(folder.name, tuple(cases), {sources[name]: corpus[name] for name in corpus}, retrieval_only=True)


def _text(row: dict[str, object]) -> str:
    title, text = str(row.get("title") or ""), str(row["text"])
    return f"{title}\n{text}" if title else text


def _rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    known: set[str] = set()
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ConfigurationError(f"{where}: not valid JSON ({error}). Mend the line.") from error
        for name in ("_id", "text"):
            if not isinstance(row, dict) or not isinstance(row.get(name), str):
                raise ConfigurationError(f"{where}: field {name!r}: missing, or no text. Mend the line.")
        if row["_id"] in known:
            raise ConfigurationError(f"{where}: field '_id': {row['_id']!r} is there twice. Give it another.")
        known.add(row["_id"])
        yield where, row


def _qrels(folder: Path) -> Path:
    files = {file.stem: file for file in sorted((folder / "qrels").glob("*.tsv"))}
    if not files:
        raise ConfigurationError(f"{folder / 'qrels'} holds no .tsv file. Add one with {', '.join(_COLUMNS)}.")
    return next((files[split] for split in _SPLITS if split in files), next(iter(files.values())))


def _grades(path: Path, documents: set[str]) -> dict[str, dict[str, int]]:
    """Grade of each relevant document, by query; what is graded 0 or less is not relevant."""
    reader = csv.reader(read_text(path).splitlines(), delimiter="\t")
    if (header := next(reader, None)) != _COLUMNS:
        raise ConfigurationError(f"{path.name}, line 1: the columns are {header}, not {_COLUMNS}. Mend the header.")
    grades: dict[str, dict[str, int]] = {}
    for row in reader:
        where = f"{path.name}, line {reader.line_num}"
        if len(row) != len(_COLUMNS):
            raise ConfigurationError(f"{where}: {len(row)} fields, not {len(_COLUMNS)}. Mend the line.")
        query, document, grade = row
        if document not in documents:
            raise ConfigurationError(f"{where}: field 'corpus-id': {document!r} is not in corpus.jsonl. Mend the line.")
        if not grade.lstrip("-").isdigit():
            raise ConfigurationError(f"{where}: field 'score': {grade!r} is no whole number. Mend the line.")
        if int(grade) > 0:
            grades.setdefault(query, {})[document] = int(grade)
    return grades
