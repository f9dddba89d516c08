"""Lines of all pages to one text: paragraphs joined over page breaks, what stands between them marked as furniture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rag.corpus.formats.pdf_headings import Paragraph
from rag.corpus.formats.pdf_lines import Line, Table, join
from rag.corpus.formats.pdf_paragraphs import Setting
from rag.corpus.formats.tables import Cell, table_lines
from rag.schema import Furniture

_CONTEXT_ROWS = 20
_NOTE = 0.93  # of the size of the text: smaller lines at the foot of a page are notes


class Writer:
    """Writes lines one after the other; ``text``, ``pages``, ``furniture`` and ``paragraphs`` are the result."""

    def __init__(self, setting: Setting, kinds: Mapping[int, str]) -> None:
        self._setting = setting
        self._kinds = kinds
        self._pieces: list[str] = []
        self._length = 0
        self.pages: list[int] = []
        self.furniture: list[Furniture] = []
        self.paragraphs: list[Paragraph] = []
        self._first: Line | None = None
        self._last: Line | None = None
        self._start = self._lines = 0
        self._tail = ""
        self._waiting: list[Line] = []
        self._rows: list[list[Cell]] = []  # of the last table, as long as nothing else has been written
        self._columns = self._table_page = 0

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def write(self, pages: Sequence[Sequence[Line]]) -> None:
        """All lines of the document, and the offsets of pages without any."""
        for lines in pages:
            for line in self._notes_first(lines):
                self._line(line)
        self._end_paragraph()
        self._put_waiting()
        self._reach(len(pages) - 1)

    def _notes_first(self, lines: Sequence[Line]) -> Iterator[Line]:
        """The notes at the foot of a page come before its last paragraph, which may go on on the next page."""
        body = [line for line in lines if id(line) not in self._kinds]
        count = 0
        while count < len(body) and body[-1 - count].size < _NOTE * self._setting.size and not body[-1 - count].table:
            count += 1
        notes = body[len(body) - count :]
        before = body[: len(body) - count]
        if not notes or not before or notes[0].base > min(line.base for line in before if line.page == notes[0].page):
            yield from lines
            return
        start = len(before) - 1
        while start > 0 and self._setting.goes_on(before[start - 1], before[start - 1], before[start]):
            start -= 1
        moved, noted = {id(line) for line in notes}, False
        for line in lines:
            if line is before[start]:
                yield from notes
                noted = True
            if not (noted and id(line) in moved):
                yield line

    def _line(self, line: Line) -> None:
        if id(line) in self._kinds:
            self._waiting.append(line)
            return
        if line.table is not None:
            self._end_paragraph()
            self._put_waiting()
            self._table(line, line.table)
            return
        first, last = self._first, self._last
        if first is not None and last is not None and self._setting.goes_on(first, last, line):
            joined = join(self._tail, line.text)
            self._put(joined[: len(joined) - len(line.text)])
            if self._waiting:
                self._put_between()
        else:
            self._end_paragraph()
            self._put_waiting()
            self._first, self._lines, self._rows = line, 0, []
            self._reach(line.page)
            self._start = self._length
        self._reach(line.page)
        self._last, self._tail = line, line.text
        self._lines += 1

    def _table(self, line: Line, table: Table) -> None:
        goes_on = bool(self._rows) and self._columns == len(table.edges) and self._table_page == line.page - 1
        context = self._rows[:_CONTEXT_ROWS] if goes_on else []
        rows = table.rows
        if context and _same(context[0], rows[0]):
            rows = rows[1:]
        above, written = table_lines(context), table_lines([*context, *rows])
        lines = written[len(above) :] if written[: len(above)] == above else table_lines(rows)
        for text in lines:
            self._reach(line.page)
            self.paragraphs.append(
                Paragraph(self._length, self._length + len(text), line.page, 1, line.size, False, table=True)
            )
            self._put(text + "\n")
        self._rows = context or rows
        self._columns, self._table_page = len(table.edges), line.page

    def _end_paragraph(self) -> None:
        first = self._first
        if first is None:
            return
        tail = self._tail.rstrip("\u00ad") + ("-" if self._tail.endswith("\u00ad") else "")
        self._put(tail)
        size = first.size
        self.paragraphs.append(Paragraph(self._start, self._length, first.page, self._lines, size, first.strong))
        self._put("\n")
        self._first = self._last = None
        self._tail = ""

    def _put_between(self) -> None:
        """The furniture of a page break inside a paragraph, with the line breaks around it."""
        start, kind = self._length, self._kinds[id(self._waiting[0])]
        self._put("\n")
        for line in self._waiting:
            self._reach(line.page)
            self._put(line.text + "\n")
        self.furniture.append(Furniture(start, self._length, kind))
        self._waiting = []

    def _put_waiting(self) -> None:
        for line in self._waiting:
            self._reach(line.page)
            start = self._length
            self._put(line.text + "\n")
            self.furniture.append(Furniture(start, self._length, self._kinds[id(line)]))
        self._waiting = []

    def _reach(self, page: int) -> None:
        """Whatever comes next is on ``page``."""
        while len(self.pages) <= page:
            self.pages.append(self._length)

    def _put(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


def _same(one: Sequence[Cell], other: Sequence[Cell]) -> bool:
    return [cell.text for cell in one] == [cell.text for cell in other]
