from __future__ import annotations

import pytest

from rag.corpus.formats.epub import load
from rag.errors import DocumentError, DocumentSizeError
from tests.corpus.formats.golden import chunk_text, heading_recall, make, parsed, text_recall
from tests.corpus.formats.making_docx import with_parts
from tests.corpus.formats.making_others import golden_epub, zipped


@pytest.mark.parametrize("seed", range(3))
def test_a_book_comes_back_in_the_order_of_its_spine(seed: int) -> None:
    golden = make(seed)
    loaded = load(golden_epub(golden), name="a.epub")
    document = parsed(loaded, "a.epub")
    assert (text_recall(golden, chunk_text(document)), heading_recall(golden, document)) == (1.0, 1.0)
    assert [section.path for section in document.sections] == golden.sections()
    assert (document.metadata.title, document.encoding) == (golden.title, "epub")
    [contents] = loaded.layout.furniture
    assert loaded.text[contents.start : contents.end] == "目录里的一行\n"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"META-INF/container.xml": b"<x>"}, "is damaged"),
        ({"META-INF/container.xml": b"<x><rootfile full-path='../../etc/passwd'/></x>"}, "is damaged: its container"),
        ({"OEBPS/content.opf": b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"}, "declares an XML"),
        ({"OEBPS/content.opf": b"<package/>"}, "holds no text"),
        (
            {"META-INF/encryption.xml": b"<e><CipherReference URI='OEBPS/text/1.xhtml'/></e>"},
            "is protected against copying",
        ),
    ],
)
def test_what_cannot_be_read_is_told(changed: dict[str, bytes], told: str) -> None:
    with pytest.raises(DocumentError, match=f"^a.epub {told}"):
        load(with_parts(golden_epub(make(1)), changed), name="a.epub")


def test_an_archive_that_is_no_book_and_one_that_unpacks_to_too_much() -> None:
    with pytest.raises(DocumentError, match=r"^a\.epub is damaged: it holds no META-INF/container\.xml"):
        load(zipped({"a.txt": "x"}), name="a.epub")
    with pytest.raises(DocumentSizeError, match=r"^a\.epub unpacks to"):
        load(zipped({"META-INF/container.xml": " " * 20_000_000}), name="a.epub")


def test_encrypted_fonts_do_not_matter() -> None:
    golden = make(2)
    fonts = b"<e><CipherReference URI='OEBPS/font.otf'/></e>"
    loaded = load(with_parts(golden_epub(golden), {"META-INF/encryption.xml": fonts}), name="a.epub")
    assert text_recall(golden, loaded.text) == 1.0
