"""Two reports on the same cases: improved, worse or no evidence, metric by metric, paired case by case.

A metric's overall verdict is its own test at 5 %. The types are looked at together, so their p-values are adjusted by
Holm's method within a metric. Times are told and never decide anything, since machines differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from evals.baseline import DIGITS
from evals.labels import sections
from evals.metrics import DIRECTIONS
from evals.outcomes import FAILURES, Outcome, outcome, types
from evals.paired import LEVEL, holm, paired
from evals.results import Report, Row
from evals.summary import OVERALL, of_run

SMALLEST_GROUP = 8
_NAMED = 5

Verdict = Literal["improved", "worse", "changed", "no evidence"]
Pairs = Sequence[tuple[Row, Row]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric in one group: means of the ``cases`` both reports score, and what the test says of the difference.

    ``better`` and ``worse`` count cases (higher and lower where neither is better). In a type, ``p`` is adjusted.
    """

    metric: str
    group: str
    cases: int
    base: float
    new: float
    difference: float
    low: float
    high: float
    p: float
    test: str
    better: int
    worse: int
    verdict: Verdict

    @property
    def gates(self) -> bool:
        """Whether this difference counts as a regression: worse, and not a matter of time."""
        return self.verdict == "worse" and not self.metric.startswith("ms_")


@dataclass(frozen=True, slots=True)
class Flip:
    """A case whose outcome is another one now."""

    id: str
    type: str
    question: str
    before: Outcome
    after: Outcome

    @property
    def won(self) -> bool | None:
        """True: mended. False: broken. None: failed, and fails in another way now."""
        was_failure, is_failure = self.before in FAILURES, self.after in FAILURES
        return None if was_failure == is_failure else was_failure


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two reports over the ``cases`` they share; ``whole_run`` (before, after) is not tested."""

    cases: int
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    differences: tuple[Difference, ...]
    whole_run: dict[str, tuple[float | None, float | None]]
    flips: tuple[Flip, ...]
    broken: tuple[str, ...]

    @property
    def regressed(self) -> bool:
        """Whether something got worse that may not: a significant difference, or a promise that was kept before."""
        return bool(self.broken) or any(difference.gates for difference in self.differences)


def compare(base: Report, new: Report) -> Comparison:
    """``new`` against ``base``, over the cases that stand in both with the same question."""
    before = {row.id: row for row in base.rows}
    pairs = [(before[row.id], row) for row in new.rows if row.id in before and _same(before[row.id], row)]
    found = [difference for metric in _metrics(pairs) for difference in _by_group(metric, pairs)]
    flips = [Flip(b.id, b.type, n.question, outcome(b), outcome(n)) for b, n in pairs if outcome(b) != outcome(n)]
    return Comparison(
        cases=len(pairs),
        warnings=_warnings(base, new, pairs),
        notes=_notes(base, new),
        differences=tuple(found),
        whole_run=_whole_run(pairs),
        flips=tuple(flips),
        broken=_broken(pairs),
    )


def _same(before: Row, after: Row) -> bool:
    return (before.question, before.answerable) == (after.question, after.answerable)


def _metrics(pairs: Pairs) -> list[str]:
    shared = {m for b, n in pairs for m in b.scores.keys() & n.scores.keys()}
    return [metric for names in sections(shared).values() for metric in names]


def _whole_run(pairs: Pairs) -> dict[str, tuple[float | None, float | None]]:
    if not pairs:
        return {}
    before, after = of_run([b for b, _ in pairs]), of_run([n for _, n in pairs])
    return {name: (before[name].mean, after[name].mean) for name in before.keys() & after.keys()}


def _by_group(metric: str, pairs: Pairs) -> list[Difference]:
    """The difference overall, and in each type with enough cases."""
    scored = [(b, n) for b, n in pairs if b.scores.get(metric) is not None and n.scores.get(metric) is not None]
    if not scored:
        return []
    inside = {name: [pair for pair in scored if pair[1].type == name] for name in types([n for _, n in scored])}
    large = {name: group for name, group in inside.items() if len(group) >= SMALLEST_GROUP}
    measured = [_difference(metric, name, group) for name, group in large.items()]
    adjusted = holm([each.p for each in measured])
    parts = [_judged(replace(each, p=p)) for each, p in zip(measured, adjusted, strict=True)]
    return [_judged(_difference(metric, OVERALL, scored)), *parts]


def _difference(metric: str, group: str, pairs: Pairs) -> Difference:
    before = [round(b.scores[metric] or 0.0, DIGITS) for b, _ in pairs]
    after = [round(n.scores[metric] or 0.0, DIGITS) for _, n in pairs]
    test = paired(before, after)
    up = sum(y > x for x, y in zip(before, after, strict=True))
    down = sum(y < x for x, y in zip(before, after, strict=True))
    better, worse = (down, up) if DIRECTIONS.get(metric) == "lower" else (up, down)
    return Difference(
        metric=metric,
        group=group,
        cases=len(pairs),
        base=sum(before) / len(before),
        new=sum(after) / len(after),
        difference=test.difference,
        low=test.low,
        high=test.high,
        p=test.p,
        test=test.name,
        better=better,
        worse=worse,
        verdict="no evidence",
    )


def _judged(found: Difference) -> Difference:
    """``found`` with its verdict; too few cases are no evidence."""
    if found.p > LEVEL or found.cases < SMALLEST_GROUP:
        return found
    direction = DIRECTIONS.get(found.metric)
    if direction not in ("higher", "lower"):
        return replace(found, verdict="changed")
    return replace(found, verdict="improved" if (found.difference > 0) == (direction == "higher") else "worse")


def _broken(pairs: Pairs) -> tuple[str, ...]:
    """Promises kept in the base and not any more: a case that runs through, a quote that is in the document."""
    found = []
    for b, n in pairs:
        if n.error is not None and b.error is None:
            found.append(f"{n.id} is an error now: {n.error}")
        if n.scores.get("fabricated_citations") and not b.scores.get("fabricated_citations"):
            found.append(f"{n.id} cites words that are not in the document")
    return tuple(found)


def _warnings(base: Report, new: Report, pairs: Pairs) -> tuple[str, ...]:
    old, fresh = {row.id: row for row in base.rows}, {row.id: row for row in new.rows}
    found = []
    if base.corpus != new.corpus:
        found.append(
            f"the documents differ (corpus {base.corpus[:12]} with {base.documents}, {new.corpus[:12]} with "
            f"{new.documents}): a difference may come from them."
        )
    for words, ids in (
        ("only in the base", [i for i in old if i not in fresh]),
        ("only in the new report", [i for i in fresh if i not in old]),
        ("asked differently", [i for i in fresh if i in old and not _same(old[i], fresh[i])]),
    ):
        if ids:
            names = ", ".join(ids[:_NAMED]) + (" …" if len(ids) > _NAMED else "")
            found.append(f"{len(ids)} case{'s' * (len(ids) > 1)} {words}, left out: {names}.")
    if not pairs:
        found.append("the reports share no case, so nothing can be said.")
    return tuple(found)


def _notes(base: Report, new: Report) -> tuple[str, ...]:
    """The settings, prompts and packages in which the two runs differ."""
    found = []
    for before, after in ((base.settings, new.settings), (base.prompts, new.prompts), (base.versions, new.versions)):
        found += [
            f"{name}: {before.get(name)} → {after.get(name)}"
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        ]
    return tuple(found)
