"""The contrast suite of the support check: its form, its balance, and that its seed passages are the seeds' own."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "evals" / "cases" / "support_contrast.jsonl"
SEEDS = ROOT / "seeds"

SPLITS = ("dev", "held_out")
TRUE_KINDS = frozenset(
    ["english", "joined", "lead_in", "number_style", "paraphrase", "reordered", "script", "shortened", "verbatim"]
)
FALSE_KINDS = frozenset(
    [
        "addition",
        "date",
        "english",
        "money",
        "name",
        "negation",
        "number",
        "obligation",
        "order",
        "percentage",
        "place",
        "quotation",
        "scope",
        "topic",
        "unit",
    ]
)


@pytest.fixture(scope="module")
def pairs() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SUITE.read_text(encoding="utf-8").splitlines()]


def _texts(pairs: list[dict[str, Any]], split: str) -> set[str]:
    return {pair["passage"]["text"] for pair in pairs if pair["split"] == split}


def _seed_documents() -> dict[str, tuple[str, str | None]]:
    """Title to (text, region) of the seeds that have an entry in their metadata."""
    entries = yaml.safe_load((SEEDS / "metadata.yaml").read_text(encoding="utf-8"))
    return {
        entry["title"]: ((SEEDS / name).read_text(encoding="utf-8"), entry.get("region"))
        for name, entry in entries.items()
        if "title" in entry
    }


def test_every_pair_has_the_fields_of_the_format(pairs: list[dict[str, Any]]) -> None:
    for pair in pairs:
        assert list(pair) == ["id", "split", "kind", "passage", "sentence", "supported"]
        assert list(pair["passage"]) == ["text", "title", "section", "region"]
        assert pair["split"] in SPLITS
        assert pair["kind"] in (TRUE_KINDS if pair["supported"] is True else FALSE_KINDS), pair["id"]
        assert 60 <= len(pair["passage"]["text"]) <= 400, pair["id"]
        assert pair["sentence"] == pair["sentence"].strip()
        assert pair["sentence"], pair["id"]
        assert pair["passage"]["title"], pair["id"]


def test_nothing_is_there_twice(pairs: list[dict[str, Any]]) -> None:
    assert len({pair["id"] for pair in pairs}) == len(pairs)
    asked = Counter((pair["passage"]["text"], pair["sentence"]) for pair in pairs)
    assert [key for key, times in asked.items() if times > 1] == []


def test_no_passage_is_in_both_parts_and_none_contains_another(pairs: list[dict[str, Any]]) -> None:
    dev, held_out = (_texts(pairs, split) for split in SPLITS)
    assert dev & held_out == set()
    assert [a for a, b in combinations(sorted(dev | held_out, key=len), 2) if a in b] == []


def test_there_are_enough_pairs_and_both_parts_are_alike(pairs: list[dict[str, Any]]) -> None:
    assert len(pairs) >= 320
    dev, held_out = ([pair for pair in pairs if pair["split"] == split] for split in SPLITS)
    assert abs(len(dev) - len(held_out)) <= 0.02 * len(pairs)
    for part in (dev, held_out):
        assert 0.45 <= sum(pair["supported"] for pair in part) / len(part) <= 0.55
    counts = [Counter((pair["kind"], pair["supported"]) for pair in part) for part in (dev, held_out)]
    expected = {(kind, True) for kind in TRUE_KINDS} | {(kind, False) for kind in FALSE_KINDS}
    for key in expected:
        fewer, more = sorted(count[key] for count in counts)
        assert fewer >= 5, key
        assert more <= 2 * fewer, key


def test_every_passage_has_true_and_false_sentences(pairs: list[dict[str, Any]]) -> None:
    """A checker that looks at the passage or the sentence alone cannot tell them apart."""
    labels: dict[str, set[bool]] = {}
    for pair in pairs:
        labels.setdefault(pair["passage"]["text"], set()).add(pair["supported"])
    assert [text for text, seen in labels.items() if seen != {True, False}] == []


def test_only_verbatim_sentences_are_cut_from_the_passage(pairs: list[dict[str, Any]]) -> None:
    found = {pair["id"] for pair in pairs if pair["sentence"] in pair["passage"]["text"]}
    assert found == {pair["id"] for pair in pairs if pair["kind"] == "verbatim"}


def test_english_sentences_are_the_ones_without_chinese_characters(pairs: list[dict[str, Any]]) -> None:
    english = {pair["id"] for pair in pairs if pair["sentence"].isascii()}
    assert english == {pair["id"] for pair in pairs if pair["kind"] == "english"}


def test_passages_of_the_seeds_are_in_them_word_for_word(pairs: list[dict[str, Any]]) -> None:
    documents = _seed_documents()
    from_seeds = [pair for pair in pairs if pair["passage"]["title"] in documents]
    assert {pair["passage"]["title"] for pair in from_seeds} == set(documents)
    for pair in from_seeds:
        text, region = documents[pair["passage"]["title"]]
        assert pair["passage"]["text"] in text, pair["id"]
        assert pair["passage"]["region"] == region, pair["id"]
