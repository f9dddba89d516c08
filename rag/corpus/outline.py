"""The outline of a document: which markers open sections, how they nest, and what their headings are.

Works on the clean text. At the start of a line a marker is believed when its number fits; inside a line only where a
sentence has just ended *and* the number is the one expected next, so that cross-references and counted things stay
text. Inside an article (第…条), and after a sentence ending in a colon, numbered lines are list items, not sections.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.corpus.headings import LONGEST_HEADING, STRUCTURAL, Headings, Lines
from rag.corpus.markers import RANK, Marker, find_markers, refers

_ITEM_KINDS = ("paren", "arabic", "arabic paren", "circled")
_LONGEST_ITEM = 150
_LOOK_AHEAD = 8000
_LONGEST_SUPPLEMENT = 9
_BOUNDARY = "。！？；!?;”’」』)）》…"
_SUPPLEMENT = re.compile(r"附\s*[则則]$")
_ANNEX = re.compile(r"附\s*[件录錄表]\s*[\d一二三四五六七八九十]*\s*[:：]?$")


@dataclass(slots=True)
class Node:
    """A section of the clean text: heading ``start:body``, everything under it up to ``end``."""

    kind: str
    number: int | None
    label: str
    heading: str
    start: int
    body: int
    level: int
    parent: int | None
    end: int = -1


@dataclass(frozen=True, slots=True)
class Title:
    """A heading known from elsewhere than its marker: a compilation's article, or a Markdown heading.

    One that stands beside chapters (序言, 附表) has their ``kind`` and ``rank``.
    """

    start: int
    end: int
    rank: float
    group: str | None = None
    kind: str = "title"


@dataclass(slots=True)
class _Run:
    """An open level: its node, or ``None`` for a list whose items open no section."""

    kind: str
    rank: float
    number: int | None
    node: int | None


@dataclass(slots=True)
class _Builder:
    lines: Lines
    markers: Sequence[Marker]
    headings: Headings
    nodes: list[Node] = field(default_factory=list)
    stack: list[_Run] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)  # last number of each kind, for numbering that runs on
    group: str | None = None

    # --- what opens a section -------------------------------------------------------------------------------

    def marker(self, index: int) -> None:
        marker = self.markers[index]
        at_line_start = self.lines.begins(marker.start)
        if not (self._fits_line(marker) if at_line_start else self._fits_inline(index)):
            return
        number = marker.number if marker.number is not None else self._expected(marker.kind)
        if self._is_item(marker):
            while self.stack[-1:] and self.stack[-1].node is None and self.stack[-1].rank >= RANK[marker.kind]:
                self.stack.pop()
            self.stack.append(_Run(marker.kind, RANK[marker.kind], number, None))
            return
        body, heading = self.headings.find(marker, at_line_start=at_line_start)
        self._open(
            Node(marker.kind, number, marker.label.strip(), heading, marker.start, body, 0, None), RANK[marker.kind]
        )

    def title(self, title: Title) -> None:
        if title.group is not None and title.group != self.group:
            self.stack.clear()
            self._open(Node("group", None, "", title.group, title.start, title.start, 0, None), -1)
        self.group = title.group
        self.last.clear()
        heading = " ".join(self.lines.text[title.start : title.end].split())
        self._open(Node(title.kind, None, "", heading, title.start, title.end, 0, None), title.rank)

    def supplement(self, start: int, end: int) -> None:
        kind = "chapter" if _SUPPLEMENT.match(self.lines.text, start, end) else "annex"
        rank = RANK["chapter"] if kind == "chapter" else 0.5
        heading = self.lines.text[start:end].strip()
        self._open(Node(kind, None, heading, heading, start, end, 0, None), rank)

    def _open(self, node: Node, rank: float) -> None:
        self._pop_to(node.kind, rank)
        parents = [run.node for run in self.stack if run.node is not None]
        node.parent = parents[-1] if parents else None
        node.level = len(parents) + 1
        if node.number is not None:
            self.last[node.kind] = node.number
        self.nodes.append(node)
        self.stack.append(_Run(node.kind, rank, node.number, len(self.nodes) - 1))

    def _pop_to(self, kind: str, rank: float) -> None:
        level = next((i for i, run in enumerate(self.stack) if run.kind == kind and run.rank >= rank), None)
        if level is not None:
            del self.stack[level:]
        while self.stack and self.stack[-1].rank > rank:
            self.stack.pop()

    # --- whether a marker is believed -----------------------------------------------------------------------

    def _fits_line(self, marker: Marker) -> bool:
        if marker.kind == "dash":
            return self._dash_heads(marker)
        if marker.kind == "article":
            return self._article_fits(marker)
        if marker.kind in STRUCTURAL:
            line = self.lines.rest(marker.end)
            return (
                len(line) <= LONGEST_HEADING and not re.search("[。；;]", line) and not refers(self.lines.text, marker)
            )
        expected = self._expected(marker.kind)
        if marker.number is None:
            return expected > 1
        if marker.bare:
            return marker.number == expected and (expected > 1 or self._followed(marker))
        fits = marker.number == 1 or expected <= marker.number <= expected + 2 or self._runs_on(marker)
        return fits or (expected == 1 and marker.kind == "comma")

    def _article_fits(self, marker: Marker) -> bool:
        following = self.lines.text[marker.end : marker.end + 1]
        if not following or following.isspace() or following == "【":
            return True
        if marker.number is None or refers(self.lines.text, marker):
            return False
        return marker.inserted or marker.number == self._expected("article")

    def _fits_inline(self, index: int) -> bool:
        marker = self.markers[index]
        before = self.lines.text[marker.start - 1]
        after_heading = bool(self.nodes) and self.nodes[-1].body == marker.start
        if marker.kind == "dash" or not (before in _BOUNDARY or before.isspace() or after_heading):
            return False
        following = self.lines.text[marker.end : marker.end + 1]
        if marker.kind in STRUCTURAL and not following.isspace():
            return False
        expected = self._expected(marker.kind)
        if marker.number is None:
            return marker.kind == "paren" and expected > 1
        return (marker.number == expected and (expected > 1 or self._followed(marker))) or self._runs_on(marker)

    def _runs_on(self, marker: Marker) -> bool:
        """Numbering that goes on across chapters: （三） ends chapter 一, （四） begins chapter 二."""
        return marker.kind in ("paren", "article", "arabic") and marker.number == self.last.get(marker.kind, -1) + 1

    def _expected(self, kind: str) -> int:
        for run in reversed(self.stack):
            if run.kind == kind:
                return (run.number or 0) + 1
        return 1

    def _followed(self, marker: Marker) -> bool:
        """Whether a second marker of the kind comes later, so that this first one opens a series."""
        first = bisect_left(self.markers, marker.end, key=lambda m: m.start)
        for index in range(first, len(self.markers)):
            later = self.markers[index]
            if later.start > marker.end + _LOOK_AHEAD or (later.kind == marker.kind and later.number == 1):
                return False
            if later.kind == marker.kind and later.number == 2 and later.bare == marker.bare:
                return True
        return False

    def _is_item(self, marker: Marker) -> bool:
        if marker.kind in STRUCTURAL:
            return False
        same = next((run for run in reversed(self.stack) if run.kind == marker.kind), None)
        if same is not None and (same.node is None or marker.number == (same.number or 0) + 1):
            return same.node is None
        if any(run.kind == "article" or (run.node is None and run.rank < RANK[marker.kind]) for run in self.stack):
            return True
        if marker.kind not in _ITEM_KINDS or marker.number != 1:
            return False
        introduction = self.lines.text[max(0, marker.start - 40) : marker.start].rstrip()
        line = self.lines.end(marker.start) - marker.start
        return introduction.endswith(("：", ":")) and line <= _LONGEST_ITEM

    def _dash_heads(self, marker: Marker) -> bool:
        """A line of its own —— 「——市域黨的領導全面加強。」 —— heads the paragraph below; a longer line is an item."""
        line_end = self.lines.end(marker.end)
        following = self.lines.rest(line_end + 1)
        return line_end - marker.end <= 30 and len(following) > 40 and not following.startswith("——")


def is_supplement(line: str) -> bool:
    """Whether ``line`` heads what follows the numbered chapters: 附则, 附件2."""
    return bool(len(line) <= _LONGEST_SUPPLEMENT and (_SUPPLEMENT.match(line) or _ANNEX.match(line)))


def find_outline(text: str, titles: Sequence[Title] = ()) -> list[Node]:
    """The sections of the clean ``text`` in reading order; ``titles`` are headings known from elsewhere.

    Offsets are positions in ``text``; ``parent`` is an index into the list.
    """
    supplements = [match.span() for match in re.finditer(r"(?m)^附.+$", text) if is_supplement(match[0])]
    known_starts = {title.start for title in titles} | {start for start, _ in supplements}
    lines, markers = Lines(text), list(find_markers(text))
    builder = _Builder(lines, markers, Headings(lines, markers, known_starts))
    events: list[tuple[int, int, int]] = [(title.start, 0, i) for i, title in enumerate(titles)]
    events += [(marker.start, 2, i) for i, marker in enumerate(builder.markers)]
    events += [(span[0], 1, i) for i, span in enumerate(supplements)]
    known = 0  # markers inside a known title are part of it
    for start, what, index in sorted(events):
        if start < known:
            continue
        if what == 0:
            builder.title(titles[index])
            known = titles[index].end
        elif what == 1:
            builder.supplement(*supplements[index])
        else:
            builder.marker(index)
    return _close(builder.nodes, len(text))


def _close(nodes: list[Node], length: int) -> list[Node]:
    """Set each node's ``end``: where the next node that is not below it starts."""
    open_nodes: list[Node] = []
    for node in nodes:
        while open_nodes and open_nodes[-1].level >= node.level:
            open_nodes.pop().end = node.start
        open_nodes.append(node)
    for node in open_nodes:
        node.end = length
    return nodes
