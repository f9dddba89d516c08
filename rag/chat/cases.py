"""Answers that askers rated, as the cases that ``rag-eval run`` reads (evals/README.md has the format)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rag.answer.claims import without_markers
from rag.chat.export import Opens
from rag.chat.memory import newest
from rag.chat.records import Conversation, Turn
from rag.corpus.script import detect_script
from rag.schema import Answer

_HISTORY_TOKENS = 2000
DRAFT = "draft"
"""The type of a case that a person has to complete."""


def rated_cases(rated: Iterable[tuple[Conversation, Sequence[Turn]]], *, opens: Opens) -> list[dict[str, Any]]:
    """A case for each rated answer of the conversations, in their order.

    Up: what the answer cites is the evidence, and a refusal is right. Down, or up with a citation that no longer opens:
    a draft, whose ``answer`` says what was thought of which answer, for a person to complete.
    """
    return [case for conversation, turns in rated for case in _cases(conversation, turns, opens)]


def json_lines(cases: Iterable[Mapping[str, Any]]) -> str:
    """One JSON object a line, each ended by a line break."""
    return "".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in cases)


def _cases(conversation: Conversation, turns: Sequence[Turn], opens: Opens) -> Iterator[dict[str, Any]]:
    asked, before = None, list[Turn]()
    for place, turn in enumerate(turns):
        if turn.role == "user":
            asked, before = turn, list(turns[:place])
        elif asked is not None and turn.feedback is not None and turn.answer is not None:
            expected = _expected(turn, turn.answer, opens)
            yield {
                "id": f"{conversation.id}-{turn.id}",
                "type": expected["type"],
                "question": asked.content,
                "script": _script(asked.content),
                **expected,
                **_history(turn.answer, before),
            }


def _expected(turn: Turn, answer: Answer, opens: Opens) -> dict[str, Any]:
    """What a good answer would be, as far as the rating tells."""
    assert turn.feedback is not None
    if turn.feedback.rating == "down":
        return _draft(f"it was rated down: {turn.feedback.comment or 'no comment'}", answer)
    if answer.refused:
        return {"type": "unanswerable", "answerable": False, "answer": "", "answer_keys": [], "evidence": []}
    if not all(opens(citation) for citation in answer.citations):
        return _draft("it was rated up, but its sources have changed since", answer)
    quoted = dict.fromkeys((citation.source, citation.quote) for citation in answer.citations)
    return {
        "type": "followup" if answer.rewritten else "feedback",
        "answerable": True,
        "answer": _said(answer),
        "answer_keys": [],
        "evidence": [{"source": source, "quote": quote} for source, quote in quoted],
    }


def _draft(reason: str, answer: Answer) -> dict[str, Any]:
    told = f"DRAFT, {reason}. Complete this case or delete it. The answer was: {_said(answer)}"
    return {"type": DRAFT, "answerable": True, "answer": told, "answer_keys": [], "evidence": []}


def _said(answer: Answer) -> str:
    return "".join(sentence.text for sentence in answer.sentences) or without_markers(answer.text).strip()


def _history(answer: Answer, before: Sequence[Turn]) -> dict[str, Any]:
    """What was said before, where the question was completed from it."""
    if not answer.rewritten:
        return {}
    recent = newest(before, _HISTORY_TOKENS)
    return {"history": [{"role": turn.role, "content": turn.content} for turn in recent]}


def _script(question: str) -> str:
    script = detect_script(question)
    return "" if script == "unknown" else script
