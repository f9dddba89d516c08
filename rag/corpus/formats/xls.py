"""Excel workbooks of before 2007 and WPS tables (.xls, .et), read by xlrd."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

from rag.corpus.formats.number_formats import general, shown
from rag.corpus.formats.sheets import Counter, Sheet, write_sheets
from rag.corpus.loading import LoadedText
from rag.errors import DocumentError

# What xlrd raises of damaged files besides its own error; it was not written to be fed them.
_FOREIGN = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, NotImplementedError,
    OSError, RecursionError, TypeError, ValueError, UnboundLocalError, struct.error, zipfile.BadZipFile,
)  # fmt: skip


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """The text of a workbook; see ``rag.corpus.formats.sheets``. ``encoding`` is for files older than 1997.

    Raises:
        DocumentError: it is damaged, encrypted, too large or without text.
    """
    import xlrd  # type: ignore[import-untyped]

    try:
        book = xlrd.open_workbook(
            file_contents=data,
            logfile=io.StringIO(),
            formatting_info=True,
            encoding_override=encoding,
            on_demand=True,
            ragged_rows=True,
        )
        sheets = list(_sheets(book, name))
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, *_FOREIGN) as error:
        if "encrypt" in str(error).lower():
            raise DocumentError(f"{name} is encrypted. Save it without a password.") from error
        raise DocumentError(
            f"{name} is damaged, or no Excel workbook ({str(error)[:200]}). Open it, and save it as XLSX."
        ) from error
    return write_sheets(sheets, name=name, encoding="xls")


def _sheets(book: Any, name: str) -> Iterator[Sheet]:
    counter = Counter(name)
    for index in range(book.nsheets):
        read = book.sheet_by_index(index)
        if read.visibility == 0:
            yield _sheet(book, read, counter)
        book.unload_sheet(index)


def _sheet(book: Any, read: Any, counter: Counter) -> Sheet:
    sheet = Sheet(read.name)
    for top, below, left, right in read.merged_cells:
        sheet.merged[top, left] = (below - top, right - left)
    for y in range(read.nrows):
        for x, cell in enumerate(read.row(y)):
            text = _text(book, cell).strip()
            if text:
                counter.add()
                sheet.texts[y, x] = text
    return sheet


def _text(book: Any, cell: Any) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype not in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return ""
    style = book.xf_list[cell.xf_index] if cell.xf_index is not None and cell.xf_index < len(book.xf_list) else None
    found = book.format_map.get(style.format_key) if style else None
    code = found.format_str if found else ""
    if not code or code.lower() == "general":
        return general(cell.value)
    return shown(cell.value, code, from_1904=book.datemode == 1)
