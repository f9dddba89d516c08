"""How likely it is that the corpus answers the question: one number from what retrieval and words agree on.

A logistic model over a few features of the best sentence, fitted by ``python -m evals.calibrate`` on the development
questions, the same questions with their place or year changed to one the corpus lacks, questions on other subjects, and
reading-comprehension questions with and without their paragraph in the corpus.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from rag.answer.evidence import Candidate
from rag.answer.question import Question
from rag.corpus.script import search_key
from rag.retrieval.logistic import probability

INTERCEPT = -2.93
COEFFICIENTS: Mapping[str, float] = {
    "framed": 3.32,
    "similarity": 18.42,
    "dense": 33.68,
    "place": -4.25,
    "year": -4.15,
    "unit": -1.97,
    "person": -3.03,
    # Words cannot match across languages and similarities are lower: fitted by itself, on English questions.
    "english": 6.0,
}
# The same with what the reader found, where passages were read.
READ_INTERCEPT = -0.6
READ_COEFFICIENTS: Mapping[str, float] = {
    "framed": 2.34,
    "similarity": 19.51,
    "dense": 21.74,
    "certainty": 2.01,
    "place": -3.43,
    "year": -2.16,
    "unit": -0.16,
    "person": -1.39,
}
_UNRELATED, _RELATED = 0.15, 0.48  # shares of the question's information: nothing in common with it, and enough
Strictness = Literal["strict", "balanced", "lenient"]
_REQUIRED: Mapping[Strictness, float] = {"strict": 0.6, "balanced": 0.4, "lenient": 0.2}
_USUAL_SIMILARITY = 0.85
_SAME_UNIT = {"天": "[天日]", "人": "[人名]", "名": "[人名]"}
# The most frequent surnames, without those that are also common verbs or parts of office names (任, 江, 方, 高).
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余"
    "潘杜戴夏钟汪田姜范石姚谭廖邹熊陆郝孔崔康毛邱秦史顾侯邵孟龙段雷钱汤尹黎易武乔贺赖龚"
)
_NUMERALS = "一二两三四五六七八九十百千万亿"


def required(strictness: Strictness) -> float:
    """The confidence that an answer needs; docs/grounding.md has what each level refuses, rightly and wrongly."""
    return _REQUIRED[strictness]


def confidence(question: Question, ranked: Sequence[Candidate]) -> float:
    """Probability (0 to 1) that the best of the ``ranked`` sentences answers ``question``."""
    values = features(question, ranked)
    read = "certainty" in values
    intercept, coefficients = (READ_INTERCEPT, READ_COEFFICIENTS) if read else (INTERCEPT, COEFFICIENTS)
    return probability(values, coefficients, intercept)


def features(question: Question, ranked: Sequence[Candidate]) -> dict[str, float]:
    """What the confidence is made of.

    ``framed``: the share of the question's information in the best sentence and its headings; ``similarity`` and
    ``dense``: that sentence's and the nearest window's cosine above the usual; ``place``, ``year``, ``unit`` and
    ``person`` are 1 where what is asked for is not spoken of. Where passages were read, ``certainty`` is the reader's
    logit of its words in the passage of that sentence above no answer, in steps of 5, between -2 and 2; where the
    sentence has little in common with the question, what speaks for an answer counts for less, down to nothing.
    """
    absent = missing(question, ranked)
    dense = max(candidate.passage.hit.scores.get("dense", _USUAL_SIMILARITY) for candidate in ranked)
    return {
        "framed": ranked[0].framed,
        "similarity": ranked[0].similarity - _USUAL_SIMILARITY,
        "dense": dense - _USUAL_SIMILARITY,
        "english": float(question.script == "en"),
        **_read(ranked),
        **{name: float(bool(values)) for name, values in absent.items()},
    }


def _read(ranked: Sequence[Candidate]) -> dict[str, float]:
    """What the reader says of the best sentence's passage; of one too far behind to be read, the least it said."""
    readings = [candidate.passage.reading for candidate in ranked]
    read = [reading for reading in readings if reading is not None]
    if not read:
        return {}
    reading = readings[0] or min(read, key=lambda each: each.certainty)
    certainty = min(max(reading.certainty / 5, -2.0), 2.0)
    if certainty > 0:  # it knows no other subjects than those it was trained on, and takes 怎样 for any way of doing
        certainty *= min(max((ranked[0].framed - _UNRELATED) / (_RELATED - _UNRELATED), 0.0), 1.0)
    return {"certainty": certainty}


def missing(question: Question, ranked: Sequence[Candidate]) -> dict[str, tuple[str, ...]]:
    """Places, years, the unit of a number and the holder of an office asked for that the best sentences do not have."""
    sides = question.kind == "compare"
    around = " ".join(surroundings(candidate, near=not sides) for candidate in (ranked if sides else ranked[:1]))
    spoken = " ".join(candidate.key for candidate in ranked[:3])
    counted = question.unit is None or _counts(question.unit, spoken)
    return {
        "place": tuple(place for place in question.places if place not in around),
        "year": tuple(year for year in question.years if year not in around),
        "unit": () if counted or question.unit is None else (question.unit,),
        "person": () if question.office is None or _named(question.office, spoken) else (question.office,),
    }


def _named(office: str, key: str) -> bool:
    """Whether a search key names the holder of an office: 「市长张三」, 「张三市长」."""
    return re.search(rf"{office}[{_SURNAMES}]\w|[{_SURNAMES}]\w{{1,2}}{office}", key) is not None


def _counts(unit: str, key: str) -> bool:
    """Whether a search key gives a number in ``unit``, in digits or in words: 「五元」, 「1.2万多人」, 「百分之五」."""
    if unit == "%" and "百分之" in key:
        return True
    return re.search(rf"[\d{_NUMERALS}][\d.,{_NUMERALS}]*\s*[多余]?{_SAME_UNIT.get(unit, unit)}", key) is not None


def surroundings(candidate: Candidate, *, near: bool) -> str:
    """Everything that says which place and time a sentence speaks of; with ``near`` the passage around it too."""
    hit, metadata = candidate.passage.hit, candidate.passage.metadata
    words = hit.text if near else candidate.text
    return search_key(f"{hit.title} {hit.section} {metadata.region or ''} {metadata.issued or ''} {words}")
