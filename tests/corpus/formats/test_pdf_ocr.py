"""Scans, read by the models that come with rapidocr-onnxruntime."""

from __future__ import annotations

import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from rag.corpus.formats import pdf
from rag.corpus.formats.pdf import load
from tests.corpus.formats.making_pdf import Drawing, drawn, lines

pytest.importorskip("rapidocr_onnxruntime", reason="the extra ocr is not installed")

SIZE = (300.0, 100.0)
TEXTS = ("第一条落实主体责任和完善政策", "措施以及提高服务质量")
READ = "第一条落实主体责任和完善政策措施以及提高服务质量\n"


def scan(*texts: str, turn: int = 0) -> Drawing:
    """Draws a picture of the page with ``texts``, turned by ``turn`` degrees."""
    [page] = pypdfium2.PdfDocument(drawn(lines(*texts, size=14, left=30, top=65), size=SIZE))
    picture: Image.Image = page.render(scale=2).to_pil().rotate(turn, expand=True)
    box = SIZE if turn % 180 == 0 else SIZE[::-1]

    def draw(canvas: Canvas) -> None:
        canvas.setPageSize(box)
        canvas.drawImage(ImageReader(picture), 0, 0, *box)

    return draw


def read(*pages: Drawing) -> str:
    return load(drawn(*pages, size=SIZE), name="a.pdf").text.replace(" ", "")


def test_a_scan_is_read() -> None:
    loaded = load(drawn(scan(*TEXTS), size=SIZE), name="a.pdf")
    assert (loaded.text.replace(" ", ""), loaded.layout.pages, loaded.unread) == (READ, (0,), ())


@pytest.mark.parametrize("turn", [90, 180])
def test_a_scan_that_lies_on_its_side_or_upside_down_is_read(turn: int) -> None:
    assert read(scan(*TEXTS, turn=turn)) == READ


def test_scans_among_pages_of_text_keep_their_place() -> None:
    text = lines("开展监督检查。", left=30, top=65)
    assert read(text, scan("重点任务"), text) == "开展监督检查。\n重点任务\n开展监督检查。\n"


def test_text_in_a_font_that_says_no_characters_is_looked_at() -> None:
    hidden = lines("\ue001\ue002\ue003\ue004", size=20, left=30, top=50)
    loaded = load(drawn(hidden, size=SIZE), name="a.pdf")
    assert "\ue001" not in loaded.text
    assert loaded.text.strip()


def test_pages_beyond_the_limit_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_OCR_PAGES", 1)
    loaded = load(drawn(scan("重点任务"), scan("监督管理"), size=SIZE), name="a.pdf")
    assert loaded.text == "重点任务\n"
    assert loaded.unread == ("page 2: only images; OCR stopped after 1 pages; split the file",)
