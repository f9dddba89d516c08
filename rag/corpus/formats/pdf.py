"""PDF: text by position, page by page, through PDFium; pages without text by OCR where that is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from itertools import groupby, islice
from threading import Lock
from typing import Any

from rag.corpus.formats.pdf_aligned import aligned
from rag.corpus.formats.pdf_characters import is_garbled
from rag.corpus.formats.pdf_columns import Columns
from rag.corpus.formats.pdf_drawing import Rule
from rag.corpus.formats.pdf_furniture import find_furniture
from rag.corpus.formats.pdf_headings import Bookmark, find_headings, same_words
from rag.corpus.formats.pdf_lines import Line, rows_of
from rag.corpus.formats.pdf_ocr import Ocr, ocr_is_installed
from rag.corpus.formats.pdf_page import Page, Run, read_page
from rag.corpus.formats.pdf_paragraphs import Setting
from rag.corpus.formats.pdf_tables import ruled
from rag.corpus.formats.pdf_writing import Writer
from rag.corpus.loading import LoadedText
from rag.corpus.pace import next_step
from rag.errors import DocumentError, DocumentSizeError
from rag.schema import Heading, Layout, Metadata

MAX_PAGES = 10_000
MAX_CHARACTERS = 20_000_000
MAX_PAGE_CHARACTERS = 200_000
MAX_OCR_PAGES = 500
_UNREADABLE = 0.1  # of the characters: with more, the text of a page is not the text one sees
_PICTURED = 0.4  # of the page: a larger picture may be a scan
_STAMP = 40  # characters that a scanner writes on a page beside its picture
_MAX_BOOKMARKS = 5_000
_PDFIUM = Lock()  # PDFium may be used by one thread at a time


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:  # noqa: ARG001
    """``data`` as text in reading order, with its pages, headings, and what repeats on its pages as furniture.

    Raises:
        DocumentError: encrypted, damaged, or in fonts that do not say which characters they show.
        DocumentSizeError: no text, only pictures (and no OCR installed), or more pages or characters than the limits.
    """
    with _PDFIUM, closing(_open(data, name)) as document:
        reading = _Reading(document, name)
        pages = [reading.page(number) for number in range(len(document))]
        reading.check()
        bookmarks = list(_bookmarks(document))
        stated = (document.get_metadata_value("Title") or "").strip()
    return replace(_written(pages, bookmarks, stated), unread=reading.unread())


def _open(data: bytes, name: str) -> Any:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
        document.init_forms()
        count = len(document)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
            raise DocumentError(f"{name} is encrypted. Save it without a password.") from error
        if error.err_code == pdfium.raw.FPDF_ERR_SECURITY:
            raise DocumentError(f"{name} is encrypted in a way we cannot read. Save it without protection.") from error
        raise DocumentError(f"{name} is no PDF, or a damaged one. Open it and save it again.") from error
    if not 0 < count <= MAX_PAGES:
        document.close()
        said = f"has {count:,} pages, more than the limit of {MAX_PAGES:,}. Split it" if count else "has no pages"
        raise DocumentSizeError(f"{name} {said}.")
    return document


class _Reading:
    """Reads the pages of a document one by one, and remembers those that could not be read."""

    def __init__(self, document: Any, name: str) -> None:
        self._document, self._name = document, name
        self._characters = 0
        self._columns = Columns()
        self._forms = document.formenv is not None
        self._without: list[int] = []  # pages that are pictures, from 0
        self._garbled: list[int] = []  # pages whose fonts do not say which characters they show
        self._ocr: Ocr | None = None
        self._recognised = 0

    def page(self, number: int) -> list[Line]:
        """The lines of a page in reading order."""
        import pypdfium2 as pdfium

        try:
            if self._forms:
                with closing(self._document[number]) as page, suppress(pdfium.PdfiumError):
                    page.flatten()  # what was filled in becomes text of the page
            with closing(self._document[number]) as page:
                found = read_page(page, max_chars=MAX_PAGE_CHARACTERS)
                if found is None:
                    raise DocumentSizeError(
                        f"{self._name}: page {number + 1} holds more than {MAX_PAGE_CHARACTERS:,} characters. Split it."
                    )
                lost = self._lost(found)
                if lost is not None and self._may_recognise():
                    found = Page(runs=self._recognise(page))
                elif lost is not None:
                    lost.append(number)
                    found.runs = [] if lost is self._garbled else found.runs
                width = page.get_width()
        except pdfium.PdfiumError as error:
            raise DocumentError(f"{self._name}: page {number + 1} is damaged. Open it and save it again.") from error
        self._characters += sum(len(run.text) for run in found.runs)
        if self._characters > MAX_CHARACTERS:
            raise DocumentSizeError(f"{self._name} holds more than {MAX_CHARACTERS:,} characters. Split it.")
        return [replace(line, page=number) for line in _lines(found, width, self._columns)]

    def check(self) -> None:
        """Raises ``DocumentError`` when not a single character could be read."""
        if self._characters:
            return
        if self._garbled:
            raise DocumentError(
                f"{self._name}: its fonts do not say which characters they show. Export it again with standard fonts, "
                'or have it read by OCR: pip install "policy-rag[ocr]".'
            )
        if self._without and not ocr_is_installed():
            raise DocumentSizeError(
                f'{self._name} holds only images. Install OCR: pip install "policy-rag[ocr]", and ingest it again.'
            )
        raise DocumentSizeError(f"{self._name} holds no text. Remove it, or save a version with its text.")

    def unread(self) -> tuple[str, ...]:
        """What was left out, in words."""
        ocr = (
            f"OCR stopped after {MAX_OCR_PAGES} pages; split the file"
            if ocr_is_installed()
            else ('pip install "policy-rag[ocr]" to read them')
        )
        told = (("only images", self._without), ("fonts that do not say which characters they show", self._garbled))
        return tuple(f"{_numbers(pages)}: {what}; {ocr}" for what, pages in told if pages)

    def _lost(self, page: Page) -> list[int] | None:
        """The list in which a page belongs whose text is not there to be read."""
        if page.unreadable > _UNREADABLE * page.characters or is_garbled("\n".join(run.text for run in page.runs)):
            return self._garbled
        return self._without if page.characters < _STAMP and page.pictured > _PICTURED else None

    def _may_recognise(self) -> bool:
        return ocr_is_installed() and self._recognised < MAX_OCR_PAGES

    def _recognise(self, page: Any) -> list[Run]:
        self._recognised += 1
        next_step()
        self._ocr = self._ocr or Ocr()
        return self._ocr.read(page)


def _lines(page: Page, width: float, columns: Columns) -> Iterator[Line]:
    """Text that was turned in one way after the other, the most first."""
    groups: dict[tuple[int, bool], list[Run]] = {}
    for run in page.runs:
        groups.setdefault((run.turn, run.vertical), []).append(run)
    for (turn, vertical), runs in sorted(groups.items(), key=lambda each: -sum(len(run.text) for run in each[1])):
        region = (turn + vertical, round(width / 10))
        pieces = [Line(run.text, run.left, run.right, run.base, run.size, run.strong) for run in runs]
        if turn < 0:
            yield from (replace(piece, region=region) for piece in _slanted(pieces))
            continue
        if not vertical:
            pieces = ruled(pieces, [_turned(rule, turn) for rule in page.rules])
        for place, rows in columns.in_reading_order(rows_of(pieces), region):
            yield from (replace(line, region=place) for line in aligned(rows))


def _slanted(pieces: Sequence[Line]) -> Iterator[Line]:
    """The letters of slanted text, whose places say little, in the order in which they are written."""
    for _, letters in groupby(pieces, key=lambda each: round(each.size)):
        group = list(letters)
        yield replace(group[0], text="".join(each.text for each in group))


def _turned(rule: Rule, turn: int) -> Rule:
    if turn == 0:
        return rule
    if turn == 180:
        return Rule(rule.flat, -rule.at, -rule.end, -rule.start)
    sign = 1 if turn == 90 else -1
    if rule.flat:  # x becomes the base line, y the place along it
        return Rule(False, sign * rule.at, *sorted((-sign * rule.start, -sign * rule.end)))
    return Rule(True, -sign * rule.at, *sorted((sign * rule.start, sign * rule.end)))


def _written(pages: Sequence[Sequence[Line]], bookmarks: Sequence[Bookmark], stated: str) -> LoadedText:
    kinds = find_furniture(pages)
    setting = Setting([line for lines in pages for line in lines if id(line) not in kinds])
    writer = Writer(setting, kinds)
    writer.write(pages)
    text = writer.text
    title, levels = find_headings(text, writer.paragraphs, setting, bookmarks)
    headings = [
        Heading(writer.paragraphs[index].start, writer.paragraphs[index].end, level) for index, level in levels.items()
    ]
    first_page = text[: writer.pages[1]] if len(writer.pages) > 1 else text
    words = text[title.start : title.end] if title else same_words(stated, first_page)
    layout = Layout(tuple(headings), tuple(writer.furniture), tuple(writer.pages))
    return LoadedText(text, "pdf", layout, Metadata(title=words or None))


def _bookmarks(document: Any) -> Iterator[Bookmark]:
    import pypdfium2 as pdfium

    try:
        for bookmark in islice(document.get_toc(max_depth=8), _MAX_BOOKMARKS):
            target = bookmark.get_dest()
            page = target.get_index() if target else None
            if page is not None:
                yield page, bookmark.level + 1, bookmark.get_title()
    except pdfium.PdfiumError:
        return


def _numbers(pages: Sequence[int]) -> str:
    """``page 3`` or ``pages 3-5, 8``, counted from 1."""
    spans: list[list[int]] = []
    for page in pages:
        if spans and spans[-1][1] == page:
            spans[-1][1] = page + 1
        else:
            spans.append([page + 1, page + 1])
    told = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in spans)
    return f"page {told}" if len(pages) == 1 else f"pages {told}"
