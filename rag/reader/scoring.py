"""How well a reader reads: exact match and F1 of its spans, and how far it tells an answer from none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_IGNORED = re.compile(r"[\s\W_]+")


def exact(given: str, answers: Sequence[str]) -> float:
    """1.0 if ``given`` is one of ``answers``, punctuation, width, case and white space aside; else 0.0."""
    return float(any(_bare(given) == _bare(answer) for answer in answers))


def f1(given: str, answers: Sequence[str]) -> float:
    """The best F1 (0 to 1) over ``answers``, from the longest common run of characters, as CMRC 2018 scores it."""
    return max(_f1(_bare(given), _bare(answer)) for answer in answers)


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The probability (0 to 1) that one of the ``right`` scores is above one of the ``wrong``; ties count half."""
    ordered = sorted([(score, 0) for score in wrong] + [(score, 1) for score in right])
    ranks: dict[float, list[int]] = {}
    for rank, (score, _) in enumerate(ordered, 1):
        ranks.setdefault(score, []).append(rank)
    total = sum(sum(ranks[score]) / len(ranks[score]) for score in right)
    return (total - len(right) * (len(right) + 1) / 2) / (len(right) * len(wrong))


def _f1(given: str, answer: str) -> float:
    common = _longest_common_run(given, answer)
    if not common:
        return 0.0
    precision, recall = common / len(given), common / len(answer)
    return 2 * precision * recall / (precision + recall)


def _longest_common_run(a: str, b: str) -> int:
    best, row = 0, [0] * (len(b) + 1)
    for character in a:
        previous, row = row, [0] * (len(b) + 1)
        for j, other in enumerate(b, 1):
            if character == other:
                row[j] = previous[j - 1] + 1
                best = max(best, row[j])
    return best


def _bare(text: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).lower()
