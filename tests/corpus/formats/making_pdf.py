"""Made-up official documents as PDF, and what a reader has to find in them; each seed gives another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

FONT = Path(__file__).with_name("han.ttf")
_HAN = [
    "加强组织领导", "完善政策措施", "落实主体责任", "推进数据共享", "规范服务流程", "优化营商环境", "建立健全工作机制",
    "提高服务质量", "保障资金投入", "开展监督检查", "强化技术支撑", "做好宣传引导", "统筹城乡发展", "鼓励社会力量参与",
    "明确职责分工", "按照有关规定执行", "由市民政局会同有关部门负责", "在2025年底前完成", "覆盖全市所有街道和乡镇",
    "每人每月补助300元", "年满60周岁的老年人", "各区人民政府应当制定实施细则", "对符合条件的单位给予奖励",
    "依法公开办理结果",
]  # fmt: skip
_HAN_TOPICS = [
    "总体要求",
    "主要目标",
    "重点任务",
    "保障措施",
    "监督管理",
    "法律责任",
    "资金管理",
    "服务标准",
    "申请程序",
    "组织实施",
]
_WORDS = [
    "the",
    "committee",
    "shall",
    "publish",
    "annual",
    "reports",
    "about",
    "services",
    "for",
    "older",
    "residents",
    "and",
    "every",
    "department",
    "has",
    "to",
    "provide",
    "information",
    "within",
    "thirty",
    "days",
    "of",
    "a",
    "written",
    "request",
    "unless",
    "the",
    "council",
    "decides",
    "otherwise",
    "in",
    "a",
    "public",
    "meeting",
    "while",
    "funding",
    "depends",
    "on",
    "measurable",
    "improvement",
    "of",
    "accessibility",
    "transparency",
    "and",
    "accountability",
    "in",
    "local",
    "administration",
]
_TOPICS = [
    "General Provisions",
    "Scope and Purpose",
    "Eligibility",
    "Application Procedure",
    "Funding",
    "Supervision",
    "Final Provisions",
    "Definitions",
]
_NUMERALS = "一二三四五六七八九十"
_Story = list[Flowable]
Drawing = Callable[[Canvas], None]


@dataclass
class Golden:
    """A file and what is in it. ``places`` has a page (from 1) for the words that begin each paragraph."""

    data: bytes = b""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)


@cache
def register_fonts() -> None:
    """The fonts by name: ``STSong-Light`` (not embedded) and ``Han`` (embedded)."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    pdfmetrics.registerFont(TTFont("Han", str(FONT)))


def golden(seed: int) -> Golden:
    """The document of ``seed``: Chinese or English, in one or two columns, numbered in one of several ways."""
    register_fonts()
    return _Maker(Random(seed)).make()


