from __future__ import annotations

import pytest

from rag.answer.certainty import Level, level, percent


@pytest.mark.parametrize(
    ("confidence", "word", "number"),
    [
        (1.0, "high", 100),
        (0.85, "high", 85),
        (0.8499, "medium", 84),
        (0.6, "medium", 60),
        (0.5999, "low", 59),
        (0.29, "low", 29),
        (0.0, "low", 0),
    ],
)
def test_word_and_number_agree(confidence: float, word: Level, number: int) -> None:
    assert (level(confidence), percent(confidence)) == (word, number)
