from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from rag.index.bundled_model import TOKENIZER_FILE, model_folder
from rag.reader.encoding import MAX_TOKENS, Passage, batches, encode, simplified


@pytest.fixture(scope="module")
def tokenizer(model_home: Path) -> Tokenizer:
    return Tokenizer.from_file(str(model_folder(model_home) / TOKENIZER_FILE))


def test_places_are_those_of_the_original_text(tokenizer: Tokenizer) -> None:
    passage = Passage("開工前審批  最多100天。", "青山市方案 › 一、目標")
    row = encode(tokenizer, "審批最多幾天？", passage)
    assert len(row.ids) == len(row.places)
    assert [index for index, token in enumerate(row.ids) if token in {0, 2}][0::2] == [0, len(row.ids) - 1]
    covered = {place for start, end in row.places for place in range(start, end)}
    assert "".join(passage.text[place] for place in sorted(covered)) == "開工前審批最多100天。"
    starts = [start for start, _ in row.places if start >= 0]
    assert starts == sorted(starts)
    assert encode(tokenizer, "审批最多几天？", Passage("开工前审批  最多100天。", "青山市方案 › 一、目标")) == row


def test_a_long_passage_loses_its_end_and_a_long_question_leaves_room(tokenizer: Tokenizer) -> None:
    row = encode(tokenizer, "水库" * 400, Passage("大坝安全鉴定。" * 200, "标题" * 100))
    assert len(row.ids) == MAX_TOKENS
    places = [place for place in row.places if place[0] >= 0]
    assert len(places) > MAX_TOKENS / 3
    assert places[0][0] == 0
    assert places[-1][1] < 1400


@given(st.text())
def test_simplified_keeps_every_position(text: str) -> None:
    assert len(simplified(text)) == len(text)


def test_simplified_changes_characters_one_for_one() -> None:
    assert simplified("開發區的營商環境 ABC 123") == "开发区的营商环境 ABC 123"


@given(st.lists(st.integers(min_value=1, max_value=400)), st.integers(min_value=400, max_value=2000))
def test_batches_hold_every_index_once_within_the_limit(lengths: list[int], tokens: int) -> None:
    groups = list(batches(lengths, tokens=tokens))
    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    assert all(max(lengths[index] for index in group) * len(group) <= tokens for group in groups)
