from __future__ import annotations

import pytest

from rag.chat.memory import count_tokens, cut, fits, newest
from rag.chat.records import Role, Turn

TEXT = "到2025年，全市政务服务事项网上可办率达到98%，𠮷群众办事。"


def turn(role: Role, content: str) -> Turn:
    return Turn(1, role, content, "")


def test_tokens_are_counted_without_special_ones() -> None:
    assert [count_tokens(text) for text in ("", "hello world", "<|endoftext|>")] == [0, 2, 7]


@pytest.mark.parametrize("budget", range(60))
def test_what_is_cut_is_the_beginning_and_fits(budget: int) -> None:
    short = cut(TEXT, budget)
    assert TEXT.startswith(short)
    assert count_tokens(short) <= budget
    assert (short == TEXT) == (budget >= count_tokens(TEXT))


def test_fits_to_the_token() -> None:
    turns = [turn("user", TEXT), turn("assistant", TEXT)]
    exact = 2 * count_tokens(TEXT)
    assert (fits(turns, exact), fits(turns, exact - 1), fits([], 0)) == (True, False, True)


def test_the_newest_begin_with_a_question() -> None:
    asked, answered, unanswered = turn("user", "hello"), turn("assistant", "world"), turn("user", "again")
    assert newest([asked, answered, unanswered], 3) == [asked, answered, unanswered]
    assert newest([asked, answered, unanswered], 2) == [unanswered]
    assert newest([asked, answered], 1) == [asked]
    assert newest([asked, answered], 0) == []
    assert newest([], 5) == []
