from __future__ import annotations

import pytest

from tests.ui.fragments import PAYLOADS, Fragment, visible
from ui.markup import EXCERPT_CHARS, escape, excerpt, preformatted


def test_there_are_payloads_of_every_kind() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 30


@pytest.mark.parametrize("payload", PAYLOADS)
def test_escaped_text_is_the_same_text_and_nothing_else(payload: str) -> None:
    for written in (escape(payload), preformatted(payload)):
        fragment = Fragment(written)
        assert (visible(fragment.text), fragment.tags, fragment.others) == (visible(payload), [], [])
        assert not set("<>\"'`*_[](){}$!\\#|~&;") & set(written.replace("&#", "").replace(";", ""))


def test_line_ends_become_breaks_or_stay_and_control_and_direction_characters_go() -> None:
    text = "一\r\n二\r三\n\n四\x00\x1b\u202e五\u200b\u2060\ufeff六\U000e0041七"
    assert escape(text) == "一<br>二<br>三<br><br>四五六七"
    assert preformatted(text) == "一\n二\n三\n\n四五六七"


def test_an_excerpt_is_one_line_of_the_beginning() -> None:
    assert excerpt("  一\n二\t三 ") == "一 二 三"
    assert excerpt("字" * EXCERPT_CHARS) == "字" * EXCERPT_CHARS
    assert excerpt("字" * (EXCERPT_CHARS + 1)) == "字" * EXCERPT_CHARS + "……"
