"""Compilations: a table of contents that names the articles which then follow one after the other.

The table is the only reliable list of titles, but it is printed with stray spaces and page breaks, and a title may
also occur in running text. So titles are compared without white space, must appear in the table's order, and must
begin where a sentence has ended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"(?:^|(?<=\s))目\s*[录錄次](?=\s)")
_GROUP = re.compile(r"[一二三四五六七八九十]{1,3}、\S+")
_SENTENCE_END = "。！？!?”』」)）…"
_LEADER = re.compile(r"[.．…·]{3,}[ \t]*\d{0,4}")
_LONGEST_TABLE = 20_000
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a compilation: where its title stands in the body, and the group the table lists it under."""

    group: str | None
    title: str
    start: int
    title_end: int


@dataclass(frozen=True, slots=True)
class Contents:
    """A table of contents, ``start:end``, and the articles it names, in order."""

    start: int
    end: int
    articles: tuple[Article, ...]


def find_contents(text: str) -> Contents | None:
    """The table of contents of a compilation, or ``None``: at least two of its entries must open an article below it."""
    mark = _MARK.search(text)
    if mark is None:
        return None
    text = _LEADER.sub(lambda match: " " * len(match[0]), text)
    packed = _Packed(text, mark.end())
    body = _body_start(packed, text, mark.end())
    if body is None:
        return None
    articles = _articles(packed, text[mark.end() : packed.original(body)].split(), body)
    return Contents(mark.start(), packed.original(body), articles) if len(articles) >= 2 else None


class _Packed:
    """``text`` from ``start`` on without white space, with the way back."""

    def __init__(self, text: str, start: int) -> None:
        self._offsets = [i for i in range(start, len(text)) if not text[i].isspace()]
        self.text = "".join(text[i] for i in self._offsets)

    def original(self, position: int) -> int:
        return self._offsets[position]


def _body_start(packed: _Packed, text: str, table: int) -> int | None:
    """Packed position where the first listed title comes again: the table ends and the first article begins."""
    best: tuple[int, int] | None = None
    title = ""
    for token in text[table : table + _LONGEST_TABLE].split()[:12]:
        if _GROUP.fullmatch(token) and not title:
            continue
        title += token
        again = packed.text.find(title, packed.text.find(title) + len(title))
        if again < 0 or len(title) > _LONGEST_TITLE:
            break
        best = (len(title), again)
    return best[1] if best and best[0] >= 4 else None


def _articles(packed: _Packed, tokens: list[str], body: int) -> tuple[Article, ...]:
    articles: list[Article] = []
    group: str | None = None
    position, index = body, 0
    while index < len(tokens):
        if _GROUP.fullmatch(tokens[index]):
            group, index = tokens[index], index + 1
            continue
        size, start, length = _longest_title(packed.text, tokens[index : index + _LONGEST_TITLE], position, body)
        if size:
            last = packed.original(start + length - 1) + 1
            articles.append(Article(group, " ".join(tokens[index : index + size]), packed.original(start), last))
            position = start + length
        index += max(size, 1)
    return tuple(articles)


def _longest_title(body: str, tokens: list[str], position: int, first: int) -> tuple[int, int, int]:
    """How many leading ``tokens`` make the longest title that opens an article, and its packed start and length."""
    best = (0, 0, 0)
    title = ""
    for count, token in enumerate(tokens, start=1):
        if _GROUP.fullmatch(token) and count > 1:
            break
        title += token
        start = _opening(body, title, position, first)
        if start is None or len(title) > _LONGEST_TITLE:
            if best[0]:
                break
            continue
        best = (count, start, len(title))
    return best


def _opening(body: str, title: str, position: int, first: int) -> int | None:
    """First occurrence of ``title`` from ``position`` on that begins the body or follows the end of a sentence."""
    start = body.find(title, position)
    while start >= 0:
        if start == first or body[start - 1] in _SENTENCE_END:
            return start
        start = body.find(title, start + 1)
    return None
