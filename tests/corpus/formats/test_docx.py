from __future__ import annotations

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag.corpus.formats.docx import load
from rag.corpus.formats.list_numbers import list_number
from rag.errors import DocumentError, DocumentSizeError
from rag.schema import Furniture, Heading, Layout, Metadata
from tests.corpus.formats.golden import chunk_text, heading_recall, make, parsed, text_recall
from tests.corpus.formats.making_docx import (
    add_numbering,
    golden_docx,
    number,
    p,
    raw_docx,
    renamed_styles,
    saved,
    with_parts,
)


def text_of(body: str, **parts: str) -> str:
    return load(raw_docx(body, parts), name="a.docx").text


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_texts_and_headings_come_back(seed: int, numbered: bool) -> None:
    golden = make(seed)
    document = parsed(load(golden_docx(golden, numbered=numbered), name="a.docx"), "a.docx")
    assert (text_recall(golden, chunk_text(document)), heading_recall(golden, document)) == (1.0, 1.0)
    assert [section.path for section in document.sections] == golden.sections()
    assert (document.metadata.title, document.encoding) == (golden.title, "docx")


def test_what_is_loaded_of_a_small_document() -> None:
    document = docx.Document()
    document.add_paragraph("关于推进治理的意见", style="Title")
    document.add_heading("总体要求", 1)
    document.add_paragraph("坚持统筹\u00ad推进\u200b。")
    loaded = load(saved(document), name="a.docx")
    assert loaded.text == "关于推进治理的意见\n总体要求\n坚持统筹推进。\n"
    assert loaded.layout == Layout(headings=(Heading(10, 14, 1),))
    assert (loaded.metadata, loaded.encoding, loaded.markdown) == (Metadata(title="关于推进治理的意见"), "docx", False)


# --- headings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["heading 1", "Heading 1", "标题 1", "標題 1", "一级标题", "Überschrift 1", "公文一级标题"]
)
def test_headings_are_known_by_the_name_of_their_style(name: str) -> None:
    styles = f"<w:style w:type='paragraph' w:styleId='x1'><w:name w:val='{name}'/></w:style>"
    loaded = load(raw_docx(p("总则", "<w:pStyle w:val='x1'/>") + p("正文。"), {"styles": styles}), name="a.docx")
    assert loaded.layout.headings == (Heading(0, 2, 1),)


def test_localised_names_of_word_files_are_known() -> None:
    golden = make(3, tables=False)
    data = renamed_styles(golden_docx(golden), {f"heading {n}": f"标题 {n}" for n in (1, 2, 3)} | {"Title": "标题"})
    document = parsed(load(data, name="a.docx"), "a.docx")
    assert [section.path for section in document.sections] == golden.sections()
    assert document.metadata.title == golden.title


def test_outline_levels_decide_over_names() -> None:
    styles = (
        "<w:style w:type='paragraph' w:styleId='a'><w:name w:val='heading 1'/>"
        "<w:pPr><w:outlineLvl w:val='2'/></w:pPr></w:style>"
        "<w:style w:type='paragraph' w:styleId='b'><w:name w:val='我的样式'/><w:basedOn w:val='a'/></w:style>"
    )
    body = (
        p("甲", "<w:pStyle w:val='b'/>")
        + p("乙", "<w:pStyle w:val='b'/><w:outlineLvl w:val='0'/>")
        + p("丙", "<w:pStyle w:val='a'/><w:outlineLvl w:val='9'/>")
    )
    loaded = load(raw_docx(body, {"styles": styles}), name="a.docx")
    assert loaded.layout.headings == (Heading(0, 1, 3), Heading(2, 3, 1))


def test_a_paragraph_that_only_looks_like_a_heading_is_text() -> None:
    long = "推进治理现代化，" * 20
    loaded = load(raw_docx(p(long, "<w:outlineLvl w:val='0'/>") + p("正文。")), name="a.docx")
    assert loaded.layout.headings == ()


def test_the_only_outermost_heading_is_the_title() -> None:
    document = docx.Document()
    for text, level in (("治理条例", 1), ("总则", 2), ("附则", 2)):
        document.add_heading(text, level)
        document.add_paragraph("条文。")
    loaded = load(saved(document), name="a.docx")
    assert loaded.metadata.title == "治理条例"
    assert [loaded.text[each.start : each.end] for each in loaded.layout.headings] == ["总则", "附则"]


