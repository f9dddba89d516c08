"""What is asked of a PDF is answered with the page it stands on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from rag import Chatbot, Settings
from rag.schema import IngestReport, Skipped
from tests.corpus.formats.making_pdf import drawn, lines
from tests.index.parts import CountingEmbeddings, ingestor, open_index

FIRST = lines(
    "青山市养老服务办法", "第一条 为了提高养老服务质量，制定本办法。", "第二条 各区人民政府统筹养老服务工作，"
)
SECOND = lines("并且公开办理结果。", "第三条 年满60周岁的老年人每人每月补助300元。")
THIRD = lines("第四条 市民政局负责监督检查。")


def picture(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.new("L", (60, 80), 200), 0, 0, 595, 842)


def test_hits_and_citations_name_their_page(home: Path, tmp_path: Path) -> None:
    (tmp_path / "养老.pdf").write_bytes(drawn(FIRST, SECOND, THIRD))
    bot = Chatbot.open(Settings(home=home))
    assert bot.ingest([tmp_path / "养老.pdf"]).added == ("养老.pdf",)
    answer = bot.ask("年满60周岁的老年人每人每月补助多少元？")
    assert [(citation.source, citation.page, "300元" in citation.quote) for citation in answer.citations] == [
        ("养老.pdf", 2, True)
    ]
    document = bot.document("养老.pdf")
    assert {hit.page for hit in answer.hits} == {document.layout.page_at(hit.start) for hit in answer.hits} != {None}
    for citation in answer.citations:
        assert citation.quote == document.text[citation.start : citation.end]
        assert citation.page == document.layout.page_at(citation.start)


def test_pages_that_could_not_be_read_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    path = tmp_path / "养老.pdf"
    path.write_bytes(drawn(FIRST, picture, SECOND))
    index = open_index(tmp_path / "home", CountingEmbeddings())
    report = ingestor(index).run([path])
    index.close()
    said = 'page 2: only images; pip install "policy-rag[ocr]" to read them'
    assert report == IngestReport(added=("养老.pdf",), skipped=(Skipped(str(path), said),))
