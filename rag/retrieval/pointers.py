"""Places in documents that a question points at by number: 第十二条第二款第(三)项, 第二部分第(三)项, 第八至十条."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.corpus.numerals import NUMERAL, parse_numeral

_N = rf"[{NUMERAL}\d]+"
_UNITS = (
    "分编|编(?![制号写辑])|章(?!程)|节(?![日能约水])|条(?![例件约款目])|部分|方面(?!军)|"
    "款(?!项)|项(?!目)|目(?![标的录前])|点(?![钟击])"
)
_STEP = re.compile(
    rf"""
      第\s?\(?(?P<numbers>{_N}(?:[、和及与至到~-]第?{_N})*)\)?\s?[个大]*(?P<unit>{_UNITS})(?:之(?P<sub>{_N}))?
    | (?P<comma>[一二三四五六七八九十]{{1,3}})、(?=[(\d])
    | \((?P<paren>[一二三四五六七八九十]{{1,3}}|\d{{1,2}})\)
    | (?<!\d)(?P<arabic>\d{{1,2}})\.(?!\d)
    | (?P<annex>附[件录表])(?P<annex_number>{_N})?
    | (?P<supplement>附则)
    | \b(?P<english>article|chapter|part)\s(?P<english_number>\d{{1,4}}(?:-\d{{1,2}})?)\b
    """,
    re.VERBOSE,
)
_ENGLISH = {"article": "条", "chapter": "章", "part": "部分"}
# A step leads to one of a higher rank; those that may stand inside an article follow each other in any order.
_RANK = {"编": 1, "分编": 2, "部分": 2, "comma": 2, "annex": 2, "supplement": 2, "章": 3, "节": 4, "条": 5}
_INNER_RANK = 6
_WITHIN = re.compile(r"(?:中|里|下)?的?,?\s?")
_NEVER_FIRST = ("款", "目", "paren", "arabic")
_NEVER_ALONE = ("comma",)  # 一、 also begins a list
_OF = re.compile(r"\s?(?:of|in|under)\s?(?:the\s?)?([^?,;\sa-z]+)")
_THROUGH = re.compile("[至到~-]")
_LONGEST_RANGE = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One level of a pointer: ``unit`` as written (条, 款 …; ``comma``, ``paren`` … for bare markers) and its numbers.

    ``inserted`` is the 1 of 第三条之一; with ``-`` it may as well be the end of a range, which the document decides.
    """

    unit: str
    numbers: tuple[int, ...]
    inserted: int = 0

    @property
    def rank(self) -> int:
        return _RANK.get(self.unit, _INNER_RANK)

    @property
    def is_inner(self) -> bool:
        """Whether it may stand inside an article, where it opens no section."""
        return self.unit not in _RANK


@dataclass(frozen=True, slots=True)
class Pointer:
    """A chain of steps that ends at ``end`` of the search key.

    ``before`` is what stands between it and the one before; ``after`` what follows an English one (article 12 of …).
    """

    steps: tuple[Step, ...]
    end: int
    before: str
    after: str = ""


def find_pointers(key: str) -> list[Pointer]:
    """The pointers of a search key, in order; 第五条至第八条 is one."""
    found: list[Pointer] = []
    for steps, start, end in _chains(key):
        before = key[found[-1].end if found else 0 : start]
        if found and _THROUGH.fullmatch(before) and (joined := _range(found[-1].steps, steps)):
            found[-1] = replace(found[-1], steps=joined, end=end)
        else:
            english = _OF.match(key, end)
            found.append(Pointer(steps, end, before, english[1] if english and key[start].isascii() else ""))
    return found


def _chains(key: str) -> Iterator[tuple[tuple[Step, ...], int, int]]:
    matches = [(step, match.start(), match.end()) for match in _STEP.finditer(key) if (step := _step(match))]
    chain: list[Step] = []
    start = end = 0
    for step, first, last in matches:
        if chain and _WITHIN.fullmatch(key, end, first) and _leads(chain[-1], step):
            chain.append(step)
            end = last
            continue
        if _counts(chain):
            yield tuple(chain), start, end
        chain, start, end = ([], 0, 0) if step.unit in _NEVER_FIRST else ([step], first, last)
    if _counts(chain):
        yield tuple(chain), start, end


def _counts(chain: list[Step]) -> bool:
    return len(chain) > 1 or (bool(chain) and chain[0].unit not in _NEVER_ALONE)


def _leads(step: Step, following: Step) -> bool:
    inner = step.rank == following.rank == _INNER_RANK and step.unit != following.unit
    return following.rank > step.rank or inner


def _step(match: re.Match[str]) -> Step | None:
    if match["unit"]:
        return _numbered(match["unit"], match["numbers"], match["sub"])
    if match["english"]:
        return _numbered(_ENGLISH[match["english"]], match["english_number"], None)
    if match["supplement"]:
        return Step("supplement", (1,))
    if match["annex"]:
        return Step("annex", (parse_numeral(match["annex_number"]) or 1 if match["annex_number"] else 1,))
    unit = match.lastgroup or ""
    value = parse_numeral(match[unit])
    return Step(unit, (value,)) if value else None


def _numbered(unit: str, written: str, sub: str | None) -> Step | None:
    values = [parse_numeral(each) for each in re.findall(_N, written)]
    numbers = [value for value in values if value is not None]
    if not numbers or len(numbers) < len(values):
        return None
    joints = re.findall(r"[、和及与至到~-]", written)
    if joints == ["-"]:
        return Step(unit, (numbers[0],), numbers[1])
    spread = [numbers[0]]
    for joint, (low, high) in zip(joints, pairwise(numbers), strict=True):
        spread += range(low + 1, high + 1) if _THROUGH.fullmatch(joint) and high - low <= _LONGEST_RANGE else [high]
    return Step(unit, tuple(dict.fromkeys(spread)), (parse_numeral(sub) or 0) if sub else 0)


def _range(first: tuple[Step, ...], second: tuple[Step, ...]) -> tuple[Step, ...] | None:
    """The pointer that reaches from ``first`` to ``second``, where both are one level of the same document."""
    low, high = first[-1], second[0]
    if len(second) > 1 or low.unit != high.unit or low.inserted or high.inserted:
        return None
    start, end = low.numbers[-1], high.numbers[0]
    if not start < end <= start + _LONGEST_RANGE:
        return None
    return (*first[:-1], Step(low.unit, (*low.numbers, *range(start + 1, end + 1))))
