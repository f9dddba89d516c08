from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.corpus.formats.registry import format_of
from rag.errors import DocumentError, UnsupportedFormatError
from tests.corpus.formats.golden import chunk_text, heading_recall, make, parsed, text_recall
from tests.corpus.formats.making_docx import golden_docx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
with_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def converted(data: bytes, ending: str, target: str, folder: Path) -> bytes:
    """``data`` as LibreOffice saves it."""
    (folder / f"a.{ending}").write_bytes(data)
    command = [
        "soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", target,
        "--outdir", str(folder / "out"), str(folder / f"a.{ending}"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / "out" / f"a.{target.split(':')[0]}").read_bytes()


@with_office
@pytest.mark.parametrize("target", ["doc:MS Word 97", "rtf"])
def test_older_documents_come_back_whole(target: str, tmp_path: Path) -> None:
    golden = make(4)
    data = converted(golden_docx(golden, numbered=target != "rtf"), "docx", target, tmp_path)
    name = "a.wps" if target.startswith("doc") else f"a.{target}"
    document = parsed(format_of(data, name=name).load(data, name=name), name)
    assert (text_recall(golden, chunk_text(document)), heading_recall(golden, document)) == (1.0, 1.0)
    assert document.metadata.title == golden.title


def presentation(slides: Sequence[Sequence[str]]) -> bytes:
    """A presentation in one XML file, a text box a slide."""
    spaces = {"office": "office", "text": "text", "draw": "drawing", "svg": "svg-compatible", "style": "style"}
    known = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in spaces.items())
    pages = "".join(
        '<draw:page draw:master-page-name="M"><draw:frame svg:width="20cm" svg:height="9cm"><draw:text-box>'
        f"{''.join(f'<text:p>{line}</text:p>' for line in lines)}</draw:text-box></draw:frame></draw:page>"
        for lines in slides
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {known} office:version="1.2"'
        ' office:mimetype="application/vnd.oasis.opendocument.presentation">'
        '<office:automatic-styles><style:page-layout style:name="P"/></office:automatic-styles><office:master-styles>'
        '<style:master-page style:name="M" style:page-layout-name="P"/></office:master-styles>'
        f"<office:body><office:presentation>{pages}</office:presentation></office:body></office:document>"
    ).encode()


@with_office
@pytest.mark.parametrize(("target", "name"), [("ppt", "a.dps"), ("odp", "a.odp")])
def test_a_presentation_is_read_slide_by_slide(target: str, name: str, tmp_path: Path) -> None:
    data = converted(presentation([["总体要求", "坚持统筹。"], ["划分网格。"]]), "fodp", target, tmp_path)
    loaded = format_of(data, name=name).load(data, name=name)
    assert (loaded.text, loaded.layout.pages) == ("总体要求\n坚持统筹。\n划分网格。\n", (0, 11))


@with_office
def test_a_damaged_document_is_told(tmp_path: Path) -> None:
    data = OLE + bytes(2000) + "WordDocument".encode("utf-16-le") + bytes(3000)
    with pytest.raises(DocumentError, match=r"^a\.doc could not be converted by LibreOffice"):
        format_of(data, name="a.doc").load(data, name="a.doc")


def test_without_libreoffice_what_to_do_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, kind in (("a.doc", "DOC"), ("a.wps", "WPS"), ("a.rtf", "RTF")):
        with pytest.raises(
            UnsupportedFormatError, match=rf"^{name}: {kind} is read .* save the file as DOCX or PDF first"
        ):
            format_of(b"{\\rtf1 x}", name=name).load(b"{\\rtf1 x}", name=name)


@pytest.mark.parametrize(
    "data",
    [
        OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + b"\0\0",
        OLE
        + bytes(504)
        + b"\xec\xa5\xc1\0"
        + bytes(6)
        + b"\0\x01"
        + bytes(600)
        + "WordDocument".encode("utf-16-le")
        + b"\0\0",
    ],
    ids=["a package", "a Word document of 1997"],
)
@pytest.mark.parametrize("name", ["a.docx", "a.doc", "a.xlsx"])
def test_encrypted_files_are_told_as_such(data: bytes, name: str) -> None:
    with pytest.raises(DocumentError, match=rf"^{name} is encrypted\. Save it without a password\."):
        format_of(data, name=name).load(data, name=name)


def test_ofd_is_told_to_be_saved_as_pdf() -> None:
    with pytest.raises(UnsupportedFormatError, match=r"^a\.ofd: OFD is not read\. .* as PDF first"):
        format_of(b"PK", name="a.ofd").load(b"PK", name="a.ofd")