class _Marked(Paragraph):
    """A paragraph that notes the page it begins on."""

    begun: dict[str, int]

    def draw(self) -> None:
        self.begun.setdefault(self.note, self.canv.getPageNumber())
        super().draw()

    def split(self, width: float, height: float) -> list[Any]:
        parts: list[Any] = super().split(width, height)
        for part in parts:
            part.begun, part.note = self.begun, self.note
        return parts


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.chinese = random.random() < 0.7
        self.font = (
            random.choice(("STSong-Light", "Han")) if self.chinese else random.choice(("Helvetica", "Times-Roman"))
        )
        self.size = random.choice((10, 10.5, 12, 14))
        self.columns = 2 if self.size < 12 and random.random() < 0.5 else 1
        self.indented = self.chinese or random.random() < 0.5
        self.spaced = not self.indented or random.random() < 0.3
        self.turned = random.random() < 0.15
        self.scheme = random.choice(("chapters", "commas", "plain") if self.chinese else ("numbers", "plain"))
        self.made = Golden()
        self.count = 0

    def make(self) -> Golden:
        made = self.made
        story = self._story()
        out = BytesIO()
        size = (A4[1], A4[0]) if self.random.random() < 0.1 else A4
        document = BaseDocTemplate(
            out, pageCompression=0, pagesize=size, leftMargin=70, rightMargin=70, topMargin=80, bottomMargin=80
        )
        document.addPageTemplates(self._templates(size))
        document.build(story)
        made.data = out.getvalue()
        return made

    # --- pages ----------------------------------------------------------------------------------------------------

    def _templates(self, size: tuple[float, float]) -> list[PageTemplate]:
        width, height = size[0] - 140, size[1] - 160
        head = self.random.choice(
            (self.made.title[:30], "青山市政策文库" if self.chinese else "Collected Policies", "")
        )
        foot = (
            self.random.choice(("- %d -", "第 %d 页", "%d", "%d"))
            if self.chinese
            else self.random.choice(("Page %d", "%d"))
        )
        self.made.repeated = [head] if head else []

        def furnish(canvas: Any, document: Any) -> None:
            canvas.setFont(self.font, 9)
            if head:
                canvas.drawString(70, size[1] - 45, head)
                canvas.line(70, size[1] - 50, size[0] - 70, size[1] - 50)
            canvas.drawCentredString(size[0] / 2, 40, foot % document.page)
            if self.turned:
                canvas.setPageRotation(90)

        def frame(x: float, y: float, w: float, h: float) -> Frame:
            return Frame(x, y, w, h, 0, 0, 0, 0)

        if self.columns == 1:
            return [PageTemplate("page", [frame(70, 80, width, height)], onPage=furnish)]
        half = (width - 24) / 2
        columns = [frame(70, 80, half, height), frame(94 + half, 80, half, height)]
        first = [
            frame(70, height - 10, width, 90),
            frame(70, 80, half, height - 100),
            frame(94 + half, 80, half, height - 100),
        ]
        return [PageTemplate("first", first, onPage=furnish), PageTemplate("page", columns, onPage=furnish)]

    # --- content --------------------------------------------------------------------------------------------------

    def _story(self) -> _Story:
        made, random = self.made, self.random
        topic = random.choice(_HAN_TOPICS) if self.chinese else random.choice(_TOPICS)
        made.title = (
            f"青山市关于{topic}与公共服务工作的实施办法"
            if self.chinese
            else f"Regulation on {topic} and Public Services"
        )
        story: _Story = [NextPageTemplate("page"), Paragraph(made.title, self._style(20, alignment=1, spaceAfter=16))]
        if self.columns == 2:
            story.append(_Next())
        article = 1
        chapters = random.randint(2, 6)
        for number in range(chapters):
            self._heading(story, self._chapter(number), max(15, self.size * 1.2))
            for part in range(random.randint(2, 7)):
                if self.scheme == "plain" and part % 3 == 2:
                    self._heading(story, self._topic(), 12.5 if self.size < 12 else self.size + 2)
                self._paragraph(story, self._opening(part, article))
                article += 1
            if random.random() < 0.4 and self.columns == 1:
                self._table(story)
        if random.random() < 0.2 and self.columns == 1:
            story += [PageBreak()]
            self._heading(story, self._chapter(chapters), max(15, self.size * 1.2))
            self._paragraph(story, "")
        return story

    def _topic(self) -> str:
        return self.random.choice(_HAN_TOPICS if self.chinese else _TOPICS)

    def _chapter(self, number: int) -> str:
        topic = self._topic()
        if self.scheme == "chapters":
            return f"第{_NUMERALS[number]}章 {topic}"
        if self.scheme == "commas":
            return f"{_NUMERALS[number]}、{topic}"
        return f"{number + 1} {topic}" if self.scheme == "numbers" else topic

    def _opening(self, part: int, article: int) -> str:
        if self.scheme == "chapters":
            return f"第{_numeral(article)}条 "
        if self.scheme == "commas":
            return f"（{_NUMERALS[part]}）"
        return ""

    def _sentences(self) -> str:
        random = self.random
        self.count += 1
        if not self.chinese:
            said = [" ".join(random.choices(_WORDS, k=random.randint(8, 22))) for _ in range(random.randint(1, 6))]
            return f"Item {self.count:03} says that " + " ".join(f"{each[0].upper()}{each[1:]}." for each in said)
        said = ["，".join(random.sample(_HAN, k=random.randint(2, 5))) + "。" for _ in range(random.randint(1, 6))]
        return f"编号{self.count:03}的事项" + "".join(said)

    def _heading(self, story: _Story, text: str, size: float) -> None:
        self.made.headings.append(text)
        story.append(Paragraph(text, self._style(size, spaceBefore=10, spaceAfter=6, keepWithNext=1)))

    def _paragraph(self, story: _Story, opening: str) -> None:
        text = opening + self._sentences()
        style = self._style(
            self.size,
            firstLineIndent=2 * self.size if self.indented else 0,
            spaceAfter=self.size * 0.7 if self.spaced else 0,
            alignment=self.random.choice((0, 4)),
        )
        made = _Marked(text, style)
        made.begun, made.note = self.made.places, text
        self.made.paragraphs.append(text)
        story.append(made)

    def _table(self, story: _Story) -> None:
        names = ["序号", "任务", "责任单位"] if self.chinese else ["No.", "Measure", "Deadline"]
        cells = [
            [str(i + 1), self._cell(), f"{self.random.randint(2020, 2030)}年" if self.chinese else f"May {2020 + i}"]
            for i in range(self.random.randint(3, 30))
        ]
        ruled = self.random.random() < 0.7
        lines = [("GRID", (0, 0), (-1, -1), 0.5, "black")] if ruled else [("LINEABOVE", (0, 0), (-1, 1), 0.5, "black")]
        style = [("FONT", (0, 0), (-1, -1), self.font, 10), *lines]
        story += [
            Spacer(1, 12),
            Table([names, *cells], style=style, colWidths=[60, 220, 90], repeatRows=1),
            Spacer(1, 12),
        ]
        self.made.rows += [
            " | ".join(f"{name}：{cell}" for name, cell in zip(names, row, strict=True)) for row in cells
        ]

    def _cell(self) -> str:
        return self.random.choice(_HAN) if self.chinese else " ".join(self.random.choices(_WORDS, k=4))

    def _style(self, size: float, **options: Any) -> ParagraphStyle:
        wrap = "CJK" if self.chinese else None
        return ParagraphStyle("style", fontName=self.font, fontSize=size, leading=size * 1.5, wordWrap=wrap, **options)


