from __future__ import annotations

import datetime
import io
import zipfile

import openpyxl
import pytest

from rag.corpus.formats import delimited, ods, xls, xlsx
from rag.corpus.formats.number_formats import general, shown
from rag.errors import DocumentError, DocumentSizeError, EncodingError
from rag.schema import Heading
from tests.corpus.formats.goldens import ROWS, SHEETS
from tests.corpus.formats.making_docx import with_parts
from tests.corpus.formats.making_others import golden_csv, golden_ods, golden_xls, golden_xlsx, raw_ods, zipped

LINES = [
    "序号：1 | 任务：完善应急预案 | 责任单位：市应急局 | 比例：72%",
    "序号：2 | 任务：建立信用档案 | 责任单位：市发改委 | 比例：80%",
]


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "load", "encoding"),
    [
        (golden_xlsx(SHEETS), xlsx.load, "xlsx"),
        (golden_xlsx(SHEETS, shared=True), xlsx.load, "xlsx"),
        (golden_xls(SHEETS), xls.load, "xls"),
        (golden_ods(SHEETS), ods.load, "ods"),
    ],
    ids=["xlsx", "xlsx as Excel writes it", "xls", "ods"],
)
def test_every_row_of_every_sheet_carries_its_header(data: bytes, load: object, encoding: str) -> None:
    assert callable(load)
    loaded = load(data, name="a")
    assert loaded.text.splitlines() == ["责任分工", *LINES, "指标", "指标：城市化率 | 2025年：72"]
    start = loaded.text.index("\n指标\n") + 1
    assert loaded.layout.headings == (Heading(0, 4, 1), Heading(start, start + 2, 1))
    assert loaded.encoding == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_delimited_text_of_any_encoding_and_separator(separator: str, encoding: str) -> None:
    loaded = delimited.load(golden_csv(ROWS, separator=separator, encoding=encoding), name="a.csv")
    assert (loaded.text.splitlines(), loaded.encoding) == (LINES, encoding)


def test_quoted_cells_may_hold_anything_and_an_open_quotation_mark_loses_nothing() -> None:
    rows = (("名称", "说明"), ("甲,乙", "第一行\n第二行"), ("丙", '他说"好"'))
    assert delimited.load(golden_csv(rows), name="a.csv").text.splitlines() == [
        "名称：甲,乙 | 说明：第一行 第二行",
        '名称：丙 | 说明：他说"好"',
    ]
    broken = '名称,说明\n甲,"乙\n' + "丙,丁\n" * 40_000
    assert delimited.load(broken.encode(), name="a.csv").text.count("丙") == 40_000


def test_numbers_and_dates_are_read_as_they_are_shown() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["名称", "数", "率", "日期", "时间", "真假", "钱", "编号"])
    sheet.append(["甲", 2020.0, 0.155, datetime.date(2020, 1, 6), datetime.time(8, 30), True, 1234567.891, 7])
    for place, code in (
        ("C2", "0.0%"),
        ("D2", 'yyyy"年"m"月"d"日"'),
        ("E2", "h:mm"),
        ("G2", "¥#,##0.00"),
        ("H2", "000"),
    ):
        sheet[place].number_format = code
    assert xlsx.load(saved(book), name="a.xlsx").text == (
        "名称：甲 | 数：2020 | 率：15.5% | 日期：2020年1月6日 | 时间：8:30 | 真假：TRUE | "
        "钱：¥1,234,567.89 | 编号：007\n"
    )


