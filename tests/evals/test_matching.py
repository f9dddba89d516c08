from __future__ import annotations

import pytest

from evals.matching import grams, has_key, key, letters, share, units, without_markers


@pytest.mark.parametrize(
    ("text", "expected"),
    [("溫州 市\n２０２５年", "温州市2025年"), ("Ｒ＆Ｄ 投入", "r&d投入"), ("８０％", "80%"), (" \n", ""), ("", "")],
)
def test_a_key_is_blind_to_script_width_case_and_space(text: str, expected: str) -> None:
    assert key(text) == expected


def test_letters_leave_out_punctuation() -> None:
    assert letters("到２０２５年,“網上”可辦率：98%!") == "到2025年网上可办率98"


def test_grams_are_runs_of_eight_letters() -> None:
    assert grams("一二三四五六七八九,十") == {"一二三四五六七八", "二三四五六七八九", "三四五六七八九十"}


def test_a_short_text_is_its_own_gram_and_an_empty_one_has_none() -> None:
    assert (grams("一、二"), grams("。，"), grams("")) == ({"一二"}, frozenset(), frozenset())


def test_share_is_of_the_grams_of_the_quote_in_all_texts_together() -> None:
    quote = "一二三四五六七八九十"  # three grams: one in each of the first two texts
    texts = ["甲一二三四五六七八", "三四五六七八九十乙"]
    assert share(quote, texts[:1]) == 1 / 3
    assert share(quote, texts) == 2 / 3
    assert share(quote, [quote]) == 1
    assert (share(quote, []), share("。", ["。"])) == (0, 0)


def test_a_key_has_alternatives() -> None:
    assert has_key("80%|百分之八十", "达到８０ ％以上")
    assert has_key("80%|百分之八十", "達到百分之八十")
    assert not has_key("80%|百分之八十", "达到 8%")


def test_units_are_han_characters_numbers_and_latin_words() -> None:
    assert units("2025年R&D投入占 3.5%，the Plan。") == ["2025", "年", "r", "d", "投", "入", "占", "3.5", "the", "plan"]


def test_only_the_numbers_of_citations_are_markers() -> None:
    assert without_markers("一是好。 [1][2] 二是〔2018〕14号[3]") == "一是好。 二是〔2018〕14号"
