"""Web pages: everything a reader sees, with what belongs to the site marked as furniture."""

from __future__ import annotations

from dataclasses import replace

from rag.corpus.formats.html_blocks import read_blocks
from rag.corpus.formats.html_main import NAVIGATION, site_blocks
from rag.corpus.formats.html_meta import find_title, page_metadata
from rag.corpus.formats.html_tree import decode_page, parse_page
from rag.corpus.formats.written import Writing
from rag.corpus.loading import LoadedText


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """The text of a web page.

    Raises:
        EncodingError: its encoding cannot be told.
        DocumentError: it nests too deeply, or holds no text.
    """
    text, found = decode_page(data, name=name, encoding=encoding)
    return load_page(text, name=name, encoding=found)


def load_page(text: str, *, name: str, encoding: str) -> LoadedText:
    """As ``load``, of a page that is decoded."""
    root = parse_page(text, name=name)
    page = read_blocks(root)
    metadata = page_metadata(root, page.blocks)
    title, at = find_title(root, page.blocks, metadata.title)
    site = site_blocks(page, at)
    writing = Writing(name)
    for index, block in enumerate(page.blocks):
        level = 0 if index == at else block.level
        writing.line(block.text, level=level, furniture=NAVIGATION if index in site else "")
    return writing.loaded(encoding=encoding, metadata=replace(metadata, title=title))
