"""Numbers: each must be in the passage, with its unit and bound, and belong to the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answer.claims import Claims, Reading
from rag.answer.compared import Compared, Problem
from rag.answer.quantities import Quantity, find_quantities
from rag.answer.source import Source, weight

_MARGIN = 1.6  # how much more a number's rival must share with the words around the claim
_ROUNDING = 0.003  # of the value, where a sentence says 约
_ROUNDS = re.compile(r"约[为有是合]?$")
_DOCUMENT = re.compile("印发|发布|颁布|出台|公布|制定|方案|规划|通知|办法|意见|条例")
_LITTLE = 3.0  # weight of words that do not tell which sentence of the passage a clause renders
_PEOPLE = frozenset("人名位")  # what people are counted with
_UNRELATED, _RELATED = 0.3, 0.9  # unless the number itself shares nothing and the rival something


def number_problems(compared: Compared) -> Iterator[Problem]:
    """Each number must be there, with its unit and bound, and belong to the same thing."""
    claims, source = compared.claims, compared.source
    for index, claimed in claims.reading.numbers.items():
        there = source.reading.numbers
        same = [i for i, found in there.items() if claimed.same_value(found)]
        same = same or [i for i, found in there.items() if _rounded(claims, claimed, found)]
        if not same:
            framed = _in_frame(claimed, compared)
            if framed and (year := _other_year(compared, index)):
                yield Problem("date", claimed.text.strip(), year.text.strip())
            elif not (framed or _counts_list(claims, claimed) or _few(claimed)):
                yield Problem(claimed.kind, claimed.text.strip(), _nearest(claimed, compared, index))
            continue
        home = _home(compared, claims.reading.tokens[index].clause)
        same = [i for i in same if source.sentence[i] in home] or same
        bounds = {source.reading.numbers[i].bound for i in same}
        if claimed.bound and "" not in bounds and claimed.bound not in bounds:
            yield Problem(claimed.kind, claimed.text.strip(), source.reading.numbers[same[0]].text.strip())
        elif not claims.english and (
            rival := _elsewhere(compared, index, same) or _rival(compared, index, claimed, same)
        ):
            yield Problem(claimed.kind, claimed.text.strip(), rival.text.strip())


def _rounded(claims: Claims, claimed: Quantity, found: Quantity) -> bool:
    """Whether the sentence says itself that it rounds: 约18.55万 for 185,525."""
    key = claims.reading.key
    rounds = _ROUNDS.search(key[: claimed.start]) or key.startswith("左右", claimed.end)
    near = abs(claimed.value - found.value) <= _ROUNDING * abs(found.value)
    return bool(rounds) and near and claimed.kind != "date" and claimed.comparable(found)


def _other_year(compared: Compared, index: int) -> Quantity | None:
    """The year of what the clause renders, where the sentence has only one of the document's title or issue.

    A clause that names the document may have its year.
    """
    reading, source = compared.claims.reading, compared.source
    clause = reading.tokens[index].clause
    if reading.numbers[index].unit != "year" or _DOCUMENT.search(reading.key):
        return None
    home = _home(compared, clause)
    years = [q for i, q in source.reading.numbers.items() if q.unit == "year" and source.sentence[i] in home]
    said = {q.value for q in reading.numbers.values() if q.unit == "year"}
    return None if not years or said & {year.value for year in years} else years[0]


def _in_frame(claimed: Quantity, compared: Compared) -> bool:
    return any(claimed.same_value(found) for found in find_quantities(compared.frame))


def _counts_list(claims: Claims, claimed: Quantity) -> bool:
    """Whether a small number only counts what the sentence itself lists: 两个机构:甲和乙."""
    if claimed.kind != "number" or claimed.unit or not 2 <= claimed.value <= 12:
        return False
    rest = claims.reading.key[claimed.end :]
    _, colon, members = rest.partition(":")
    return bool(colon) and len(re.split("[、,;]|和|及|与", members.strip("。"))) >= claimed.value


def _few(claimed: Quantity) -> bool:
    """Whether the number may be a writer's own count (两座火山): no contradiction, but not supported either."""
    return claimed.kind == "number" and claimed.value == 2 and not claimed.unit and claimed.text.startswith("两")


