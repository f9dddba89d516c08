"""Passages as sentences are aligned with them: their words, where each pair of them stands, and what each weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answer.claims import Reading, Token

_WEIGHTS = {"own": 1.0, "act": 1.0, "soft": 0.25, "light": 0.15}  # a character
_NUMBER = 2.0
SAYS_SOMETHING = 1.1  # weight of words that are more than a particle


@dataclass(frozen=True, slots=True)
class Source:
    """A passage to align with: its tokens, the sentence each stands in, and where each pair of tokens occurs.

    ``frame`` holds the pairs of title, headings and place, ``whose`` those of the place alone.
    """

    reading: Reading
    sentence: tuple[int, ...]
    pairs: Mapping[tuple[str, str], tuple[int, ...]]
    single: Mapping[str, tuple[int, ...]]
    frame: frozenset[tuple[str, str]]
    frame_single: frozenset[str]
    whose: frozenset[tuple[str, str]]


def weight(token: Token) -> float:
    """How much it matters whether a token stands in a passage."""
    if token.weight == "number":
        return _NUMBER
    return _WEIGHTS[token.weight] * (1 if token.text.isascii() else len(token.text))


def stands_alone(token: Token) -> bool:
    """Whether a token says enough to be found without a neighbour: no single Han character does."""
    return token.weight == "number" or token.text.isascii() or len(token.text) > 1


def make_source(reading: Reading, sentence: Sequence[int], frame: Reading, whose: Reading) -> Source:
    """``reading`` of a passage, with the number of the sentence of each token; readings of its frame and its places."""
    pairs: dict[tuple[str, str], list[int]] = {}
    single: dict[str, list[int]] = {}
    texts = [token.text for token in reading.tokens]
    for index, text in enumerate(texts):
        single.setdefault(text, []).append(index)
        if index:
            pairs.setdefault((texts[index - 1], text), []).append(index - 1)
    words = [token.text for token in frame.tokens]
    return Source(
        reading,
        tuple(sentence),
        {pair: tuple(where) for pair, where in pairs.items()},
        {text: tuple(where) for text, where in single.items()},
        frozenset(pairwise(words)),
        frozenset(words),
        frozenset(pairwise(token.text for token in whose.tokens)),
    )


def shared(reading: Reading, source: Source) -> float:
    """The share of a sentence's pairs of words that the passage or its frame holds: quick, to choose passages by."""
    texts = [token.text for token in reading.tokens]
    pairs = list(pairwise(texts)) or [(text, text) for text in texts]
    held = sum(pair in source.pairs or pair in source.frame for pair in pairs)
    numbers = sum(texts[i] in source.single for i in reading.numbers)
    return (held + numbers) / (len(pairs) + len(reading.numbers)) if pairs else 0.0


def left_over(source: Source, position: int, step: int, used: set[int | None]) -> float:
    """The weight of the words beside ``position`` in its clause of the passage, up to one that is ``used``."""
    there = source.reading.tokens
    clause, total, at = there[position].clause, 0.0, position + step
    while 0 <= at < len(there) and there[at].clause == clause and at not in used:
        total += weight(there[at])
        at += step
    return total


def restates(reading: Reading, source: Source) -> bool:
    """Whether the passage has the very same words in a row, turned round by the same words: only the script differs."""
    texts, there = [token.text for token in reading.tokens], source.reading
    turns = [(turn.mark, turn.at) for turn in reading.turns]
    for start in source.single.get(texts[0], ()) if texts else ():
        end = start + len(texts)
        if [token.text for token in there.tokens[start:end]] != texts:
            continue
        before = there.tokens[start - 1].clause if start else None
        # What goes before an enumeration holds for its later members too: 不得销售、使用.
        if before is None or (before != there.tokens[start].clause and there.pauses[before] != "、"):
            inside = [(turn.mark, turn.at - start) for turn in there.turns if start <= turn.at < end]
            bounds = all(there.numbers[start + at].bound == number.bound for at, number in reading.numbers.items())
            if bounds and inside == [turn for turn in turns if turn[1] < len(texts)]:
                return True
    return False
