"""The words of a refusal, in the asker's script."""

from __future__ import annotations

from rag.corpus.script import to_traditional
from rag.schema import Script

_TEXT = "资料中没有找到可以回答这个问题的内容。"
_ENGLISH = "The corpus does not say."
_REASON = "最接近的段落与问题的吻合度只有 {percent}%,低于作答所需的 {needed}%。"
_REASON_ENGLISH = "The nearest passages match the question at {percent}% only; an answer needs {needed}%."


def refusal(script: Script, *, confidence: float, needed: float) -> tuple[str, str]:
    """The text shown for a refusal, and its reason."""
    values = {"percent": round(confidence * 100), "needed": round(needed * 100)}
    if script == "en":
        return _ENGLISH, _REASON_ENGLISH.format(**values)
    text, reason = _TEXT, _REASON.format(**values)
    return (to_traditional(text), to_traditional(reason)) if script == "hant" else (text, reason)
