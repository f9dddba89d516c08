"""A question and a passage as one row of tokens, with where each token stands in the passage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from rag.corpus.script import HAN, to_simplified

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_TOKENS = 384
_QUESTION_TOKENS = 96
_HEADING_CHARS = 80
_NO_PLACE = (-1, -1)
_BOS, _EOS = 0, 2
_HAN = re.compile(f"[{HAN}]")


class Passage(NamedTuple):
    """What is read: the ``text``, and the ``heading`` (title and section) that says what it is about."""

    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids, and for each the characters ``(start, end)`` of the passage's text it covers; -1 for all others."""

    ids: list[int]
    places: list[tuple[int, int]]


def encode(tokenizer: Tokenizer, question: str, passage: Passage) -> Row:
    """``<s> question </s> heading text </s>``, in Simplified characters, the end of the text cut at 384 tokens."""
    asked = tokenizer.encode(simplified(question), add_special_tokens=False).ids[:_QUESTION_TOKENS]
    heading = tokenizer.encode(simplified(passage.heading[:_HEADING_CHARS]), add_special_tokens=False).ids
    text = tokenizer.encode(simplified(passage.text), add_special_tokens=False)
    before = [_BOS, *asked, _EOS, *heading]
    room = MAX_TOKENS - len(before) - 1
    places = [_place(passage.text, *offsets) for offsets in text.offsets[:room]]
    return Row([*before, *text.ids[:room], _EOS], [*[_NO_PLACE] * len(before), *places, _NO_PLACE])


def simplified(text: str) -> str:
    """``text`` in Simplified characters, one for one, so that every position stays what it was."""
    return "".join(map(_simplified, text))


def batches(lengths: Sequence[int], *, tokens: int) -> Iterator[list[int]]:
    """The indices of ``lengths`` from long to short, in groups that hold at most ``tokens`` with their padding."""
    group: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if group and lengths[group[0]] * (len(group) + 1) > tokens:
            yield group
            group = []
        group.append(index)
    if group:
        yield group


@cache
def _simplified(character: str) -> str:
    if not _HAN.match(character):
        return character
    converted = to_simplified(character)
    return converted if len(converted) == 1 else character


def _place(text: str, start: int, end: int) -> tuple[int, int]:
    # A piece may begin with the space before its word.
    while start < end and text[start].isspace():
        start += 1
    return (start, end) if start < end else _NO_PLACE
