"""The words of a refusal: what is not there, in the asker's language and script."""

from __future__ import annotations

from collections.abc import Mapping

from rag.corpus.script import to_traditional
from rag.schema import Script

_TEXT = "资料中没有找到可以回答这个问题的内容。"
_UNSURE = "最接近的段落与问题不够吻合(把握 {percent}%,作答需要 {needed}%)。"
_LACKS = {
    "place": "最接近的段落说的不是{}。",
    "year": "最接近的段落没有提到{}年。",
    "unit": "最接近的段落没有以“{}”计的数字。",
}
_TEXT_ENGLISH = "The corpus does not say."
_UNSURE_ENGLISH = "The nearest passages do not match the question well enough ({percent}% sure, {needed}% needed)."
_LACKS_ENGLISH = {
    "place": "The nearest passages are not about {}.",
    "year": "The nearest passages do not mention {}.",
    "unit": "The nearest passages give no number in {}.",
}


def refusal(
    script: Script, missing: Mapping[str, tuple[str, ...]], *, confidence: float, needed: float
) -> tuple[str, str]:
    """The text shown for a refusal, and its reason: what the passages lack, else how far they are from an answer.

    ``missing`` as in ``abstention.missing``; ``confidence`` and ``needed`` from 0 to 1.
    """
    english = script == "en"
    lacks, unsure = (_LACKS_ENGLISH, _UNSURE_ENGLISH) if english else (_LACKS, _UNSURE)
    found = [lacks[what].format("、".join(values)) for what, values in missing.items() if values]
    reason = (" " if english else "").join(found)
    reason = reason or unsure.format(percent=round(confidence * 100), needed=round(needed * 100))
    if english:
        return _TEXT_ENGLISH, reason
    return (to_traditional(_TEXT), to_traditional(reason)) if script == "hant" else (_TEXT, reason)
