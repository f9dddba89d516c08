"""What a file is by its own bytes. Names lie: a .doc may be a web page, RTF or a DOCX, and an .xls a web page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.corpus.formats.zipped import open_zip
from rag.errors import DocumentError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<!--(?:(?!-->).){0,5000}-->|<\?xml[^>]{0,200}\?>)*"
    rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|title>|meta\s)",
    re.IGNORECASE | re.DOTALL,
)
_ARCHIVED_PAGE = re.compile(rb"\s*(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}?MIME-Version:\s*1", re.IGNORECASE)
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "office",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "office",
    b"application/epub+zip": "epub",
}
# Names of streams of a compound file, as its directory holds them; what comes first decides.
_STREAMS = (
    ("EncryptedPackage", "office"),
    ("WordDocument", "office"),
    ("PowerPoint Document", "office"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
_HEAD = 20_000


def detect(data: bytes) -> str | None:
    """Name of the format that ``data`` shows to be in, ``None`` when it shows nothing."""
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    if data.startswith(OLE):
        return next((kind for stream, kind in _STREAMS if stream.encode("utf-16-le") + b"\0\0" in data), None)
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"{\\rtf") or _word_xml(head):
        return "office"
    if _PAGE.match(_narrow(data[:_HEAD])):
        return "html"
    return "mht" if _ARCHIVED_PAGE.match(data[:2000]) and b"text/html" in data[:_HEAD].lower() else None


def is_text(data: bytes) -> bool:
    """Whether ``data`` looks like text of some encoding: no control characters but white space."""
    sample = _narrow(data[:_HEAD])
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", sample)


def _narrow(head: bytes) -> bytes:
    """UTF-16 with a byte order mark without its zeros, so that ASCII patterns fit."""
    return head[2:].replace(b"\0", b"") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head


def _word_xml(head: bytes) -> bool:
    """Word's and Excel's XML of 2003, and OpenDocument in one file."""
    return head.startswith(b"<?xml") and (b"<?mso-application" in head or b"<office:document" in head)


def _zip_kind(data: bytes) -> str | None:
    try:
        archive = open_zip(data, name="")
        if "mimetype" in archive:
            return _OPEN_DOCUMENT.get(archive.read("mimetype", limit=200).strip())
    except DocumentError:
        return None
    return _kind_by_members(archive.names)


def _kind_by_members(names: Iterable[str]) -> str | None:
    folders = {name.lower().split("/")[0] for name in names if "/" in name}
    lowered = {name.lower() for name in names}
    if "[content_types].xml" in lowered:
        return next(
            (kind for folder, kind in (("word", "docx"), ("xl", "xlsx"), ("ppt", "pptx")) if folder in folders), None
        )
    if "ofd.xml" in lowered:
        return "ofd"
    return "epub" if "meta-inf/container.xml" in lowered else None
