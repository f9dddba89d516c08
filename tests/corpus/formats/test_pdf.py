from __future__ import annotations

from itertools import pairwise

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from rag.corpus.document import parse_document
from rag.corpus.formats.pdf import load
from rag.corpus.loading import LoadedText
from tests.corpus.formats.making_pdf import Drawing, drawn, lines
from tests.corpus.formats.pdf_recall import Recall, recall

BODY = "落实主体责任，完善政策措施，提高服务质量，统筹城乡发展，"  # as long as the width of a line


def read(*pages: Drawing) -> LoadedText:
    return load(drawn(*pages), name="a.pdf")


def both(*drawings: Drawing) -> Drawing:
    def draw(canvas: Canvas) -> None:
        for each in drawings:
            each(canvas)

    return draw


def furniture(loaded: LoadedText) -> list[tuple[str, str]]:
    return [(span.kind, loaded.text[span.start : span.end].strip()) for span in loaded.layout.furniture]


def headings(loaded: LoadedText) -> list[tuple[int, str]]:
    return [(each.level, loaded.text[each.start : each.end]) for each in loaded.layout.headings]


def pages(loaded: LoadedText) -> list[str]:
    bounds = [*loaded.layout.pages, len(loaded.text)]
    return [loaded.text[start:end] for start, end in pairwise(bounds)]


def test_made_up_documents_are_read_as_they_were_written() -> None:
    found = recall(range(12))
    assert found.text >= 0.99
    assert found.headings >= 0.99
    assert found.rows >= 0.99
    assert (found.titles, found.pages) == (1.0, 1.0)


def test_recall_is_measured_on_every_paragraph() -> None:
    assert recall([]) == Recall(0, 0, 0, 0, 0)


@pytest.mark.parametrize("font", ["Han", "STSong-Light"])
def test_wrapped_lines_of_a_paragraph_are_one_line(font: str) -> None:
    first = both(lines("第一条 " + BODY[:22], font=font, left=96), lines("", BODY, "开展监督检查。", font=font))
    second = lines("", "", "", "第二条 " + BODY[:22], font=font, left=96)
    loaded = read(both(first, second))
    assert loaded.text == f"第一条 {BODY[:22]}{BODY}开展监督检查。\n第二条 {BODY[:22]}\n"
    assert (loaded.encoding, loaded.layout.pages) == ("pdf", (0,))


def test_words_are_joined_with_spaces_and_mended_at_hyphens() -> None:
    loaded = read(
        lines("The council shall publish informa-", "tion about every well-known ser-", "vice.", font="Helvetica")
    )
    assert loaded.text == "The council shall publish information about every well-known service.\n"


def test_a_paragraph_goes_on_over_the_running_heads_of_a_page_break() -> None:
    def page(number: int, *texts: str) -> Drawing:
        head, foot = lines("政策文库", size=9, top=800), lines(f"- {number} -", size=9, left=290, top=40)
        return both(head, lines(*texts, top=700), foot)

    loaded = read(page(1, BODY, BODY), page(2, "开展监督检查。"), page(3, BODY, BODY + "。"))
    assert loaded.text == (
        f"政策文库\n{BODY}{BODY}\n- 1 -\n政策文库\n开展监督检查。\n- 2 -\n政策文库\n{BODY}{BODY}。\n- 3 -\n"
    )
    assert furniture(loaded) == [
        ("running head", "政策文库"),
        ("page number", "- 1 -\n政策文库"),
        ("page number", "- 2 -"),
        ("running head", "政策文库"),
        ("page number", "- 3 -"),
    ]
    assert [text[:8] for text in pages(loaded)] == ["政策文库\n落实主", "政策文库\n开展监", "政策文库\n落实主"]
    document = parse_document(loaded, source="a.pdf")
    assert [(chunk.text, chunk.page, len(chunk.page_breaks)) for chunk in document.chunks] == [
        (f"{BODY}{BODY}开展监督检查。\n{BODY}{BODY}。", 1, 2)
    ]


def test_what_comes_again_inside_of_a_page_is_text() -> None:
    texts = [f"第{number}项" for number in "一二三"]
    head = lines("政策文库", top=800)
    loaded = read(*(both(head, lines("开展监督检查。", text, "开展监督检查。")) for text in texts))
    assert {text for _, text in furniture(loaded)} == {"政策文库"}
    [chunk] = parse_document(loaded, source="a.pdf").chunks
    assert chunk.text.split("\n") == [line for text in texts for line in ("开展监督检查。", text, "开展监督检查。")]


def test_annexes_that_count_up_at_the_top_of_each_page_are_text() -> None:
    loaded = read(*(lines(f"附件{number}", "", "", "", f"{BODY}") for number in (1, 2, 3)))
    assert furniture(loaded) == []