@pytest.mark.parametrize(
    ("stated", "title"), [("推进治理的意见", "推进治理的意见"), ("Microsoft Word - 文档1", None), ("", None)]
)
def test_the_title_of_the_properties_counts_where_the_text_has_it(stated: str, title: str | None) -> None:
    document = docx.Document()
    document.core_properties.title = stated
    document.add_paragraph("关于推进治理 的意见")
    assert load(saved(document), name="a.docx").metadata.title == title


# --- numbers that Word counts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("chineseCounting", ["一", "九", "十", "十一", "二十", "二十一", "一〇一"]),
        ("chineseCountingThousand", ["一", "九", "十", "十一", "二十", "二十一", "一百零一"]),
        ("ideographDigital", ["一", "九", "一〇", "一一", "二〇", "二一", "一〇一"]),
        ("chineseLegalSimplified", ["壹", "玖", "壹拾", "壹拾壹", "贰拾", "贰拾壹", "壹佰零壹"]),
        ("ideographLegalTraditional", ["壹", "玖", "壹拾", "壹拾壹", "貳拾", "貳拾壹", "壹佰零壹"]),
        ("ideographTraditional", ["甲", "壬", "癸", "11", "20", "21", "101"]),
        ("ideographZodiac", ["子", "申", "酉", "戌", "20", "21", "101"]),
        ("decimalEnclosedCircle", ["①", "⑨", "⑩", "⑪", "⑳", "21", "101"]),
        ("decimal", ["1", "9", "10", "11", "20", "21", "101"]),
        ("decimalZero", ["01", "09", "10", "11", "20", "21", "101"]),
        ("decimalFullWidth", ["１", "９", "１０", "１１", "２０", "２１", "１０１"]),
        ("upperRoman", ["I", "IX", "X", "XI", "XX", "XXI", "CI"]),
        ("lowerLetter", ["a", "i", "j", "k", "t", "u", "wwww"]),
        ("somethingNew", ["1", "9", "10", "11", "20", "21", "101"]),
    ],
)
def test_numbers_are_written_as_word_prints_them(style: str, written: list[str]) -> None:
    assert [list_number(value, style) for value in (1, 9, 10, 11, 20, 21, 101)] == written


def test_articles_that_word_numbers_are_sections() -> None:
    document = docx.Document()
    add_numbering(
        document,
        9,
        [("chineseCountingThousand", "第%1章 "), ("chineseCountingThousand", "第%2条")],
        "<w:suff w:val='space'/>",
    )
    for chapter in ("总则", "罚则"):
        number(document.add_paragraph(chapter), 9, 0)
        for text in ("为了规范治理，制定本条例。", "本条例适用于本市。"):
            number(document.add_paragraph(text), 9, 1)
    loaded = load(saved(document), name="a.docx")
    assert loaded.text.splitlines()[:3] == [
        "第一章 总则",
        "第一条 为了规范治理，制定本条例。",
        "第二条 本条例适用于本市。",
    ]
    paths = [section.path for section in parsed(loaded, "a.docx").sections]
    assert paths[:3] == [("第一章 总则",), ("第一章 总则", "第一条"), ("第一章 总则", "第二条")]
    assert ("第二章 罚则", "第一条") in paths


