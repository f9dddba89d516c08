"""The sentences questions are drafted from, and what a draft is. All texts are the document's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.corpus.numerals import NUMERAL, parse_numeral
from rag.corpus.script import HAN
from rag.corpus.sentences import sentence_spans
from rag.schema import Document, Section

Kind = Literal["number", "limit", "fine", "date", "unit", "list", "definition"]
"""What a question asks for; the cases of a document take turns over these."""

_MARKER = re.compile(
    rf"""
      第[{NUMERAL}\d]+[条條章节節](?:之[{NUMERAL}]+)?
    | [一二三四五六七八九十]{{1,3}}(?:[、．]|[是要](?!否))
    | 其[一二三四五六七八九十][,，]
    | [(（][{NUMERAL}\d-]{{0,3}}[)）]
    | \d{{1,2}}\s?[.．、](?!\d)
    | \d{{1,2}}(?=[{HAN}]{{2}})(?![年月日个個项項名家次万萬亿億元天条條类類级級部岁歲大])
    | [①-⑳•·●] | ——
    """,
    re.VERBOSE,
)
_PAIRS = [tuple(pair) for pair in ("“”", "（）", "()", "《》", "「」", "【】", "〔〕", "『』", "〈〉")]
_PROMULGATION = re.compile(
    r"^(?P<issuer>.*?)(?:人民政府)?(?:办公厅|办公室|辦公廳|辦公室)?[关關][于於]印[发發](?P<inner>.+?)的通知$"
)
_LEAST_ARTICLES = 3
_LEAST_NAME = 8


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence without its list marker, and its place in the document; ``item``: it began with (一)."""

    text: str
    start: int
    item: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with its answer. ``keys`` and ``quotes`` as in ``Case``; the higher its ``weight``, the better.

    ``question`` has no question mark. ``{name}`` in it stands for the document's name; a question without it is put
    behind 根据《…》.
    """

    kind: Kind
    question: str
    answer: str
    keys: tuple[str, ...]
    quotes: tuple[str, ...]
    start: int
    weight: float = 1.0
    listed: bool = False


def statements(document: Document) -> Iterator[Statement]:
    """The sentences of ``document`` that stand in it without furniture between, in reading order."""
    for chunk in document.chunks:
        for start, end in sentence_spans(chunk.text):
            first = chunk.locate(start)
            text = chunk.text[start:end]
            if document.text[first : first + len(text)] == text:
                stripped = bare(text)
                item = stripped != text.strip() and text.lstrip()[:1] in ("（", "(")
                yield Statement(stripped, first + text.rindex(stripped), item)


def bare(text: str) -> str:
    """``text`` without the markers it begins with."""
    while True:
        text = text.strip()
        match = _MARKER.match(text)
        if not match:
            return text
        text = text[match.end() :]


def name_of(document: Document, section: Section | None = None) -> str:
    """How a question names the document, in its own script: 《…》; in a compilation, the article ``section`` is in."""
    article = _article(document, section)
    title = article or document.metadata.title or Path(document.source).stem
    promulgated = None if article else _PROMULGATION.match(title)
    if promulgated:
        return f"{promulgated['issuer']}《{_inner(promulgated['inner'])}》"
    return f"《{_inner(title)}》"


def balanced(text: str) -> bool:
    """Whether every bracket and quotation mark in ``text`` is closed."""
    return all(text.count(opening) == text.count(closing) for opening, closing in _PAIRS) and text.count('"') % 2 == 0


def quoted(text: str) -> str:
    """``text`` in quotation marks, those inside it turned into single ones."""
    return f"“{text.replace('“', '‘').replace('”', '’')}”"


def broken(text: str) -> bool:
    """Whether there is a gap between Han characters, where a heading runs into the text or a line was cut."""
    return bool(re.search(rf"[{HAN}”》]\s+[{HAN}“《]", text))


def han(text: str) -> int:
    """How many Han characters ``text`` has."""
    return len(re.findall(f"[{HAN}]", text))


def either(value: str) -> str:
    """An answer key for ``value``: as it stands, and with its Chinese numeral in Arabic digits, or the other way."""
    plain = re.sub(r"\s", "", value)
    percent = re.match(rf"百分之([{NUMERAL}]+)$", plain)
    if percent:
        return f"{plain}|{parse_numeral(percent[1])}%"
    match = re.search(rf"[{NUMERAL}Oo]+", plain)
    if match and (number := parse_numeral(match[0])) is not None:
        return f"{plain}|{plain[: match.start()]}{number}{plain[match.end() :]}"
    return plain


def _article(document: Document, section: Section | None) -> str | None:
    """The title of the article of a compilation that ``section`` is in; ``None`` where it is no compilation."""
    titled = [s for s in document.sections if not s.label and len(s.heading) >= _LEAST_NAME]
    if section is None or len(titled) < _LEAST_ARTICLES:
        return None
    around = [s for s in titled if s.start <= section.start and section.end <= s.end]
    return around[-1].heading if around else None


def _inner(title: str) -> str:
    title = re.sub(r"\s+", "", title)
    if title.startswith("《") and title.endswith("》") and title.count("《") == 1:
        title = title[1:-1]
    return title.replace("《", "〈").replace("》", "〉")
