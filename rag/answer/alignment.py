"""Which words of a sentence stand in a passage, and where: runs of the same words, clause by clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from rag.answer.claims import Reading, Token, Turn
from rag.answer.source import SAYS_SOMETHING, Source, left_over, stands_alone, weight

_ENOUGH, _ADDS, _SAME_SENSE = 4.0, 2.5, 0.5
_NAMES = 3  # pairs of words that make a name
_NEAR = 6  # a lone character counts where the run before it ends at most so far back


class Run(NamedTuple):
    """``length`` tokens that are the same, from ``at`` in the sentence and from ``there`` in the passage."""

    at: int
    there: int
    length: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where the tokens of a sentence stand in a passage: ``place[i]`` is a position there, -1 in its frame, or None.

    ``runs`` are the runs inside ``home``: for each clause, the sentences of the passage that hold most of it.
    """

    place: tuple[int | None, ...]
    runs: tuple[Run, ...]
    home: tuple[frozenset[int], ...]


def denies(turn: Turn) -> bool:
    """Whether a turn says no."""
    return turn.mark in ("not", "forbid", "neednot")


def align(reading: Reading, source: Source, *, wide: bool = False) -> Alignment:
    """Each clause of the sentence with the part of the passage that holds most of it, then the rest with anything.

    With ``wide`` that part also takes in the sentence before, where its subject may stand.
    """
    place: list[int | None] = [None] * len(reading.tokens)
    runs: list[Run] = []
    ranges = list(_clause_ranges(reading))
    homes = _homes(reading, source, ranges)
    if wide:
        homes = [home | {min(home) - 1} if home else home for home in homes]
    turned = {turn.clause for turn in reading.turns}  # who names a document neither denies nor demands
    for clause, (first, last) in enumerate(ranges):
        if clause not in turned and _in_frame(reading.tokens[first:last], source):
            place[first:last] = [-1] * (last - first)
            homes[clause] = frozenset()
    for (first, last), home in zip(ranges, homes, strict=True):
        for run in _runs(reading, source, first, last, home):
            runs.append(run)
            for offset in range(run.length):
                place[run.at + offset] = run.there + offset
    _fill(reading, source, place)
    return Alignment(tuple(place), tuple(runs), tuple(homes))


def _in_frame(tokens: Sequence[Token], source: Source) -> bool:
    """Whether a clause only names the document: 根据温州市政府“两强三提高”建设实施方案."""
    texts = [token.text for token in tokens]
    pairs = list(pairwise(texts))
    return len(pairs) >= _NAMES and sum(pair in source.frame for pair in pairs) >= 0.8 * len(pairs)


def _clause_ranges(reading: Reading) -> Iterator[tuple[int, int]]:
    start = 0
    for clause in range(reading.clauses):
        end = start
        while end < len(reading.tokens) and reading.tokens[end].clause == clause:
            end += 1
        yield start, end
        start = end


def _homes(reading: Reading, source: Source, ranges: Sequence[tuple[int, int]]) -> list[frozenset[int]]:
    """For each clause the sentence of the passage that holds most of it, and the one that adds most, if it is much.

    What the clauses before and after it fit decides between sentences that hold as much.
    """
    held = [_held(reading, source, first, last) for first, last in ranges]
    votes = [{s: sum(weight(reading.tokens[i]) for i in found) for s, found in each.items()} for each in held]
    homes: list[frozenset[int]] = []
    denying = {source.sentence[min(turn.at, len(source.sentence) - 1)] for turn in source.reading.turns if denies(turn)}
    denied = {turn.clause for turn in reading.turns if denies(turn)}
    for clause, found in enumerate(held):
        if not found:
            homes.append(frozenset())
            continue
        beside = [(votes[c], share) for c, share in ((clause - 1, 0.3), (clause + 1, 0.35)) if 0 <= c < len(votes)]
        score = {
            s: votes[clause][s] + sum(share * min(other.get(s, 0.0), _ENOUGH) for other, share in beside) for s in found
        }
        best = max(score, key=lambda s: score[s] + _SAME_SENSE * ((s in denying) == (clause in denied)))
        more = {s: sum(weight(reading.tokens[i]) for i in held_ - found[best]) for s, held_ in found.items()}
        added = max(more, key=lambda s: (more[s], -abs(s - best)))
        homes.append(frozenset({best, added} if more.get(added, 0.0) >= _ADDS else {best}))
    return homes


def _held(reading: Reading, source: Source, first: int, last: int) -> dict[int, set[int]]:
    """The tokens of ``first:last`` that each sentence of the passage holds."""
    tokens = reading.tokens
    held: dict[int, set[int]] = {}
    for index in range(first, last):
        if index + 1 < last:
            for at in source.pairs.get((tokens[index].text, tokens[index + 1].text), ()):
                held.setdefault(source.sentence[at], set()).update((index, index + 1))
        if stands_alone(tokens[index]):
            for at in source.single.get(tokens[index].text, ()):
                held.setdefault(source.sentence[at], set()).add(index)
    return held


def _runs(reading: Reading, source: Source, first: int, last: int, home: frozenset[int]) -> list[Run]:
    """The longest runs inside ``home``, longest first, none overlapping; then what is left there in order."""
    tokens, there = reading.tokens, source.reading.tokens
    candidates = []
    for at in range(first, last):
        starts = source.pairs.get((tokens[at].text, tokens[at + 1].text), ()) if at + 1 < last else ()
        if stands_alone(tokens[at]):
            starts = tuple(dict.fromkeys([*starts, *source.single.get(tokens[at].text, ())]))
        for start in starts:
            if source.sentence[start] not in home:
                continue
            length = 1
            while (
                at + length < last
                and start + length < len(there)
                and source.sentence[start + length] in home
                and tokens[at + length].text == there[start + length].text
            ):
                length += 1
            candidates.append(Run(at, start, length))
    candidates.sort(key=lambda run: -run.length)
    return _disjoint(candidates, tokens)


