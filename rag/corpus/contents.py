"""Tables of contents: of a compilation, which names the articles that follow, or of a document's own chapters.

A compilation's table is the only reliable list of titles, but it is printed with stray spaces, dots, page numbers and
page breaks, and a title may also occur in running text. So titles are compared without white space, must appear in the
table's order, and must begin a line or follow the end of a sentence. The table of a single document (第一章, 一、) is
only furniture: the same headings come again below it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"(?:^|(?<=\s))目\s*[录錄次](?=\s)")
_GROUP = re.compile(r"[一二三四五六七八九十]{1,3}、\S+")
_OUTLINE_ENTRY = re.compile(
    r"第[〇零一二三四五六七八九十百\d]+[编編章节節条條]|[一二三四五六七八九十壹贰貳叁參]+、|[(（].{1,3}[)）]|\d{1,2}[.．、]|附\s*[则則件录錄]"
)
_SENTENCE_END = "。！？!?”』」)）…"
_LEADER = re.compile(r"(?:[.．·•‥_—-]{3,}|…+)[ \t]*\d{0,4}")
_LONGEST_TABLE = 20_000
_LONGEST_TITLE = 120
_SHORTEST_TITLE = 4
_SHORTEST_TABLE = 3
_HEADING_RUN = re.compile(
    r"(?m)(?:^[# \t\u3000]*(?:第[〇零一二三四五六七八九十百\d]{1,5}[编編章节節]|[一二三四五六七八九十]{1,3}、)"
    r"[^。；;\n]{0,40}\n\s*){4,}"
)


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a compilation: where its title stands in the body, and the group the table lists it under."""

    group: str | None
    title: str
    start: int
    title_end: int


@dataclass(frozen=True, slots=True)
class Contents:
    """A table of contents, ``start:end``, and the articles it names, in order; none if it is a document's own."""

    start: int
    end: int
    articles: tuple[Article, ...]


def find_contents(text: str) -> Contents | None:
    """The table of contents in ``text``, or ``None``: at least two of its entries must come again below it."""
    mark = _MARK.search(text)
    if mark is None:
        return _bare_table(text)
    start, stop = mark.end(), mark.end() + _LONGEST_TABLE
    table = _LEADER.sub(lambda match: " " * len(match[0]), text[start:stop])
    packed = _Packed(text[:start] + table + text[stop:], start)
    body = _body_start(packed, table.split()[:12])
    if body is None or "。" in text[start : packed.offsets[body]] or packed.offsets[body] > stop:
        return None
    tokens = table[: packed.offsets[body] - start].split()
    articles = _articles(packed, tokens, body)
    end = packed.offsets[body]
    own = sum(bool(_OUTLINE_ENTRY.match(article.title)) for article in articles)
    if len(articles) >= 2 and own * 2 <= len(articles):
        return Contents(mark.start(), end, articles)
    chapters = [token for token in tokens if _GROUP.fullmatch(token) and packed.text.find(token, body) >= 0]
    return Contents(mark.start(), end, ()) if max(own, len(chapters)) >= 2 else None


def _bare_table(text: str) -> Contents | None:
    """A table that nothing announces: headings without text between them, until the first comes again."""
    for run in _HEADING_RUN.finditer(text, 0, _LONGEST_TABLE):
        lines = [(match.start(), "".join(match[0].split())) for match in re.finditer(".+", run[0])]
        again = next((start for start, line in lines[_SHORTEST_TABLE:] if line == lines[0][1]), None)
        if again is not None:
            return Contents(run.start(), run.start() + again, ())
    return None


class _Packed:
    """``text`` from ``start`` on without white space, with the way back."""

    def __init__(self, text: str, start: int) -> None:
        self.offsets = [i for i in range(start, len(text)) if not text[i].isspace()]
        self.text = "".join(text[i] for i in self.offsets)
        self._original = text

    def before(self, position: int) -> str:
        """The character before packed ``position``, white space included."""
        return self._original[self.offsets[position] - 1]

    def after(self, position: int) -> str:
        """The character after packed ``position``, white space included; empty at the end."""
        following = self.offsets[position] + 1
        return self._original[following : following + 1]


def _body_start(packed: _Packed, tokens: list[str]) -> int | None:
    """Packed position where the first entry comes again: the table ends and the body begins."""
    best: tuple[int, int] | None = None
    title = ""
    group: int | None = None
    for number, token in enumerate(tokens):
        if _GROUP.fullmatch(token) and not title:
            group = _again(packed, token) if number == 0 else group
            continue
        title += token
        again = _again(packed, title)
        if again is None or len(title) > _LONGEST_TITLE:
            break
        best = (len(title), again)
    starts = [group] if group is not None else []
    if best and best[0] >= _SHORTEST_TITLE:
        starts.append(best[1])
    return min(starts, default=None)


def _again(packed: _Packed, entry: str) -> int | None:
    """Where a line or a word of the original begins with ``entry`` for the second time."""
    found = packed.text.find(entry)
    while found >= 0:
        found = packed.text.find(entry, found + len(entry))
        if found >= 0 and (packed.before(found).isspace() or packed.before(found) in _SENTENCE_END):
            return found
    return None


def _articles(packed: _Packed, tokens: list[str], body: int) -> tuple[Article, ...]:
    articles: list[Article] = []
    group: str | None = None
    position, index = body, 0
    while index < len(tokens):
        if _GROUP.fullmatch(tokens[index]):
            group, index = tokens[index], index + 1
            continue
        size, start, length = _longest_title(packed, tokens[index : index + _LONGEST_TITLE], position, body)
        if size:
            last = packed.offsets[start + length - 1] + 1
            articles.append(Article(group, " ".join(tokens[index : index + size]), packed.offsets[start], last))
            position = start + length
        index += max(size, 1)
    return tuple(articles)


def _longest_title(packed: _Packed, tokens: list[str], position: int, first: int) -> tuple[int, int, int]:
    """How many leading ``tokens`` make the longest title that opens an article, and its packed start and length."""
    best = (0, 0, 0)
    title = ""
    for count, token in enumerate(tokens, start=1):
        if _GROUP.fullmatch(token) and count > 1:
            break
        title += token
        start = _opening(packed, title, position, first)
        if start is None or len(title) > _LONGEST_TITLE:
            if best[0]:
                break
            continue
        if len(title) >= _SHORTEST_TITLE:
            best = (count, start, len(title))
    return best


def _opening(packed: _Packed, title: str, position: int, first: int) -> int | None:
    """First occurrence of ``title`` from ``position`` on that begins the body or a line, or follows a sentence.

    One that a space or a line break follows comes first: the others may be the beginning of a sentence.
    """
    doubtful = None
    start = packed.text.find(title, position)
    while start >= 0:
        if start == first or packed.text[start - 1] in _SENTENCE_END or packed.before(start) == "\n":
            if not packed.after(start + len(title) - 1).strip():
                return start
            doubtful = start if doubtful is None else doubtful
        start = packed.text.find(title, start + 1)
    return doubtful
