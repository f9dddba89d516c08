"""OpenDocument workbooks (.ods): the text of each cell as it is shown is in the file."""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus.formats.docx_names import local
from rag.corpus.formats.sheets import Counter, Sheet, write_sheets
from rag.corpus.formats.xml import Element, each_xml
from rag.corpus.formats.zipped import open_zip
from rag.corpus.loading import LoadedText
from rag.errors import DocumentError

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_LARGEST = 100_000_000
_MOST_REPEATED = 200  # of cells and rows with text; longer runs only fill the sheet
_SPACES = {"s": " ", "tab": "\t", "line-break": "\n"}


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:  # noqa: ARG001
    """The text of a workbook; see ``rag.corpus.formats.sheets``.

    Raises:
        DocumentError: it is damaged, encrypted, too large or without text.
    """
    archive = open_zip(data, name=name)
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read(
        "META-INF/manifest.xml", limit=_LARGEST
    ):
        raise DocumentError(f"{name} is encrypted. Save it without a password.")
    content = archive.read("content.xml", limit=_LARGEST)
    counter = Counter(name)
    tables = each_xml(content, _TABLE + "table", name=name)
    return write_sheets((_sheet(table, counter) for table in tables), name=name, encoding="ods")


def _sheet(table: Element, counter: Counter) -> Sheet:
    sheet = Sheet(table.get(_TABLE + "name", ""))
    y = 0
    for row in table.iter(_TABLE + "table-row"):
        count = _count(row, "number-rows-repeated")
        cells = list(_cells(row))
        for repeated in range(min(count, _MOST_REPEATED) if cells else 0):
            for x, text, spans in cells:
                counter.add()
                sheet.texts[y + repeated, x] = text
                if spans != (1, 1):
                    sheet.merged[y + repeated, x] = spans
        y += count
    return sheet


def _cells(row: Element) -> Iterator[tuple[int, str, tuple[int, int]]]:
    """Column, text and spanned rows and columns of the cells with text."""
    x = 0
    for cell in row:
        if local(cell) not in ("table-cell", "covered-table-cell"):
            continue
        count = _count(cell, "number-columns-repeated")
        text = "\n".join(_paragraph(each) for each in cell if each.tag == _TEXT + "p").strip()
        spans = (_count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned"))
        if text and local(cell) == "table-cell":
            for repeated in range(min(count, _MOST_REPEATED)):
                yield x + repeated, text, spans
        x += count


def _count(element: Element, attribute: str) -> int:
    stated = element.get(_TABLE + attribute, "1")
    return max(1, int(stated)) if stated.isdecimal() and len(stated) < 9 else 1


def _paragraph(element: Element) -> str:
    """The text of a paragraph, whose spaces and line breaks are elements; without notes of its readers."""
    written = _SPACES.get(local(element), "") + (element.text or "")
    for child in element:
        written += ("" if local(child) == "annotation" else _paragraph(child)) + (child.tail or "")
    return written
