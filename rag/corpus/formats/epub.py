"""EPUB books: the pages in the order of the book's spine."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from rag.corpus.formats.docx_names import local
from rag.corpus.formats.html_blocks import read_blocks
from rag.corpus.formats.html_tree import decode_page, parse_page
from rag.corpus.formats.written import Writing
from rag.corpus.formats.xml import Element, parse_xml
from rag.corpus.formats.zipped import Zip, open_zip
from rag.corpus.loading import LoadedText
from rag.errors import DocumentError
from rag.schema import Metadata

_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_LARGEST = 30_000_000
_LONGEST_TITLE = 200


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """The text of a book. Its table of contents is furniture.

    Raises:
        DocumentError: it is damaged, protected, too large or without text.
    """
    archive = open_zip(data, name=name)
    container = parse_xml(archive.read("META-INF/container.xml", limit=_LARGEST), name=name)
    packages = (each.get("full-path", "") for each in container.iter() if local(each) == "rootfile")
    package = next((each for each in packages if each in archive), None)
    if package is None:
        raise DocumentError(f"{name} is damaged: its container names no book. Fetch it again, or convert it to PDF.")
    root = parse_xml(archive.read(package, limit=_LARGEST), name=name)
    writing = Writing(name)
    protected = _protected(archive, name)
    for page, contents in _spine(root, posixpath.dirname(package)):
        if page in protected:
            raise DocumentError(f"{name} is protected against copying. Use a version without protection.")
        if page in archive:
            _write(archive.read(page, limit=_LARGEST), writing, name=name, encoding=encoding, contents=contents)
    titles = ("".join(each.itertext()).strip() for each in root.iter() if local(each) == "title")
    title = next((each[:_LONGEST_TITLE] for each in titles if each), None)
    return writing.loaded(encoding="epub", metadata=Metadata(title=title))


def _write(data: bytes, writing: Writing, *, name: str, encoding: str | None, contents: bool) -> None:
    if not data.strip():
        return
    text, _ = decode_page(data, name=name, encoding=encoding)
    for block in read_blocks(parse_page(text, name=name)).blocks:
        writing.line(block.text, level=block.level, furniture="table of contents" if contents else "")


def _spine(root: Element, folder: str) -> Iterator[tuple[str, bool]]:
    """The pages in reading order, and whether each is the table of contents."""
    items = {each.get("id"): each for each in root.iter() if local(each) == "item"}
    seen = set()
    for each in root.iter():
        item = items.get(each.get("idref")) if local(each) == "itemref" else None
        if item is None or item.get("media-type") not in _PAGES:
            continue
        page = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        if page not in seen:
            seen.add(page)
            yield page, "nav" in item.get("properties", "").split()


def _protected(archive: Zip, name: str) -> frozenset[str]:
    """The parts that are encrypted; fonts often are, which does not matter."""
    if "META-INF/encryption.xml" not in archive:
        return frozenset()
    root = parse_xml(archive.read("META-INF/encryption.xml", limit=_LARGEST), name=name)
    return frozenset(unquote(each.get("URI", "")) for each in root.iter() if local(each) == "CipherReference")
