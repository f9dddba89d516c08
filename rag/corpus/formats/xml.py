"""XML that may be hostile: no entities, no document types, nothing fetched; elements are lxml's."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from rag.errors import DocumentError

Element = Any
"""An element of lxml, which has no types of its own."""
_DOCTYPE = re.compile(rb"<\s*!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def etree() -> Any:
    """The module of lxml, imported only where a file needs it."""
    from lxml import etree as found  # type: ignore[import-untyped]

    return found


def parse_xml(data: bytes, *, name: str) -> Element:
    """The root element of ``data``, a part of the file ``name``.

    Raises:
        DocumentError: it is no well-formed XML, nests too deeply, or declares a document type (which the formats we
            read do not need, and XML bombs do).
    """
    _refuse_doctype(data, name)
    xml = etree()
    try:
        root = xml.fromstring(data, xml.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (xml.XMLSyntaxError, ValueError) as error:
        raise DocumentError(_damaged(name, error)) from error
    if root.getroottree().docinfo.doctype:
        raise DocumentError(_with_doctype(name))
    return root


def each_xml(data: bytes, *tags: str, name: str) -> Iterator[Element]:
    """Every element of ``data`` with one of ``tags`` as it ends, emptied after it was looked at: memory stays small."""
    _refuse_doctype(data, name)
    xml = etree()
    try:
        reading = xml.iterparse(
            io.BytesIO(data), events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, element in reading:
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except (xml.XMLSyntaxError, ValueError) as error:
        raise DocumentError(_damaged(name, error)) from error


def _refuse_doctype(data: bytes, name: str) -> None:
    if _DOCTYPE.search(data[:5000].replace(b"\0", b"")):
        raise DocumentError(_with_doctype(name))


def _with_doctype(name: str) -> str:
    return f"{name} declares an XML document type, which such files do not have. Save it again in an office program."


def _damaged(name: str, error: Exception) -> str:
    return f"{name} is damaged ({str(error)[:200]}). Open it in the program it is from, and save it again."
