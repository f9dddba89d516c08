from __future__ import annotations

import io
import stat
import zipfile

import pytest

from rag.corpus.formats.zipped import Member, ZipLimits, open_zip
from rag.errors import DocumentError, DocumentSizeError


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content, method)
    return file.getvalue()


def test_members_are_read_by_name() -> None:
    archive = open_zip(packed(("a/B.xml", "治理".encode()), ("c\\d.txt", b"x")), name="a.zip")
    assert archive.members == (Member("a/B.xml", 6, True), Member("c/d.txt", 1, True))
    assert archive.names == ("a/B.xml", "c/d.txt")
    assert (archive.read("A/b.XML").decode(), archive.read("c/d.txt")) == ("治理", b"x")
    assert ("a/b.xml" in archive, "nothing" in archive) == (True, False)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "C:/x", "..\\x"])
def test_names_that_lead_out_are_not_safe(name: str) -> None:
    archive = open_zip(packed((name, b"x"), ("good", b"y")), name="a.zip")
    assert archive.names == ("good",)


def test_links_are_not_safe() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert open_zip(packed((link, b"/etc/passwd")), name="a.zip").names == ()


def test_what_is_too_much_is_told_before_it_is_unpacked() -> None:
    many = packed(*((f"{n}", b"") for n in range(30)))
    with pytest.raises(DocumentSizeError, match=r"^a\.zip unpacks to 30 files .* the limit of 29 files"):
        open_zip(many, name="a.zip", limits=ZipLimits(members=29))
    with pytest.raises(DocumentSizeError, match=r"^a\.zip unpacks to 2 files with 2 MB"):
        open_zip(packed(("a", bytes(10**6)), ("b", bytes(10**6))), name="a.zip", limits=ZipLimits(total=1_500_000))
    bomb = open_zip(packed(("a", bytes(5 * 10**6))), name="a.zip")
    with pytest.raises(DocumentSizeError, match=r"^a\.zip unpacks to more than is read \(5 MB in a\)"):
        bomb.read("a")


def test_what_is_read_adds_up() -> None:
    data = packed(("a", b"x" * 600), method=zipfile.ZIP_STORED)
    archive = open_zip(data, name="a.zip", limits=ZipLimits(total=1_000))
    assert archive.read("a") == b"x" * 600
    with pytest.raises(DocumentSizeError, match=r"^a\.zip unpacks to more"):
        archive.read("a")
    with pytest.raises(DocumentSizeError, match=r"^a\.zip unpacks to more"):
        open_zip(data, name="a.zip").read("a", limit=599)


def test_a_size_that_lies_does_not_unpack_more() -> None:
    data = bytearray(packed(("a", b"y" * 100_000)))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(DocumentError, match=r"^a\.zip is damaged"):
        open_zip(bytes(data), name="a.zip").read("a")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int) -> None:
    with pytest.raises(DocumentError, match=r"^a\.zip is packed in a way"):
        open_zip(packed(("a", b"x"), method=method), name="a.zip").read("a")


def test_damaged_and_encrypted_files() -> None:
    data = packed(("a", b"x" * 50))
    for broken in (b"", b"PK\x03\x04", data[:-10], data[10:30]):
        with pytest.raises(DocumentError, match=r"^a\.zip is damaged"):
            open_zip(broken, name="a.zip")
    encrypted = bytearray(data)
    encrypted[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DocumentError, match=r"^a\.zip is encrypted"):
        open_zip(bytes(encrypted), name="a.zip").read("a")
    with pytest.raises(DocumentError, match=r"^a\.zip is damaged: it holds no b"):
        open_zip(data, name="a.zip").read("b")
