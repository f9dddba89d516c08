"""How good one answer is: one pure function per metric, ``None`` where it does not apply (``evals/README.md``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from evals.datasets import Case, Evidence
from evals.matching import has_key, key, letters, share, units, without_markers
from evals.ranking import mrr, ndcg, recall_at, recall_within
from rag.schema import Answer, Citation, Hit

QUOTE_OVERLAP = 0.5
LONGEST_ANSWER = {"list": 400, "compare": 400}
LONGEST_ANSWER_OTHERWISE = 160
Direction = Literal["higher", "lower", "neutral"]
Scores = dict[str, float | None]

DIRECTIONS: dict[str, Direction] = {
    "recall@1": "higher",
    "recall@3": "higher",
    "recall@5": "higher",
    "recall@10": "higher",
    "mrr": "higher",
    "ndcg@10": "higher",
    "recall@1500chars": "higher",
    "correct": "higher",
    "key_recall": "higher",
    "char_f1": "higher",
    "exact_match": "higher",
    "citation_recall": "higher",
    "citation_precision": "higher",
    "fabricated_citations": "lower",
    "supported_sentences": "higher",
    "refused_answerable": "lower",
    "refused_unanswerable": "higher",
    "characters": "neutral",
    "ms_total": "lower",
    "ms_retrieve": "lower",
    "ms_answer": "lower",
    # metrics of a whole run
    "refusal_precision": "higher",
    "refusal_recall": "higher",
    "refusal_f1": "higher",
    "risk_coverage_auc": "lower",
    "calibration_error": "lower",
    "script_gap_correct": "neutral",
    "script_gap_recall@5": "neutral",
    "script_flips": "lower",
    "errors": "lower",
    **{f"ms_{stage}_p{share}": "lower" for stage in ("total", "retrieve", "answer") for share in (50, 95)},
}
"""Every metric, in the order reports show them, and which way is better."""


def score(case: Case, answer: Answer, hits: Sequence[Hit], originals: Mapping[str, str]) -> Scores:
    """Every metric but the times: ``hits`` as searched, ``originals`` the text of each document cited, by source."""
    refused = float(answer.refused)
    return {
        **score_hits(case, hits),
        "correct": correct(case, answer),
        "key_recall": key_recall(case, answer),
        "char_f1": char_f1(case, answer),
        "exact_match": exact_match(case, answer),
        "citation_recall": citation_recall(case, answer),
        "citation_precision": citation_precision(case, answer),
        "fabricated_citations": fabricated_citations(answer, originals),
        "supported_sentences": supported_sentences(answer),
        "refused_answerable": refused if case.answerable else None,
        "refused_unanswerable": None if case.answerable else refused,
        "characters": characters(answer),
    }


def score_hits(case: Case, hits: Sequence[Hit]) -> Scores:
    """The metrics of retrieval."""
    return {
        **{f"recall@{k}": recall_at(case, hits, k) for k in (1, 3, 5, 10)},
        "mrr": mrr(case, hits),
        "ndcg@10": ndcg(case, hits),
        "recall@1500chars": recall_within(case, hits),
    }


def correct(case: Case, answer: Answer) -> float | None:
    """1 when the answer is not refused, holds every key and is short (160 letters; 400 for list and compare)."""
    if not case.answerable or not case.answer_keys:
        return None
    limit = LONGEST_ANSWER.get(case.type, LONGEST_ANSWER_OTHERWISE)
    return float(key_recall(case, answer) == 1 and len(letters(answer.text)) <= limit)


def key_recall(case: Case, answer: Answer) -> float | None:
    """Share of the answer keys in the answer, however long; 0 when refused."""
    if not case.answerable or not case.answer_keys:
        return None
    if answer.refused:
        return 0.0
    text = without_markers(answer.text)
    return sum(has_key(each, text) for each in case.answer_keys) / len(case.answer_keys)


def char_f1(case: Case, answer: Answer) -> float | None:
    """F1 of the units shared with the reference answer, the best of several; 0 when refused.

    SQuAD's F1 (Rajpurkar et al. 2016) over the units of CMRC 2018: Han characters, numbers, Latin words.
    """
    if not (wanted := references(case)):
        return None
    given = Counter([] if answer.refused else units(without_markers(answer.text)))
    return max(_f1(given, Counter(units(each))) for each in wanted)


def exact_match(case: Case, answer: Answer) -> float | None:
    """1 when the answer is, but for script, width, punctuation and spacing, a reference answer."""
    if not (wanted := references(case)):
        return None
    return float(not answer.refused and letters(without_markers(answer.text)) in {letters(each) for each in wanted})


def references(case: Case) -> tuple[str, ...]:
    """The reference answers: ``case.answer``, and the alternatives of an only key that it is one of."""
    if not case.answerable or not case.answer.strip():
        return ()
    alternatives = case.answer_keys[0].split("|") if len(case.answer_keys) == 1 else []
    same = key(case.answer) in {key(each) for each in alternatives}
    return tuple(dict.fromkeys([case.answer, *(alternatives if same else [])]))


def citation_recall(case: Case, answer: Answer) -> float | None:
    """Share of the evidence of whose 8-grams at least half are in the quotes cited from its source."""
    if not case.answerable or not case.evidence:
        return None
    covered = [
        share(item.quote, [c.quote for c in answer.citations if c.source == item.source]) >= QUOTE_OVERLAP
        for item in case.evidence
    ]
    return sum(covered) / len(covered)


def citation_precision(case: Case, answer: Answer) -> float | None:
    """Share of citations that quote evidence, or an answer key from its source; the same one twice counts once."""
    if not case.answerable or not case.evidence or not answer.citations:
        return None
    distinct = {(each.source, each.start, each.end, each.quote): each for each in answer.citations}.values()
    return sum(_cites_evidence(case, citation) for citation in distinct) / len(distinct)


def fabricated_citations(answer: Answer, originals: Mapping[str, str]) -> float:
    """How many quotes are blank, or not character for character in the original document they name."""
    return float(
        sum(not each.quote.strip() or each.quote not in originals.get(each.source, "") for each in answer.citations)
    )


def supported_sentences(answer: Answer) -> float | None:
    """Share of sentences judged supported that name a citation with words in it."""
    if answer.refused or not answer.sentences:
        return None
    quoting = {citation.number for citation in answer.citations if citation.quote.strip()}
    supported = [each.verdict == "supported" and bool(quoting & {*each.citations}) for each in answer.sentences]
    return sum(supported) / len(supported)


def characters(answer: Answer) -> float | None:
    """Length of the answer without its citation numbers."""
    return None if answer.refused else float(len(without_markers(answer.text)))


def _f1(given: Counter[str], wanted: Counter[str]) -> float:
    common = (given & wanted).total()
    return 2 * common / (given.total() + wanted.total()) if common else 0.0


def _cites_evidence(case: Case, citation: Citation) -> bool:
    evidence = [item for item in case.evidence if item.source == citation.source]
    quoted = any(_quotes(citation.quote, item) for item in evidence)
    return quoted or (bool(evidence) and any(has_key(each, citation.quote) for each in case.answer_keys))


def _quotes(quote: str, item: Evidence) -> bool:
    inside = bool(letters(quote)) and letters(quote) in letters(item.quote)
    return inside or share(item.quote, [quote]) >= QUOTE_OVERLAP
