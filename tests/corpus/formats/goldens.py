"""Small golden files of each format by its name, for the fuzz run: pairs of a file name and its bytes."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

from tests.corpus.formats.golden import Golden, make
from tests.corpus.formats.making_docx import golden_docx, p, raw_docx
from tests.corpus.formats.making_html import PAGES, page
from tests.corpus.formats.making_others import (
    golden_csv,
    golden_epub,
    golden_ods,
    golden_pptx,
    golden_xls,
    golden_xlsx,
    shape,
)
from tests.corpus.formats.making_pdf import small_pdfs

Files = list[tuple[str, bytes]]
ROWS = (
    ("序号", "任务", "责任单位", "比例"),
    ("1", "完善应急预案", "市应急局", "72%"),
    ("2", "建立信用档案", "市发改委", "80%"),
)
SHEETS = {"责任分工": ROWS, "指标": (("指标", "2025年"), ("城市化率", "72"))}


def _short(seed: int) -> Golden:
    whole = make(seed)
    return Golden(whole.title, whole.items[:8])


def _docx() -> Files:
    rich = raw_docx(
        p(
            "<w:r><w:t>正文</w:t></w:r><w:ins><w:r><w:t>插入</w:t></w:r></w:ins><w:del><w:r><w:delText>删</w:delText></w:r></w:del>"
        )
        + p(
            "<w:r><w:t>有注</w:t><w:footnoteReference w:id='2'/></w:r>",
            "<w:pStyle w:val='a'/><w:numPr><w:numId w:val='1'/></w:numPr>",
        )
        + "<w:tbl><w:tr><w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr>"
        + p("甲")
        + "</w:tc><w:tc>"
        + p("乙")
        + "</w:tc></w:tr>"
        "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>"
        + p("")
        + "</w:tc><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>"
        + p("丙")
        + "</w:tc></w:tr></w:tbl>",
        {
            "styles": "<w:style w:type='paragraph' w:styleId='a'><w:name w:val='标题 1'/>"
            "<w:pPr><w:outlineLvl w:val='0'/></w:pPr></w:style>",
            "numbering": "<w:abstractNum w:abstractNumId='3'><w:lvl w:ilvl='0'><w:start w:val='1'/>"
            "<w:numFmt w:val='chineseCounting'/>"
            "<w:lvlText w:val='%1、'/></w:lvl></w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='3'/></w:num>",
            "footnotes": "<w:footnote w:id='2'>" + p("脚注的话。") + "</w:footnote>",
        },
    )
    return [("a.docx", golden_docx(_short(1), numbered=True)), ("b.docx", rich), ("c.doc", rich)]


def _html() -> Files:
    return [(f"{kind}.html", page(_short(2), kind)) for kind in PAGES]


def _mht() -> Files:
    message = EmailMessage()
    message["Subject"] = "网页"
    message.set_content(page(_short(3), "portal").decode(), subtype="html")
    message.add_related(b"\x89PNG", "image", "png")
    return [("a.mht", message.as_bytes())]


def _pptx() -> Files:
    cell = "<a:tc><a:txBody><a:p><a:r><a:t>序号</a:t></a:r></a:p></a:txBody></a:tc>"
    table = f"<p:graphicFrame><a:tbl><a:tr>{cell}</a:tr></a:tbl></p:graphicFrame>"
    return [("a.pptx", golden_pptx([shape("总体要求", kind="title") + shape("坚持统筹推进。"), shape("正文") + table]))]


GOLDENS: dict[str, Callable[[], Files]] = {
    "docx": _docx,
    "html": _html,
    "mht": _mht,
    "epub": lambda: [("a.epub", golden_epub(_short(4)))],
    "xlsx": lambda: [("a.xlsx", golden_xlsx(SHEETS)), ("b.xlsx", golden_xlsx(SHEETS, shared=True))],
    "xls": lambda: [("a.xls", golden_xls(SHEETS))],
    "ods": lambda: [("a.ods", golden_ods(SHEETS))],
    "csv": lambda: [("a.csv", golden_csv(ROWS)), ("b.tsv", golden_csv(ROWS * 9, separator="\t", encoding="gb18030"))],
    "pptx": _pptx,
    "pdf": small_pdfs,
    "text": lambda: [
        ("a.txt", "\n".join(_short(5).texts()).encode("gb18030")),
        ("b.txt", "\n".join(_short(5).texts()).encode()),
    ],
    "markdown": lambda: [
        ("a.md", "\n".join(f"{'#' * each.level} {each.printed}" for each in _short(6).items).encode())
    ],
}
"""What ``python -m tests.corpus.formats.fuzz`` knows to make."""