def _disjoint(candidates: Sequence[Run], tokens: Sequence[Token]) -> list[Run]:
    """Runs that do not overlap in the sentence, longest first; of those as long, where more of the clause stands."""
    company = {run: _company(run, candidates) for run in candidates}
    chosen: list[Run] = []
    taken: set[int] = set()
    left = list(candidates)
    while left:
        longest = max(run.length for run in left)
        run = min(
            (each for each in left if each.length == longest),
            key=lambda each: (_crossing(each, chosen), -company[each], each.at),
        )
        chosen.append(run)
        taken |= set(range(run.at, run.at + run.length))
        cut = {each: _trimmed(each, taken) for each in left}
        company = {after: company.get(before, 0) for before, after in cut.items()}
        left = [each for each in company if each.length > 1 or (each.length == 1 and stands_alone(tokens[each.at]))]
    return sorted(chosen)


def _company(run: Run, candidates: Sequence[Run]) -> float:
    """How much else of the clause stands near a run in the passage, the nearer the better."""
    near: dict[int, float] = {}
    for other in candidates:
        if other.at + other.length <= run.at or run.at + run.length <= other.at:
            close = other.length / (1 + abs((other.there - other.at) - (run.there - run.at)))
            near[other.at] = max(near.get(other.at, 0.0), close)
    return sum(near.values())


def _trimmed(run: Run, taken: set[int]) -> Run:
    """What is left of a run in front of, or else behind, the tokens already taken."""
    free = [offset for offset in range(run.length) if run.at + offset not in taken]
    if len(free) == run.length or not free:
        return run if free else run._replace(length=0)
    start = free[0]
    length = 1
    while start + length in free:
        length += 1
    return Run(run.at + start, run.there + start, length)


def _crossing(run: Run, chosen: Sequence[Run]) -> int:
    return sum((run.at < other.at) != (run.there < other.there) for other in chosen)


def _fill(reading: Reading, source: Source, place: list[int | None]) -> None:
    """What no run covers: a lone character where it should stand, words of the frame, words from elsewhere."""
    tokens, there = reading.tokens, source.reading.tokens
    for index, token in enumerate(tokens):
        if place[index] is not None:
            continue
        before = place[index - 1] if index else None
        if before is not None and before >= 0:
            after = place[index + 1] if index + 1 < len(tokens) else None
            limit = after if after is not None and after > before else before + 1 + _NEAR
            for position in range(before + 1, min(limit, before + 1 + _NEAR, len(there))):
                if there[position].text == token.text:
                    place[index] = position
                    break
    _borrow(tokens, source, place)


def _borrow(tokens: Sequence[Token], source: Source, place: list[int | None]) -> None:
    """Words of the frame or of another sentence, unless they stand where the passage has other words."""
    index = 0
    while index < len(tokens):
        if place[index] is not None:
            index += 1
            continue
        end = index
        while end < len(tokens) and place[end] is None and tokens[end].clause == tokens[index].clause:
            end += 1
        free = replaced(tokens, source, place, index, end) < SAYS_SOMETHING
        narrows = _narrows(place, index, end) and any(token.weight == "own" for token in tokens[index:end])
        for at in range(index, end):
            found = _somewhere(tokens, source, at, (index, end)) if free else _whose(tokens, source, at)
            place[at] = None if narrows and found != -1 else found
        index = end


def _narrows(place: Sequence[int | None], start: int, end: int) -> bool:
    """Whether the words would come between two that follow each other in the passage: 单位引进 and 单位柔性引进."""
    before, after = place[start - 1] if start else None, place[end] if end < len(place) else None
    return before is not None and before >= 0 and after == before + 1


def _whose(tokens: Sequence[Token], source: Source, at: int) -> int | None:
    around = [(tokens[i].text, tokens[i + 1].text) for i in (at - 1, at) if 0 <= i < len(tokens) - 1]
    return -1 if any(pair in source.whose for pair in around) else None


def _somewhere(tokens: Sequence[Token], source: Source, at: int, row: tuple[int, int]) -> int | None:
    """Where the token ``at`` of an uncovered row stands with a neighbour: -1 in the frame."""
    around = [(tokens[i].text, tokens[i + 1].text) for i in (at - 1, at) if 0 <= i < len(tokens) - 1]
    if any(pair in source.frame for pair in around) or (
        stands_alone(tokens[at]) and tokens[at].text in source.frame_single
    ):
        return -1
    inside = [(tokens[i].text, tokens[i + 1].text) for i in (at - 1, at) if row[0] <= i < row[1] - 1]
    found = [source.pairs[pair][0] for pair in inside if pair in source.pairs]
    if not found and stands_alone(tokens[at]):
        found = list(source.single.get(tokens[at].text, ()))
    return found[0] if found else None


def replaced(tokens: Sequence[Token], source: Source, place: Sequence[int | None], start: int, end: int) -> float:
    """The weight of what the passage says, and the clause does not, where the clause has ``start:end``.

    That is what stands between the words before and after; at the beginning or end of a clause of the sentence, and
    where they stand in different clauses of the passage, what is left over in the passage's clause.
    """
    clause = tokens[start].clause
    used = {p for p, token in zip(place, tokens, strict=True) if token.clause == clause}
    before = place[start - 1] if start and tokens[start - 1].clause == clause else None
    after = place[end] if end < len(tokens) and tokens[end].clause == clause else None
    if after is not None and after >= 0:
        return left_over(source, after, -1, used)
    return left_over(source, before, 1, used) if before is not None and before >= 0 else 0.0
