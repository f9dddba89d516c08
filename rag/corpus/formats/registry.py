"""Which formats are read, how a file is known to be of one, and which module reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath

from rag.corpus.formats.detection import detect, is_text
from rag.corpus.loading import LoadedText
from rag.errors import UnsupportedFormatError

Load = Callable[..., LoadedText]
"""Reads the bytes of a file: ``load(data, *, name, encoding)``; ``encoding`` is what the sidecar says, if anything."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its usual ``suffixes``, and the module below this package whose ``load`` reads it.

    ``foreign``: a parser reads it that hostile files can keep busy or crash, so it does so in a process of its own.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    foreign: bool = True

    @property
    def load(self) -> Load:
        loaded: Load = import_module(f"rag.corpus.formats.{self.module}").load
        return loaded


TEXT = Format("text", (".txt",), "text", foreign=False)
MARKDOWN = Format("markdown", (".md", ".markdown"), "markdown", foreign=False)
FORMATS = (
    TEXT,
    MARKDOWN,
    Format("pdf", (".pdf",), "pdf"),
    Format("docx", (".docx", ".docm", ".dotx", ".dotm"), "docx"),
    Format("html", (".html", ".htm", ".xhtml", ".shtml"), "html"),
    Format("mht", (".mht", ".mhtml"), "mht"),
    Format("epub", (".epub",), "epub"),
    Format("xlsx", (".xlsx", ".xlsm", ".xltx"), "xlsx"),
    Format("xls", (".xls", ".et"), "xls"),
    Format("ods", (".ods",), "ods"),
    Format("csv", (".csv", ".tsv"), "delimited"),
    Format("pptx", (".pptx", ".pptm", ".ppsx"), "pptx"),
    Format("office", (".doc", ".dot", ".wps", ".wpt", ".rtf", ".odt", ".ppt", ".pps", ".dps", ".odp"), "office"),
    Format("ofd", (".ofd",), "ofd"),
)
SUFFIXES = frozenset(suffix for each in FORMATS for suffix in each.suffixes)
"""File name endings we take from a folder, in lower case."""
SAVE_AS = "PDF, DOCX, PPTX, XLSX, CSV, HTML, EPUB, Markdown or plain text"
"""The formats to name where somebody has to choose one."""
_NAMED = {each.name: each for each in FORMATS}
_ZIPPED_OFFICE = (".odt", ".odp")
_AS_TEXT = {"xls": "csv", "xlsx": "csv", "ods": "csv", "office": "text", "docx": "text"}


def check_suffix(name: str) -> None:
    """Raises ``UnsupportedFormatError`` unless ``name`` ends in one of ``SUFFIXES``."""
    suffix = PurePath(name).suffix
    if suffix.lower() not in SUFFIXES:
        raise UnsupportedFormatError(f"{name}: cannot read {suffix or 'a file without ending'}; save it as {SAVE_AS}.")


def format_of(data: bytes, *, name: str) -> Format:
    """What ``data`` is, by its own bytes where they tell, otherwise by the ending of ``name``.

    Offices export tables of text as ``.xls`` and web pages as ``.doc``; such files are read as what they are.

    Raises:
        UnsupportedFormatError: ``name`` has an ending that we do not read.
    """
    check_suffix(name)
    suffix = PurePath(name).suffix.lower()
    named = next(each for each in FORMATS if suffix in each.suffixes)
    found = _NAMED.get(detect(data) or "")
    if found is not None:
        return found
    if named.name == "office" and data.startswith(b"PK") and suffix not in _ZIPPED_OFFICE:
        return _NAMED["docx"]  # a damaged one under another name
    if named.name in _AS_TEXT and is_text(data):
        return _NAMED[_AS_TEXT[named.name]]
    return named
