"""The words of a refusal: what is not there, in the asker's language and script."""

from __future__ import annotations

from collections.abc import Mapping

from rag.corpus.script import to_traditional
from rag.retrieval.hybrid import Passage
from rag.schema import Script

_TEXT = "资料中没有找到可以回答这个问题的内容。"
_UNSURE = "最接近的段落与问题不够吻合(把握 {percent}%,作答需要 {needed}%)。"
_LACKS = {
    "place": "最接近的段落说的不是{}。",
    "year": "最接近的段落没有提到{}年。",
    "unit": "最接近的段落没有以“{}”计的数字。",
    "person": "最接近的段落没有说{}是谁。",
}
_TEXT_ENGLISH = "The corpus does not say."
_UNSURE_ENGLISH = "The nearest passages do not match the question well enough ({percent}% sure, {needed}% needed)."
_LACKS_ENGLISH = {
    "place": "The nearest passages are not about {}.",
    "year": "The nearest passages do not mention {}.",
    "unit": "The nearest passages give no number in {}.",
    "person": "The nearest passages do not name the {}.",
}


_NEAREST = "最接近的段落出自《{title}》{section}。"
_NEAREST_ENGLISH = "The nearest passage is from {title}{section}."
_NOT_COVERED = "资料没有说到{}的情况。"
_NOT_COVERED_ENGLISH = "The documents do not cover {}."


def refusal(
    script: Script,
    missing: Mapping[str, tuple[str, ...]],
    confidence: float,
    *,
    needed: float,
    nearest: Passage | None = None,
) -> tuple[str, str]:
    """The text shown for a refusal, and its reason.

    The reason is what the passages lack, else how far they are from an answer; then where the ``nearest`` one is from.
    ``missing`` as in ``abstention.missing``; ``confidence`` and ``needed`` from 0 to 1.
    """
    english = script == "en"
    lacks, unsure = (_LACKS_ENGLISH, _UNSURE_ENGLISH) if english else (_LACKS, _UNSURE)
    found = [lacks[what].format("、".join(values)) for what, values in missing.items() if values]
    found = found or [unsure.format(percent=round(confidence * 100), needed=round(needed * 100))]
    if nearest is not None:
        section = f" › {nearest.chunk.path[-1]}" if nearest.chunk.path else ""
        found.append((_NEAREST_ENGLISH if english else _NEAREST).format(title=nearest.hit.title, section=section))
    return _said(_TEXT_ENGLISH if english else _TEXT, script), _said((" " if english else "").join(found), script)


def not_covered(script: Script, places: tuple[str, ...]) -> str | None:
    """What a partial answer says of the ``places`` it has nothing about; ``None`` when there is none."""
    if not places:
        return None
    said = _NOT_COVERED_ENGLISH if script == "en" else _NOT_COVERED
    return _said(said.format("、".join(places)), script)


def _said(text: str, script: Script) -> str:
    return to_traditional(text) if script == "hant" else text
