"""The text that a loader makes of a file, with its layout: paragraphs in reading order, each a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.corpus.formats.characters import plain
from rag.corpus.formats.tables import Cell, table_lines
from rag.corpus.loading import LoadedText
from rag.errors import DocumentSizeError
from rag.schema import Furniture, Heading, Layout, Metadata

_LONGEST_TEXT = 20_000_000
_DEEPEST = 9
_LONGEST_TITLE = 200
_LONGEST_HEADING = 120  # a longer one is a paragraph that was given the looks of a heading


class Writing:
    """Collects the lines of the file ``name``. ``text`` is what has been written."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._furniture: list[Furniture] = []
        self._pages: list[int] = []

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def line(self, text: str, *, level: int = 0, furniture: str = "") -> None:
        """Add a paragraph, unless it is empty. ``level`` from 1 makes it a heading, a kind makes it ``furniture``.

        Raises:
            DocumentSizeError: more text than one document can sensibly have.
        """
        lines = (" ".join(line.split(" ")).strip() for line in plain(text).split("\n"))
        written = (" " if level else "\n").join(line for line in lines if line)
        if not written:
            return
        start, end = self._length, self._length + len(written)
        if end > _LONGEST_TEXT:
            raise DocumentSizeError(
                f"{self._name} holds more than {_LONGEST_TEXT / 1e6:g} million characters. Split it."
            )
        self._pieces += (written, "\n")
        self._length = end + 1
        if furniture:
            self._furniture.append(Furniture(start, end + 1, furniture))
        elif level and len(written) <= _LONGEST_HEADING:
            self._headings.append(Heading(start, end, min(level, _DEEPEST)))

    def page(self) -> None:
        """What follows begins a page."""
        self._pages.append(self._length if self._pages else 0)

    def table(self, rows: Sequence[Sequence[Cell]], *, sheet: bool = False) -> None:
        """Add a table by the rule of ``rag.corpus.formats.tables``."""
        self.lines(table_lines(rows, sheet=sheet))

    def lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.line(line)

    def loaded(self, *, encoding: str, metadata: Metadata = Metadata()) -> LoadedText:
        """What was written. Where no title is known, an outermost heading above all others is the title.

        Raises:
            DocumentSizeError: nothing was written.
        """
        text = self.text
        if not text:
            raise DocumentSizeError(f"{self._name} holds no text. Remove it, or save a version with its text.")
        headings = self._headings
        if metadata.title is None and _is_title(headings):
            metadata = replace(metadata, title=text[headings[0].start : headings[0].end][:_LONGEST_TITLE])
            headings = headings[1:]
        return LoadedText(text, encoding, Layout(tuple(headings), tuple(self._furniture), tuple(self._pages)), metadata)


def _is_title(headings: Sequence[Heading]) -> bool:
    """Whether the first of several headings is the only one of its level, and all others lie below it."""
    return len(headings) > 1 and all(other.level > headings[0].level for other in headings[1:])
