"""The reader's model at work: a row of tokens a thread.

Padding these rows of a few hundred tokens to batches took twice the time of the processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.index.sessions import cores, open_session

Logits = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


class Running:
    """The model in ``file``, on the cores this process may use (eight at most)."""

    def __init__(self, file: Path) -> None:
        self._session = open_session(file)
        self._threads = ThreadPoolExecutor(cores())

    def logits(self, rows: Sequence[Sequence[int]]) -> list[Logits]:
        """For each row of token ids the logits (length, 2) of first and last token, and the two judgements."""
        longest_first = sorted(range(len(rows)), key=lambda index: -len(rows[index]))
        found = self._threads.map(lambda index: self._run(rows[index]), longest_first)
        by_index = dict(zip(longest_first, found, strict=True))
        return [by_index[index] for index in range(len(rows))]

    def _run(self, row: Sequence[int]) -> Logits:
        ids = np.array([row], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones(ids.shape, np.int32)}
        spans, judged = self._session.run(["span_logits", "judgements"], given)
        return spans[0], judged[0]
