"""Which paragraphs of a PDF are headings, by their type and by its bookmarks, and which is the title."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rag.corpus.formats.pdf_paragraphs import Setting
from rag.corpus.markers import find_markers

Style = tuple[float, bool]
"""Size in points and whether it is bold."""
Bookmark = tuple[int, int, str]
"""Page from 0, level from 1, and title."""

_LARGER = 1.1
_LONGEST = 80
_LONGEST_STRONG = 50
_LONGEST_TITLE = 120
_OWN_MARKS = frozenset(("part", "subpart", "chapter", "section", "article", "capital", "comma", "paren"))
_ENDED = tuple("。；;，,、：:！!")
_LEADERS = re.compile(r"(\.\s?){4}|…{2}|(·\s?){4}")
_LETTERHEAD = re.compile(r"\S{2,30}文件|(机密|秘密|绝密|特急|急件|内部资料)\S{0,6}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as written: characters ``start:end`` of the text, on ``page`` from 0, of ``lines`` lines."""

    start: int
    end: int
    page: int
    lines: int
    size: float
    strong: bool
    table: bool = False


def find_headings(
    text: str, paragraphs: Sequence[Paragraph], setting: Setting, bookmarks: Sequence[Bookmark]
) -> tuple[Paragraph | None, dict[int, int]]:
    """The title, and the level of each heading by its index in ``paragraphs``."""
    marked = {
        index: style for index, each in enumerate(paragraphs) if (style := _style(text, each, setting)) is not None
    }
    title = _title(text, paragraphs, marked)
    if title is not None:
        marked.pop(title, None)
    entered = _entered(text, paragraphs, bookmarks)
    entered.pop(title if title is not None else -1, None)
    levels = _levels(marked, entered)
    own = {index for index in levels if _has_own_mark(text, paragraphs[index])}
    kept = _without_numbered(levels, own)
    return (None if title is None else paragraphs[title]), kept


def _style(text: str, paragraph: Paragraph, setting: Setting) -> Style | None:
    """The style of a paragraph that looks like a heading."""
    words = text[paragraph.start : paragraph.end]
    larger = paragraph.size >= _LARGER * setting.size
    stronger = paragraph.strong and not setting.strong and len(words) <= _LONGEST_STRONG and paragraph.lines <= 2
    if paragraph.table or not (larger or (stronger and paragraph.size > 0.95 * setting.size)):
        return None
    if len(words) > _LONGEST_TITLE or (len(words) > _LONGEST and paragraph.page > 0) or words.endswith(_ENDED):
        return None
    if _LEADERS.search(words) or sum(char.isalpha() for char in words) < 2:
        return None
    if words.startswith(("(", "（")) and words.endswith((")", "）")):
        return None
    return (round(paragraph.size), paragraph.strong)


def _title(text: str, paragraphs: Sequence[Paragraph], marked: Mapping[int, Style]) -> int | None:
    """The only paragraph of the largest style, on the first page and before all other headings."""
    candidates = [
        index for index in marked if not _LETTERHEAD.fullmatch(text[paragraphs[index].start : paragraphs[index].end])
    ]
    if not candidates:
        return None
    styles = Counter(marked[index][0] for index in candidates)
    first = candidates[0]
    largest = max(styles)
    alone = len(candidates) > 1 or first < 3
    if paragraphs[first].page == paragraphs[0].page and marked[first][0] == largest and styles[largest] == 1 and alone:
        return None if _has_own_mark(text, paragraphs[first]) else first
    return None


def _entered(text: str, paragraphs: Sequence[Paragraph], bookmarks: Sequence[Bookmark]) -> dict[int, int]:
    """The level of the paragraphs that the bookmarks name."""
    by_words: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, each in enumerate(paragraphs if bookmarks else ()):
        if not each.table and each.end - each.start <= _LONGEST_TITLE:
            by_words[each.page, _key(text[each.start : each.end])].append(index)
    found: dict[int, int] = {}
    for page, level, title in bookmarks:
        same = by_words.get((page, _key(title[:_LONGEST_TITLE])))
        if same:
            found[same.pop(0)] = level
    return found if 2 * len(found) >= len(bookmarks) else {}


def _levels(marked: Mapping[int, Style], entered: Mapping[int, int]) -> dict[int, int]:
    """Levels by size and strength; where bookmarks name headings of a style, by theirs."""
    by_style: dict[Style, list[int]] = defaultdict(list)
    for index, level in entered.items():
        if index in marked:
            by_style[marked[index]].append(level)
    known = {style: round(median(levels)) for style, levels in by_style.items()}
    level = 0
    ranks: dict[Style, int] = {}
    for style in sorted(set(marked.values()), reverse=True):
        level = known.get(style, level + 1)
        ranks[style] = level
    return {**{index: ranks[style] for index, style in marked.items()}, **entered}


def _without_numbered(levels: Mapping[int, int], own: set[int]) -> dict[int, int]:
    """Without the headings whose own numbers say more than their looks: 一、 and （一） where no other is like them."""
    if own >= set(levels):
        return {}
    shared = {level for index, level in levels.items() if index not in own}
    return {index: level for index, level in sorted(levels.items()) if index not in own or level in shared}


def _has_own_mark(text: str, paragraph: Paragraph) -> bool:
    marker = next(find_markers(text[paragraph.start : min(paragraph.end, paragraph.start + 12)]), None)
    return marker is not None and marker.start == 0 and marker.kind in _OWN_MARKS


def _key(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def same_words(stated: str, text: str) -> str | None:
    """The title a file's properties state, if it stands in ``text`` like that: most programs state a file name."""
    words = " ".join(stated.split())
    return words if 4 <= len(words) <= _LONGEST_TITLE and _key(words) in _key(text) else None
