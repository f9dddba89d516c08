"""Follow-up questions: completed from the conversation, but only when they cannot stand alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.corpus.places import find_places, place_spans
from rag.corpus.script import search_key
from rag.retrieval.replacing import substituted

_LONGEST_FRAGMENT = 12
_FOLLOWED = 6  # follow-ups before the question, after the last one that stands alone
_LED_BY = 2  # of those that could not be put into it, the question included
_LEANS = re.compile(
    r"^(那(?!曲)|这|它|他|她|其|该|上述|前者|后者|还有|再(?!就业|生|造|教育|担保|贷款|融资)|另外"
    r"|and\b|what about|how about|then\b|that\b)"
)
_POINTS = re.compile(
    r"它|他们|她们|这个|这些|那个|那些|(?<!应)该(市|县|区|省|方案|决定|文件|办法|政策|项)|其中|上述|刚才|前面|这份|这项|(?<![因彼])此(?!外)"
    # "that" points back after a verb or preposition; after a noun it opens a clause.
    r"|\b(it|its|they|their|those|this|(is|was|does|did|do|about|of|in|by|with|under|from|to|for|on) that)\b"
)
_NAMED_BEFORE = re.compile(r"(?<=[\u4e00-\u9fff》])的?(?:这|那|该)[份项个部]")
_FRAGMENT = re.compile(r"(呢|又(是|要|怎|如何).*)[?？]?$")

_ONLY_WHEN = re.compile(r"^(?:到|在|by |in )?(?:19|20)\d{2}年?[底末初前]?[?。.]*$")


def stands_alone(question: str) -> bool:
    """Whether ``question`` can be understood without what was said before."""
    key = search_key(question)
    # 长治这份方案, 《…》这份决定: the word points at what has just been named.
    freed = _NAMED_BEFORE.sub("", key, count=1) if (find_places(key) or "》" in key) else key
    if _LEANS.search(key) or _POINTS.search(freed) or _ONLY_WHEN.match(key) or _only_where(key):
        return False
    return not (_FRAGMENT.search(key) and len(key) <= _LONGEST_FRAGMENT)


def _only_where(key: str) -> bool:
    """Whether a question is the name of a place and nothing else."""
    bare = key.rstrip("?。.!市省县区州")
    return [(start, end) for start, end, _ in place_spans(bare)] == [(0, len(bare))]


def complete(question: str, history: Sequence[Mapping[str, str]]) -> str:
    """``question`` as one that stands alone, where it leans on those of the ``history`` (``role``, ``content``).

    What it names instead is put into the question it follows (那遂宁呢); where that cannot be told, it is led by it.
    """
    said_before = [turn.get("content", "").strip() for turn in history if turn.get("role") == "user"]
    asked = list(filter(None, said_before))
    if not asked or stands_alone(question):
        return question
    first = max((index for index, each in enumerate(asked) if stands_alone(each)), default=0)
    topic, fragments = asked[first], list[str]()
    for said in [*asked[first + 1 :][-_FOLLOWED:], question]:
        replaced = substituted(topic, said)
        topic, fragments = (replaced, fragments) if replaced else (topic, [*fragments, said])
    return " ".join([topic, *fragments[-_LED_BY:]])
