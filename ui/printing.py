"""A conversation as a page to print: a pure function. It runs no script and loads nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import MappingProxyType

from rag.answer.provenance import named
from rag.chat.records import Conversation, Turn
from rag.schema import Answer, Citation, Verdict
from ui.markup import escape
from ui.words import WORDS as COMMON
from ui.words import Language

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
_STYLE = Path(__file__).with_name("printing.css")
_MARK = re.compile(r"\[(\d{1,4})\]")
Opens = Callable[[Citation], bool]


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the page; those with a name in braces are filled with ``str.format``."""

    sources: str
    place: str
    paged: str
    changed: str
    searched: str
    doubtful: str
    partly: str
    unsupported: str
    written: str
    prompt: str


HANS = Words(
    sources="来源",
    place="{source}，第 {start}–{end} 字",
    paged="{source}，第 {page} 页，第 {start}–{end} 字",
    changed="文件现在的这个位置已不是这些字：它改动过，或已不在文件库里。",
    searched="检索时理解为：{question}",
    doubtful="以下句子没有得到来源的完全支持：",
    partly="只有部分依据",
    unsupported="没有原文依据",
    written="回答者：{provider}",
    prompt="提示词：{prompt}",
)

HANT = Words(
    sources="來源",
    place="{source}，第 {start}–{end} 字",
    paged="{source}，第 {page} 頁，第 {start}–{end} 字",
    changed="文件現在的這個位置已不是這些字：它改動過，或已不在文件庫裡。",
    searched="檢索時理解為：{question}",
    doubtful="以下句子沒有得到來源的完全支持：",
    partly="只有部分依據",
    unsupported="沒有原文依據",
    written="回答者：{provider}",
    prompt="提示詞：{prompt}",
)

EN = Words(
    sources="Sources",
    place="{source}, characters {start}–{end}",
    paged="{source}, page {page}, characters {start}–{end}",
    changed="The document no longer has these words at this place: it has changed, or is no longer there.",
    searched="Searched as: {question}",
    doubtful="Not fully supported by the sources:",
    partly="only partly supported",
    unsupported="not supported",
    written="Answered by: {provider}",
    prompt="prompt: {prompt}",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})


def printed(conversation: Conversation, turns: Sequence[Turn], language: Language, *, opens: Opens) -> str:
    """The conversation with every citation in full; ``opens`` says whether its words still stand where it says."""
    words, common = WORDS[language], COMMON[language]
    number = count(1)
    body = "".join(_turn(turn, number, words, opens) for turn in turns)
    return (
        f'<!doctype html><html lang="{common.tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(conversation.title)}</title><style>{_STYLE.read_text('utf-8')}</style></head><body><main>"
        f"<header><h1>{escape(conversation.title)}</h1>"
        f"<p>{escape(f'{_minute(conversation.created)} – {_minute(conversation.updated)} UTC')}</p></header>"
        f"{body}</main></body></html>"
    )


def _turn(turn: Turn, number: count[int], words: Words, opens: Opens) -> str:
    if turn.role == "user":
        note = f'<p class="note">{escape(turn.note)}</p>' if turn.note else ""
        return f"<h2>{next(number)}. {escape(turn.content)}</h2>{note}"
    if turn.answer is None:
        return f"<p>{escape(turn.content)}</p>"
    return _answer(turn.answer, f"t{turn.id}", words, opens)


def _answer(answer: Answer, anchor: str, words: Words, opens: Opens) -> str:
    searched = words.searched.format(question=answer.rewritten) if answer.rewritten else ""
    before = _notes(searched, answer.reason if answer.correction else None)
    after = _notes(None if answer.correction else answer.reason, answer.notice)
    after += _doubtful(answer, words) + _sources(answer, anchor, words, opens)
    written = [words.written.format(provider=answer.provider)]
    written += [words.prompt.format(prompt=answer.prompt)] if answer.prompt else []
    said = "" if answer.text == answer.reason else _paragraphs(answer, anchor)
    return f'<section>{before}{said}{after}<p class="by">{escape(" · ".join(written))}</p></section>'


def _notes(*said: str | None) -> str:
    return "".join(f'<p class="note">{escape(each)}</p>' for each in said if each)


def _paragraphs(answer: Answer, anchor: str) -> str:
    numbers = {str(citation.number) for citation in answer.citations}
    return "".join(f"<p>{_marked(line, numbers, anchor)}</p>" for line in answer.text.splitlines() if line.strip())


def _marked(line: str, numbers: set[str], anchor: str) -> str:
    pieces = _MARK.split(line)  # text, number, text, number, …
    for index in range(1, len(pieces), 2):
        mark = f"&#91;{pieces[index]}&#93;"
        known = pieces[index] in numbers
        pieces[index] = f'<a href="#{anchor}-{pieces[index]}">{mark}</a>' if known else mark
    pieces[::2] = [escape(piece) for piece in pieces[::2]]
    return "".join(pieces)


def _doubtful(answer: Answer, words: Words) -> str:
    verdicts: dict[Verdict, str] = {"partly": words.partly, "unsupported": words.unsupported}
    rows = "".join(
        f"<li>{escape(sentence.text)} <em>{escape(verdicts[sentence.verdict])}</em></li>"
        for sentence in answer.sentences
        if sentence.verdict in verdicts
    )
    return f'<div class="doubtful"><p>{escape(words.doubtful)}</p><ul>{rows}</ul></div>' if rows else ""


def _sources(answer: Answer, anchor: str, words: Words, opens: Opens) -> str:
    rows = "".join(_source(citation, anchor, words, opens) for citation in answer.citations)
    return f"<h3>{escape(words.sources)}</h3><dl>{rows}</dl>" if rows else ""


def _source(citation: Citation, anchor: str, words: Words, opens: Opens) -> str:
    place = words.paged if citation.page else words.place
    where = place.format(source=citation.source, page=citation.page, start=citation.start, end=citation.end)
    changed = "" if opens(citation) else _notes(words.changed)
    return (
        f'<div id="{anchor}-{citation.number}"><dt>&#91;{citation.number}&#93;</dt>'
        f"<dd><strong>{escape(named(citation))}</strong>"
        f"<blockquote>{escape(citation.quote)}</blockquote>{changed}<p>{escape(where)}</p></dd></div>"
    )


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
