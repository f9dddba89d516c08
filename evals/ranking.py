"""How good a list of hits is: one pure function per metric, ``None`` when the case names no evidence.

A hit holds a piece of evidence when it is from the same source and has 60 % of its 8-grams. Evidence without a quote is
a whole document: then the ranking is of documents, each where its first hit is.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.datasets import Case, Evidence
from evals.matching import share
from rag.errors import MissingDependencyError
from rag.schema import Hit

HIT_OVERLAP = 0.6
DEPTH = 10
BUDGET = 1500


def holds(hit: Hit, item: Evidence) -> bool:
    """Whether ``item`` can be read in ``hit``."""
    return hit.source == item.source and (not item.quote or share(item.quote, [hit.text]) >= HIT_OVERLAP)


def recall_at(case: Case, hits: Sequence[Hit], k: int) -> float | None:
    """Share of the evidence that one of the first ``k`` hits holds."""
    if not case.evidence:
        return None
    first = _ranked(case, hits)[:k]
    return sum(any(holds(hit, item) for hit in first) for item in case.evidence) / len(case.evidence)


def recall_within(case: Case, hits: Sequence[Hit], characters: int = BUDGET) -> float | None:
    """Share of the evidence in the first ``characters`` characters of the hits, read one after the other.

    What a language model with that much room for context would see: a piece that runs over two hits counts.
    """
    if not case.evidence:
        return None
    read: dict[str, list[str]] = {}
    left = characters
    for hit in hits:
        if left <= 0:
            break
        read.setdefault(hit.source, []).append(hit.text[:left])
        left -= len(hit.text)
    found = [
        item.source in read and (not item.quote or share(item.quote, read[item.source]) >= HIT_OVERLAP)
        for item in case.evidence
    ]
    return sum(found) / len(found)


def mrr(case: Case, hits: Sequence[Hit]) -> float | None:
    """1 / rank of the first of ten hits that holds evidence, 0 when none does (trec_eval's ``recip_rank``)."""
    return _trec(case, hits, "recip_rank")


def ndcg(case: Case, hits: Sequence[Hit]) -> float | None:
    """Normalised discounted cumulative gain of the first ten hits (trec_eval's ``ndcg_cut_10``).

    A hit gains the grades of the evidence it is the first to hold, so that the same words twice gain once; evidence
    that no hit holds stands in the ideal ranking on its own.
    """
    return _trec(case, hits, f"ndcg_cut_{DEPTH}")


def _ranked(case: Case, hits: Sequence[Hit]) -> list[Hit]:
    if all(item.quote for item in case.evidence):
        return list(hits)
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.source, hit)
    return list(first.values())


def _judge(case: Case, hits: Sequence[Hit]) -> tuple[list[int], list[int]]:
    """What each hit gains, and the grades of the evidence that none holds."""
    left = list(case.evidence)
    gains = []
    for hit in hits:
        found = [item for item in left if holds(hit, item)]
        left = [item for item in left if item not in found]
        gains.append(sum(item.grade for item in found))
    return gains, [item.grade for item in left]


def _trec(case: Case, hits: Sequence[Hit], measure: str) -> float | None:
    if not case.evidence:
        return None
    if not hits:
        return 0.0
    try:
        from pytrec_eval import RelevanceEvaluator
    except ImportError as error:
        message = "pytrec-eval-terrier is not installed. Run: pip install 'policy-rag[eval]'"
        raise MissingDependencyError(message) from error
    gains, missed = _judge(case, _ranked(case, hits)[:DEPTH])
    relevant = {f"hit {rank}": gain for rank, gain in enumerate(gains)}
    relevant |= {f"missed {number}": grade for number, grade in enumerate(missed)}
    ranking = {f"hit {rank}": float(-rank) for rank in range(len(gains))}
    scores = RelevanceEvaluator({"case": relevant}, {measure.replace("cut_", "cut.")}).evaluate({"case": ranking})
    return float(scores["case"][measure])
