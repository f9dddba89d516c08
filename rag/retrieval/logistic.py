"""The probability that a logistic regression gives."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp


def probability(values: Mapping[str, float], coefficients: Mapping[str, float], intercept: float) -> float:
    """1 / (1 + e^-x) with x the ``intercept`` and each of the ``coefficients`` times the value of its name."""
    return 1 / (1 + exp(-intercept - sum(weight * values[name] for name, weight in coefficients.items())))
