"""The words of a text that are read in one way: known words by their group, and words that turn a statement round."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from rag.answer.vocabulary import EMPTY, GENERIC, HARMLESS, SAME

Mark = Literal[
    "must",
    "forbid",
    "may",
    "aim",
    "goal",
    "ensure",
    "encourage",
    "not",
    "neednot",
    "all",
    "each",
    "some",
    "usual",
    "only",
    "except",
    "done",
]

_MARKS: tuple[tuple[Mark, str], ...] = (
    ("neednot", "无需|无须|毋须|不必|不需要?|不用|免(?=[交缴收除征于费])"),
    ("forbid", "不得|严禁|禁止|不准|不允许|不许|不可以|不能(?!够)|不可(?![或逆])|不应当?|不宜|切勿|严格禁止"),
    ("must", "应当|应该|必须|务必|需要|须|需(?!求)|(?<=[^适反效相供])应(?![用急对变聘届考])|有义务"),
    ("must", "(?<![重主需首概纪摘不])要(?![素点闻求件害约塞么])"),
    ("may", "可以|有权|允许|准许|(?<![许认不尚])可(?![能持见行靠信视控再回谓观喜获享得])"),
    ("aim", "力争|争取|力求|努力(?!程度)|尽力"),
    ("goal", "目标是?|计划|打算|希望|旨在|谋划|筹划|筹备|拟"),
    ("done", "已经?(?!知)于?"),
    ("ensure", "确保|保证(?!金|人)"),
    ("encourage", "鼓励|倡导|提倡"),
    ("except", "除(?!了?[尘草雪])|不包括|不含"),
    ("only", "仅仅?(?!次)|只(?=[有能限是在对])|唯一"),
    ("all", "全部|所有|一律|全体|任何|一切|每一个?|全都"),
    ("each", "全面|各(?!自)|均|每(?!年|月|日|天|周|季)|凡|都(?!市|江|匀|督|会)|普遍|全(?=[打共开覆民])"),
    ("usual", "一般(?=[应不要可由为在是])|原则上|通常"),
    ("some", "(?<!组成)(?<!大)部分(?!别)|一些|有的|有些|个别|某些|少数|若干|试点|大部分|多数|大多数|主要是"),
    ("not", "不再|没有|并未|并非|从未|尚未|不是|(?<![除])[不未没无非]"),
)


class Words:
    """A set of words that is asked for the longest one at a position of a text."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def at(self, text: str, position: int) -> str | None:
        """The longest word that begins at ``position``."""
        for length in self._lengths.get(text[position], ()):
            if (word := text[position : position + length]) in self._words:
                return word
        return None


_MARK = re.compile("|".join(f"(?P<m{index}>{pattern})" for index, (_, pattern) in enumerate(_MARKS)))
_EVERY = re.compile("每(?:季度|[季月周日天年])")
_HARMLESS = Words(HARMLESS)
_KNOWN = Words({*SAME, *GENERIC, *EMPTY})


class Found(NamedTuple):
    """A word at the beginning of what is left of a text, what it is read as, and how many characters it takes."""

    kind: Literal["every", "harmless", "mark", "known", "empty"]
    word: str
    length: int


def word_at(text: str, position: int) -> Found | None:
    """The word of these lists that begins at ``position``: one that only looks like a negation before one that is."""
    if every := _EVERY.match(text, position):
        return Found("every", every.group().replace("季度", "季").replace("天", "日"), len(every.group()))
    if harmless := _HARMLESS.at(text, position):
        return Found("harmless", harmless, len(harmless))
    mark, known = _MARK.match(text, position), _KNOWN.at(text, position)
    if mark and mark.lastgroup and len(mark.group()) >= len(known or ""):
        return Found("mark", _MARKS[int(mark.lastgroup[1:])][0], len(mark.group()))
    if known:
        return Found("empty" if known in EMPTY and known not in SAME else "known", SAME.get(known, known), len(known))
    return None
