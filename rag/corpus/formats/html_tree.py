"""HTML as bytes to a tree of lxml's, in the encoding the page states if its bytes bear that out."""

from __future__ import annotations

import re

from rag.corpus.formats.xml import Element, etree
from rag.corpus.loading import decode
from rag.errors import DocumentError, EncodingError

_HEAD = 4096
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,30})""", re.IGNORECASE)
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
}
_DAMAGED_SHARE = 0.001  # of characters that may be replaced where a page states its encoding
_DEEP = "Excessive depth"


def decode_page(data: bytes, *, name: str, encoding: str | None = None) -> tuple[str, str]:
    """The text of a page and its encoding: ``encoding`` if given, else UTF-8 if valid, else what the page states.

    Single broken bytes, which are frequent in old GB2312 pages, become U+FFFD where the page states its encoding.

    Raises:
        EncodingError: it states none and none can be told, or its bytes are not in the one it states.
    """
    stated = _stated(data)
    if encoding is not None or stated is None or data[:3] == b"\xef\xbb\xbf" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found = decode(data, name=name, encoding=encoding)
        return found.text, found.encoding
    for known in ("utf-8", stated):
        try:
            return data.decode(known).replace("\0", ""), known
        except (UnicodeDecodeError, LookupError):
            continue
    try:
        found = decode(data, name=name)
        return found.text, found.encoding
    except EncodingError:
        text = _repaired(data, stated)
        if text is None:
            raise
        return text, stated


def _repaired(data: bytes, stated: str) -> str | None:
    try:
        text = data.decode(stated, "replace").replace("\0", "")
    except LookupError:
        return None
    return text if text.count("\ufffd") <= max(1, _DAMAGED_SHARE * len(text)) else None


def _stated(data: bytes) -> str | None:
    match = _CHARSET.search(data[:_HEAD])
    if not match:
        return None
    stated = match[1].decode("ascii").lower()
    # A page that states UTF-16 in ASCII characters is not in UTF-16.
    return None if stated.startswith("utf-16") else _SUPERSETS.get(stated, stated)


def parse_page(text: str, *, name: str) -> Element:
    """The root element of a page. Scripts are not run, nothing is fetched.

    Raises:
        DocumentError: it holds no element, or nests so deeply that text would be lost.
    """
    xml = etree()
    parser = xml.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = xml.fromstring(text.encode("utf-8", "ignore"), parser)
    except (xml.XMLSyntaxError, ValueError) as error:
        raise DocumentError(
            f"{name} is no HTML that can be read ({str(error)[:200]}). Save it as text or PDF."
        ) from error
    if any(_DEEP in entry.message for entry in parser.error_log):
        raise DocumentError(f"{name} nests its elements more than 2,000 deep. Save it as text or PDF.")
    if root is None:
        raise DocumentError(f"{name} holds no text. Save the page again.")
    return root
