"""The visible text of a page, block by block, and the tree of what holds the blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.corpus.formats.html_table import is_data_table, table_rows
from rag.corpus.formats.html_text import SKIPPED, gap, is_hidden
from rag.corpus.formats.tables import table_lines
from rag.corpus.formats.xml import Element, etree

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
        figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary
        table tbody td tfoot th thead tr ul ucapcontent ucaptitle""",
    )
)
_LONGEST_MARKS = 300
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_ATTACHED = re.compile(r"\.(?:docx?|xlsx?|pptx?|pdf|zip|rar|wps|et|ofd|txt|csv|ceb)(?:$|[?#])", re.IGNORECASE)


@dataclass(slots=True)
class Block:
    """A line of the page: ``level`` from 1 if it is a heading, ``links`` how many of its characters are links.

    ``attached``: it links to a file; ``table``: it is the row of a table; ``node``: the index of what holds it.
    """

    text: str
    node: int
    level: int = 0
    links: int = 0
    attached: bool = False
    table: bool = False


@dataclass(slots=True)
class Node:
    """An element that holds blocks ``first:last``; ``marks`` are its class, id and role in lower case."""

    tag: str
    marks: str
    parent: int
    first: int
    last: int = 0
    links: int = 0


@dataclass(slots=True)
class Page:
    """Blocks in reading order; nodes in the order in which they open, the first holds all."""

    blocks: list[Block] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)


def read_blocks(root: Element) -> Page:
    """Everything below ``root`` that a reader sees."""
    reading = _Reading()
    walk = etree().iterwalk(root, events=("start", "end"))
    skipped: Element = None
    for event, element in walk:
        if event == "start":
            if not isinstance(element.tag, str) or element.tag in SKIPPED or is_hidden(element):
                walk.skip_subtree()
                skipped = element
                continue
            reading.start(element)
            if element.tag == "table" and is_data_table(element):
                reading.table(element)
                walk.skip_subtree()
        elif element is skipped:
            skipped = None
            reading.add(element.tail or "")
        else:
            reading.end(element)
            reading.add(element.tail or "")
    reading.close(0)
    return reading.page


class _Reading:
    def __init__(self) -> None:
        self.page = Page(nodes=[Node("", "", -1, 0)])
        self._open = [0]
        self._pieces: list[str] = []
        self._links = self._within_links = self._preformatted = 0
        self._attached = False
        self._level = 0
        self._gap = False

    def start(self, element: Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
            marks = " ".join(element.get(name, "") for name in ("class", "id", "role"))[:_LONGEST_MARKS].lower()
            self.page.nodes.append(Node(tag, marks, self._open[-1], len(self.page.blocks)))
            self._open.append(len(self.page.nodes) - 1)
            self._level = _LEVELS.get(tag, self._level)
            self._preformatted += tag == "pre"
        elif tag == "br":
            self._pieces.append("\n")
        elif tag == "a":
            self._within_links += 1
            self.page.nodes[self._open[-1]].links += 1
            self._attached = self._attached or bool(_ATTACHED.search(element.get("href", "")))
        self.add(element.text or "")

    def end(self, element: Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
            self.close(self._open.pop())
            self._level = 0 if tag in _LEVELS else self._level
            self._preformatted -= tag == "pre"
        elif tag == "a":
            self._within_links -= 1

    def add(self, text: str) -> None:
        """Text as it stands in the source."""
        if not text:
            return
        shown = text if self._preformatted else gap(text)
        self._links += len(shown.strip()) if self._within_links else 0
        self._pieces.append(shown)

    def table(self, element: Element) -> None:
        """A table of data; its element was started."""
        self._pieces.clear()
        self._links = 0
        rows, links, attached = table_rows(element)
        lines = table_lines(rows)
        share = min(1.0, links / max(1, sum(map(len, lines))))
        for line in lines:
            block = Block(line, self._open[-1], links=int(share * len(line)), attached=attached, table=True)
            self.page.blocks.append(block)

    def close(self, node: int) -> None:
        self._flush()
        self.page.nodes[node].last = len(self.page.blocks)

    def _flush(self) -> None:
        text = _lines("".join(self._pieces)) if self._pieces else ""
        if text:
            self.page.blocks.append(
                Block(text, self._open[-1], self._level, min(self._links, len(text)), self._attached)
            )
        self._pieces.clear()
        self._links, self._attached = 0, False


def _lines(text: str) -> str:
    lines: Sequence[str] = [" ".join(line.split(" ")).strip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line)
