"""Excel workbooks (.xlsx): the visible sheets, with numbers and dates as they are shown there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.corpus.formats.docx_names import local
from rag.corpus.formats.number_formats import BUILT_IN, general, shown
from rag.corpus.formats.package import Package, open_package
from rag.corpus.formats.sheets import Counter, Sheet, write_sheets
from rag.corpus.formats.xml import Element, each_xml
from rag.corpus.loading import LoadedText

_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_MOST_SHEETS = 500


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:  # noqa: ARG001
    """The text of a workbook; see ``rag.corpus.formats.sheets``.

    Raises:
        DocumentError: it is damaged, encrypted, too large or without text.
    """
    package = open_package(data, name=name, usual="xl/workbook.xml")
    return write_sheets(_sheets(package), name=name, encoding="xlsx")


def _sheets(package: Package) -> Iterator[Sheet]:
    workbook = package.parse(package.main)
    relations = package.relations(package.main)
    old = next((each.get("date1904", "0") for each in workbook.iter(_SPREADSHEET + "workbookPr")), "0")
    values = _Values(_shared_strings(package), _formats(package.related("styles")), from_1904=old in ("1", "true"))
    counter = Counter(package.name)
    for each in list(workbook.iter(_SPREADSHEET + "sheet"))[:_MOST_SHEETS]:
        relation = relations.pop(each.get(_ID, ""), None)
        visible = each.get("state", "visible") == "visible"
        if visible and relation and relation.kind == "worksheet" and relation.target in package.archive:
            yield _sheet(package, relation.target, each.get("name", ""), values, counter)


class _Values:
    """What a cell shows."""

    def __init__(self, strings: Sequence[str], formats: Sequence[str], *, from_1904: bool) -> None:
        self._strings = strings
        self._formats = formats
        self._from_1904 = from_1904

    def text(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _string(cell)
        stored = next((each.text or "" for each in cell if local(each) == "v"), "")
        if kind == "s":
            at = int(stored) if stored.isdecimal() and len(stored) < 9 else len(self._strings)
            return self._strings[at] if at < len(self._strings) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(stored, "")
        if kind == "e":
            return ""
        return self._number(stored, cell.get("s", "0")) if kind == "n" else stored

    def _number(self, stored: str, style: str) -> str:
        try:
            number = float(stored)
        except ValueError:
            return stored
        at = int(style) if style.isdecimal() and len(style) < 9 else len(self._formats)
        code = self._formats[at] if at < len(self._formats) else ""
        return shown(number, code, from_1904=self._from_1904) if code else _plain(number, stored)


def _plain(number: float, stored: str) -> str:
    try:
        return general(number)
    except (ValueError, OverflowError):  # not a number, or infinite
        return stored


def _sheet(package: Package, part: str, title: str, values: _Values, counter: Counter) -> Sheet:
    sheet = Sheet(title)
    row_tag, merged_tag = _SPREADSHEET + "row", _SPREADSHEET + "mergeCell"
    y = -1
    for element in each_xml(package.read(part), row_tag, merged_tag, name=package.name):
        if element.tag == merged_tag:
            first, _, last = element.get("ref", "").partition(":")
            start, end = _place(first), _place(last)
            if start and end and end >= start:
                sheet.merged[start] = (end[0] - start[0] + 1, max(1, end[1] - start[1] + 1))
            continue
        stated = element.get("r", "")
        y = int(stated) - 1 if stated.isdecimal() and len(stated) < 9 else y + 1
        x = -1
        for cell in element:
            place = _place(cell.get("r", ""))
            x = place[1] if place else x + 1
            text = values.text(cell).strip() if local(cell) == "c" else ""
            if text:
                counter.add()
                sheet.texts[y, x] = text
    return sheet


def _place(reference: str) -> tuple[int, int] | None:
    """Row and column of ``B7``, counted from 0."""
    match = _PLACE.fullmatch(reference)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1


def _string(parent: Element) -> str:
    """The text of a string with its runs, without how its characters are pronounced."""
    return "".join(each.text or "" for each in parent.iter(_SPREADSHEET + "t") if local(each.getparent()) != "rPh")


def _shared_strings(package: Package) -> list[str]:
    targets = (each.target for each in package.relations(package.main).values() if each.kind == "sharedStrings")
    part = next((target for target in targets if target in package.archive), None)
    if part is None:
        return []
    return [_string(each) for each in each_xml(package.read(part), _SPREADSHEET + "si", name=package.name)]


def _formats(styles: Element | None) -> list[str]:
    """The format code of each cell style; empty for the general one."""
    if styles is None:
        return []
    codes = {each.get("numFmtId", ""): each.get("formatCode", "") for each in styles.iter(_SPREADSHEET + "numFmt")}
    known = {str(key): code for key, code in BUILT_IN.items()} | codes
    found = styles.find(_SPREADSHEET + "cellXfs")
    return [known.get(each.get("numFmtId", "0"), "") for each in (() if found is None else found)]
