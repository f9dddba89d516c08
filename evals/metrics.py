"""How good one answer is: one pure function per metric, ``None`` where it does not apply.

Definitions follow the format of the cases (``evals/README.md``). Texts are compared by key (simplified, NFKC, lower
case, no white space) or by the 8-grams of their letters, digits and Han characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from evals.datasets import Case, Evidence
from rag.corpus.script import to_simplified
from rag.schema import Answer, Citation, Hit

GRAM = 8
HIT_OVERLAP = 0.6
QUOTE_OVERLAP = 0.5
LONGEST_ANSWER = {"list": 400, "compare": 400}
LONGEST_ANSWER_OTHERWISE = 160


def key(text: str) -> str:
    """``text`` simplified, NFKC, lower case, without white space."""
    return "".join(unicodedata.normalize("NFKC", to_simplified(text)).lower().split())


def letters(text: str) -> str:
    """The letters, digits and Han characters of ``key(text)``."""
    return "".join(char for char in key(text) if char.isalnum())


def grams(text: str) -> set[str]:
    """The 8-grams of ``letters(text)``; a shorter text is its own only gram."""
    plain = letters(text)
    return {plain[i : i + GRAM] for i in range(max(len(plain) - GRAM + 1, 1))} if plain else set()


def overlap(evidence: Evidence, texts: Iterable[str]) -> float:
    """Share of the evidence's 8-grams that stand in ``texts`` taken together."""
    wanted = grams(evidence.quote)
    found = set().union(*(grams(text) for text in texts))
    return len(wanted & found) / len(wanted) if wanted else 0.0


def recall_at(case: Case, hits: Sequence[Hit], k: int) -> float | None:
    """Share of the evidence found in one of the first ``k`` hits: same source, 60 % of the 8-grams in that hit."""
    if not case.evidence:
        return None
    found = [
        any(hit.source == item.source and overlap(item, [hit.text]) >= HIT_OVERLAP for hit in hits[:k])
        for item in case.evidence
    ]
    return sum(found) / len(found)


def has_key(alternatives: str, text: str) -> bool:
    """Whether one of the ``|``-separated alternatives of an answer key is in ``text``."""
    plain = key(text)
    return any(key(each) in plain for each in alternatives.split("|"))


def correct(case: Case, answer: Answer) -> float | None:
    """1 when the answer is not refused, holds every key and is short (160 letters; 400 for list and compare)."""
    if not case.answerable:
        return None
    limit = LONGEST_ANSWER.get(case.type, LONGEST_ANSWER_OTHERWISE)
    complete = all(has_key(each, answer.text) for each in case.answer_keys)
    return float(not answer.refused and complete and len(letters(answer.text)) <= limit)


def key_recall(case: Case, answer: Answer) -> float | None:
    """Share of the answer keys in the answer, however long; 0 when refused."""
    if not case.answerable or not case.answer_keys:
        return None
    return 0.0 if answer.refused else sum(has_key(k, answer.text) for k in case.answer_keys) / len(case.answer_keys)


def citation_recall(case: Case, answer: Answer) -> float | None:
    """Share of the evidence of whose 8-grams at least half are in the quotes cited from its source."""
    if not case.answerable or not case.evidence:
        return None
    covered = [
        overlap(item, [c.quote for c in answer.citations if c.source == item.source]) >= QUOTE_OVERLAP
        for item in case.evidence
    ]
    return sum(covered) / len(covered)


def citation_precision(case: Case, answer: Answer) -> float | None:
    """Share of citations that quote evidence, or an answer key from the right source."""
    if not case.answerable or not answer.citations:
        return None
    return sum(_cites_evidence(case, citation) for citation in answer.citations) / len(answer.citations)


def fabricated(answer: Answer, originals: dict[str, str]) -> float:
    """How many quotes are not, character for character, in the original document they name."""
    return float(sum(citation.quote not in originals.get(citation.source, "") for citation in answer.citations))


def refused(answer: Answer) -> float:
    """1 when the answer is a refusal: wanted for unanswerable questions, unwanted for the others."""
    return float(answer.refused)


def _cites_evidence(case: Case, citation: Citation) -> bool:
    evidence = [item for item in case.evidence if item.source == citation.source]
    quoted = any(overlap(item, [citation.quote]) >= QUOTE_OVERLAP or _inside(citation.quote, item) for item in evidence)
    return quoted or (bool(evidence) and any(has_key(each, citation.quote) for each in case.answer_keys))


def _inside(quote: str, item: Evidence) -> bool:
    return bool(letters(quote)) and letters(quote) in letters(item.quote)
