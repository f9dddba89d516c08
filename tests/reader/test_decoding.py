from __future__ import annotations

import numpy as np

from rag.reader.decoding import best_span

NOWHERE = (-1, -1)


def test_the_span_is_the_best_pair_of_first_and_last_token_of_the_text() -> None:
    places = [NOWHERE, NOWHERE, (0, 2), (2, 3), (3, 7)]
    logits = np.array([[1.0, 0.5], [9, 9], [0, 0], [3, 1], [2, 4]], np.float32)
    assert best_span(logits, places) == ((2, 7), 3 + 4 - 1.5)


def test_the_last_token_is_never_before_the_first() -> None:
    places = [NOWHERE, (0, 1), (1, 2)]
    logits = np.array([[0, 0], [0, 5], [5, 0]], np.float32)
    assert best_span(logits, places)[0] in {(0, 1), (1, 2)}


def test_padding_after_the_row_is_not_read() -> None:
    places = [NOWHERE, (0, 1)]
    logits = np.array([[0, 0], [1, 1], [9, 9]], np.float32)
    assert best_span(logits, places) == ((0, 1), 2.0)


def test_a_row_without_text_has_no_answer() -> None:
    assert best_span(np.zeros((2, 2), np.float32), [NOWHERE, NOWHERE]) == ((0, 0), -np.inf)
