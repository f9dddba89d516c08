from __future__ import annotations

import pytest

from rag.corpus.script import detect_script, search_key, to_simplified, to_traditional


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("市域治理現代化", "市域治理现代化"),  # Traditional
        ("著力提升", "着力提升"),  # a variant that OpenCC leaves alone
        ("圍繞著這個目標", "围绕着这个目标"),
        ("到二O三五年", "到2035年"),  # Latin O
        ("到二〇三五年", "到2035年"),
        ("二○二五年底", "2025年底"),
        ("二零二五年十二月二十五日", "2025年12月25日"),
        ("百分之七十二", "72%"),
        ("第三十一條", "第31条"),
        ("服务 型政府", "服务型政府"),  # a page break inside a word
        ("增长　百分之六", "增长6%"),
        ("增长\u00a06%", "增长6%"),
        ("治理\n体系", "治理体系"),
        ("治理\u200b体系", "治理体系"),
        ("ＡＩ＋政务", "ai+政务"),  # full-width Latin
        ("１２３４５热线", "12345热线"),
        ("“最多跑一次”,改革", "“最多跑一次”，改革"),
        ("(責任單位:市法制辦)", "（责任单位：市法制办）"),
    ],
)
def test_two_ways_of_writing_have_one_key(written: str, asked: str) -> None:
    assert search_key(written) == search_key(asked)


def test_a_space_between_latin_words_is_kept_and_one_beside_han_is_not() -> None:
    assert search_key("使用 open  data 平台 2.0 版") == "使用open data平台2.0版"


@pytest.mark.parametrize(
    "word", ["顯著", "著名", "名著", "专著", "土著", "卓著", "昭著", "原著", "著作", "著者", "编著"]
)
def test_a_word_that_keeps_its_character_is_not_changed(word: str) -> None:
    assert "著" in to_simplified(word)
    assert "着" not in to_simplified(word)


@pytest.mark.parametrize("word", ["著力", "著眼", "沿著", "隨著", "接著", "本著", "意味著"])
def test_elsewhere_the_variant_is_folded(word: str) -> None:
    assert "着" in to_simplified(word)


def test_to_traditional() -> None:
    assert to_traditional("推进治理体系现代化") == "推進治理體系現代化"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("推進市域治理現代化", "hant"),
        ("推进市域治理现代化", "hans"),
        ("黨委領導下的干部標准", "hant"),  # a rough conversion: 干 and 准 are valid in both
        ("人口一百", "unknown"),
        ("Open data", "en"),
        ("2018-06-20", "unknown"),
        ("", "unknown"),
    ],
)
def test_detect_script(text: str, script: str) -> None:
    assert detect_script(text) == script
