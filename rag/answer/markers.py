"""The sentences of a model's answer as they arrive, each with the passages it cites; never half a mark.

Models write marks in many ways: ``[1][2]``, ``【1】``, ``[1,3]``, ``［1-3］``, ``[^1]``, ``(来源1)``, ``[passage 1]``,
``【1†source】``, ``[1](address)``. A bracket that holds something else, such as the year of a document's number
(``[2021]7号``), is text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rag.corpus.script import HAN

_LABEL = (
    r"(?:资料来源|資料來源|来源|來源|资料|資料|段落|出处|出處|参考|參考|引用|文献|文獻"
    r"|(?:passage|source|document|doc|reference|ref|citation|cite)s?)"
)
_ONE = rf"(?:{_LABEL}\s*[:：#]?\s*)?\^?\d{{1,3}}(?:†[^\[\]］】\n]{{0,60}})?"
_SEVERAL = rf"{_ONE}(?:(?:\s*(?:[,，、;；&/~～–-]|and|和|至)\s*|[ ]+){_ONE}){{0,20}}"
_MARK = (
    rf"(?:(?:\[\[|[\[［【])\s*\^?{_SEVERAL}\s*(?:\]\]|[\]］】])(?:\([^()\n]{{0,300}}\))?"
    rf"|[(（]\s*见?{_LABEL}\s*[:：#]?\s*{_SEVERAL}\s*[)）]"
    rf"|[(（]\s*{_LABEL}?\s*[\[［【]\s*{_SEVERAL}\s*[\]］】]\s*[)）]"
    rf"|[\[［【]\s*{_LABEL}\s*[:：]?[^\[\]［］【】\n]{{0,80}}[\]］】]"
    rf"|[(（]\s*{_LABEL}\s*[:：][^()（）\n]{{0,120}}[)）]"
    r"|<sup>\s*\d{1,3}\s*</sup>)"
)
_MARKS = re.compile(rf"[ \t\u3000]*{_MARK}(?:[ \t\u3000]*[,，、;；和及与]?[ \t\u3000]*{_MARK}){{0,20}}", re.IGNORECASE)
_ADDRESS = re.compile(r"\]\([^()]*\)|†[^\[\]］】]*")
_NUMBERS = re.compile(r"(\d{1,3})(?:\s*[-–~～至]\s*(\d{1,3}))?")
_HALF = re.compile(rf"[ \t\u3000]*[\[［【(（]\s*\^?(?:{_LABEL}\s*[:：#]?)?[\d\s,，、]*$", re.IGNORECASE)
# A full stop of an English sentence ends it only where a new one may begin; what follows ! ? ; in an address does not.
_END = re.compile(
    r"\n|[。！？；]+[”’」』)）】》\"]*|[!?;]+(?![\w\[=&/%])[”’」』)）】》\"]*|(?<=[A-Za-z0-9%)\"”’\]])\.[\"”’)]*(?=\s)"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|No|Nos|Art|Arts|Dr|Mr|Mrs|Ms|vs|etc|cf|pp|Sec|Ch|e\.g|i\.e|\d{1,3})$"
)
_BEGINS = re.compile(rf"[A-Z\"“'(\[［【*#-]|[{HAN}]|\d")
_IS_HAN = re.compile(f"[{HAN}]")
_UNCLOSED = re.compile(r"[\[［【][^\]］】\n]*|[(（][^)）\n]*")
_RAISED = re.compile(r"<(?:s(?:u(?:p(?:>(?:\s*\d{0,3}\s*(?:<(?:/(?:s(?:u(?:p)?)?)?)?)?)?)?)?)?)?", re.IGNORECASE)
_LONGEST_MARK = 320
_LONGEST_SENTENCE = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence without its marks, the numbers of the passages it cites, and how many of its marks name none.

    ``begins_line``: whether it stood at the beginning of a line.
    """

    text: str
    cited: tuple[int, ...] = ()
    invented: int = 0
    begins_line: bool = False


class SentenceStream:
    """Cuts streamed text into sentences; ``known`` are the numbers of the passages there are."""

    def __init__(self, known: Collection[int]) -> None:
        self._known = known
        self._rest = ""
        self._begins_line = True

    def feed(self, text: str) -> Iterator[Said]:
        """The sentences that ``text`` completes: those after which neither a mark nor more of the sentence can come."""
        self._rest += text
        yield from self._complete(final=False)

    def finish(self) -> Iterator[Said]:
        """What is left at the end of the stream, without a mark that was cut off."""
        yield from self._complete(final=True)
        rest, self._rest = _HALF.sub("", self._rest), ""
        yield from self._said(rest)

    def _complete(self, *, final: bool) -> Iterator[Said]:
        while (cut := _cut(self._rest, final=final)) is not None:
            piece, self._rest = self._rest[:cut], self._rest[cut:]
            yield from self._said(piece)

    def _said(self, piece: str) -> Iterator[Said]:
        numbers: list[int] = []
        invented = 0
        for match in _MARKS.finditer(piece):
            named = _named(match[0])
            numbers += [number for number in named if number in self._known]
            invented += sum(number not in self._known for number in named) or int(not named)
        text = _MARKS.sub("", piece).strip()
        begins_line = self._begins_line or piece.lstrip(" \t\u3000").startswith("\n")
        # A blank line, or a line of nothing but marks, leaves the next sentence at the beginning of one.
        self._begins_line = piece.endswith("\n") or (begins_line and not text)
        if text or numbers or invented:
            yield Said(text, tuple(dict.fromkeys(numbers)), invented, begins_line)


def _cut(text: str, *, final: bool) -> int | None:
    """Where the first sentence of ``text`` ends with its marks; ``None`` while that cannot be told."""
    for match in _END.finditer(text):
        if match[0] == "\n":
            return match.end()
        marks = _MARKS.match(text, match.end())
        end = marks.end() if marks else match.end()
        following = text[end:].lstrip(" \t\u3000,，、")
        if match[0].startswith("."):
            if _IS_HAN.search(text, 0, match.start()) or _ABBREVIATION.search(text[: match.start()]):
                continue
            if following.strip() and not _BEGINS.match(following.lstrip()):
                continue
        if not final and _may_be_a_mark(following):
            return None
        return end
    return _LONGEST_SENTENCE if len(text) > _LONGEST_SENTENCE else None


def _may_be_a_mark(following: str) -> bool:
    """Whether what follows a sentence, as far as it is known, may turn out to be a mark of it."""
    if not following:
        return True
    if len(following) >= _LONGEST_MARK:
        return False
    return any(pattern.fullmatch(following) for pattern in (_UNCLOSED, _RAISED))


def _named(marks: str) -> list[int]:
    """The numbers in a row of marks, ranges told out (no longer than there can be passages)."""
    found: list[int] = []
    for first, last in _NUMBERS.findall(_ADDRESS.sub("]", marks)):
        start, stop = int(first), int(last or first)
        found += range(start, stop + 1) if start <= stop < start + 100 else (start, stop)
    return found
