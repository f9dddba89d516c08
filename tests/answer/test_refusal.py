from __future__ import annotations

import pytest

from rag.answer.elsewhere import Elsewhere
from rag.answer.refusal import not_covered, otherwise, refusal
from rag.schema import Script
from tests.answer.parts import passage

NOTHING: dict[str, tuple[str, ...]] = {"place": (), "year": (), "unit": (), "person": ()}


@pytest.mark.parametrize(
    ("script", "text", "reason"),
    [
        (
            "hans",
            "资料中没有找到可以回答这个问题的内容。",
            "最接近的段落与问题不够吻合(把握 13%,作答需要 50%)。",
        ),
        (
            "hant",
            "資料中沒有找到可以回答這個問題的內容。",
            "最接近的段落與問題不夠吻合(把握 13%,作答需要 50%)。",
        ),
        (
            "en",
            "The corpus does not say.",
            "The nearest passages do not match the question well enough (13% sure, 50% needed).",
        ),
        (
            "unknown",
            "资料中没有找到可以回答这个问题的内容。",
            "最接近的段落与问题不够吻合(把握 13%,作答需要 50%)。",
        ),
    ],
)
def test_how_sure_it_is_and_would_have_to_be(script: Script, text: str, reason: str) -> None:
    assert refusal(script, NOTHING, confidence=0.126, needed=0.5) == (text, reason)
    assert refusal(script, {}, confidence=0.126, needed=0.5) == (text, reason)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "hans",
            "最接近的段落说的不是宁波、杭州。最接近的段落没有提到2030年。最接近的段落没有以“亿元”计的数字。最接近的段落没有说市长是谁。",
        ),
        (
            "hant",
            "最接近的段落說的不是寧波、杭州。最接近的段落沒有提到2030年。最接近的段落沒有以“億元”計的數字。最接近的段落沒有說市長是誰。",
        ),
        (
            "en",
            "The nearest passages are not about 宁波, 杭州. The nearest passages do not mention 2030. "
            "The nearest passages give no number in 亿元. The nearest passages do not name the 市长.",
        ),
    ],
)
def test_what_the_passages_lack_is_the_better_reason(script: Script, reason: str) -> None:
    missing = {"place": ("宁波", "杭州"), "year": ("2030",), "unit": ("亿元",), "person": ("市长",)}
    assert refusal(script, missing, confidence=0.1, needed=0.5)[1] == reason
    only = refusal(script, {**NOTHING, "year": ("2030",)}, confidence=0.1, needed=0.5)[1]
    assert "2030" in only
    assert "%" not in only
    assert only in reason


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("hans", "最接近的段落没有提到2030年。最接近的段落出自《某市方案》 › 第二条。"),
        ("hant", "最接近的段落沒有提到2030年。最接近的段落出自《某市方案》 › 第二條。"),
        ("en", "The nearest passages do not mention 2030. The nearest passage is from 某市方案 › 第二条."),
    ],
)
def test_last_it_says_where_the_nearest_passage_is_from(script: Script, reason: str) -> None:
    nearest = passage("到2025年建成。", path=("第一章", "第二条"))
    missing = {**NOTHING, "year": ("2030",)}
    assert refusal(script, missing, confidence=0.1, needed=0.5, nearest=nearest)[1] == reason


def test_a_nearest_passage_outside_any_section() -> None:
    _, reason = refusal("hans", NOTHING, confidence=0.1, needed=0.4, nearest=passage("到2025年建成。"))
    assert reason == "最接近的段落与问题不够吻合(把握 10%,作答需要 40%)。最接近的段落出自《某市方案》。"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("hans", "资料没有说到杭州、长治的情况。"),
        ("hant", "資料沒有說到杭州、長治的情況。"),
        ("en", "The documents do not cover 杭州, 长治."),
        ("unknown", "资料没有说到杭州、长治的情况。"),
    ],
)
def test_what_a_partial_answer_leaves_out(script: Script, words: str) -> None:
    assert not_covered(script, ("杭州", "长治")) == words
    assert not_covered(script, ()) is None


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("hans", "资料中有温州的相关内容(《某市方案》 › 第二条),没有宁波、杭州的。"),
        ("hant", "資料中有溫州的相關內容(《某市方案》 › 第二條),沒有寧波、杭州的。"),
        ("en", "The documents speak of this for Wenzhou (《某市方案》 › 第二条), not for 宁波, 杭州."),
    ],
)
def test_what_there_is_for_another_place_is_told_instead(script: Script, reason: str) -> None:
    there = Elsewhere(passage("城市化率72%。", path=("第二条",)), "溫州市", (), 0.6)
    missing = {**NOTHING, "place": ("宁波", "杭州")}
    nearest = passage("别的。")
    assert refusal(script, missing, confidence=0.1, needed=0.5, nearest=nearest, elsewhere=there)[1] == reason
    unsure = refusal(script, missing, confidence=0.1, needed=0.7, nearest=nearest, elsewhere=there)
    assert unsure == refusal(script, missing, confidence=0.1, needed=0.7, nearest=nearest)


def test_what_there_is_for_another_year_beside_what_else_is_missing() -> None:
    there = Elsewhere(passage("城市化率72%。"), None, ("2020", "2025"), 0.6)
    missing = {**NOTHING, "year": ("2030",), "unit": ("天",)}
    assert refusal("hans", missing, confidence=0.1, needed=0.5, elsewhere=there)[1] == (
        "资料中有2020、2025年的相关内容(《某市方案》),没有2030年的。最接近的段落没有以“天”计的数字。"
    )
    assert refusal("en", missing, confidence=0.1, needed=0.5, elsewhere=there)[1] == (
        "The documents speak of this for 2020, 2025 (《某市方案》), not for 2030. "
        "The nearest passages give no number in 天."
    )


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("hans", ("资料中的说法相反：", "问题的前提与资料不符。")),
        ("hant", ("資料中的說法相反：", "問題的前提與資料不符。")),
        ("unknown", ("资料中的说法相反：", "问题的前提与资料不符。")),
    ],
)
def test_what_leads_a_correction(script: Script, words: tuple[str, str]) -> None:
    assert otherwise(script) == words
