"""Two measurements of the same cases: is the difference more than chance?

McNemar's exact test (Q. McNemar, Psychometrika 12, 1947) where every value is 0 or 1, otherwise a paired bootstrap
(B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993) of the mean difference, with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

RESAMPLES = 10_000
SEED = 20210305
LEVEL = 0.05
_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Test:
    """A mean difference with its 95 % interval, the two-sided p-value and the name of the test."""

    difference: float
    low: float
    high: float
    p: float
    name: str


def paired(base: Sequence[float], new: Sequence[float]) -> Test:
    """The test that fits the values: ``new`` minus ``base``, case by case; at least one case."""
    differences = [after - before for before, after in zip(base, new, strict=True)]
    if set(base) | set(new) <= {0.0, 1.0}:
        up, down = differences.count(1.0), differences.count(-1.0)
        low, high = mcnemar_interval(up, down, len(differences))
        return Test((up - down) / len(differences), low, high, mcnemar(up, down), "McNemar")
    return paired_bootstrap(differences)


def mcnemar(up: int, down: int) -> float:
    """Exact two-sided p-value of ``up`` cases gained and ``down`` lost: a fair coin thrown ``up + down`` times."""
    changed = up + down
    tail = sum(comb(changed, i) for i in range(min(up, down) + 1)) / 2**changed
    return min(1.0, 2 * tail)


def mcnemar_interval(up: int, down: int, cases: int) -> tuple[float, float]:
    """95 % interval of the difference in means, given how many cases changed.

    The Clopper-Pearson interval of the share gained among the changed cases, rescaled; it leaves out 0 exactly when
    ``mcnemar(up, down)`` is below 5 %.
    """
    changed = up + down
    if not changed:
        return 0.0, 0.0
    lower = 0.0 if up == 0 else _share_with_tail(up, changed, upper=True)
    upper = 1.0 if up == changed else _share_with_tail(up, changed, upper=False)
    return (2 * lower - 1) * changed / cases, (2 * upper - 1) * changed / cases


def paired_bootstrap(differences: Sequence[float]) -> Test:
    """The mean of ``differences`` with its percentile interval over resampled cases.

    The p-value is never below ``2 ** (1 - changed)``: so many cases would change in one direction by chance alone.
    """
    import numpy as np

    values = np.asarray(differences, dtype=float)
    mean, changed = float(values.mean()), int(np.count_nonzero(values))
    if not changed:
        return Test(0.0, 0.0, 0.0, 1.0, "bootstrap")
    dice = np.random.default_rng(SEED)
    step = max(1, _AT_ONCE // len(values))
    sizes = [min(step, RESAMPLES - done) for done in range(0, RESAMPLES, step)]
    means = np.concatenate([values[dice.integers(0, len(values), (size, len(values)))].mean(axis=1) for size in sizes])
    means = means.round(12)  # so that what cancels out is 0
    beyond = min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
    p = min(1.0, max(2 * (int(beyond) + 1) / (RESAMPLES + 1), 2.0 ** (1 - changed)))
    low, high = np.quantile(means, [LEVEL / 2, 1 - LEVEL / 2])
    return Test(mean, float(low), float(high), p, "bootstrap")


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values adjusted for being looked at together (S. Holm, Scand. J. Statist. 6, 1979), in the same order."""
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = highest
    return adjusted


def _share_with_tail(successes: int, trials: int, *, upper: bool) -> float:
    """The share under which a tail of 2.5 % begins at ``successes``; found by halving, exact to 1e-12."""
    low, high = 0.0, 1.0
    counts = range(successes, trials + 1) if upper else range(successes + 1)
    for _ in range(50):
        middle = (low + high) / 2
        tail = sum(comb(trials, i) * middle**i * (1 - middle) ** (trials - i) for i in counts)
        if (tail < LEVEL / 2) == upper:
            low = middle
        else:
            high = middle
    return (low + high) / 2
