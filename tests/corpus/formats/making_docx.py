"""Word documents made for the tests: python-docx for the frame, raw XML for what it does not write."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.corpus.formats.golden import Golden

LEVELS = (("chineseCounting", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3．"))
_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def golden_docx(golden: Golden, *, numbered: bool = False) -> bytes:
    """``numbered``: Word counts the headings; their numbers are not in the text."""
    document = docx.Document()
    if numbered:
        add_numbering(document, 77, LEVELS)
    document.add_paragraph(golden.title, style="Title")
    for item in golden.items:
        if item.rows:
            table = document.add_table(len(item.rows), len(item.rows[0]))
            for row, texts in zip(table.rows, item.rows, strict=True):
                for cell, text in zip(row.cells, texts, strict=True):
                    cell.text = text
        elif item.level:
            heading = document.add_heading(item.text if numbered else item.printed, item.level)
            if numbered:
                number(heading, 77, item.level - 1)
        else:
            document.add_paragraph(item.text)
    return saved(document)


def add_numbering(document: Any, list_id: int, levels: Sequence[tuple[str, str]], more: str = "") -> None:
    """A list whose levels have these formats and patterns, defined as ``100 + list_id``; ``more`` goes into each."""
    written = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>{more}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for at, (style, pattern) in enumerate(levels)
    )
    root = document.part.numbering_part.element
    definition = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{100 + list_id}">{written}</w:abstractNum>'
    root.insert(0, parse_xml(definition))
    root.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="{list_id}"><w:abstractNumId w:val="{100 + list_id}"/></w:num>')
    )


def number(paragraph: Any, list_id: int, level: int) -> None:
    """Make the paragraph one of the list."""
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


def raw_docx(body: str, parts: Mapping[str, str] | None = None) -> bytes:
    """A document with this XML as its body, and further parts (``footnotes``, ``styles``, ``numbering``)."""
    parts = parts or {}
    file = io.BytesIO()
    names = (
        f'xmlns:w="{_MAIN}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{relations}/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        listed = "".join(f'<Relationship Id="{kind}" Type="{relations}/{kind}" Target="{kind}.xml"/>' for kind in parts)
        archive.writestr(
            "word/_rels/document.xml.rels", f'<Relationships xmlns="{package}/relationships">{listed}</Relationships>'
        )
        archive.writestr("word/document.xml", f"<w:document {names}><w:body>{body}</w:body></w:document>")
        for kind, inside in parts.items():
            archive.writestr(f"word/{kind}.xml", f"<w:{kind} {names}>{inside}</w:{kind}>")
    return file.getvalue()


def p(text: str, properties: str = "") -> str:
    """A paragraph."""
    runs = text if text.startswith("<") else f"<w:r><w:t>{text}</w:t></w:r>"
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{runs}</w:p>"


def with_parts(data: bytes, changed: Mapping[str, bytes]) -> bytes:
    """The ZIP file ``data`` with some members replaced or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name, old.read(name)))
        for name in changed.keys() - set(old.namelist()):
            new.writestr(name, changed[name])
    return file.getvalue()


def renamed_styles(data: bytes, names: Mapping[str, str]) -> bytes:
    """The document with other names of its styles, as WPS and localised versions write them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        styles = archive.read("word/styles.xml").decode()
    for old, new in names.items():
        styles = re.sub(f'<w:name w:val="{old}"/>', f'<w:name w:val="{new}"/>', styles)
    return with_parts(data, {"word/styles.xml": styles.encode()})
