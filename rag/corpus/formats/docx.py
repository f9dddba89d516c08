"""Word documents (.docx): what is printed on the page, in reading order, with headings and list numbers.

Counted: inserted text of tracked changes, footnotes and endnotes (after their paragraph), text boxes, tables. Left out:
deleted and hidden text, comments, running heads. Lines of a generated table of contents are furniture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import import_module

from rag.corpus.formats.detection import detect
from rag.corpus.formats.docx_names import is_on, local, number, value, w
from rag.corpus.formats.docx_numbering import Numbering
from rag.corpus.formats.docx_styles import Style, Styles, outline_level
from rag.corpus.formats.docx_text import paragraph_text
from rag.corpus.formats.package import Package, open_package
from rag.corpus.formats.tables import Cell
from rag.corpus.formats.written import Writing
from rag.corpus.formats.xml import Element
from rag.corpus.loading import LoadedText
from rag.errors import DocumentError
from rag.schema import Metadata

_TRANSPARENT = ("sdt", "sdtContent", "customXml", "ins", "moveTo", "body", "txbxContent", "document")
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_HEAD = 1_000
_SHORTEST_TITLE = 4
_LONGEST_TITLE = 200


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:  # noqa: ARG001
    """The text of a Word document.

    Raises:
        DocumentError: it is damaged, encrypted, too large or without text.
    """
    package = open_package(data, name=name, usual="word/document.xml")
    root = package.parse(package.main)
    if local(root) != "document":
        raise DocumentError(f"{name} is no Word document. Save it as DOCX or PDF.")
    reading = _Reading(package, Writing(name))
    try:
        reading.blocks(root)
    except RecursionError as error:
        raise DocumentError(f"{name} nests too deeply. Save it as PDF.") from error
    title = "".join(reading.title)[:_LONGEST_TITLE] or _stated_title(package, reading.writing.text)
    return reading.writing.loaded(encoding="docx", metadata=Metadata(title=title or None))


@dataclass
class _Reading:
    """Goes through a document and writes what it finds."""

    package: Package
    writing: Writing
    title: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.styles = Styles(self.package.related("styles"))
        self.numbering = Numbering(self.package.related("numbering"), self.styles)
        self.notes = {kind: _notes(self.package.related(f"{kind}s"), kind) for kind in ("footnote", "endnote")}
        self.noted = 0
        self.pending = ""  # of paragraphs whose end was deleted

    def blocks(self, parent: Element) -> None:
        """Everything below ``parent``, a part's root or another holder of paragraphs."""
        for child in parent:
            kind = local(child)
            if kind == "p":
                self.paragraph(child)
            elif kind == "tbl":
                self.table(child)
            elif kind == "altChunk":
                self._imported(child)
            elif kind in _TRANSPARENT:
                self.blocks(child)

    def paragraph(self, paragraph: Element) -> None:
        text, boxes, notes = paragraph_text(paragraph)
        properties = paragraph.find(w("pPr"))
        if value(properties, "rPr", "del") is not None:
            self.pending += text
            return
        style_id = value(properties, "pStyle")
        style = self.styles.of(style_id)
        text, self.pending = self.pending + text, ""
        if text.strip():
            text = self._label(properties, style, style_id) + text
        self._write(text, style, _level(properties, style))
        for box in boxes:
            self.blocks(box)
        self._write_notes(notes)

    def table(self, table: Element) -> None:
        rows, notes = self._rows(table)
        self.writing.table(rows)
        self._write_notes(notes)

    def _imported(self, chunk: Element) -> None:
        """A web page within the document: programs that turn HTML into DOCX leave that to Word."""
        relation = self.package.relations(self.package.main).get(chunk.get(_RELATION_ID, ""))
        if relation is None or relation.target not in self.package.archive:
            return
        data = self.package.archive.read(relation.target)
        kind = detect(data)
        if kind in ("html", "mht"):
            loaded: LoadedText = import_module(f"rag.corpus.formats.{kind}").load(data, name=self.package.name)
            levels = {heading.start: heading.level for heading in loaded.layout.headings}
            at = 0
            for line in loaded.text.splitlines(keepends=True):
                self.writing.line(line, level=levels.get(at, 0))
                at += len(line)

    def _write(self, text: str, style: Style, level: int) -> None:
        if style.title and text.strip() and len(self.writing.text) < _HEAD:
            self.title.append(" ".join(text.split()))
            level = 0
        self.writing.line(text, level=level, furniture="table of contents" if style.contents else "")

    def _label(self, properties: Element | None, style: Style, style_id: str | None) -> str:
        list_id = value(properties, "numPr", "numId")
        level = number(value(properties, "numPr", "ilvl"))
        if list_id is None:
            list_id, level = style.list_id, style.list_level if level is None else level
        return self.numbering.label(list_id, level, style_id)

    def _write_notes(self, notes: list[tuple[str, str]]) -> None:
        for kind, note in notes:
            text = self.notes[kind].get(note)
            if text:
                self.noted += 1
                self.writing.line(f"注{self.noted}：{text}")

    # --- tables ---------------------------------------------------------------------------------------------

    def _rows(self, table: Element) -> tuple[list[list[Cell]], list[tuple[str, str]]]:
        """The rows with their merged cells, and the notes their texts refer to."""
        rows: list[list[Cell]] = []
        notes: list[tuple[str, str]] = []
        open_cells: dict[int, tuple[int, int]] = {}  # column -> row and index of the cell that goes on below
        for row in _children(table, "tr"):
            properties = row.find(w("trPr"))
            if value(properties, "del") is not None:
                continue
            header = is_on(properties, "tblHeader")
            column = number(value(properties, "gridBefore")) or 0
            cells = [Cell("", columns=column)] if column > 0 else []
            for element in _children(row, "tc"):
                width = max(1, number(value(element, "tcPr", "gridSpan")) or 1)
                merged = value(element, "tcPr", "vMerge")
                if merged is not None and merged != "restart" and column in open_cells:
                    y, x = open_cells[column]
                    above = rows[y][x]
                    rows[y][x] = Cell(above.text, above.columns, len(rows) - y + 1, above.header)
                else:
                    cells.append(Cell(self._cell_text(element, notes), columns=width, header=header))
                    open_cells.pop(column, None)
                    if merged is not None:
                        open_cells[column] = (len(rows), len(cells) - 1)
                column += width
            rows.append(cells)
        return rows, notes

    def _cell_text(self, cell: Element, notes: list[tuple[str, str]]) -> str:
        """The paragraphs of a cell, those of tables within it included."""
        parts: list[str] = []
        for child in cell:
            kind = local(child)
            if kind == "p":
                text, boxes, found = paragraph_text(child)
                properties = child.find(w("pPr"))
                style_id = value(properties, "pStyle")
                if text.strip():
                    text = self._label(properties, self.styles.of(style_id), style_id) + text
                parts += [text, *(self._cell_text(box, notes) for box in boxes)]
                notes += found
            elif kind == "tbl":
                inside = Writing(self.package.name)
                rows, found = self._rows(child)
                inside.table(rows)
                parts.append(inside.text)
                notes += found
            elif kind in _TRANSPARENT:
                parts.append(self._cell_text(child, notes))
        return " ".join(part.strip() for part in parts if part.strip())


