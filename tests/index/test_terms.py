from __future__ import annotations

import pytest

from rag.corpus.script import search_key
from rag.index.terms import characters, lone_characters, terms


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", []),
        ("，。!?", []),
        ("治理", ["治理"]),
        ("治理,现代化", ["治理", "现代", "代化"]),
        ("第3条", ["第3", "3", "3条"]),
        ("2025年72%", ["2025", "2025年", "年72", "72"]),
        ("增长 70.5 个", ["增长", "70.5"]),
        ("共1,234.5元", ["共1234.5", "1234.5", "1234.5元"]),
        ("2018,100个", ["2018", "100", "100个"]),
        ("5g网", ["5", "5g", "g", "g网"]),
        ("gb18030 policy-rag", ["gb", "gb18030", "18030", "policy", "rag"]),
        ("党 委", []),
    ],
)
def test_terms(key: str, expected: list[str]) -> None:
    assert terms(key) == expected


def test_single_characters_are_kept_apart() -> None:
    assert characters("第3条 ok 法") == ["第", "条", "法"]
    assert lone_characters("第3条 ok 法,治理") == ["法"]


def test_both_scripts_have_the_same_terms() -> None:
    assert (
        terms(search_key("優化營商環境"))
        == terms(search_key("优化营商环境"))
        == ["优化", "化营", "营商", "商环", "环境"]
    )