def test_the_same_of_a_workbook_of_1997() -> None:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    percent, date = xlwt.easyxf(num_format_str="0.0%"), xlwt.easyxf(num_format_str='yyyy"年"m"月"')
    for x, name in enumerate(("名称", "数", "率", "日期")):
        sheet.write(1, x, name)
    sheet.write_merge(0, 0, 0, 3, "主要指标")
    sheet.write(2, 0, "甲")
    sheet.write(2, 1, 45000.0)
    sheet.write(2, 2, 0.155, percent)
    sheet.write(2, 3, datetime.date(2020, 1, 6), date)
    file = io.BytesIO()
    book.save(file)
    assert (
        xls.load(file.getvalue(), name="a.xls").text == "主要指标\n名称：甲 | 数：45000 | 率：15.5% | 日期：2020年1月\n"
    )


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (0.155, "0.0%", "15.5%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (-5, "0;(0)", "(5)"),
        (-5, "0.0", "-5.0"),
        (0, '0;0;"—"', "—"),
        (1234567, '#,##0,"千"', "1,235千"),
        (12, "00000", "00012"),
        (1.005, "0.00", "1.01"),
        (2.5, "0", "3"),
        (0.5, "0.##", "0.5"),
        (5, "0.##", "5"),
        (3, "[$¥-804]#,##0.00", "¥3.00"),
        (3, '[Red]0"个"', "3个"),
        (43836, "yyyy-mm-dd", "2020-01-06"),
        (43836, "yyyymmdd", "20200106"),
        (43836.52, "yyyy/m/d h:mm", "2020/1/6 12:28"),
        (43836, '[$-804]yyyy"年"m"月"d"日";@', "2020年1月6日"),
        (43836, "mmm-yy", "Jan-20"),
        (43836, "aaaa", "星期一"),
        (43836.7, '上午/下午h"时"mm"分"', "下午4时48分"),
        (43836.7, "h:mm AM/PM", "4:48 PM"),
        (1.25, "[h]:mm:ss", "30:00:00"),
        (1, "yyyy-mm-dd", "1900-01-01"),
        (61, "yyyy-mm-dd", "1900-03-01"),
        (2020, "General", "2020"),
        (0.25, "# ?/?", "0.25"),
        (-5, "yyyy-mm-dd", "-5"),
        (1e300, "yyyy-mm-dd", "1e+300"),
        (float("nan"), "0", ""),
    ],
)
def test_number_formats(number: float, code: str, text: str) -> None:
    assert shown(number, code) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2020.0, "2020"),
        (0.1 + 0.2, "0.3"),
        (-1.5, "-1.5"),
        (1e20, "1e+20"),
        (1e-7, "0.0000001"),
        (123456789.125, "123456789.125"),
    ],
)
def test_numbers_without_a_format(number: float, text: str) -> None:
    assert general(number) == text


def test_days_may_count_from_1904() -> None:
    assert shown(0, "yyyy-mm-dd", from_1904=True) == "1904-01-01"


def test_merged_and_hidden_things() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["重点任务表"],
        ["领域", "任务", "单位"],
        ["治理", "网格", "甲局"],
        [None, "平台", "乙局"],
        [],
        [None, None, None, None],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A4")
    hidden = book.create_sheet("字典")
    hidden.append(["不该出现"])
    hidden.sheet_state = "hidden"
    assert xlsx.load(saved(book), name="a.xlsx").text.splitlines() == [
        "重点任务表", "领域：治理 | 任务：网格 | 单位：甲局", "领域：治理 | 任务：平台 | 单位：乙局",
    ]  # fmt: skip


def test_cells_far_apart_cost_nothing() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "左上", "右下"
    assert xlsx.load(saved(book), name="a.xlsx").text == "左上\n右下\n"
    far = (
        '<table:table table:name="x"><table:table-row table:number-rows-repeated="1048575"><table:table-cell/>'
        '</table:table-row><table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
        "<table:table-cell><text:p>远<text:s/>处</text:p></table:table-cell></table:table-row></table:table>"
    )
    assert ods.load(raw_ods(far), name="a.ods").text == "远 处\n"


def test_a_table_that_repeats_itself_without_end_is_bounded() -> None:
    cell = '<table:table-cell table:number-columns-repeated="99999999"><text:p>字</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="99999999">{cell}</table:table-row>'
    with pytest.raises(DocumentSizeError, match=r"^a\.ods has more than 500,000 cells"):
        ods.load(raw_ods(f"<table:table>{row * 20}</table:table>"), name="a.ods")


@pytest.mark.parametrize(
    ("data", "load", "told"),
    [
        (golden_xlsx({"空": []}), xlsx.load, "holds no text"),
        (golden_xlsx(SHEETS)[:-40], xlsx.load, "is damaged"),
        (zipped({"a.txt": "x"}), xlsx.load, "is damaged: it holds no xl/workbook.xml"),
        (golden_xls(SHEETS)[:2000], xls.load, "is damaged"),
        (zipped({"mimetype": "x"}), ods.load, "is damaged: it holds no content.xml"),
        (zipped({"META-INF/manifest.xml": "<encryption-data/>", "content.xml": "x"}), ods.load, "is encrypted"),
        (b",,,\n,,\n", delimited.load, "holds no text"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, load: object, told: str) -> None:
    assert callable(load)
    with pytest.raises(DocumentError, match=f"^a.x {told}"):
        load(data, name="a.x")


def test_delimited_text_in_no_known_encoding_is_refused() -> None:
    with pytest.raises(EncodingError, match=r"^a\.csv "):
        delimited.load("größe,höhe\n".encode("latin-1"), name="a.csv")


def test_macros_are_not_looked_at() -> None:
    data = golden_xlsx(SHEETS)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
    assert xlsx.load(with_parts(data, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), name="a.xlsm").text.startswith(
        "责任分工\n"
    )
