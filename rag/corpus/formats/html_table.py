"""Tables of a page: those that hold data, as opposed to those that only place things, and their cells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.corpus.formats.html_text import is_hidden, visible_text
from rag.corpus.formats.tables import Cell
from rag.corpus.formats.xml import Element

_LONGEST_CELL = 800
_MOST_SPANNED = 1_000
_ATTACHED = re.compile(r"\.(?:docx?|xlsx?|pptx?|pdf|zip|rar|wps|et|ofd|ceb)(?:$|[?#])", re.IGNORECASE)
_NOT_IN_DATA = ("table", "h1", "h2", "h3", "h4", "h5", "h6", "form", "article", "ul", "iframe")


def is_data_table(table: Element) -> bool:
    """Whether the table has several rows and columns of short cells; old pages use tables for their columns."""
    if table.get("role") == "presentation" or any(each is not table for each in table.iter(*_NOT_IN_DATA)):
        return False
    rows = list(_rows(table))
    if max((len(row) for row in rows), default=0) < 2:
        return False
    return all(len(visible_text(cell)) <= _LONGEST_CELL for row in rows for cell in row)


def table_rows(table: Element) -> tuple[list[list[Cell]], int, bool]:
    """The cells of a table, how many of their characters are links, and whether one of these leads to a file."""
    rows = [[_cell(cell) for cell in row] for row in _rows(table)]
    links = list(table.iter("a"))
    attached = any(_ATTACHED.search(link.get("href", "")) for link in links)
    caption = next((visible_text(each) for each in table.iter("caption")), "")
    above = [[Cell(caption)]] if caption else []
    return [*above, *rows], sum(len(visible_text(link)) for link in links), attached


def _rows(table: Element) -> Iterator[list[Element]]:
    for row in table.iter("tr"):
        if not is_hidden(row):
            yield [cell for cell in row if cell.tag in ("td", "th") and not is_hidden(cell)]


def _cell(cell: Element) -> Cell:
    return Cell(
        visible_text(cell),
        columns=_span(cell.get("colspan")),
        rows=_span(cell.get("rowspan")),
        header=cell.tag == "th" or cell.getparent().getparent().tag == "thead",
    )


def _span(stated: str | None) -> int:
    return min(max(1, int(stated)), _MOST_SPANNED) if stated and stated.isdecimal() and len(stated) < 9 else 1
