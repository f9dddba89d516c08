"""What a whole run says: means and ratios with 95 % bootstrap intervals, refusals, risk and coverage, calibration.

Intervals are percentiles over resampled cases (B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993) with a
fixed seed: the same rows always give the same interval. All values equal give an interval without width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from evals.results import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 20210305
RESAMPLES = 2000
BINS = 10
NOTHING = Estimate(None, None, None, 0)
_MOST_DRAWN = 20_000_000  # cases drawn in all: bounds memory on very large sets


def bootstrap(cases: int, statistic: Callable[[Floats], Floats]) -> Estimate:
    """``statistic`` of the cases as they are, with its interval over resamples of them.

    It is given weights, a row a resample and a column a case (how often that one was drawn), and returns a value a row;
    NaN where it is not defined. An estimate without a mean when it is not defined for the cases themselves.
    """
    import numpy as np

    if not cases:
        return NOTHING
    mean = float(statistic(np.ones((1, cases)))[0])
    if np.isnan(mean):
        return NOTHING
    drawn = statistic(_weights(cases))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(mean, float(low), float(high), cases)


def mean(values: Sequence[float | None]) -> Estimate:
    """The mean of the values that are not ``None``."""
    import numpy as np

    known = np.array([value for value in values if value is not None], dtype=float)
    return bootstrap(len(known), lambda weights: weights @ known / max(len(known), 1))


def quantile(values: Sequence[float], share: float) -> Estimate:
    """The smallest value that at least ``share`` of the values do not exceed."""
    import numpy as np

    ordered = np.sort(np.array(values, dtype=float))

    def statistic(weights: Floats) -> Floats:
        enough = weights.cumsum(axis=1) >= share * len(ordered)
        found: Floats = ordered[enough.argmax(axis=1)]
        return found

    return bootstrap(len(ordered), statistic)


def refusals(refused: Sequence[bool], answerable: Sequence[bool]) -> dict[str, Estimate]:
    """Precision, recall and F1 of refusing, where a question that cannot be answered is what should be refused."""
    import numpy as np

    said, unanswerable = np.array(refused, dtype=float), 1 - np.array(answerable, dtype=float)

    def ratio(over: Floats, under: Floats) -> Estimate:
        def statistic(weights: Floats) -> Floats:
            below = weights @ under
            found: Floats = np.divide(weights @ over, below, out=np.full(len(below), np.nan), where=below > 0)
            return found

        return bootstrap(len(said), statistic)

    return {
        "refusal_precision": ratio(said * unanswerable, said),
        "refusal_recall": ratio(said * unanswerable, unanswerable),
        "refusal_f1": ratio(2 * said * unanswerable, said + unanswerable),
    }


def risk_coverage(confidences: Sequence[float], right: Sequence[float]) -> list[tuple[float, float]]:
    """The risk-coverage curve: answering the most confident share of the cases, the share of them that is not right.

    A point a case (El-Yaniv and Wiener, JMLR 11, 2010); equally confident cases share their errors evenly.
    """
    import numpy as np

    _, losses = _by_confidence(confidences, right)
    covered = np.arange(1, len(losses) + 1)
    return [(float(c), float(r)) for c, r in zip(covered / len(losses), losses.cumsum() / covered, strict=True)]


def risk_coverage_auc(confidences: Sequence[float], right: Sequence[float]) -> Estimate:
    """The mean risk over all coverages (AURC; Geifman, Uziel and El-Yaniv, ICLR 2019): 0 when all is right."""
    import numpy as np

    _, losses = _by_confidence(confidences, right)

    def statistic(weights: Floats) -> Floats:
        covered = np.maximum(weights.cumsum(axis=1), 1)
        risks = (weights * losses).cumsum(axis=1) / covered
        area: Floats = (weights * risks).sum(axis=1) / len(losses)
        return area

    return bootstrap(len(losses), statistic)


def calibration(confidences: Sequence[float], right: Sequence[float]) -> list[tuple[float, float, int]]:
    """Mean confidence, share right and number of cases of each tenth of the confidence that has cases."""
    import numpy as np

    sure, good, bins = _binned(confidences, right)
    rows = [(sure[bins == b], good[bins == b]) for b in np.unique(bins)]
    return [(float(s.mean()), float(g.mean()), len(s)) for s, g in rows]


def calibration_error(confidences: Sequence[float], right: Sequence[float]) -> Estimate:
    """Expected calibration error in ten equal bins (Guo et al., ICML 2017): how far confidence is from being right."""
    import numpy as np

    sure, good, bins = _binned(confidences, right)
    members = (bins[:, None] == np.arange(BINS)).astype(float)

    def statistic(weights: Floats) -> Floats:
        gaps: Floats = np.abs((weights * (sure - good)) @ members).sum(axis=1) / len(sure)
        return gaps

    return bootstrap(len(sure), statistic)


def _by_confidence(confidences: Sequence[float], right: Sequence[float]) -> tuple[Floats, Floats]:
    """Confidences from the highest down with the loss of each; those of equal confidence share theirs."""
    import numpy as np

    sure, losses = np.array(confidences, dtype=float), 1 - np.array(right, dtype=float)
    _, groups = np.unique(-sure, return_inverse=True)
    shared = np.bincount(groups, weights=losses) / np.bincount(groups) if len(sure) else losses
    order = np.argsort(groups, kind="stable")
    return sure[order], shared[groups[order]]


def _binned(confidences: Sequence[float], right: Sequence[float]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    import numpy as np

    sure, good = np.array(confidences, dtype=float), np.array(right, dtype=float)
    return sure, good, np.minimum((sure * BINS).astype(np.int64), BINS - 1)


@lru_cache(maxsize=4)
def _weights(cases: int) -> Floats:
    import numpy as np

    resamples = max(200, min(RESAMPLES, _MOST_DRAWN // cases))
    drawn = np.random.default_rng(SEED).multinomial(cases, np.full(cases, 1 / cases), size=resamples)
    return drawn.astype(float)
