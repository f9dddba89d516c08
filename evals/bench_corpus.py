"""A corpus of any size, grown from real text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rag.errors import DocumentSizeError
from rag.schema import Document

CHARACTERS = 3000
"""Least length of a grown document, where its sections give as much."""

_SHORTEST, _LONGEST = 60, 4000
_MOST = 60  # sections in a document
_FILE_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Grown:
    """What was written: ``documents`` files out of ``sections`` different sections, each used ``uses`` times."""

    documents: int
    sections: int
    uses: float


def grow(real: list[Document], documents: int, into: Path, *, seed: int = 0) -> Grown:
    """Write ``documents`` text files into the new folder ``into``, put together from the sections of ``real``.

    Real sections: the innermost ones of the outlines, of 60 to 4,000 characters, word for word as in the file; of a
    document without outline, its chunks. Each new document has as its first line the title of a document drawn at
    random (real titles, so many share one), then sections drawn at random from all documents, none twice, until it
    has 3,000 characters. Each section opens with 第1条, 第2条 … in place of its own number, so that the outline is
    sound. So every sentence is real, no two documents are the same, but a section is used many times when few are
    grown into many (the result says how often): passages repeat, across documents with different neighbours.

    Document number i depends on ``real``, ``seed`` and i alone: a corpus of 50 begins with the corpus of 5.

    Raises:
        DocumentSizeError: ``real`` has no section long enough.
    """
    sections = [text for document in real for text in _sections(document)]
    titles = [document.metadata.title or Path(document.source).stem for document in real]
    if not sections:
        raise DocumentSizeError(f"no section of {_SHORTEST} characters to grow documents from. Name a larger corpus.")
    into.mkdir(parents=True)
    used = 0
    for number in range(1, documents + 1):
        draw = Random(f"{seed}-{number}")
        title, body = draw.choice(titles), _fill(draw, sections)
        used += len(body)
        text = "\n".join([title, *(f"第{index}条 {section}" for index, section in enumerate(body, 1)), ""])
        (into / f"{number:05}-{_FILE_NAME.sub('-', title)[:40]}.txt").write_text(text, encoding="utf-8")
    return Grown(documents, len(sections), used / len(sections))


def _fill(draw: Random, sections: list[str]) -> list[str]:
    chosen: list[str] = []
    for section in draw.sample(sections, min(_MOST, len(sections))):
        chosen.append(section)
        if sum(map(len, chosen)) >= CHARACTERS:
            break
    return chosen


def _sections(document: Document) -> list[str]:
    """The innermost sections' texts without their number, or the chunks' where there is no outline."""
    parents = {section.parent for section in document.sections}
    inner = [section for section in document.sections if section.index not in parents]
    texts = [document.text[s.start : s.end].removeprefix(s.label).strip() for s in inner]
    texts = texts or [chunk.text for chunk in document.chunks]
    return [text for text in texts if _SHORTEST <= len(text) <= _LONGEST]
