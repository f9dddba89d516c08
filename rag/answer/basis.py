"""What an amount counts for: per whom and per what time, and who gets or pays it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.answer.compared import Compared, Problem
from rag.answer.quantities import Quantity

_PAUSE = re.compile(r"[,。;:!?\n]")
_THING = "学年|学期|小时|季度?|星期|[人名位户家月年周日天亩次餐村校班套床吨]"
_PER = re.compile(rf"每一?(?:个|万|千|百|十)?({_THING})")
_PER_BEHIND = re.compile(rf"\s?(?:/|每)({_THING})")
_PARTY = re.compile("单位|个人|本人|自然人|企业|公司|家庭|机构|组织|团队|学校|学生|教师|居民|村民|职工")
_ALIKE = {"名": "人", "位": "人", "天": "日", "星期": "周", "季度": "季"}
_ALIKE |= {"公司": "企业", "本人": "个人", "自然人": "个人"}


def basis_problems(compared: Compared) -> Iterator[Problem]:
    """Where the passage has the amount per something else (每户, 每人), to somebody else, or as often as it is not."""
    reading, there = compared.claims.reading, compared.source.reading
    for claimed in reading.numbers.values():
        same = [found for found in there.numbers.values() if claimed.same_value(found)]
        mine, others = _per(reading.key, claimed), [_per(there.key, found) for found in same]
        if same and all(mine - other and other - mine for other in others):
            yield Problem(claimed.kind, f"每{'每'.join(sorted(mine))}", f"每{'每'.join(sorted(others[0]))}")
        elif same and claimed.kind == "money":
            who, whose = _parties(reading.key, claimed), [_parties(there.key, found) for found in same]
            if who and all(other and not who & other for other in whose):
                yield Problem("money", "、".join(sorted(who)), "、".join(sorted(whose[0])))
    yield from _frequencies(compared)


def _frequencies(compared: Compared) -> Iterator[Problem]:
    """每月 where the sentence of the passage that holds most of the clause has 每周, and no 每月."""
    reading, source, place = compared.claims.reading, compared.source, compared.alignment.place
    every = [i for i, token in enumerate(reading.tokens) if token.weight == "number" and i not in reading.numbers]
    for index in every:
        token = reading.tokens[index]
        held = [
            source.sentence[p]
            for i, p in enumerate(place)
            if p is not None and p >= 0 and i not in every and reading.tokens[i].clause == token.clause
        ]
        if not held:
            continue
        home = max(set(held), key=held.count)
        found = [
            other.text
            for at, other in enumerate(source.reading.tokens)
            if source.sentence[at] == home and other.weight == "number" and at not in source.reading.numbers
        ]
        if found and token.text not in found:
            yield Problem("number", token.text, found[0])


def _per(key: str, number: Quantity) -> frozenset[str]:
    behind = _PER_BEHIND.match(key, number.end)
    found = [*_PER.findall(_before(key, number)), *(behind.groups() if behind else ())]
    return frozenset(_ALIKE.get(word, word) for word in found)


def _parties(key: str, number: Quantity) -> frozenset[str]:
    return frozenset(_ALIKE.get(word, word) for word in _PARTY.findall(_before(key, number)))


def _before(key: str, number: Quantity) -> str:
    """What goes before a number in its clause."""
    return _PAUSE.split(key[: number.start])[-1]
