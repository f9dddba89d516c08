"""The words and numbers a report shows for a metric: one label everywhere, one way to write a value."""

from __future__ import annotations

from evals.results import Estimate

SECTIONS: dict[str, tuple[str, ...]] = {
    "Retrieval": ("recall@1", "recall@3", "recall@5", "recall@10", "mrr", "ndcg@10", "recall@1500chars"),
    "Answers": ("correct", "key_recall", "char_f1", "exact_match", "supported_sentences", "characters", "errors"),
    "Citations": ("citation_recall", "citation_precision", "fabricated_citations"),
    "Refusals": ("refused_answerable", "refused_unanswerable", "refusal_precision", "refusal_recall", "refusal_f1"),
    "Confidence": ("risk_coverage_auc", "calibration_error"),
    "Scripts": ("script_gap_correct", "script_gap_recall@5", "script_flips"),
    "Time": (
        *("ms_retrieve", "ms_retrieve_p50", "ms_retrieve_p95"),
        *("ms_answer", "ms_answer_p50", "ms_answer_p95"),
        *("ms_total", "ms_total_p50", "ms_total_p95"),
    ),
}
LABELS = {
    "mrr": "MRR",
    "ndcg@10": "nDCG@10",
    "recall@1500chars": "recall in 1500 chars",
    "key_recall": "keys found",
    "char_f1": "character F1",
    "exact_match": "exact match",
    "supported_sentences": "supported sentences",
    "citation_recall": "citation recall",
    "citation_precision": "citation precision",
    "fabricated_citations": "fabricated citations",
    "refused_answerable": "refused answerable",
    "refused_unanswerable": "refused unanswerable",
    "characters": "characters",
    "refusal_f1": "refusal F1",
    "risk_coverage_auc": "risk-coverage area",
    "script_gap_correct": "script gap, correct",
    "script_gap_recall@5": "script gap, recall@5",
    "ms_total": "total ms",
    "ms_total_p50": "total ms, p50",
    "ms_total_p95": "total ms, p95",
    "ms_retrieve": "retrieval ms",
    "ms_retrieve_p50": "retrieval ms, p50",
    "ms_retrieve_p95": "retrieval ms, p95",
    "ms_answer": "answering ms",
    "ms_answer_p50": "answering ms, p50",
    "ms_answer_p95": "answering ms, p95",
}
NOTHING = "–"


def label(metric: str) -> str:
    """What ``metric`` is called; the name itself, with spaces, where there is no better one."""
    return LABELS.get(metric, metric.replace("_", " "))


def sections(metrics: set[str]) -> dict[str, list[str]]:
    """``metrics`` in the order a reader wants them, under headings; the unknown ones last."""
    known = {title: [name for name in names if name in metrics] for title, names in SECTIONS.items()}
    placed = {name for names in known.values() for name in names}
    known["Other"] = sorted(metrics - placed)
    return {title: names for title, names in known.items() if names}


def digits(metric: str) -> int:
    """Digits after the point: none for characters and milliseconds above all, two for shares."""
    return 0 if metric == "characters" or metric.startswith("ms_") else 2


def number(value: float | None, metric: str) -> str:
    """``value`` as written for ``metric``; a dash where it does not apply."""
    return NOTHING if value is None else f"{value + 0.0:.{digits(metric)}f}"


def brief(value: float, metric: str) -> str:
    """``value`` without its leading 0, for narrow columns: ``.71``, ``1.0``."""
    written = number(value, metric)
    return written[1:] if written.startswith("0.") else written[:3] if written == "1.00" else written


def interval(estimate: Estimate, metric: str) -> str:
    """The 95 % interval as ``.71–.90``; empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{brief(estimate.low, metric)}–{brief(estimate.high, metric)}"
