from __future__ import annotations

import pytest

from rag.corpus.damage import looks_damaged


@pytest.mark.parametrize(
    "text",
    [
        "完成工业投资320亿元，增长 06%。",
        "增长06％以上",
        "比重达 012 %",
        "20232025年三年行动",
        "规划期为20212035年。",
        "()坚持党的领导",
        "（ ）强化保障。",
        "建成I1个示范点",
        "建成l5个示范点",
        "推进\ufffd\ufffd治理",
        "□推进治理",
        "推进■■治理",
    ],
)
def test_what_only_lost_characters_explain(text: str) -> None:
    assert looks_damaged(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "增长6%，其中出口增长10.06%。",
        "增长0.6%",
        "人均1,006%的增幅",
        "下降0%",
        "2023—2025年",
        "2023年至2025年",
        "电话12320232025年",
        "(一)坚持党的领导",
        "（试行）",
        "AI1.0版、HI5平台",
        "PM2.5浓度",
        "□ 是 □ 否",
        "□",
        "长政发(2023)25号",
    ],
)
def test_what_may_be_as_it_was_written(text: str) -> None:
    assert not looks_damaged(text)
