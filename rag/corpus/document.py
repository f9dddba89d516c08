"""A file becomes a document: decoded, cleaned, outlined, chunked. The corpus layer's front door.

Offsets of the result count characters of the *original* text: a citation opens at the very words in the file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.corpus.archive import archive_of, read_member
from rag.corpus.chunking import chunk_id, make_chunks, section_paths
from rag.corpus.clean import CleanText, merge
from rag.corpus.cleaning import find_furniture
from rag.corpus.contents import Contents, find_contents
from rag.corpus.formats.registry import MARKDOWN, format_of
from rag.corpus.loading import LoadedText, read_bytes
from rag.corpus.markers import RANK, structural_kind
from rag.corpus.metadata import apply_overrides, find_metadata
from rag.corpus.outline import Node, Title, find_outline, is_supplement
from rag.errors import DocumentSizeError, EncodingError
from rag.schema import Chunk, Document, Furniture, Metadata, Section

_LONGEST_TITLE = 80
_LONGEST_TITLE_LINE = 100
_Marked = tuple[int, int, int]
"""Level, start and end of a heading in the clean text."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """``chunk_chars``: target length of a chunk; ``max_bytes``: largest file read."""

    chunk_chars: int = 300
    max_bytes: int = 20_000_000


def read_document(path: Path, *, source: str, limits: ReadLimits, overrides: Mapping[str, Any]) -> Document:
    """The document in ``path``, named ``source``; ``overrides`` is its sidecar entry.

    ``path`` may lead into an archive: ``a.zip/b.txt``.

    Raises:
        DocumentError: it cannot be read; the subclass and the message say why.
        ConfigurationError: the sidecar entry has an unknown key.
    """
    inside = archive_of(path)
    data = read_bytes(path, max_bytes=limits.max_bytes) if inside is None else read_member(*inside, limits.max_bytes)
    encoding = overrides.get("encoding")
    load = format_of(data, name=path.name).load
    loaded = load(data, name=path.name, encoding=None if encoding is None else str(encoding))
    if len(loaded.text) > limits.max_bytes:
        raise DocumentSizeError(
            f"{path.name} holds {len(loaded.text) / 1e6:.1f} million characters, more than the limit of "
            f"{limits.max_bytes / 1e6:g} million. Split it, or raise RAG_MAX_FILE_MB."
        )
    document = parse_document(loaded, source=source, chunk_chars=limits.chunk_chars, overrides=overrides)
    return replace(document, sha256=sha256(data).hexdigest())


def renamed(document: Document, source: str) -> Document:
    """``document`` as it would be if its file were called ``source`` and nothing else were known of it."""
    title = document.metadata.title
    chunks = tuple(replace(chunk, source=source, chunk_id=chunk_id(source, chunk, title)) for chunk in document.chunks)
    return replace(document, source=source, chunks=chunks)


def parse_document(
    loaded: LoadedText | str, *, source: str, chunk_chars: int = 300, overrides: Mapping[str, Any] | None = None
) -> Document:
    """``loaded`` as a document; a string is plain text.

    Raises:
        DocumentSizeError: there is nothing but furniture in it.
        EncodingError: it holds half of a surrogate pair, which no file can store, or NUL, which PostgreSQL cannot.
        ConfigurationError: ``overrides`` has an unknown key.
    """
    loaded = LoadedText(loaded, "utf-8") if isinstance(loaded, str) else loaded
    text, layout, markdown = loaded.text, loaded.layout, loaded.markdown
    try:
        digest = sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise EncodingError(f"{source} holds a broken character: {error}. Save the file again as UTF-8.") from error
    if "\0" in text:
        raise EncodingError(f"{source} holds NUL characters, which databases do not store. Take them out of the file.")
    contents = find_contents(text)
    marked = {heading.start: text[heading.start : heading.end] for heading in layout.headings}
    noise = find_furniture(text, contents=contents, markdown=markdown, headings=marked)
    furniture = merge([*noise, *layout.furniture])
    clean = CleanText(text, furniture)
    if not clean.text.strip():
        raise DocumentSizeError(f"{source} holds no text of its own, only site furniture. Save the document itself.")
    found = find_metadata(clean.text, text, markdown=markdown, name=source)
    if loaded.metadata.title and found.title in marked.values():
        found = replace(found, title=None)
    if found.title is None and contents and contents.articles:
        found = replace(found, title=_title_above(contents, clean))
    metadata = apply_overrides(_completed(found, loaded.metadata), overrides or {}, name=source)
    titles = _titles(clean, contents, _headings(clean, loaded, furniture))
    nodes = find_outline(clean.text, titles)
    chunks = make_chunks(clean, nodes, source=source, target=chunk_chars, title=metadata.title)
    chunks, furniture = _without_bare_title(chunks, furniture, metadata.title, len(nodes))
    return Document(
        source=source,
        text=text,
        encoding=loaded.encoding,
        sha256=digest,
        metadata=metadata,
        sections=_sections(nodes, clean),
        chunks=tuple(_on_pages(chunk, layout.pages) for chunk in chunks),
        layout=layout,
        unread=loaded.unread,
        furniture=tuple(merge([*furniture, *_between(text, chunks, furniture)])),
    )


def rechunk(document: Document, chunk_chars: int) -> Document:
    """``document`` parsed again from its own text and layout, keeping its name, encoding, hash and metadata."""
    markdown = Path(document.source).suffix.lower() in MARKDOWN.suffixes
    loaded = LoadedText(document.text, document.encoding, document.layout, markdown=markdown)
    again = parse_document(loaded, source=document.source, chunk_chars=chunk_chars)
    again = replace(again, metadata=document.metadata, sha256=document.sha256)
    return renamed(again, document.source)  # its ids are those of its title


def _title_above(contents: Contents, clean: CleanText) -> str | None:
    """What stands before a compilation's table of contents, where all of it is one line."""
    above = clean.text[: clean.clean_position(contents.start)].strip()
    return above if above and len(above) <= _LONGEST_TITLE and "\n" not in above else None


