"""Two measurements of the same cases: is the difference more than chance?

McNemar's exact test (Q. McNemar, Psychometrika 12, 1947) where every value is 0 or 1, otherwise a paired bootstrap
(B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993) of the mean difference, with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, fsum

RESAMPLES = 10_000
SEED = 20210305
LEVEL = 0.05
_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A mean difference with its 95 % interval, the two-sided p-value and the name of the test.

    The interval is the bootstrap's, extended to 0 where the p-value is above 5 %: it never promises more than the test.
    """

    difference: float
    low: float
    high: float
    p: float
    name: str


def paired(base: Sequence[float], new: Sequence[float]) -> PairedTest:
    """The test that fits the values: ``new`` minus ``base``, case by case; at least one case."""
    differences = [after - before for before, after in zip(base, new, strict=True)]
    low, high, p = paired_bootstrap(differences)
    name = "bootstrap"
    if set(base) | set(new) <= {0.0, 1.0}:
        name, p = "McNemar", mcnemar(differences.count(1.0), differences.count(-1.0))
    if p > LEVEL:
        low, high = min(low, 0.0), max(high, 0.0)
    return PairedTest(fsum(differences) / len(differences), low, high, p, name)


def mcnemar(up: int, down: int) -> float:
    """Exact two-sided p-value of ``up`` cases gained and ``down`` lost: a fair coin thrown ``up + down`` times."""
    changed = up + down
    tail = sum(comb(changed, i) for i in range(min(up, down) + 1))
    return min(1.0, float(2 * tail / 2**changed))


def paired_bootstrap(differences: Sequence[float]) -> tuple[float, float, float]:
    """The 95 % interval of the mean of ``differences`` over resampled cases, and the p-value of its being 0.

    The p-value is never below ``2 ** (1 - changed)``: so often would ``changed`` cases all move in one direction by
    chance. Without this bound three moved cases of ten would do.
    """
    import numpy as np

    values = np.asarray(differences, dtype=float)
    changed = int(np.count_nonzero(values))
    if not changed:
        return 0.0, 0.0, 1.0
    dice = np.random.default_rng(SEED)
    step = max(1, _AT_ONCE // len(values))
    sizes = [min(step, RESAMPLES - done) for done in range(0, RESAMPLES, step)]
    means = np.concatenate([values[dice.integers(0, len(values), (size, len(values)))].mean(axis=1) for size in sizes])
    means = means.round(12)  # so that what cancels out is 0
    beyond = int(min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0)))
    p = min(1.0, max(2 * (beyond + 1) / (RESAMPLES + 1), 2.0 ** (1 - changed)))
    low, high = np.quantile(means, [LEVEL / 2, 1 - LEVEL / 2])
    return float(low), float(high), p


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values adjusted for being looked at together (S. Holm, Scand. J. Statist. 6, 1979), in the same order."""
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = highest
    return adjusted
