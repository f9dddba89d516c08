from __future__ import annotations

import sys

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from rag.corpus.formats import pdf
from rag.corpus.formats.pdf import load
from rag.errors import DocumentError, DocumentSizeError
from tests.corpus.formats.making_pdf import drawn, lines

TEXT = lines("第一条 落实主体责任，完善政策措施。")


@pytest.fixture(autouse=True)
def without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra is not installed."""
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)


def picture(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.new("L", (60, 80), 200), 0, 0, 595, 842)


def blank(canvas: Canvas) -> None:
    canvas.setFont("Han", 12)


def refused(data: bytes, error: type[DocumentError] = DocumentError) -> str:
    with pytest.raises(error) as raised:
        load(data, name="a.pdf")
    assert type(raised.value) is error
    return str(raised.value)


def test_a_file_that_asks_for_a_password_is_said_to_be_encrypted() -> None:
    data = drawn(TEXT, encrypt=StandardEncryption("secret", "owner"))
    assert refused(data) == "a.pdf is encrypted. Save it without a password."


def test_a_file_that_only_its_owner_may_change_is_read() -> None:
    data = drawn(TEXT, encrypt=StandardEncryption("", "owner", canPrint=0, canCopy=0))
    assert load(data, name="a.pdf").text == "第一条 落实主体责任，完善政策措施。\n"


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"PK\x03\x04", drawn(TEXT)[:300]])
def test_a_damaged_file_is_said_to_be_one(data: bytes) -> None:
    assert refused(data) == "a.pdf is no PDF, or a damaged one. Open it and save it again."


def test_a_scan_is_refused_with_the_next_step() -> None:
    assert refused(drawn(picture, picture), DocumentSizeError) == (
        'a.pdf holds only images. Install OCR: pip install "policy-rag[ocr]", and ingest it again.'
    )


def test_empty_pages_are_no_scan() -> None:
    said = "a.pdf holds no text. Remove it, or save a version with its text."
    assert refused(drawn(blank, blank), DocumentSizeError) == said


def test_pages_that_are_scans_among_others_are_reported() -> None:
    loaded = load(drawn(TEXT, picture, picture, TEXT, picture), name="a.pdf")
    assert loaded.text == "第一条 落实主体责任，完善政策措施。\n" * 2
    assert loaded.unread == ('pages 2-3, 5: only images; pip install "policy-rag[ocr]" to read them',)
    assert [loaded.layout.page_at(offset) for offset in (0, len(loaded.text) - 1)] == [1, 4]


def test_a_picture_beside_a_text_is_none_of_them() -> None:
    def illustrated(canvas: Canvas) -> None:
        picture(canvas)
        lines(*["落实主体责任，完善政策措施。"] * 4)(canvas)

    assert load(drawn(illustrated), name="a.pdf").unread == ()


def test_text_in_a_font_that_says_no_characters_is_not_indexed() -> None:
    said = (
        "a.pdf: its fonts do not say which characters they show. Export it again with standard fonts, "
        'or have it read by OCR: pip install "policy-rag[ocr]".'
    )
    assert refused(drawn(lines("\ue001\ue002\ue003\ue004"))) == said


def test_pages_in_such_a_font_among_others_are_reported() -> None:
    words = " ".join(f"{chr(65 + n % 20)}{n}{chr(98 + n % 20)}!{n}" for n in range(60))
    loaded = load(drawn(TEXT, lines(words, font="Helvetica", size=4)), name="a.pdf")
    assert loaded.text == "第一条 落实主体责任，完善政策措施。\n"
    assert loaded.unread == (
        'page 2: fonts that do not say which characters they show; pip install "policy-rag[ocr]" to read them',
    )


def test_more_pages_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    assert (
        refused(drawn(TEXT, TEXT, TEXT), DocumentSizeError) == "a.pdf has 3 pages, more than the limit of 2. Split it."
    )


def test_more_characters_than_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 30)
    said = "a.pdf holds more than 30 characters. Split it."
    assert refused(drawn(TEXT, TEXT), DocumentSizeError) == said
    monkeypatch.setattr(pdf, "MAX_PAGE_CHARACTERS", 10)
    said = "a.pdf: page 1 holds more than 10 characters. Split it."
    assert refused(drawn(TEXT), DocumentSizeError) == said