def _nearest(claimed: Quantity, compared: Compared, index: int) -> str:
    """The number in the passage that stands where this one should, else one that measures the same."""
    rivals = [(i, q) for i, q in compared.source.reading.numbers.items() if claimed.comparable(q)]
    if not rivals:
        rivals = [(i, q) for i, q in compared.source.reading.numbers.items() if claimed.kind == q.kind]
    if not rivals:
        return ""
    mine = _context(compared.claims.reading, index)
    return max(rivals, key=lambda each: _likeness(mine, _context_there(compared.source, each[0])))[1].text.strip()


def _elsewhere(compared: Compared, index: int, same: Sequence[int]) -> Quantity | None:
    """A number like the claimed one in the sentence that holds the clause, where the claimed one stands in another.

    A date also holds for the sentences after its own, unless they have one.
    """
    source, claims = compared.source, compared.claims
    claimed = claims.reading.numbers[index]
    homes = _home(compared, claims.reading.tokens[index].clause)
    if not homes or any(source.sentence[i] in homes for i in same):
        return None
    for i, found in source.reading.numbers.items():
        if source.sentence[i] in homes and claimed.comparable(found):
            return found
    return None


def _home(compared: Compared, clause: int) -> frozenset[int]:
    """The sentences of the passage that hold a clause; for one that is little but a number, the clause it leads to."""
    reading, homes = compared.claims.reading, compared.alignment.home
    said = sum(weight(token) for token in reading.tokens if token.clause == clause and token.weight != "number")
    if said < _LITTLE:
        return next((homes[c] for c in (clause + 1, clause - 1) if 0 <= c < len(homes) and homes[c]), homes[clause])
    return homes[clause]


def _rival(compared: Compared, index: int, claimed: Quantity, same: Sequence[int]) -> Quantity | None:
    """Another number of the passage that stands among the words of this claim much more than the claimed one does."""
    reading, there = compared.claims.reading, compared.source.reading
    others = [i for i, q in there.numbers.items() if claimed.comparable(q) and not claimed.same_value(q)]
    others = [i for i in others if not _counts_else(claimed, there.numbers[i])]
    others = [i for i in others if all(abs(i - j) > 2 for j in same)]  # 一倍以上五倍以下 is one range
    if not others:
        return None
    mine = {pair: value for pair, value in _context(reading, index).items() if pair not in compared.source.frame}
    likeness = {i: _likeness(mine, _context_there(compared.source, i)) for i in [*same, *others]}
    best = max(others, key=lambda i: likeness[i])
    own = max(likeness[i] for i in same)
    stranger = own < _UNRELATED and likeness[best] >= _RELATED
    return there.numbers[best] if stranger or likeness[best] > own + _MARGIN else None


def _counts_else(claimed: Quantity, other: Quantity) -> bool:
    """Whether the counters say that two numbers are of different things: 五千名, 126间."""
    ends = [number.text.strip()[-1:] for number in (claimed, other) if number.kind == "number" and not number.unit]
    people = [end in _PEOPLE for end in ends]
    return len(ends) == 2 and any(people) and not all(people) and not (claimed.bare or other.bare)


def _context_there(source: Source, index: int) -> dict[tuple[str, str], float]:
    sentence = source.sentence
    first, last = index, index + 1
    while first > 0 and sentence[first - 1] == sentence[index]:
        first -= 1
    while last < len(sentence) and sentence[last] == sentence[index]:
        last += 1
    return _context(source.reading, index, first, last)


def _context(reading: Reading, index: int, first: int = 0, last: int | None = None) -> dict[tuple[str, str], float]:
    """The pairs of words around a number, up to the next number of its kind on either side, the nearest heaviest."""
    number, tokens = reading.numbers[index], reading.tokens
    same = [i for i, other in reading.numbers.items() if other.comparable(number)]
    first = max([first, *(i + 1 for i in same if i < index)])
    last = min([len(tokens) if last is None else last, *(i for i in same if i > index)])
    found: dict[tuple[str, str], float] = {}
    leads = number.kind == "date"
    for at in range(max(first, index - 24), min(last, index + 24) - 1):
        if at in (index - 1, index):
            continue
        distance = abs(tokens[at].clause - tokens[index].clause)
        if not leads and at > index and distance:
            continue
        near = (1.0 if distance == 0 else 0.7 if (at > index) == leads else 0.5) * min(
            weight(tokens[at]), weight(tokens[at + 1])
        )
        pair = (tokens[at].text, tokens[at + 1].text)
        found[pair] = max(found.get(pair, 0.0), near)
    return found


def _likeness(mine: dict[tuple[str, str], float], other: dict[tuple[str, str], float]) -> float:
    return sum(min(value, other[pair]) for pair, value in mine.items() if pair in other)
