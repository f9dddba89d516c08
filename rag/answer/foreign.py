"""English sentences on Chinese passages: numbers and places compare by value, the rest only by meaning."""

from __future__ import annotations

from collections.abc import Iterator

from rag.answer.claims import Claims
from rag.answer.source import Source

_COMPARED = 4  # sentences of a passage compared by meaning, about 5 ms each


def renderings(sentence: Claims, source: Source) -> list[int]:
    """The sentences of a passage that an English one may render: those that hold most of its numbers, at most four."""
    lengths = [source.sentence.count(number) for number in range(max(source.sentence, default=-1) + 1)]
    held = [sum(_holds(source, number, value) for value in _wanted(sentence)) for number in range(len(lengths))]
    best = [number for number, length in enumerate(lengths) if length and held[number] == max(held)]
    return sorted(sorted(best, key=lambda number: -lengths[number])[:_COMPARED])


def renders_numbers(sentence: Claims, source: Source, number: int) -> bool:
    """Whether the English sentence has numbers, and all of them are in one sentence of the passage."""
    wanted = list(_wanted(sentence))
    return bool(wanted) and all(_holds(source, number, value) for value in wanted)


def _wanted(sentence: Claims) -> Iterator[float]:
    return (quantity.value for quantity in sentence.reading.numbers.values())


def _holds(source: Source, number: int, value: float) -> bool:
    return any(
        source.sentence[at] == number and abs(quantity.value - value) < 1e-9
        for at, quantity in source.reading.numbers.items()
    )