def test_columns_are_read_one_after_the_other_below_a_title_of_full_width() -> None:
    left, right = [BODY[:17]] * 4, ["监督管理，法律责任，资金管理，服务。"[:17]] * 4
    title = lines("青山市关于资金管理与公共服务工作的实施办法", size=20, left=80)
    columns = both(title, lines(*left, size=11, top=700), lines(*right, size=11, left=310, top=697))
    loaded = read(columns)
    assert loaded.text == f"青山市关于资金管理与公共服务工作的实施办法\n{''.join(left)}{''.join(right)}\n"
    assert loaded.metadata.title == "青山市关于资金管理与公共服务工作的实施办法"


def test_a_page_that_is_turned_is_read_upright() -> None:
    def turned(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.translate(A4[0], 0)
        canvas.rotate(90)
        lines("重点任务", "", "开展监督检查。", left=100, top=500)(canvas)

    assert read(turned).text == "重点任务\n开展监督检查。\n"


def test_upright_columns_are_read_from_the_right() -> None:
    def vertical(canvas: Canvas) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("MSung-Light", isVertical=True))
        canvas.setFont("MSung-Light", 12)
        canvas.drawString(300, 700, "第一條開展監督，")
        canvas.drawString(280, 700, "完善政策。")

    assert read(vertical).text == "第一條開展監督，完善政策。\n"


def test_slanted_text_on_every_page_is_a_watermark() -> None:
    def page(canvas: Canvas) -> None:
        lines("开展监督检查。", "完善政策措施。")(canvas)
        canvas.translate(200, 300)
        canvas.rotate(45)
        lines("文件", size=40, left=0, top=0)(canvas)

    assert furniture(read(page)) == [("watermark", "文件")]


def test_headings_are_known_by_their_size_and_the_title_by_being_the_largest() -> None:
    text = both(
        lines("Rules on Services", font="Helvetica", size=22),
        lines("Scope", font="Helvetica", size=16, top=700),
        lines("The council shall publish reports about services.", font="Helvetica", top=670),
        lines("Exceptions", font="Helvetica-Bold", top=640),
        lines("Nothing is published about older residents.", font="Helvetica", top=610),
        lines("Funding", font="Helvetica", size=16, top=570),
        lines("Departments provide information on request.", font="Helvetica", top=540),
    )
    loaded = read(text)
    assert loaded.metadata.title == "Rules on Services"
    assert headings(loaded) == [(1, "Scope"), (2, "Exceptions"), (1, "Funding")]
    sections = parse_document(loaded, source="a.pdf").sections
    assert [section.path for section in sections] == [("Scope",), ("Scope", "Exceptions"), ("Funding",)]


def test_headings_with_numbers_of_their_own_are_left_to_the_outline() -> None:
    def page(canvas: Canvas) -> None:
        for number, heading in enumerate("一二三"):
            lines(f"{heading}、重点任务", size=16, top=760 - 100 * number)(canvas)
            lines("（一）落实主体责任。", BODY, top=730 - 100 * number)(canvas)

    loaded = read(page)
    assert headings(loaded) == []
    assert [section.heading for section in parse_document(loaded, source="a.pdf").sections][::2] == [
        "一、重点任务",
        "二、重点任务",
        "三、重点任务",
    ]


def test_bookmarks_name_headings_that_look_like_text() -> None:
    def page(canvas: Canvas) -> None:
        for number, name in enumerate(("Scope", "Funding", "Supervision")):
            lines(name, "The council shall publish reports.", font="Helvetica", top=760 - 80 * number)(canvas)
            canvas.bookmarkPage(name)
            canvas.addOutlineEntry(name, name, 0)

    assert headings(read(page)) == [(1, "Scope"), (1, "Funding"), (1, "Supervision")]


def test_the_title_of_the_properties_counts_when_it_stands_on_the_first_page() -> None:
    def page(title: str) -> Drawing:
        return lambda canvas: (
            canvas.setTitle(title),
            lines("Rules on Services", "Nothing.", font="Helvetica")(canvas),
        )[1]

    assert read(page("Rules on  Services")).metadata.title == "Rules on Services"
    assert read(page("Microsoft Word - rules_v3.doc")).metadata.title is None


def test_radicals_and_presentation_forms_are_ordinary_characters() -> None:
    assert read(lines("⻓⻅⻘⻚⻛⺠")).text == "长见青页风民\n"


def test_what_was_filled_into_a_form_is_text() -> None:
    def page(canvas: Canvas) -> None:
        lines("Name of the applicant", font="Helvetica")(canvas)
        canvas.acroForm.textfield(name="a", value="Zhang San", x=72, y=700, width=300, height=20, fontSize=12)

    assert read(page).text == "Name of the applicant\nZhang San\n"


def test_notes_at_the_foot_do_not_break_a_paragraph_in_two() -> None:
    first = both(lines(BODY, BODY, BODY), lines("① 由市民政局会同有关部门负责。", size=8, top=90))
    loaded = read(first, lines("开展监督检查。"))
    assert loaded.text == f"① 由市民政局会同有关部门负责。\n{BODY * 3}开展监督检查。\n"