def _children(parent: Element, kind: str) -> list[Element]:
    """The rows of a table or the cells of a row, also those inside content controls and tracked changes."""
    found = []
    for child in parent:
        if local(child) == kind:
            found.append(child)
        elif local(child) in _TRANSPARENT:
            found += _children(child, kind)
    return found


def _level(properties: Element | None, style: Style) -> int:
    own = number(value(properties, "outlineLvl"))
    return style.level if own is None else outline_level(own)


def _notes(root: Element | None, kind: str) -> dict[str, str]:
    """Texts of the footnotes or endnotes by their ids."""
    found = [] if root is None else root.findall(w(kind))
    own = [each for each in found if each.get(w("type"), "normal") == "normal"]
    return {
        each.get(w("id"), ""): " ".join(paragraph_text(paragraph)[0].strip() for paragraph in each.iter(w("p")))
        for each in own
    }


def _stated_title(package: Package, text: str) -> str:
    """The title of the file's properties, where the text begins with it: programs leave many there that are none."""
    properties = [part for part in package.archive.names if part.lower() == "docprops/core.xml"]
    if not properties:
        return ""
    try:
        root = package.parse(properties[0])
    except DocumentError:  # the text does not depend on it
        return ""
    stated = next((each.text or "" for each in root if local(each) == "title"), "").strip()
    head = re.sub(r"\s+", "", text[:_HEAD])
    known = re.sub(r"\s+", "", stated)
    return stated if _SHORTEST_TITLE <= len(known) <= _LONGEST_TITLE and known in head else ""
