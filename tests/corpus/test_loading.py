from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.corpus.document import ReadLimits, read_document
from rag.corpus.formats.registry import SAVE_AS
from rag.corpus.loading import LoadedText, decode, read_bytes
from rag.errors import DocumentError, DocumentNotFoundError, DocumentSizeError, EncodingError, UnsupportedFormatError

SEEDS = Path(__file__).parent.parent.parent / "seeds"
SIMPLIFIED = (SEEDS / "suining-governance-decision-2019.txt").read_text(encoding="utf-8")
TRADITIONAL = (SEEDS / "wenzhou-governance-decision-2020.txt").read_text(encoding="utf-8").replace("污", "汙")


@pytest.mark.parametrize("length", [60, 400, 5000])
@pytest.mark.parametrize("start", [0, 700, 1500])
@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8-sig"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (TRADITIONAL, "utf-16-be", "utf-16-be"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
    ],
)
def test_the_encoding_is_found(text: str, encoding: str, found: str, start: int, length: int) -> None:
    piece = text[start : start + length].encode(encoding, "ignore").decode(encoding).removeprefix("\ufeff")
    loaded = decode(piece.encode(encoding), name="a.txt")
    assert loaded.text == piece
    assert loaded.encoding.removesuffix("hkscs") == found


def test_a_big_endian_byte_order_mark_is_obeyed() -> None:
    assert decode(b"\xfe\xff" + "治理".encode("utf-16-be"), name="a.txt") == LoadedText("治理", "utf-16")


def test_text_beyond_gb2312_is_read_in_gb18030() -> None:
    text = SIMPLIFIED[:300] + "㐂𠮷镕堃"
    assert decode(text.encode("gb18030"), name="a.txt") == LoadedText(text, "gb18030")


@pytest.mark.parametrize("start", range(0, 3000, 150))
@pytest.mark.parametrize("length", [12, 20, 30])
@pytest.mark.parametrize(
    ("text", "encoding"), [(SIMPLIFIED, "gb18030"), (SIMPLIFIED, "utf-16-le"), (TRADITIONAL, "big5")]
)
def test_a_very_short_text_is_refused_rather_than_guessed(text: str, encoding: str, start: int, length: int) -> None:
    piece = text[start : start + length].encode(encoding, "ignore")
    try:
        loaded = decode(piece, name="a.txt")
    except EncodingError:
        return
    assert loaded.text == piece.decode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bytes(range(256)) * 20, id="every byte"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(200)), id="picture"),
        pytest.param(b"PK\x03\x04" + bytes(range(256)), id="archive"),
        pytest.param(b"text with \x00 inside", id="NUL"),
        pytest.param(SIMPLIFIED[:500].encode()[:-1], id="cut short"),
        pytest.param(SIMPLIFIED[:500].encode() + b"\xff\xfe" + SIMPLIFIED[500:900].encode(), id="damaged"),
        pytest.param("こんにちは世界。これは日本語の文章です。".encode("shift-jis"), id="Japanese"),
        pytest.param("안녕하세요 반갑습니다 한국어".encode("euc-kr"), id="Korean"),
        pytest.param("Größe und Straße, Übung macht den Meister".encode("cp1252"), id="German"),
        pytest.param(b"\xff\xfe\x00", id="half a UTF-16 character"),
    ],
)
def test_what_is_no_text_in_a_known_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(EncodingError, match=r"^a\.txt "):
        decode(data, name="a.txt")


def test_random_bytes_are_refused() -> None:
    with pytest.raises(EncodingError, match="UTF-8"):
        decode(b"\xff" + os.urandom(2000), name="a.txt")


def test_a_named_encoding_decides() -> None:
    assert decode("治理".encode("gbk"), name="a.txt", encoding="gbk") == LoadedText("治理", "gbk")
    assert decode(b"\xef\xbb\xbf" + "治理".encode(), name="a.txt", encoding="utf-8").text == "治理"


@pytest.mark.parametrize("encoding", ["ascii", "utf-16", "big5", "klingon", "base64", "rot13", "", "a\0b"])
def test_a_named_encoding_that_does_not_fit_is_refused_by_name(encoding: str) -> None:
    with pytest.raises(EncodingError, match=r"a\.txt is not valid .*metadata\.yaml"):
        decode("推进治理体系a".encode(), name="a.txt", encoding=encoding)


def test_sizes_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 1000)
    assert read_bytes(path, max_bytes=1000) == b"x" * 1000
    with pytest.raises(DocumentSizeError, match=r"a\.txt has 0\.0 MB.*RAG_MAX_FILE_MB"):
        read_bytes(path, max_bytes=999)


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(DocumentSizeError, match=r"a\.txt is empty"):
        read_bytes(tmp_path / "a.txt", max_bytes=1000)


@pytest.mark.parametrize("data", ["\ufeff".encode(), "\u3000\n\u3000".encode(), b"\xff\xfe", b"# \n"])
def test_a_file_without_words_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=r"a\.md"):
        read_document(path, source="a.md", limits=ReadLimits(), overrides={})


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(DocumentNotFoundError, match=str(path)):
            read_bytes(path, max_bytes=1_000_000)


@pytest.mark.parametrize("name", ["a.exe", "a"])
def test_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("治理", encoding="utf-8")
    with pytest.raises(UnsupportedFormatError, match=f"cannot read .*; save it as {SAVE_AS}"):
        read_document(tmp_path / name, source=name, limits=ReadLimits(), overrides={})


@pytest.mark.parametrize("name", ["a.txt", "a.TXT", "a.md"])
def test_the_ending_may_be_in_capitals(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("治理", encoding="utf-8")
    assert read_document(tmp_path / name, source=name, limits=ReadLimits(), overrides={}).text == "治理"
