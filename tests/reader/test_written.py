"""What was written for training: well formed, and nothing of what the product is measured with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.corpus.script import search_key
from rag.reader.data import read_written

ROOT = Path(__file__).parent.parent.parent
WRITTEN = sorted((ROOT / "rag/reader/written").glob("*.jsonl"))
LENGTH = 8  # characters of a piece that two questions may not share too many of
SHARED = 0.5


def grams(text: str) -> set[str]:
    key = "".join(filter(str.isalnum, search_key(text)))
    return {key[start : start + LENGTH] for start in range(max(len(key) - LENGTH + 1, 1))}


def measured() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "evals/cases").glob("*.jsonl")):
        if file.name == "support_contrast.jsonl":  # developed with; support_contrast_2.jsonl measures
            continue
        for line in file.read_text("utf-8").splitlines():
            case = json.loads(line)
            text = case.get("question") or case.get("sentence") or case.get("text") or ""
            yield f"{file.name}: {text}", text


def test_every_passage_has_questions_with_and_without_an_answer_and_statements_of_both_kinds() -> None:
    examples = read_written(WRITTEN)
    assert len(examples) > 1300
    lines = [json.loads(line) for file in WRITTEN for line in file.read_text("utf-8").splitlines()]
    passages = {line["id"]: line["text"] for line in lines if "text" in line}
    for identity, text in passages.items():
        about = [line for line in lines if line["id"] == identity and "text" not in line]
        assert {bool(line["answer"]) for line in about if "question" in line} == {True, False}, identity
        assert {line["kind"] == "supported" for line in about if "statement" in line} == {True, False}, identity
        assert all(line["answer"] in text for line in about if line.get("answer")), identity


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in measured() if text][:1])
def test_the_overlap_would_be_noticed(text: str) -> None:
    assert len(grams(text) & grams(f"请问，{text}")) / len(grams(text)) > SHARED


def test_no_question_that_the_product_is_measured_with_is_trained_on() -> None:
    trained: set[str] = set()
    for example in read_written(WRITTEN):
        trained |= grams(example.question)
    overlap = {
        name: len(grams(text) & trained) / len(grams(text)) for name, text in measured() if len(grams(text)) >= 4
    }
    assert len(overlap) > 300
    assert {name: share for name, share in overlap.items() if share > SHARED} == {}


def test_no_seed_document_is_trained_on() -> None:
    seeds = set().union(*(grams(file.read_text("utf-8")) for file in sorted((ROOT / "seeds").glob("*.txt"))))
    for example in read_written(WRITTEN):
        text = grams(example.passage.text)
        assert len(text & seeds) / len(text) < SHARED, example.passage.text
