"""How sure an answer is, as a word and a number."""

from __future__ import annotations

from typing import Literal

Level = Literal["high", "medium", "low"]

HIGH, MEDIUM = 0.85, 0.6


def level(confidence: float) -> Level:
    """Which of three words fits ``confidence`` (0 to 1)."""
    if confidence >= HIGH:
        return "high"
    return "medium" if confidence >= MEDIUM else "low"


def percent(confidence: float) -> int:
    """``confidence`` (0 to 1) in whole percent, cut and never rounded up: it never looks like a higher level."""
    return int(round(confidence * 100, 6))
