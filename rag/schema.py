"""The values that travel between the layers: frozen, plain, comparable, JSON-friendly.

Every offset in this package counts characters (Unicode code points) of ``Document.text``, the decoded
original file; spans are half-open, ``text[start:end]``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Script = Literal["hans", "hant", "en", "unknown"]
Verdict = Literal["supported", "partly", "unsupported"]


@dataclass(frozen=True, slots=True)
class Furniture:
    """A span of the original that is not the document's own words, and why it was taken out."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that the file's format marks: characters ``start:end``; ``level`` counts from 1, the outermost."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file's format says of its text; nothing for plain text.

    ``headings`` without the document's title; ``furniture``: running heads, page numbers and the like;
    ``pages``: where each page begins, the first at 0.
    """

    headings: tuple[Heading, ...] = ()
    furniture: tuple[Furniture, ...] = ()
    pages: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The page, counted from 1, of the character ``offset``; ``None`` where there are no pages."""
        return bisect_right(self.pages, offset) or None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a document. ``None`` means unknown, never a guess.

    ``issued`` is the date on the document, ``published`` the date of the web page it came from, both ISO 8601
    (``2018-06-20``); ``origin`` is the source the file names for itself.
    """

    title: str | None = None
    issuer: str | None = None
    number: str | None = None
    issued: str | None = None
    published: str | None = None
    region: str | None = None
    script: Script = "unknown"
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A node of a document's outline; ``start:end`` covers the heading, the body and all sub-sections.

    ``path`` holds the headings from the outermost down to this one; ``parent`` is an index into
    ``Document.sections``, ``None`` at the top.
    """

    index: int
    parent: int | None
    level: int
    label: str
    heading: str
    start: int
    end: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrieval unit: ``text`` is the document's ``start:end`` with the ``gaps`` (furniture spans) left out.

    ``page`` is the page it begins on, counted from 1, where the document has pages; ``page_breaks`` where in the
    document the following pages begin, as far as it goes on there.
    """

    chunk_id: str
    source: str
    ordinal: int
    section: int | None
    path: tuple[str, ...]
    text: str
    start: int
    end: int
    gaps: tuple[tuple[int, int], ...] = ()
    page: int | None = None
    page_breaks: tuple[int, ...] = ()

    def locate(self, position: int) -> int:
        """Offset in the document of the character ``position`` of ``text``."""
        offset = self.start + position
        for gap_start, gap_end in self.gaps:
            if gap_start > offset:
                break
            offset += gap_end - gap_start
        return offset

    def page_at(self, offset: int) -> int | None:
        """The page of the document's character ``offset``, which is one of the chunk's; ``None`` without pages."""
        return None if self.page is None else self.page + bisect_right(self.page_breaks, offset)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as ingested: its original text and everything the corpus layer found in it.

    ``encoding`` is that of a text file; of others it is the name of the format, such as ``pdf``. ``unread`` says in
    words which parts of the file could not be read; it is for those who have just read it, and kept nowhere.
    """

    source: str
    text: str
    encoding: str
    sha256: str
    metadata: Metadata
    sections: tuple[Section, ...]
    chunks: tuple[Chunk, ...]
    furniture: tuple[Furniture, ...]
    layout: Layout = Layout()
    unread: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """One line of the library: a document without its text. Sizes in characters."""

    source: str
    path: str
    metadata: Metadata
    encoding: str
    sha256: str
    characters: int
    chunk_characters: int
    furniture_characters: int
    sections: int
    chunks: int
    ingested_at: str


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Part of the library, sorted by source, of ``total`` documents; ``next``: after which source it goes on, if so."""

    documents: tuple[DocumentInfo, ...]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents to search; all of them when nothing is given, otherwise those that fit every field.

    ``issuer``, ``region`` and ``number`` need only be contained in what the document says, in either script and any
    digit style. ``since`` and ``until`` bound the document's date (``issued``, else ``published``), both inclusive; a
    year or a month (``2019``, ``2019-06``) means all of it. ``as_of``: what was issued by then, and of several
    versions of one document the one in force then.
    """

    sources: tuple[str, ...] = ()
    issuer: str | None = None
    region: str | None = None
    number: str | None = None
    since: str | None = None
    until: str | None = None
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """Where else the words of a hit stand, nearly the same: a chunk of another place."""

    source: str
    title: str
    section: str
    start: int
    end: int
    chunk_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was retrieved. ``score`` is the fused score; ``scores`` holds the arms it was made of.

    ``issued`` is the document's date; ``superseded_by`` the source of its next version, when it is not in force;
    ``copies`` the near-duplicates that were found with it; ``page`` where it begins, counted from 1, in a document
    with pages.
    """

    text: str
    score: float
    source: str
    title: str
    section: str
    start: int
    end: int
    chunk_id: str
    scores: Mapping[str, float] = field(default_factory=dict)
    superseded_by: str | None = None
    issued: str | None = None
    copies: tuple[Copy, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """The words that support a sentence: ``quote == document.text[start:end]``, always.

    ``damaged`` marks words that look as if the document had lost characters; they are quoted as they stand. ``page`` is
    where they begin, counted from 1, in a document with pages.
    """

    number: int
    source: str
    title: str
    section: str
    start: int
    end: int
    quote: str
    damaged: bool = False
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a document: characters ``start:end`` of the original text of ``source``."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, the numbers of its citations, whether they support it, and the words that do.

    ``text[focus[0]:focus[1]]`` are the words that answer the question, where they are known.
    """

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    support: Span | None = None
    focus: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``Chatbot.ask`` returns: a cited answer, or a refusal with its reason and the nearest passages.

    ``confidence`` is between 0 and 1: of the answers given with 0.8, about 80 % are right. ``partial`` says, in the
    asker's language, which part of the question the documents do not cover, when they cover the rest. ``correction`` is
    set when the question takes for granted what the documents contradict: it is refused as asked, the text begins with
    these words of ours and goes on with the cited sentence that says otherwise, and the confidence is that the question
    can be answered as it was put. ``rewritten`` is the question as searched, when a follow-up was completed from the
    history; ``timings`` are milliseconds per stage.

    Of an answer that a language model wrote: ``left_out`` are the chunks that were found and not shown to it, for want
    of room or because another says the same; ``invented`` how many citation marks it made up, none of which is shown;
    ``notice`` what the asker should know of how the answer came about, in the asker's language.
    """

    question: str
    text: str
    refused: bool
    reason: str | None
    confidence: float
    citations: tuple[Citation, ...]
    sentences: tuple[Sentence, ...]
    hits: tuple[Hit, ...]
    timings: Mapping[str, float]
    provider: str
    prompt: str | None = None
    rewritten: str | None = None
    partial: str | None = None
    left_out: tuple[str, ...] = ()
    invented: int = 0
    notice: str | None = None
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class HitsEvent:
    """Retrieval is done; these are the passages the answer will be drawn from."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class CitationEvent:
    """A citation of the answer; it comes before the first text that bears its number."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class TextEvent:
    """The next piece of the answer's text: whole sentences with their marks."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """The last event of a stream: the same value ``Chatbot.ask`` returns."""

    answer: Answer


Event = HitsEvent | CitationEvent | TextEvent | AnswerEvent


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be ingested, and what to do about it."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was passed over in a folder or an archive, and why; nothing is wrong with it."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that has another name now, with the same content: the source it had, the source it has."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest changed, by source name; the files that failed stay indexed as they were."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    moved: tuple[Moved, ...] = ()
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What keeps folders from being followed for now; it is tried again by itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long operation is: ``done`` of ``total`` units (``stage`` names them), now at ``source``."""

    stage: Literal["reading", "embedding"]
    done: int
    total: int
    source: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Whether catalogue, vectors and lexical index agree; ``problems`` is empty when they do."""

    documents: int
    chunks: int
    problems: tuple[str, ...] = ()
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``rag doctor``: what was looked at, whether it is fine, and what to do if not."""

    name: str
    ok: bool
    detail: str
    hint: str | None = None
