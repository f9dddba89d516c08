from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from rag.corpus.formats.pdf import load
from tests.corpus.formats.making_pdf import Drawing, drawn, lines

NAMES = ("序号", "任务", "责任单位")
ROWS = (("1", "推进数据共享", "市民政局"), ("2", "规范服务流程", "各区政府"))
XS = (70, 120, 300, 400)


def text(*pages: Drawing) -> str:
    return load(drawn(*pages), name="a.pdf").text


def table(rows: Sequence[Sequence[str]], *, top: float = 700, ruled: bool = True, sides: bool = True) -> Drawing:
    """Rows of 20 points; a cell that is ``None`` has no line before it."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Han", 10)
        for number, row in enumerate(rows):
            for x, cell in zip(XS, row, strict=False):
                canvas.drawString(x + 4, top - 20 * number - 14, cell)
        ys = [top - 20 * number for number in range(len(rows) + 1)]
        for y in ys if ruled else ():
            canvas.line(XS[0], y, XS[-1], y)
        for x in (XS if sides else XS[1:-1]) if ruled else ():
            canvas.line(x, ys[0], x, ys[-1])

    return draw


def test_a_ruled_table_has_a_line_a_row_with_the_names_of_its_columns() -> None:
    around = lines("工作任务如下。", top=720), lines("依法公开办理结果。", top=600)

    def page(canvas: Canvas) -> None:
        for draw in (around[0], table((NAMES, *ROWS)), around[1]):
            draw(canvas)

    assert text(page) == (
        "工作任务如下。\n序号：1 | 任务：推进数据共享 | 责任单位：市民政局\n"
        "序号：2 | 任务：规范服务流程 | 责任单位：各区政府\n依法公开办理结果。\n"
    )


def test_a_table_that_is_open_at_the_sides_is_one() -> None:
    assert text(table((NAMES, *ROWS), sides=False)) == text(table((NAMES, *ROWS)))


def test_a_table_without_lines_is_known_by_its_columns() -> None:
    rows = (NAMES, *ROWS, ("3", "优化营商环境", "市民政局"))
    assert text(table(rows, ruled=False)) == text(table(rows))


def test_cells_that_a_line_does_not_divide_are_one() -> None:
    def page(canvas: Canvas) -> None:
        table((NAMES, ("1", "推进数据共享", "市民政局"), ("2", "规范服务流程", "")), ruled=False)(canvas)
        for y in (700, 680, 640):
            canvas.line(70, y, 400, y)
        canvas.line(70, 660, 300, 660)
        for x in XS:
            canvas.line(x, 700, x, 640)

    assert text(page) == (
        "序号：1 | 任务：推进数据共享 | 责任单位：市民政局\n序号：2 | 任务：规范服务流程 | 责任单位：市民政局\n"
    )


def test_lines_of_a_cell_are_joined() -> None:
    def page(canvas: Canvas) -> None:
        lines("任务", "推进数据", "共享", size=10, left=75, top=700)(canvas)
        lines("单位", "市民政局", size=10, left=155, top=700)(canvas)
        canvas.grid([70, 150, 230], [665, 695, 715])

    assert text(page) == "任务：推进数据共享 | 单位：市民政局\n"


def test_the_rows_on_the_next_page_keep_the_names_of_the_columns() -> None:
    assert text(table((NAMES, ROWS[0])), table((ROWS[1],), top=780)) == text(table((NAMES, *ROWS)))
    assert text(table((NAMES, ROWS[0])), table((NAMES, ROWS[1]), top=780)) == text(table((NAMES, *ROWS)))


def test_the_rows_on_the_next_page_are_of_that_page() -> None:
    loaded = load(drawn(table((NAMES, ROWS[0])), table((ROWS[1],), top=780)), name="a.pdf")
    assert loaded.layout.pages == (0, loaded.text.index("序号：2"))


def test_a_frame_around_a_text_is_no_table() -> None:
    def page(canvas: Canvas) -> None:
        lines("开展监督检查。", "完善政策措施。")(canvas)
        canvas.rect(60, 600, 300, 200)
        canvas.line(60, 750, 360, 750)

    assert text(page) == "开展监督检查。\n完善政策措施。\n"


def test_a_table_of_contents_is_no_table() -> None:
    entries = [f"{name}…………………{number}" for number, name in enumerate(("总体要求", "主要目标", "重点任务"), start=1)]
    assert text(lines("目标", *entries)) == "\n".join(["目标", *entries, ""])


def test_a_table_on_a_turned_page_is_one() -> None:
    def turned(canvas: Canvas) -> None:
        canvas.translate(A4[0], 0)
        canvas.rotate(90)
        table((NAMES, *ROWS), top=500)(canvas)

    assert text(turned) == text(table((NAMES, *ROWS)))