class _Next(Flowable):  # type: ignore[misc]
    """Leaves the rest of a frame empty."""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return width, height

    def draw(self) -> None:
        pass


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("" if tens == 1 else _NUMERALS[tens - 1]) + "十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def drawn(*pages: Callable[[Canvas], None], size: tuple[float, float] = A4, **options: Any) -> bytes:
    """A PDF whose pages are drawn by ``pages``; not compressed, so that a fuzz run reaches its inside."""
    register_fonts()
    out = BytesIO()
    canvas = Canvas(out, pagesize=size, pageCompression=0, invariant=1, **options)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def lines(*texts: str, font: str = "Han", size: float = 12, left: float = 72, top: float = 760) -> Drawing:
    """Draws ``texts`` below each other, one and a half lines apart."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        for number, text in enumerate(texts):
            canvas.drawString(left, top - number * size * 1.5, text)

    return draw


def small_pdfs() -> list[tuple[str, bytes]]:
    """Little documents with one of each: fonts, a table, columns, an outline, a turned page, encryption."""
    register_fonts()

    def table(canvas: Canvas) -> None:
        lines("任务", "单位", top=700)(canvas)
        canvas.grid([70, 120, 240], [650, 690, 720])
        canvas.bookmarkPage("a")
        canvas.addOutlineEntry("任务", "a", 0)

    def turned(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.rotate(90)
        lines("重点任务", "落实主体责任。", left=100, top=-100)(canvas)

    two = (lines(*["落实主体责任，完善政策措施，"] * 5), lines(*["提高服务质量，统筹城乡发展，"] * 5, left=330))
    return [
        ("a.pdf", drawn(lines("第一条 落实主体责任。", font="STSong-Light"), lines("Scope of it", font="Helvetica"))),
        ("b.pdf", drawn(table, turned)),
        ("c.pdf", drawn(lambda canvas: [draw(canvas) for draw in two] and None)),
        ("d.pdf", drawn(lines("第一条 落实主体责任。"), encrypt=StandardEncryption("", "owner"))),
        ("e.pdf", golden(3).data),
    ]