def test_numbering_runs_as_in_word() -> None:
    document = docx.Document()
    add_numbering(
        document, 5, [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%1.%2.%3")], "<w:isLgl/>"
    )
    add_numbering(document, 6, [("bullet", "\uf0b7"), ("none", "")])
    for text, list_id, level in (
        ("甲", 5, 0), ("乙", 5, 1), ("丙", 5, 1), ("丁", 5, 2), ("戊", 5, 0), ("己", 5, 1), ("庚", 6, 0), ("辛", 6, 1),
        ("壬", 5, 1), ("癸", 0, 0),
    ):  # fmt: skip
        number(document.add_paragraph(text), list_id, level)
    assert load(saved(document), name="a.docx").text.splitlines() == [
        "一、甲", "（一）乙", "（二）丙", "1.2.1 丁", "二、戊", "（一）己", "• 庚", "辛", "（二）壬", "癸",
    ]  # fmt: skip


def test_a_list_may_start_again_or_elsewhere() -> None:
    document = docx.Document()
    add_numbering(document, 5, [("decimal", "%1.")])
    again = (
        "<w:num {} w:numId='8'><w:abstractNumId w:val='105'/>"
        "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='{}'/></w:lvlOverride></w:num>"
    )
    root = document.part.numbering_part.element
    root.append(parse_xml(again.format(nsdecls("w"), 7)))
    root.append(parse_xml(f"<w:num {nsdecls('w')} w:numId='9'><w:abstractNumId w:val='105'/></w:num>"))
    for text, list_id in (("甲", 5), ("乙", 8), ("丙", 8), ("丁", 9)):
        number(document.add_paragraph(text), list_id, 0)
    assert load(saved(document), name="a.docx").text.splitlines() == ["1. 甲", "7. 乙", "8. 丙", "9. 丁"]


def test_numbers_of_styles_count_too() -> None:
    styles = (
        "<w:style w:type='paragraph' w:styleId='a'><w:name w:val='heading 1'/>"
        "<w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style>"
    )
    numbering = (
        "<w:abstractNum w:abstractNumId='3'><w:lvl w:ilvl='0'><w:start w:val='3'/>"
        "<w:numFmt w:val='chineseCounting'/><w:suff w:val='nothing'/>"
        "<w:lvlText w:val='第%1节'/></w:lvl></w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='3'/></w:num>"
    )
    body = p("治理", "<w:pStyle w:val='a'/>") + p("", "<w:pStyle w:val='a'/>") + p("服务", "<w:pStyle w:val='a'/>")
    body += p("不编号", "<w:pStyle w:val='a'/><w:numPr><w:numId w:val='0'/></w:numPr>")
    assert text_of(body, styles=styles, numbering=numbering) == "第三节治理\n第四节服务\n不编号\n"


# --- what counts as text ---------------------------------------------------------------------------------------


def test_tracked_changes_are_read_as_accepted() -> None:
    body = p(
        "<w:r><w:t>保留</w:t></w:r><w:ins><w:r><w:t>插入</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>移来</w:t></w:r></w:moveTo>"
    )
    body += p("上半", "<w:rPr><w:del/></w:rPr>") + p("下半")
    assert text_of(body) == "保留插入移来\n上半下半\n"


def test_links_fields_controls_and_ruby_keep_their_words() -> None:
    body = p(
        "<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink>"
        "<w:r><w:fldChar w:fldCharType='begin'/><w:instrText>PAGEREF _Toc1</w:instrText>"
        "<w:fldChar w:fldCharType='separate'/><w:t>第8页</w:t>"
        "<w:fldChar w:fldCharType='end'/></w:r><w:sdt><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt>"
        "<w:r><w:ruby><w:rt><w:r><w:t>zhì</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>治</w:t></w:r></w:rubyBase></w:ruby></w:r>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
        "<w:r><w:sym w:font='Wingdings' w:char='F0FE'/><w:t>同意</w:t><w:br/><w:t>次行</w:t>"
        "<w:noBreakHyphen/><w:softHyphen/><w:tab/><w:t>尾</w:t></w:r>"
    )
    body += "<w:sdt><w:sdtContent>" + p("块控件") + "</w:sdtContent></w:sdt>"
    assert text_of(body) == "链接第8页控件治☑同意\n次行-\t尾\n块控件\n"


def test_footnotes_follow_their_paragraph() -> None:
    body = p(
        "<w:r><w:t>甲</w:t><w:footnoteReference w:id='2'/><w:t>乙。</w:t><w:endnoteReference w:id='1'/></w:r>"
    ) + p("丙。")
    notes = (
        "<w:footnote w:type='separator' w:id='0'>"
        + p("线")
        + "</w:footnote><w:footnote w:id='2'>"
        + p("脚注。")
        + "</w:footnote>"
    )
    ends = "<w:endnote w:id='1'>" + p("尾注。") + "</w:endnote>"
    assert text_of(body, footnotes=notes, endnotes=ends) == "甲乙。\n注1：脚注。\n注2：尾注。\n丙。\n"


def test_a_text_box_is_read_once() -> None:
    box = "<w:txbxContent>" + p("框内", "<w:outlineLvl w:val='0'/>") + p("框二") + "</w:txbxContent>"
    body = p(
        f"<w:r><w:t>锚</w:t><mc:AlternateContent><mc:Choice Requires='wps'>"
        f"<w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert text_of(body + p("后")) == "锚\n框内\n框二\n后\n"


def test_running_heads_are_left_out_and_a_table_of_contents_is_furniture() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.sections[0].footer.paragraphs[0].text = "页脚"
    document.add_paragraph("正文。")
    assert load(saved(document), name="a.docx").text == "正文。\n"
    styles = "<w:style w:type='paragraph' w:styleId='t'><w:name w:val='toc 1'/></w:style>"
    loaded = load(raw_docx(p("总则 1", "<w:pStyle w:val='t'/>") + p("正文。"), {"styles": styles}), name="a.docx")
    assert loaded.layout.furniture == (Furniture(0, 5, "table of contents"),)


# --- tables -----------------------------------------------------------------------------------------------------


def cell(text: str, properties: str = "") -> str:
    inside = text if text.startswith("<") else p(text)
    return f"<w:tc>{f'<w:tcPr>{properties}</w:tcPr>' if properties else ''}{inside}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{''.join(cells)}</w:tr>"


def test_tables_stand_in_their_place_and_merged_cells_in_each_of_their_rows() -> None:
    body = p("表前") + (
        "<w:tbl>"
        + row(cell("序号"), cell("领域"), cell("任务"), cell("备注"))
        + row(cell("1"), cell("治理", "<w:vMerge w:val='restart'/>"), cell("网格"), cell("甲"))
        + row(cell("2"), cell("", "<w:vMerge/>"), cell("平台"), cell(""))
        + row(cell("二、服务", "<w:gridSpan w:val='4'/>"))
        + row(cell("3"), cell("服务"), cell("一网通办", "<w:gridSpan w:val='2'/>"))
        + row(cell("删"), cell("去"), cell("行"), cell("行"), properties="<w:del/>")
        + "</w:tbl>"
    )
    assert text_of(body + p("表后")).splitlines() == [
        "表前",
        "序号：1 | 领域：治理 | 任务：网格 | 备注：甲",
        "序号：2 | 领域：治理 | 任务：平台",
        "二、服务",
        "序号：3 | 领域：服务 | 任务：一网通办",
        "表后",
    ]


def test_a_table_in_a_cell_is_part_of_its_text() -> None:
    inner = "<w:tbl>" + row(cell("甲"), cell("乙")) + "</w:tbl>"
    body = (
        "<w:tbl>"
        + row(cell("名称"), cell("说明"), properties="<w:tblHeader/>")
        + row(cell("一"), cell(inner + p("丙")))
        + "</w:tbl>"
    )
    assert text_of(body) == "名称：一 | 说明：甲；乙 丙\n"


# --- files that are no good -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"word/document.xml": b"<w:document"}, "is damaged"),
        ({"word/document.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}, "declares an XML document type"),
        (
            {"word/document.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>".encode("utf-16")},
            "declares an XML document type",
        ),
        ({"word/document.xml": b"<x/>"}, "is no Word document"),
        ({"word/document.xml": b"<x>" + b"<y>" * 5000 + b"</y>" * 5000 + b"</x>"}, "is damaged"),
    ],
)
def test_a_broken_part_is_told(changed: dict[str, bytes], told: str) -> None:
    with pytest.raises(DocumentError, match=rf"^a\.docx {told}"):
        load(with_parts(golden_docx(make(1)), changed), name="a.docx")


def test_a_document_without_text_and_a_cut_file_are_told() -> None:
    with pytest.raises(DocumentSizeError, match=r"^a\.docx holds no text"):
        load(saved(docx.Document()), name="a.docx")
    with pytest.raises(DocumentError, match=r"^a\.docx is damaged"):
        load(golden_docx(make(1))[:-500], name="a.docx")


def test_a_bomb_is_told_before_it_is_unpacked() -> None:
    bomb = b"<w:document>" + b" " * 30_000_000
    with pytest.raises(DocumentSizeError, match=r"^a\.docx unpacks to more than is read"):
        load(with_parts(golden_docx(make(1)), {"word/document.xml": bomb}), name="a.docx")


def test_a_web_page_within_a_document_is_read() -> None:
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    data = raw_docx(f"{p('前')}<w:altChunk xmlns:r='{relation}' r:id='c'/>{p('后')}")
    related = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="c" Type="{relation}/aFChunk" Target="/word/c.html"/></Relationships>'
    )
    page = "<html><body><h1>总则</h1><p>条文。</p><h1>附则</h1></body></html>"
    parts = {"word/_rels/document.xml.rels": related.encode(), "word/c.html": page.encode()}
    loaded = load(with_parts(data, parts), name="a.docx")
    assert (loaded.text, len(loaded.layout.headings)) == ("前\n总则\n条文。\n附则\n后\n", 2)
