"""A conversation as a file: Markdown to read, JSON to process, each with every citation in full."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

from rag.answer import exchange
from rag.answer.provenance import named
from rag.chat.records import Conversation, Turn
from rag.errors import DocumentNotFoundError
from rag.schema import Answer, Citation

if TYPE_CHECKING:
    from rag.index.catalog import Catalog

FORMAT = "policy-rag conversation 1"
Opens = Callable[[Citation], bool]

_SPECIAL = re.compile(r"[\\`*_<>|~]")
# Of brackets only the marks [1] stay bare, where no address follows that would make a link of them.
_BRACKET = re.compile(r"(\[\d{1,3}\])(?![(:\[])|([\[\]])")
_BLOCK = re.compile(r"(?m)^(\s*)([#+=-])")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CHANGED = "The document no longer has these words at this place: it has changed, or is no longer there."


def opens_in(catalog: Catalog) -> Opens:
    """Whether the words of a citation still stand in the document, where it says."""

    @cache
    def text(source: str) -> str:
        try:
            return catalog.text(source)
        except DocumentNotFoundError:
            return ""

    return lambda citation: text(citation.source)[citation.start : citation.end] == citation.quote


def to_json(conversation: Conversation, turns: Sequence[Turn], *, opens: Opens) -> str:
    """One JSON object: ``format``, ``conversation`` and ``turns``, each answer as ``Chatbot.ask`` gave it.

    ``stale`` has the numbers of an answer's citations for which ``opens`` is false, ``feedback`` what the asker thinks
    of it: ``rating``, ``comment`` and ``created``, or nothing.
    """
    told = [_plain(turn, opens) for turn in turns]
    return json.dumps(
        {"format": FORMAT, "conversation": asdict(conversation), "turns": told}, ensure_ascii=False, indent=2
    )


def to_markdown(conversation: Conversation, turns: Sequence[Turn], *, opens: Opens) -> str:
    """The conversation to read: what was said is shown, never run, and quotes are exactly the documents' words."""
    lines = [f"# {_escaped(conversation.title)}", "", f"{_day(conversation.created)} – {_day(conversation.updated)}"]
    number = count(1)
    for turn in turns:
        lines.append("")
        if turn.role == "user":
            lines += [f"## {next(number)}. {_escaped(' '.join(turn.content.split()))}"]
            lines += ["", f"*{_escaped(turn.note)}*"] if turn.note else []
        else:
            lines += [_escaped(turn.content), *(_behind(turn.answer, opens) if turn.answer else [])]
    return "\n".join(lines) + "\n"


def _behind(answer: Answer, opens: Opens) -> list[str]:
    """What an answer says of itself, and its sources."""
    lines = []
    for name, said in (("Searched as", answer.rewritten), ("Reason", answer.reason), ("Note", answer.notice)):
        lines += ["", f"*{name}: {_escaped(said)}*"] if said else []
    doubtful = [sentence for sentence in answer.sentences if sentence.verdict != "supported"]
    lines += ["", "Not fully supported by its sources:", ""] if doubtful else []
    lines += [f"- {_escaped(sentence.text)} ({sentence.verdict})" for sentence in doubtful]
    for citation in answer.citations:
        lines += ["", *_cited(citation, opens)]
    prompt = f", prompt {_escaped(answer.prompt)}" if answer.prompt else ""
    lines += ["", f"Answered by {_escaped(answer.provider)}{prompt}."]
    return lines


def _cited(citation: Citation, opens: Opens) -> list[str]:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", citation.quote)), default=0))
    stale = [] if opens(citation) else ["", f"*{_CHANGED}*"]
    page = f"page {citation.page}, " if citation.page else ""
    return [
        f"**[{citation.number}]** {_escaped(named(citation))}  ",
        f"{_escaped(citation.source)}, {page}characters {citation.start}–{citation.end}",
        "",
        f"{fence}text",
        citation.quote,
        fence,
        *stale,
    ]


def _plain(turn: Turn, opens: Opens) -> dict[str, Any]:
    answer = turn.answer
    told = json.loads(exchange.to_json(answer)) if answer else None
    stale = [citation.number for citation in answer.citations if not opens(citation)] if answer else []
    return {
        "role": turn.role,
        "content": turn.content,
        "created": turn.created,
        "note": turn.note,
        "answer": told,
        "stale": stale,
        "feedback": asdict(turn.feedback) if turn.feedback else None,
    }


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(r"\\\g<0>", _HIDDEN.sub("", text))
    text = _BRACKET.sub(lambda found: found[1] or f"\\{found[2]}", text)
    return _BLOCK.sub(r"\1\\\2", text)


def _day(moment: str) -> str:
    return moment[:16].replace("T", " ") + " UTC"
