from __future__ import annotations

import random

import numpy as np
import pytest

from evals import statistics
from evals.results import Estimate


def test_a_mean_leaves_out_what_does_not_apply() -> None:
    found = statistics.mean([1.0, None, 0.0, 1.0, 1.0, None])
    assert (found.mean, found.n) == (0.75, 4)


def test_no_value_gives_no_mean() -> None:
    assert statistics.mean([None, None]) == statistics.mean([]) == Estimate(None, None, None, 0)


def test_equal_values_give_an_interval_without_width() -> None:
    assert statistics.mean([1.0] * 7) == Estimate(1, 1, 1, 7)


def test_the_interval_is_that_of_the_normal_distribution_for_many_values() -> None:
    values = [float(random.Random(3).random() < 0.3)] + [float(n % 10 < 3) for n in range(999)]
    found = statistics.mean(values)
    half = 1.96 * np.std(values) / 1000**0.5
    assert found.mean == pytest.approx(np.mean(values))
    assert found.low == pytest.approx(np.mean(values) - half, abs=0.004)
    assert found.high == pytest.approx(np.mean(values) + half, abs=0.004)


def test_an_interval_is_the_same_every_time() -> None:
    values = [0.0, 1.0, 0.5, 0.25, 1.0]
    assert statistics.mean(values) == statistics.mean(values)


def test_a_quantile_is_a_value_that_enough_do_not_exceed() -> None:
    values = [float(n) for n in range(20, 0, -1)]
    assert (statistics.quantile(values, 0.5).mean, statistics.quantile(values, 0.95).mean) == (10, 19)
    assert statistics.quantile([7.0], 0.95) == Estimate(7, 7, 7, 1)
    assert statistics.quantile([], 0.5).n == 0


def test_refusing_is_scored_as_finding_the_unanswerable() -> None:
    # refused: 2 of 3 unanswerable, 1 of 4 answerable
    refused = [True, True, False, True, False, False, False]
    answerable = [False, False, False, True, True, True, True]
    found = {name: each.mean for name, each in statistics.refusals(refused, answerable).items()}
    assert found == {
        "refusal_precision": pytest.approx(2 / 3),
        "refusal_recall": pytest.approx(2 / 3),
        "refusal_f1": pytest.approx(2 * 2 / (3 + 3)),
    }


def test_refusals_without_a_denominator_have_no_value() -> None:
    found = statistics.refusals([False, False], [True, False])
    assert (found["refusal_precision"].mean, found["refusal_recall"].mean, found["refusal_f1"].mean) == (None, 0, 0)
    found = statistics.refusals([True, False], [True, True])
    assert (found["refusal_precision"].mean, found["refusal_recall"].mean) == (0, None)


def test_the_risk_coverage_curve_takes_the_most_confident_first() -> None:
    sure, right = [0.2, 0.9, 0.6, 0.4], [0, 1, 0, 1]
    points = [(0.25, 0), (0.5, 1 / 2), (0.75, 1 / 3), (1, 2 / 4)]
    assert statistics.risk_coverage(sure, right) == [pytest.approx(point) for point in points]
    area = statistics.risk_coverage_auc(sure, right)
    assert area.mean == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_equally_confident_cases_share_their_errors() -> None:
    points = [(1 / 3, 1 / 2), (2 / 3, 1 / 2), (1, 2 / 3)]
    for right in ([1, 0, 0], [0, 1, 0]):
        assert statistics.risk_coverage([0.5, 0.5, 0.1], right) == [pytest.approx(point) for point in points]


def test_the_area_tells_a_good_confidence_from_a_bad_one() -> None:
    right = [1.0] * 8 + [0.0] * 2
    good, bad = [n / 10 for n in range(10, 0, -1)], [n / 10 for n in range(1, 11)]
    # the two errors last: risks 1/9 and 2/10; first: 1, 1, 2/3 … 2/10
    assert statistics.risk_coverage_auc(good, right).mean == pytest.approx((1 / 9 + 2 / 10) / 10)
    assert statistics.risk_coverage_auc(bad, right).mean == pytest.approx((1 + sum(2 / n for n in range(2, 11))) / 10)


def test_all_right_is_no_risk() -> None:
    assert statistics.risk_coverage_auc([0.1, 0.9], [1, 1]) == Estimate(0, 0, 0, 2)
    assert statistics.risk_coverage_auc([], []).n == 0


def test_calibration_compares_confidence_with_what_was_right() -> None:
    # tenths: 0.9 … 1 has 3 cases (mean 0.95, 2/3 right), 0.2 … 0.3 has 1 (0.2, right)
    sure, right = [0.9, 0.95, 1.0, 0.2], [1, 1, 0, 1]
    assert statistics.calibration(sure, right) == [
        (pytest.approx(0.2), 1, 1),
        (pytest.approx(0.95), pytest.approx(2 / 3), 3),
    ]
    expected = 3 / 4 * abs(0.95 - 2 / 3) + 1 / 4 * abs(0.2 - 1)
    assert statistics.calibration_error(sure, right).mean == pytest.approx(expected)
    assert statistics.calibration_error([], []).n == 0
