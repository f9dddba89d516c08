"""Which formats are read, how a file is known to be of one, and which module reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath

from rag.corpus.loading import LoadedText
from rag.errors import UnsupportedFormatError

Load = Callable[..., LoadedText]
"""Reads the bytes of a file: ``load(data, *, name, encoding)``; ``encoding`` is what the sidecar says, if anything."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its usual ``suffixes``, and the module below this package whose ``load`` reads it.

    ``marks`` are first bytes that no other format has. ``foreign``: a parser reads it that hostile files can keep busy
    or crash, so it does so in a process of its own.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    foreign: bool = True
    marks: tuple[bytes, ...] = ()

    @property
    def load(self) -> Load:
        loaded: Load = import_module(f"rag.corpus.formats.{self.module}").load
        return loaded


TEXT = Format("text", (".txt",), "text", foreign=False)
MARKDOWN = Format("markdown", (".md", ".markdown"), "markdown", foreign=False)
FORMATS = (TEXT, MARKDOWN)
SUFFIXES = frozenset(suffix for each in FORMATS for suffix in each.suffixes)
"""File name endings we read, in lower case."""


def check_suffix(name: str) -> None:
    """Raises ``UnsupportedFormatError`` unless ``name`` ends in one of ``SUFFIXES``."""
    suffix = PurePath(name).suffix
    if suffix.lower() not in SUFFIXES:
        known = ", ".join(sorted(SUFFIXES))
        raise UnsupportedFormatError(f"{name}: cannot read {suffix or 'a file without ending'}; save it as {known}.")


def format_of(data: bytes, *, name: str) -> Format:
    """What ``data`` is, by its own first bytes where they tell, otherwise by the ending of ``name``.

    Raises:
        UnsupportedFormatError: neither says anything we read.
    """
    check_suffix(name)
    by_bytes = (each for each in FORMATS if each.marks and data.startswith(each.marks))
    suffix = PurePath(name).suffix.lower()
    return next(by_bytes, None) or next(each for each in FORMATS if suffix in each.suffixes)
