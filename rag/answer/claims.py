"""What a sentence claims, taken apart: quotations, titles, numbers, places, and clauses of comparable words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, cast

from rag.answer.english import english_numbers
from rag.answer.quantities import Quantity, find_quantities
from rag.answer.vocabulary import GENERIC, LIGHT, NOUNS
from rag.answer.wording import Mark, word_at
from rag.corpus.places import find_places
from rag.corpus.script import HAN, detect_script, search_key

Weight = Literal["own", "act", "soft", "light", "number"]
_MARKER = re.compile(r"\s*\[\d{1,3}(?:\s*[,，、]\s*\d{1,3})*\](?!\()")
_LABEL = re.compile(
    r"^\s*(?:[-*•·]\s+|\d{1,2}[.、](?!\d)\s*|[(（][一二三四五六七八九十\d]{1,3}[)）]\s*|[一二三四五六七八九十]{1,3}、)"
)
_TITLE = re.compile("《([^《》]{2,80})》")
_QUOTED = re.compile('[“"「『]([^“”"「」『』]{2,60})[”"」』]')
_PAUSES = frozenset(",。;:!?、()\n")
_LATIN = re.compile(r"(?P<pause>[,;:!?()\n])|(?P<word>[a-z]+(?:[-'][a-z]+)*|\d+)")
_IS_HAN = re.compile(f"[{HAN}]")
_ASIDE = re.compile(r"\(([^()\d一二三四五六七八九十]{1,4})\)")  # 乡镇(街道), 村(居): a part of the word, not a pause
_LEAD = re.compile(
    "^(?:(?:根据|按照|依据)(?:该|本|上述)?(?:文件|资料|材料|原文|规定|通知)(?:内容)?[,:]|"
    "(?:根据|按照|依据|在)?(?:该|本|这份|这个|上述)?"
    "(?:方案|文件|规划|计划|办法|条例|通知|决定|意见|报告|规定|资料|原文)"
    "(?:中|里)?(?:的)?(?:还|也|中)?(?:提到|提出|要求|规定|明确|指出|强调|显示|写明|记载)[,:]?)"
)
_VOICE = re.compile("[由被把将归]|之[前后]|在此")


class Token(NamedTuple):
    """A comparable unit: a Han character, a known or Latin word, or a number, and the clause it stands in."""

    text: str
    weight: Weight
    clause: int


class Turn(NamedTuple):
    """A word that turns what follows round (不得, 可以, 部分 …); it stands before the token ``at``."""

    mark: Mark
    at: int
    clause: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is compared. ``numbers`` are the quantities by the position of their token.

    A clause ends at any pause, also within an enumeration; ``pauses`` holds the character that ended each one.
    """

    key: str
    tokens: tuple[Token, ...]
    turns: tuple[Turn, ...]
    numbers: dict[int, Quantity]
    pauses: tuple[str, ...]
    voices: frozenset[int] = field(default_factory=frozenset)

    @property
    def clauses(self) -> int:
        """How many clauses there are."""
        return len(self.pauses)


@dataclass(frozen=True, slots=True)
class Claims:
    """A sentence taken apart; ``titles`` and ``quotations`` are search keys of what it puts in 《》 and “”."""

    text: str
    reading: Reading
    english: bool
    titles: tuple[str, ...]
    quotations: tuple[str, ...]
    places: tuple[str, ...]


def without_markers(text: str) -> str:
    """``text`` without citation markers ``[1]`` and without the bullet or number it begins with."""
    return _LABEL.sub("", _MARKER.sub("", text)).strip()


def claims(sentence: str) -> Claims:
    """The claims of one sentence."""
    text = without_markers(sentence)
    key = search_key(text)
    english = detect_script(text) == "en"
    if english:
        key = english_numbers(key)
    titles = tuple(_TITLE.findall(key))
    key = _LEAD.sub("", key)
    bare = _TITLE.sub(lambda match: " " * len(match[0]), key)
    return Claims(text, read_key(bare), english, titles, tuple(_QUOTED.findall(bare)), tuple(find_places(key)))


def read_key(key: str) -> Reading:
    """The reading of a search key."""
    key = _ASIDE.sub(lambda match: f" {match[1]} ", key)
    tokens: list[Token] = []
    turns: list[Turn] = []
    pauses: list[str] = []
    voices: set[int] = set()
    numbers: dict[int, Quantity] = {}
    end = 0
    for quantity in [*find_quantities(key), None]:
        stop = quantity.start if quantity else len(key)
        for kind, text in _scan(key[end:stop]):
            if kind == "pause":
                if tokens and (not pauses or tokens[-1].clause == len(pauses)):
                    pauses.append(text)
            elif kind == "voice":
                voices.add(len(pauses))
            elif kind == "mark":
                turns.append(Turn(cast("Mark", text), len(tokens), len(pauses)))
            else:
                tokens.append(Token(text, _weight(kind, text), len(pauses)))
        if quantity:
            numbers[len(tokens)] = quantity
            name = f"{quantity.value:g}{quantity.unit or quantity.kind}"
            tokens.append(Token(name, "number", len(pauses)))
            end = quantity.end
    if not pauses or (tokens and tokens[-1].clause == len(pauses)):
        pauses.append("")
    return Reading(key, tuple(tokens), tuple(turns), numbers, tuple(pauses), frozenset(voices))


def _weight(kind: str, text: str) -> Weight:
    if kind == "every":
        return "number"
    if kind == "own":
        return "light" if text in LIGHT else "own"
    if text in GENERIC:
        return "soft"
    return "own" if text in NOUNS or text.isascii() else "act"


def _scan(text: str) -> Iterator[tuple[str, str]]:
    """Pieces of a key without numbers, as (kind, text): characters, words, marks, pauses and voices (由, 被)."""
    position = 0
    while position < len(text):
        if text[position].isascii():
            match = _LATIN.match(text, position)
            if match:
                yield "pause" if match.lastgroup == "pause" else "word", match.group()
            position = match.end() if match else position + 1
            continue
        found = word_at(text, position)
        if found is None:
            kind = "pause" if text[position] in _PAUSES else "own"
            if kind == "pause" or _IS_HAN.match(text[position]):
                yield kind, text[position]
            position += 1
            continue
        if found.kind == "harmless":
            yield from (("own", character) for character in found.word)
        elif found.kind == "every":
            yield "every", found.word
        elif found.kind != "empty":
            yield found.kind, found.word
        if found.kind == "empty" and _VOICE.search(found.word):
            yield "voice", found.word
        position += found.length
