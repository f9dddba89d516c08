from __future__ import annotations

import pytest

from rag.corpus.formats.registry import FORMATS, SUFFIXES, check_suffix, format_of
from rag.errors import UnsupportedFormatError
from tests.corpus.formats.golden import make
from tests.corpus.formats.goldens import GOLDENS, SHEETS
from tests.corpus.formats.making_docx import golden_docx
from tests.corpus.formats.making_others import golden_xls, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize("kind", [kind for kind in GOLDENS if kind not in ("text", "markdown", "csv")])
@pytest.mark.parametrize("name", ["a.doc", "a.txt", "a.pdf", "a.xls"])
def test_the_content_decides_whatever_the_name_says(kind: str, name: str) -> None:
    assert [format_of(data, name=name).name for _, data in GOLDENS[kind]()] == [kind for _ in GOLDENS[kind]()]


@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        (b"%PDF-1.7", "a.docx", "pdf"),
        (b"{\\rtf1 x}", "a.doc", "office"),
        (OLE + "WordDocument".encode("utf-16-le") + b"\0\0", "a.docx", "office"),
        (OLE + "Workbook".encode("utf-16-le") + b"\0\0", "a.doc", "xls"),
        (golden_xls(SHEETS), "a.et", "xls"),
        (OLE + "EncryptedPackage".encode("utf-16-le") + b"\0\0", "a.xlsx", "office"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "a.doc", "office"),
        (zipped({"OFD.xml": "x", "Doc_0/a.xml": "y"}), "a.pdf", "ofd"),
        (golden_docx(make(1)), "a.ofd", "docx"),
        (golden_docx(make(1))[:-100], "a.doc", "docx"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w/>', "a.doc", "office"),
        (b"\xef\xbb\xbf\r\n<!-- x --><HTML lang=zh>", "a.xls", "html"),
        ("<!DOCTYPE html>".encode("utf-16"), "a.doc", "html"),
        ("姓名\t单位\n".encode("gb18030"), "a.xls", "csv"),
        ("治理办法".encode(), "a.wps", "text"),
        ("治理办法 <html> 不是网页".encode(), "a.txt", "text"),
        ("# 治理\n\n<div>".encode(), "a.MD", "markdown"),
        (b"\0\1\2", "a.docx", "docx"),
        (zipped({"a.txt": "x"}), "a.docx", "docx"),
    ],
)
def test_what_a_file_is(data: bytes, name: str, found: str) -> None:
    assert format_of(data, name=name).name == found


@pytest.mark.parametrize("name", ["a.exe", "a", ".txt.exe", "docx"])
def test_unknown_endings_are_refused(name: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=f"^{name}: cannot read .*; save it as PDF, DOCX"):
        format_of(b"%PDF-1.7", name=name)


def test_every_ending_belongs_to_one_format_that_can_be_loaded() -> None:
    assert len(SUFFIXES) == sum(len(each.suffixes) for each in FORMATS)
    for each in FORMATS:
        assert callable(each.load)
        for suffix in each.suffixes:
            check_suffix(f"a{suffix.upper()}")
