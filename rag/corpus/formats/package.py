"""Office Open XML packages: the parts of a file and the relations that lead from one to the next."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from rag.corpus.formats.docx_names import transitional
from rag.corpus.formats.xml import Element, parse_xml
from rag.corpus.formats.zipped import Zip, open_zip
from rag.errors import DocumentError

_LARGEST_PART = 60_000_000  # bytes; parsed it takes about ten times as much memory


class Relation(NamedTuple):
    """A target and the last word of the type (``styles``, ``worksheet``)."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of the file ``name``; ``main`` is the part that says what the file is."""

    archive: Zip
    name: str
    main: str

    def read(self, part: str) -> bytes:
        return transitional(self.archive.read(part, limit=_LARGEST_PART))

    def parse(self, part: str) -> Element:
        """The root element of ``part``."""
        return parse_xml(self.read(part), name=self.name)

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations from ``part`` to others inside the file, by their ids."""
        return _relations(self.archive, part, self.name)

    def related(self, kind: str) -> Element | None:
        """The root of the part of this kind that the main part leads to, if there is one."""
        targets = (each.target for each in self.relations(self.main).values() if each.kind == kind)
        part = next((target for target in targets if target in self.archive), None)
        return None if part is None else self.parse(part)


def open_package(data: bytes, *, name: str, usual: str) -> Package:
    """The package ``data``; its main part is the one it names, else the ``usual`` one.

    Raises:
        DocumentError: it is no such package, damaged, encrypted or too large.
    """
    archive = open_zip(data, name=name)
    targets = (each.target for each in _relations(archive, "", name).values() if each.kind == "officeDocument")
    main = next((target for target in targets if target in archive), usual)
    if main not in archive:
        raise DocumentError(
            f"{name} is damaged: it holds no {usual}. Open it in the program it is from, and save it again."
        )
    return Package(archive, name, main)


def _relations(archive: Zip, part: str, name: str) -> dict[str, Relation]:
    folder, file = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", f"{file}.rels")
    if listed not in archive:
        return {}
    found = {}
    for each in parse_xml(archive.read(listed, limit=_LARGEST_PART), name=name):
        if each.get("TargetMode") != "External" and each.get("Id"):
            target = posixpath.normpath(posixpath.join("/", folder, unquote(each.get("Target", ""))))
            found[each.get("Id")] = Relation(each.get("Type", "").rpartition("/")[2], target.lstrip("/"))
    return found
