"""Who does what to whom, and what comes first: the words of a clause must stand as in the passage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.answer.alignment import Run
from rag.answer.claims import Reading
from rag.answer.compared import Compared, Problem, words_of
from rag.answer.source import SAYS_SOMETHING, left_over, weight

_SEQUENCE = re.compile("先.{2,40}[后再]|[之然随此]后|接着|再")
_STEPS = frozenset("先再")  # the step is what follows; before it stands who takes it
_SUBJECT = 4  # words of the title that say what a document is about: 创业补助
_PRECEDES = re.compile("在此之前|此前|早于|先于")


def order_problems(compared: Compared) -> Iterator[Problem]:
    """Within a clause the words must come as in the passage; what moved must not take the place of others there."""
    reading = compared.claims.reading
    for clause in range(reading.clauses):
        runs = [run for run in compared.alignment.runs if reading.tokens[run.at].clause == clause]
        runs = [run for run in runs if _says_something(reading, run) and not _names_place(compared, run)]
        moved = len(runs) - _rising(runs)
        for first, second in pairwise(runs):
            if second.there < first.there:
                sure = _pivots(compared, first, second)
                wrong = sure or moved > 1 or _skipped(compared, second, -1)
            else:
                sure, wrong = False, _jumps(compared, first, second)
            if wrong:
                yield Problem("order", words_of(reading, first), words_of(reading, second), sure)
    yield from _sequence_problems(compared)


def _rising(runs: Sequence[Run]) -> int:
    """How many runs, at most, come in the same order in sentence and passage."""
    best: list[int] = []
    for index, run in enumerate(runs):
        best.append(1 + max((best[i] for i in range(index) if runs[i].there < run.there), default=0))
    return max(best, default=0)


def _pivots(compared: Compared, first: Run, second: Run) -> bool:
    """Whether the two stand on the other side, each, of what is between them: 甲协助乙 and 乙协助甲."""
    between = compared.alignment.place[first.at + first.length : second.at]
    return any(place is not None and second.there < place < first.there for place in between)


def _jumps(compared: Compared, first: Run, second: Run) -> bool:
    """Whether the sentence joins the beginning of one clause of the passage with the end of a later one."""
    tokens = compared.source.reading.tokens
    if tokens[first.there + first.length - 1].clause == tokens[second.there].clause:
        return False
    return _skipped(compared, second, -1) and _skipped(compared, first, 1)


def _skipped(compared: Compared, run: Run, step: int) -> bool:
    """Whether the passage says, before (-1) or behind (1) a run, something that the sentence leaves out there."""
    reading = compared.claims.reading
    here = reading.tokens[run.at].clause
    used = {
        place
        for place, token in zip(compared.alignment.place, reading.tokens, strict=True)
        if token.clause == here or token.weight == "number"
    }
    beside = run.there if step < 0 else run.there + run.length - 1
    return left_over(compared.source, beside, step, used) >= SAYS_SOMETHING


def _sequence_problems(compared: Compared) -> Iterator[Problem]:
    reading, place = compared.claims.reading, compared.alignment.place
    later, earlier = _SEQUENCE.search(reading.key), _PRECEDES.search(reading.key)
    if bool(later) == bool(earlier) or reading.clauses < 2:
        return
    starts: list[int] = []
    for clause in range(reading.clauses):
        inside = [i for i, token in enumerate(reading.tokens) if token.clause == clause]
        step = next((i for i in inside if reading.tokens[i].text in _STEPS), -1)
        found = [p for i in inside if i > step and (p := place[i]) is not None and p >= 0]
        if len(found) > 1:
            starts.append(sorted(found)[len(found) // 2])
    if len(starts) > 1 and (starts[0] > starts[-1]) != bool(earlier):
        yield Problem("order", later[0] if later else earlier[0] if earlier else "")


def _names_place(compared: Compared, run: Run) -> bool:
    """Whether a run is but the name of the document's own place, or of what it is about: it may stand anywhere."""
    name = words_of(compared.claims.reading, run)
    if run.length >= _SUBJECT and name in compared.frame.split("\n")[0]:
        return True
    return name in compared.claims.places and name in compared.frame


def _says_something(reading: Reading, run: Run) -> bool:
    """Whether a run is more than a time, an act or words that may stand anywhere."""
    tokens = reading.tokens[run.at : run.at + run.length]
    return sum(weight(token) for token in tokens if token.weight in ("own", "light")) >= SAYS_SOMETHING
