"""Headings: where the words of one end and the text begins, at line starts and glued into running text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence, Set

from rag.corpus.markers import Marker
from rag.corpus.numerals import NUMERAL
from rag.corpus.script import HAN

STRUCTURAL = ("part", "subpart", "chapter", "section", "article")
"""Kinds of marker that are words themselves: 第一编, 第一章, 第一条."""
LONGEST_HEADING = 60
_LONGEST_INLINE_HEADING = 50
_LONGEST_LOOK = 200
_ARTICLE = re.compile(rf"第\s?[{NUMERAL}\d]+\s?[条條节節]\s")
# A page break in a heading: a few words between two spaces. The text below has a comma or a full point before a space.
_BROKEN_HEADING = re.compile(rf"\s[{HAN}]{{2,9}}(?=\s[{HAN}])")
_SECOND_LINE = re.compile("(?!第)[^，。；：,;:]{1,25}")
# Headings so usual that they are known even where the scan glued them to the text that follows.
_STANDING_HEADING = re.compile(
    r"\s*(指导思想|基本原则|目标任务|总体要求|总体思路|总体目标|主要目标|工作目标|发展目标|主要任务|重点任务|工作任务|重点工作|工作重点|"
    r"工作措施|主要措施|保障措施|组织保障|工作保障|工作要求|工作步骤|实施步骤|组织领导|组织实施|适用范围|职责分工|监督检查|附则|总则)(?![和与及、])"
)


class Lines:
    """The lines of ``text``, found without going through it again: one line may be the whole document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def begins(self, position: int) -> bool:
        """Whether a line starts at ``position`` (clean text has no indentation)."""
        return position == 0 or self.text[position - 1] == "\n"

    def end(self, position: int) -> int:
        """Where the line of ``position`` ends."""
        following = bisect_left(self._ends, position)
        return self._ends[following] if following < len(self._ends) else len(self.text)

    def rest(self, position: int) -> str:
        """The line from ``position`` on, as much of it as a decision can depend on."""
        return self.text[position : min(self.end(position), position + _LONGEST_LOOK)]


class Headings:
    """Finds the heading that a marker opens; ``known`` are positions where headings known from elsewhere start."""

    def __init__(self, lines: Lines, markers: Sequence[Marker], known: Set[int]) -> None:
        self._lines = lines
        self._markers = markers
        self._known = known

    def find(self, marker: Marker, *, at_line_start: bool) -> tuple[int, str]:
        """Where the heading ends, and its text; when it cannot be told from the body, only the label is heading."""
        start, line_end = marker.end, self._lines.end(marker.end)
        rest = self._lines.rest(start)
        if marker.kind == "article":
            return self._article_heading(marker)
        if marker.kind in STRUCTURAL and not at_line_start:
            words = re.match(r"\s*(\S\s\S(?=\s)|\S+)", rest)
            end = start + (words.end() if words else 0)
        elif len(rest) <= LONGEST_HEADING and not re.search("[。；;！？!?].", rest):
            end = self._wrapped_end(line_end) if marker.kind in STRUCTURAL else line_end
        else:
            stop = re.search(r"[。；;：:！？!?]|(?<=\S{4})\s", rest[:_LONGEST_INLINE_HEADING])
            child = self._child_start(marker)
            standing = None if at_line_start else _STANDING_HEADING.match(rest)
            if standing:
                end = start + standing.end()
            elif child:
                end = child
            elif stop:
                broken = _BROKEN_HEADING.match(rest, stop.start())
                end = start + (broken or stop).end()
            else:
                clause = re.split("[，,、]", rest.strip()[:24])[0]
                return start, f"{marker.label.strip()}{clause}…"
        return end, self._lines.text[marker.start : end].replace("\n", "").strip().rstrip("。；;：:")

    def _wrapped_end(self, line_end: int) -> int:
        """A chapter's heading goes on in a second short line where the first article or section comes right below."""
        second_end = self._lines.end(line_end + 1)
        second, third = self._lines.rest(line_end + 1), self._lines.rest(second_end + 1)
        if line_end + 1 in self._known or not _SECOND_LINE.fullmatch(second) or not _ARTICLE.match(third):
            return line_end
        return second_end

    def _child_start(self, marker: Marker) -> int | None:
        """Start of a first sub-section that follows the heading of ``marker`` with only a space between."""
        after = bisect_left(self._markers, marker.end, key=lambda m: m.start)
        for child in self._markers[after : after + 1]:
            between = self._lines.text[marker.end : child.start]
            if child.number == 1 and between[-1:].isspace() and len(between) <= LONGEST_HEADING:
                return None if re.search("[。；;：:！？!?]", between) else child.start
        return None

    def _article_heading(self, marker: Marker) -> tuple[int, str]:
        named = re.compile(r"\s?(【[^】\n]{1,40}】|[(（][^)）\n]{1,40}[)）](?=\n))").match(self._lines.text, marker.end)
        end = named.end() if named else marker.end
        return end, self._lines.text[marker.start : end].strip()
