from __future__ import annotations

import shutil
import subprocess
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
