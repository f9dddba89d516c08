"""Negation, obligation and scope: they must be those of the words they stand before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rag.answer.claims import Reading, Turn
from rag.answer.compared import Compared, Problem, ProblemKind
from rag.answer.wording import Mark

_SAYS_NO: frozenset[Mark] = frozenset({"not", "forbid", "neednot"})
_LIMITS: frozenset[Mark] = frozenset({"some", "except", "only"})
_BY_AND_LARGE = "基本"
_REACH = 5  # tokens between a word that turns a statement round and the statement
_REACHES: dict[Mark, int] = {"must": 3, "forbid": 3, "may": 2, "aim": 3, "ensure": 3, "encourage": 3}
_DENIES = re.compile(
    r"\b(?:not|never|no|nor|without|prohibit\w*|forbid\w*|forbidden|banned|unless|except|under|below|less)\b"
)
_ALLOWS = re.compile(r"\b(?:may|maybe|can|allowed|permitted|optional|free to)\b")
_OBLIGES = re.compile(r"\b(?:must|shall|required|obliged|mandatory|ensure[sd]?|guarantee[sd]?)\b")
_ALLOWED: dict[Mark, frozenset[Mark | None]] = {
    # A rule of a law or a task of a plan is an obligation also where no word says so.
    "must": frozenset({"must", "ensure", None}),
    "ensure": frozenset({"ensure", "must", None}),
    "aim": frozenset({"aim", "goal", None}),
    "goal": frozenset({"aim", "goal", "must", "ensure", "encourage", None}),
    "may": frozenset({"may"}),
    "encourage": frozenset({"encourage"}),
}


def polarity_problems(compared: Compared) -> Iterator[Problem]:
    """What the sentence turns round and the passage does not, then what it leaves out that turns round its words."""
    reading = compared.claims.reading
    for turn in reading.turns:
        yield from _extent(compared, turn)
        if turn.mark == "done" and (planned := _planned(compared, turn)):
            yield planned
        if turn.mark in ("each", "usual", "some", "done"):
            continue
        around = _turns_there(compared, turn)
        if around is not None and (problem := _judge(turn.mark, around)):
            yield Problem(problem, _words(reading, turn), "、".join(dict.fromkeys(around)))
    yield from _left_out(compared)
    yield from _denied_twice(compared)


def _extent(compared: Compared, turn: Turn) -> Iterator[Problem]:
    """Some where the passage has all of the same words, and fully where it has by and large."""
    reading, there, place = compared.claims.reading, compared.source.reading, compared.alignment.place
    anchor = place[turn.at] if turn.at < len(place) else None
    if anchor is None or anchor < 0 or reading.tokens[turn.at].clause != turn.clause:
        return
    here = {other.mark for other in there.turns if other.at == anchor}
    if turn.mark == "some" and "all" in here and "some" not in here:
        yield Problem("words", _words(reading, turn), "all")
    elif turn.mark in ("all", "each") and anchor and there.tokens[anchor - 1].text == _BY_AND_LARGE:
        yield Problem("words", _words(reading, turn), _BY_AND_LARGE)


def _planned(compared: Compared, turn: Turn) -> Problem | None:
    """What is said to be done already, where the passage only means to do it."""
    there, rendered = compared.source.reading, _rendered(compared, turn.clause)
    found = {other.mark for other in there.turns if other.clause in rendered}
    if not found & {"aim", "goal"} or "done" in found:
        return None
    return Problem("obligation", _words(compared.claims.reading, turn), "、".join(sorted(found)))


def _rendered(compared: Compared, clause: int) -> set[int]:
    """The clauses of the passage that a clause of the sentence renders."""
    reading, there = compared.claims.reading, compared.source.reading
    runs = [run for run in compared.alignment.runs if reading.tokens[run.at].clause == clause]
    return {there.tokens[run.there + offset].clause for run in runs for offset in range(run.length)}


def _left_out(compared: Compared) -> Iterator[Problem]:
    """What turns the words of the sentence round in the passage, and is not in the sentence."""
    reading = compared.claims.reading
    said = {turn.mark for turn in reading.turns}
    denied: Counter[int] = Counter()
    for turn in compared.source.reading.turns:
        at = _covered_after(compared, turn)
        if at is None:
            continue
        clause, word = reading.tokens[at].clause, reading.tokens[at].text
        here = [other.mark for other in reading.turns if other.clause == clause]
        if turn.mark in _SAYS_NO:
            denied[clause] += 1
            if denied[clause] > sum(mark in _SAYS_NO for mark in here):
                yield Problem("negation", word, turn.mark)
        elif turn.mark in _LIMITS and not said & _LIMITS:
            yield Problem("words", word, turn.mark)
        elif turn.mark == "usual" and "must" in here and "usual" not in said:
            yield Problem("obligation", "must", turn.mark)
        elif turn.mark in ("aim", "encourage") and not said & {"aim", "goal", "encourage"}:
            yield Problem("obligation", word, turn.mark)


def _denied_twice(compared: Compared) -> Iterator[Problem]:
    """A clause that says no more often than those of the passage that it renders: 不是不均匀."""
    reading, there = compared.claims.reading, compared.source.reading
    for clause in range(reading.clauses):
        said = [turn for turn in reading.turns if turn.clause == clause and turn.mark in _SAYS_NO]
        rendered = _rendered(compared, clause)
        found = [turn for turn in there.turns if turn.clause in rendered and turn.mark in _SAYS_NO]
        if len(said) > 1 and len(said) > len(found):
            yield Problem("negation", _words(reading, said[-1]), "、".join(turn.mark for turn in found))


def _judge(mark: Mark, around: Sequence[Mark]) -> ProblemKind | None:
    """What is wrong with a turn where the passage has ``around``, the nearest first; ``None``: nothing."""
    binding = next((each for each in around if each in _ALLOWED or each in _SAYS_NO), None)
    if mark in ("forbid", "not"):
        return None if binding in ("not", "forbid") else "negation"
    if mark == "neednot":
        return None if binding in ("neednot", "not") else "negation"
    if mark in _ALLOWED:
        modal = next((each for each in around if each in _ALLOWED or each == "forbid"), None)
        return None if modal in _ALLOWED[mark] else "obligation"
    if mark == "all":
        return None if {"all", "each"} & set(around) and not {"usual", "some"} & set(around) else "words"
    return None if mark in around else "words"


def _turns_there(compared: Compared, turn: Turn) -> list[Mark] | None:
    """The turns of the passage that bear on the words which a turn of the sentence stands before (or else behind).

    The nearest first. A negation bears on what follows soon, an obligation also on the clauses after it.
    """
    reading, there, place = compared.claims.reading, compared.source.reading, compared.alignment.place
    inside = [i for i, token in enumerate(reading.tokens) if token.clause == turn.clause]
    after = [i for i in inside if i >= turn.at] or inside[::-1]
    anchor = next((p for i in after if (p := place[i]) is not None and p >= 0), None)
    if anchor is None:
        return [] if turn.mark in ("not", "forbid", "may", "all", "neednot", "only") else None
    sentence, clause = compared.source.sentence[anchor], there.tokens[anchor].clause
    found = []
    for other in there.turns:
        if compared.sentence_of(other) != sentence:
            continue
        scoped = other.clause == clause or (clause - _REACHES.get(other.mark, 0) <= other.clause < clause)
        if scoped and (other.mark != "not" or abs(anchor - other.at) <= _REACH):
            # What stands behind the words bears on them only if nothing before does.
            found.append((other.at > anchor, clause - other.clause, abs(anchor - other.at), other.mark))
    return [mark for *_, mark in sorted(found, key=lambda each: each[:3])]


def _covered_after(compared: Compared, turn: Turn) -> int | None:
    """The token of the sentence that stands, in the passage, right behind a turn of the passage."""
    there, place = compared.source.reading, compared.alignment.place
    reach = {"aim": _REACH, "except": _REACH, "usual": _REACH, "forbid": len(there.tokens)}.get(turn.mark, 1)
    for position in range(turn.at, min(turn.at + reach, len(there.tokens))):
        between = there.pauses[turn.clause : there.tokens[position].clause]
        # 不得销售、使用: what is forbidden goes on over an enumeration.
        if between and (turn.mark != "forbid" or set(between) != {"、"}):
            break
        if position in place:
            return place.index(position)
    return None


def _words(reading: Reading, turn: Turn) -> str:
    following = "".join(token.text for token in reading.tokens[turn.at : turn.at + 4])
    return f"{turn.mark} {following}"


def english_problems(compared: Compared) -> Iterator[Problem]:
    """An English sentence must say no, may and must where the part of the passage that it renders does."""
    key = compared.claims.reading.key
    homes = {home for each in compared.alignment.home for home in each}
    turns = {turn.mark for turn in compared.source.reading.turns if not homes or compared.sentence_of(turn) in homes}
    denies, allows, obliges = (bool(pattern.search(key)) for pattern in (_DENIES, _ALLOWS, _OBLIGES))
    if (denies and not turns & _SAYS_NO) or (not denies and "forbid" in turns):
        yield Problem("negation", key, "、".join(sorted(turns)))
    elif (allows and "may" not in turns) or (obliges and turns & {"may", "aim", "encourage"} and "must" not in turns):
        yield Problem("obligation", key, "、".join(sorted(turns)))
