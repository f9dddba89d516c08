"""Figures as people read them, and small pictures of how sure they are."""

from __future__ import annotations

from ui.evaluation.reports import Estimate
from ui.evaluation.words import Words
from ui.markup import escape
from ui.words import Count

_COUNTS = ("characters", "fabricated_citations")
NOTHING = "–"


def is_time(metric: str) -> bool:
    """Whether the metric is in milliseconds."""
    return metric.startswith("ms_")


def is_share(metric: str) -> bool:
    """Whether the metric is from 0 to 1."""
    return not is_time(metric) and metric not in _COUNTS


def value(metric: str, number: float | None, words: Words, *, exact: bool = False) -> str:
    """The figure with its unit, not escaped; ``exact``: with another digit, for differences."""
    if number is None:
        return NOTHING
    if is_time(metric):
        if abs(number) >= 1000:
            return words.seconds.format(value=f"{number / 1000:.1f}")
        return words.milliseconds.format(value=f"{number:.0f}")
    return f"{number * 100:.{1 if exact else 0}f}%" if is_share(metric) else f"{number:.{1 if exact else 0}f}"


def signed(metric: str, number: float, words: Words) -> str:
    """A difference: shares in points."""
    written = value(metric, number, words, exact=True).removesuffix("%" if is_share(metric) else "")
    return written.replace("-", "−") if number < 0 else f"+{written}" if number > 0 else written


def label(metric: str, words: Words) -> str:
    """What the metric is called, not escaped."""
    return words.metrics.get(metric, metric)


def interval(metric: str, estimate: Estimate, words: Words) -> str:
    """The 95 % interval as words, not escaped; empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = (value(metric, each, words) for each in (estimate.low, estimate.high))
    return words.interval.format(low=low, high=high)


def told(metric: str, estimate: Estimate, words: Words) -> str:
    """The interval and the number of cases, for whoever points at the figure; not escaped."""
    return " · ".join(filter(None, [interval(metric, estimate, words), words.of_cases.format(count=Count(estimate.n))]))


def span(estimate: Estimate, spoken: str, *, length: float = 1.0) -> str:
    """A line from 0 to ``length`` with the interval and the mean on it; ``spoken`` is what screen readers say."""
    if estimate.mean is None or length <= 0:
        return ""
    low, high = estimate.low, estimate.high
    at = [_at((estimate.mean if each is None else each) / length) for each in (low, high, estimate.mean)]
    return _svg(
        spoken,
        '<line class="pr-evaluation-track" x1="1%" x2="99%" y1="6" y2="6"/>'
        f'<line class="pr-evaluation-span" x1="{at[0]}" x2="{at[1]}" y1="6" y2="6"/>'
        f'<circle class="pr-evaluation-dot" cx="{at[2]}" cy="6" r="4"/>',
    )


def around_zero(low: float, mean: float, high: float, spoken: str, *, reach: float) -> str:
    """A difference with its interval on a line from minus ``reach`` to ``reach``, 0 in the middle."""
    at = [_at(0.5 + each / reach / 2 if reach > 0 else 0.5) for each in (low, high, mean)]
    return _svg(
        spoken,
        '<line class="pr-evaluation-track" x1="1%" x2="99%" y1="6" y2="6"/>'
        '<line class="pr-evaluation-zero" x1="50%" x2="50%" y1="0" y2="12"/>'
        f'<line class="pr-evaluation-span" x1="{at[0]}" x2="{at[1]}" y1="6" y2="6"/>'
        f'<circle class="pr-evaluation-dot" cx="{at[2]}" cy="6" r="4"/>',
    )


def _svg(spoken: str, inside: str) -> str:
    named = f'role="img" aria-label="{escape(spoken)}"'
    return f'<svg class="pr-evaluation-mark" width="100%" height="12" {named}>{inside}</svg>'


def _at(share: float) -> str:
    """A place along the line; room for half a dot is left at both ends."""
    return f"{3 + 94 * min(max(share, 0.0), 1.0):.1f}%"
