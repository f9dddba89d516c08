"""PowerPoint presentations (.pptx): each visible slide a page, its title a heading. Speaker's notes are left out."""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus.formats.docx_names import local, number
from rag.corpus.formats.package import Package, open_package
from rag.corpus.formats.tables import Cell
from rag.corpus.formats.written import Writing
from rag.corpus.formats.xml import Element
from rag.corpus.loading import LoadedText
from rag.errors import DocumentError

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TITLES = ("title", "ctrTitle")
_MASTER_FIELDS = ("ftr", "dt", "sldNum", "hdr")
_MOST_SLIDES = 5_000


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:  # noqa: ARG001
    """The text of a presentation.

    Raises:
        DocumentError: it is damaged, encrypted, too large or without text.
    """
    package = open_package(data, name=name, usual="ppt/presentation.xml")
    writing = Writing(name)
    relations = package.relations(package.main)
    listed = [each for each in package.parse(package.main).iter() if local(each) == "sldId"]
    found = (relations.get(each.get(f"{_RELATION}id", "")) for each in listed)
    slides = dict.fromkeys(each.target for each in found if each and each.target in package.archive)
    try:
        for part in list(slides)[:_MOST_SLIDES]:
            slide = package.parse(part)
            if slide.get("show") not in ("0", "false"):
                writing.page()
                _write_slide(slide, package, part, writing)
    except RecursionError as error:
        raise DocumentError(f"{name} nests too deeply. Save it as PDF.") from error
    return writing.loaded(encoding="pptx")


def _write_slide(slide: Element, package: Package, part: str, writing: Writing) -> None:
    shapes = list(_shapes(slide))
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    for shape in titles:
        writing.line(" ".join(_paragraphs(shape)), level=1)
    for shape in shapes:
        if shape in titles or _placeholder(shape) in _MASTER_FIELDS:
            continue
        tables = list(shape.iter(f"{_DRAWING}tbl"))
        for table in tables:
            writing.table(_rows(table))
        writing.lines([] if tables else _paragraphs(shape))
        writing.lines(_diagram(shape, package, part))


def _shapes(parent: Element) -> Iterator[Element]:
    """The shapes of a slide in their order, those of groups included."""
    for child in parent:
        if local(child) in ("sp", "graphicFrame"):
            yield child
        elif local(child) in ("cSld", "spTree", "grpSp"):
            yield from _shapes(child)
        elif local(child) == "AlternateContent" and len(child):
            yield from _shapes(child[0])


def _placeholder(shape: Element) -> str:
    return next((each.get("type", "body") for each in shape.iter() if local(each) == "ph"), "")


def _paragraphs(parent: Element) -> list[str]:
    return [text for each in parent.iter(f"{_DRAWING}p") if (text := _paragraph(each).strip())]


def _paragraph(paragraph: Element) -> str:
    pieces = []
    for each in paragraph.iter():
        kind = local(each)
        if kind == "t" and each.getparent().get("type") != "slidenum":
            pieces.append(each.text or "")
        elif kind == "br":
            pieces.append("\n")
    return "".join(pieces)


def _rows(table: Element) -> list[list[Cell]]:
    rows = []
    for row in table.iter(f"{_DRAWING}tr"):
        cells = []
        for cell in row.iter(f"{_DRAWING}tc"):
            if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
                continue
            columns, below = (max(1, number(cell.get(key)) or 1) for key in ("gridSpan", "rowSpan"))
            cells.append(Cell(" ".join(_paragraphs(cell)), columns=columns, rows=below))
        rows.append(cells)
    return rows


def _diagram(shape: Element, package: Package, part: str) -> list[str]:
    """The texts of a SmartArt drawing, which are in a part of their own."""
    named = next((each.get(f"{_RELATION}dm", "") for each in shape.iter() if local(each) == "relIds"), "")
    relation = package.relations(part).get(named) if named else None
    if relation is None or relation.target not in package.archive:
        return []
    return _paragraphs(package.parse(relation.target))