def _titles(clean: CleanText, contents: Contents | None, headings: Sequence[_Marked]) -> list[Title]:
    """Headings known without a marker: a compilation's articles, and ``headings`` that are no 第一章."""
    if contents and contents.articles:
        return [
            Title(clean.clean_position(a.start), clean.clean_position(a.title_end - 1) + 1, 0, a.group)
            for a in contents.articles
        ]
    beside: dict[int, str] = {}
    for level, start, end in headings:
        kind = structural_kind(clean.text[start:end])
        if kind:
            beside[level] = min(kind, beside.get(level, kind), key=lambda known: RANK[known])
    titles = []
    for level, start, end in headings:
        if not is_supplement(clean.text[start:end]) and not structural_kind(clean.text[start:end]):
            kind = beside.get(level, "title")
            titles.append(Title(start, end, RANK.get(kind, _between_chapters(level, beside)), kind=kind))
    return titles


def _between_chapters(level: int, beside: Mapping[int, str]) -> float:
    """Rank of the headings of a ``level`` without chapters: below those of higher levels, above those of lower."""
    above = max((RANK[kind] for other, kind in beside.items() if other < level), default=None)
    below = min((RANK[kind] for other, kind in beside.items() if other > level), default=3)
    return (below - 1 if above is None else above) + level / 10


def _headings(clean: CleanText, loaded: LoadedText, furniture: Sequence[Furniture]) -> list[_Marked]:
    """The headings that the format marks, without the document's title."""
    marked = list(_hashed(clean, loaded.text, furniture)) if loaded.markdown else []
    for heading in loaded.layout.headings:
        start, end = clean.clean_position(heading.start), clean.clean_position(heading.end)
        if clean.text[start:end].strip():
            marked.append((heading.level, start, end))
    return marked


def _hashed(clean: CleanText, text: str, furniture: Sequence[Furniture]) -> Iterator[_Marked]:
    """The Markdown headings, without that of the document."""
    titled = False
    for hashes in furniture:
        level = text[hashes.start : hashes.end].strip().count("#") if hashes.kind == "markup" else 0
        start = clean.clean_position(hashes.end)
        end = clean.text.find("\n", start)
        if level >= 2 or (level == 1 and titled):
            yield level, start, len(clean.text) if end < 0 else end
        titled = titled or level == 1


def _completed(found: Metadata, stated: Metadata) -> Metadata:
    """``found`` in the text, and where that is silent ``stated`` by the file's format."""
    silent = [field.name for field in fields(Metadata) if getattr(found, field.name) is None]
    return replace(found, **{name: getattr(stated, name) for name in silent})


def _on_pages(chunk: Chunk, pages: Sequence[int]) -> Chunk:
    if not pages:
        return chunk
    first, last = bisect_right(pages, chunk.start), bisect_left(pages, chunk.end)
    return replace(chunk, page=first, page_breaks=tuple(pages[first:last]))


def _sections(nodes: list[Node], clean: CleanText) -> tuple[Section, ...]:
    sections = []
    for index, (node, path) in enumerate(zip(nodes, section_paths(nodes), strict=True)):
        start, end = clean.original_span(node.start, node.end)
        sections.append(
            Section(
                index=index,
                parent=node.parent,
                level=node.level,
                label=node.label,
                heading=node.heading,
                start=start,
                end=end,
                path=path,
            )
        )
    return tuple(sections)


def _without_bare_title(
    chunks: tuple[Chunk, ...], furniture: list[Furniture], title: str | None, sections: int
) -> tuple[tuple[Chunk, ...], list[Furniture]]:
    """A first chunk that is only the title would match every question about the document, and answer none."""
    first = chunks[0]
    is_title = first.section is None and bool(title) and "\n" not in first.text and first.text.startswith(title or "")
    if sections and len(chunks) > 1 and is_title and len(first.text) <= _LONGEST_TITLE_LINE:
        rest = tuple(replace(chunk, ordinal=chunk.ordinal - 1) for chunk in chunks[1:])
        return rest, merge([*furniture, Furniture(first.start, first.end, "title")])
    return chunks, furniture


def _between(text: str, chunks: Sequence[Chunk], furniture: Sequence[Furniture]) -> list[Furniture]:
    """What lies between chunks and is not furniture yet: line breaks and spaces."""
    covered = merge([*furniture, *(Furniture(chunk.start, chunk.end, "chunk") for chunk in chunks)])
    blanks, position = [], 0
    for span in [*covered, Furniture(len(text), len(text), "end")]:
        if span.start > position:
            blanks.append(Furniture(position, span.start, "blank"))
        position = span.end
    return blanks
