"""From the logits of tokens to a span of text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_LONGEST = 80  # tokens of an answer


def best_span(logits: npt.NDArray[np.float32], places: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], float]:
    """The characters of the likeliest answer, and its logit (first plus last token) above that of no answer.

    ``logits`` is (at least as many tokens as ``places``, 2). Without a token of the text: ``(0, 0)``, minus infinity.
    """
    readable = np.array([start >= 0 for start, _ in places])
    if not readable.any():
        return (0, 0), -np.inf
    first = np.where(readable, logits[: len(places), 0], -np.inf)
    last = np.where(readable, logits[: len(places), 1], -np.inf)
    # Row i, column j: an answer from token i to token j.
    sums = first[:, None] + last[None, :]
    index = np.arange(len(places))
    length = index[None, :] - index[:, None]
    sums[(length < 0) | (length >= _LONGEST)] = -np.inf
    i, j = divmod(int(sums.argmax()), len(places))
    return (places[i][0], places[j][1]), float(sums[i, j] - logits[0].sum())
