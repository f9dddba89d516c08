"""The words of a refusal: what is not there, in the asker's language and script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.answer.elsewhere import Elsewhere
from rag.corpus.names import region_key
from rag.corpus.romanised import in_latin
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
_ELSEWHERE = {"place": "资料中有{there}的相关内容(《{title}》{section}),没有{asked}的。"}
_ELSEWHERE["year"] = "资料中有{there}年的相关内容(《{title}》{section}),没有{asked}年的。"
_ELSEWHERE_ENGLISH = "The documents speak of this for {there} (《{title}》{section}), not for {asked}."
_OTHERWISE = "资料中的说法相反："
_PREMISE = "问题的前提与资料不符。"
_NOT_COVERED = "资料没有说到{}的情况。"
_NOT_COVERED_ENGLISH = "The documents do not cover {}."


def refusal(
    script: Script,
    missing: Mapping[str, tuple[str, ...]],
    confidence: float,
    *,
    needed: float,
    nearest: Passage | None = None,
    elsewhere: Elsewhere | None = None,
) -> tuple[str, str]:
    """The text shown for a refusal, and its reason.

    The reason is what the passages lack, else how far they are from an answer; then where the ``nearest`` one is from.
    What they have for another place or year is named as such, where ``elsewhere`` is sure enough to answer that.
    ``missing`` as in ``abstention.missing``; ``confidence`` and ``needed`` from 0 to 1.
    """
    english = script == "en"
    lacks, unsure = (_LACKS_ENGLISH, _UNSURE_ENGLISH) if english else (_LACKS, _UNSURE)
    there = elsewhere if elsewhere and elsewhere.confidence >= needed else None
    found = {what: lacks[what].format(_listed(script, values)) for what, values in missing.items() if values}
    if there:
        found |= _for_another(script, missing, there)
    elif not found:
        found["unsure"] = unsure.format(percent=round(confidence * 100), needed=round(needed * 100))
    if nearest is not None and not there:
        said = _NEAREST_ENGLISH if english else _NEAREST
        found["nearest"] = said.format(title=nearest.hit.title, section=_section(nearest))
    reason = (" " if english else "").join(found.values())
    return _said(_TEXT_ENGLISH if english else _TEXT, script), _said(reason, script)


def _for_another(script: Script, missing: Mapping[str, tuple[str, ...]], there: Elsewhere) -> dict[str, str]:
    """What takes the place of saying that the place or the year asked is not there."""
    place = region_key(there.region) if there.region else None
    region = in_latin(place) if place and script == "en" else place
    what = "place" if region else "year"
    said = _ELSEWHERE_ENGLISH if script == "en" else _ELSEWHERE[what]
    named, asked = _listed(script, [region] if region else there.years), _listed(script, missing[what])
    passage = there.passage
    return {what: said.format(there=named, asked=asked, title=passage.hit.title, section=_section(passage))}


def _section(passage: Passage) -> str:
    return f" › {passage.chunk.path[-1]}" if passage.chunk.path else ""


def _listed(script: Script, names: Sequence[str]) -> str:
    return (", " if script == "en" else "、").join(names)


def otherwise(script: Script) -> tuple[str, str]:
    """What leads the sentences that contradict what a question takes for granted, and the reason it is refused for."""
    return _said(_OTHERWISE, script), _said(_PREMISE, script)


def not_covered(script: Script, places: tuple[str, ...]) -> str | None:
    """What a partial answer says of the ``places`` it has nothing about; ``None`` when there is none."""
    if not places:
        return None
    said = _NOT_COVERED_ENGLISH if script == "en" else _NOT_COVERED
    return _said(said.format(_listed(script, places)), script)


def _said(text: str, script: Script) -> str:
    return to_traditional(text) if script == "hant" else text
