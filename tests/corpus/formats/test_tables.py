from __future__ import annotations

import pytest

from rag.corpus.formats.tables import Cell, table_lines


def lines(*rows: list[str | Cell], sheet: bool = False) -> list[str]:
    return table_lines([[Cell(c) if isinstance(c, str) else c for c in row] for row in rows], sheet=sheet)


def test_each_row_carries_the_names_of_its_columns() -> None:
    found = lines(["序号", "指标", "目标值"], ["1", "城市化率", "72%"], ["", "", ""], ["2", "", "5"])
    assert found == ["序号：1 | 指标：城市化率 | 目标值：72%", "序号：2 | 目标值：5"]


def test_title_rows_and_group_rows_stand_alone() -> None:
    found = lines(
        [Cell("表1 主要指标", columns=3)],
        ["", "", "单位：%"],
        ["序号", "指标", "2025年"],
        [Cell("一、经济发展", columns=3)],
        ["1", "增速", "6"],
    )
    assert found == ["表1 主要指标", "单位：%", "一、经济发展", "序号：1 | 指标：增速 | 2025年：6"]


def test_a_header_of_two_rows() -> None:
    found = lines(
        [Cell("指 标", rows=2), Cell("目标", columns=2), Cell("属性", rows=2)],
        ["2023年", "2025年"],
        [Cell("增\n速", rows=2), "5", "6", "预期性"],
        ["7", "8", "约束性"],
    )
    assert found == [
        "指标：增 速 | 目标·2023年：5 | 目标·2025年：6 | 属性：预期性",
        "指标：增 速 | 目标·2023年：7 | 目标·2025年：8 | 属性：约束性",
    ]


def test_rows_above_the_header() -> None:
    found = lines(["填报单位：某局", "", "日期：5月"], ["序号", "任务", "备注"], ["1", "治理", "无"])
    assert found == ["填报单位：某局 | 日期：5月", "序号：1 | 任务：治理 | 备注：无"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["索引号：", "001"], ["标题:", "通知"]], ["索引号：001", "标题:通知"]),
        ([["索引号：", "001", "文号：", "2号"], ["日期：", "5月"]], ["索引号：001 | 文号：2号", "日期：5月"]),
        ([[Cell("索引号", header=True), "001"], [Cell("标题", header=True), "通知"]], ["索引号：001", "标题：通知"]),
    ],
)
def test_labels_beside_values_are_pairs(rows: list[list[str | Cell]], found: list[str]) -> None:
    assert lines(*rows) == found


def test_without_a_header_cells_are_joined() -> None:
    assert lines(["甲类", "乙类"], ["丙类", "丁类"]) == ["甲类 | 乙类", "丙类 | 丁类"]
    assert lines(["1", "2"], ["3", "4"], sheet=True) == ["1 | 2", "3 | 4"]
    assert lines(["市域，指设区的市。", "x"], ["县域", "y"]) == ["市域，指设区的市。 | x", "县域 | y"]


@pytest.mark.parametrize(
    "rows",
    [
        [["县区", "得分"], ["甲县", "91"], ["乙县", "88"]],
        [["环节", "怎么办"], ["受理", "窗口收到申请后当场核对材料，材料不齐的一次告知需要补正的全部内容"]],
    ],
)
def test_a_header_is_known_by_what_stands_below(rows: list[list[str | Cell]]) -> None:
    assert lines(*rows)[0].startswith(f"{rows[0][0]}：{rows[1][0]} | {rows[0][1]}：")


def test_a_sheet_needs_no_sign_and_marks_decide() -> None:
    assert lines(["甲", "乙"], ["丙", "丁"], sheet=True) == ["甲：丙 | 乙：丁"]
    assert lines([Cell("甲", header=True), Cell("乙", header=True)], ["丙", "丁"]) == ["甲：丙 | 乙：丁"]


def test_small_tables() -> None:
    assert lines() == []
    assert lines([""]) == []
    assert lines(["一格"]) == ["一格"]
    assert lines(["一列"], ["两行"]) == ["一列", "两行"]
    assert lines(["序号", "名称"]) == ["序号 | 名称"]


def test_spans_beyond_the_table_are_bounded() -> None:
    rows = [[Cell("字" * 1000, columns=10**6, rows=10**6)]] * 50
    assert len("".join(table_lines(rows))) <= 60_000
