from __future__ import annotations

import pytest

from evals.summary import by_type, of_run, right
from tests.evals.parts import row

UNANSWERABLE = {"answerable": False, "type": "unanswerable"}


def test_types_are_told_in_order_and_all_together_last() -> None:
    rows = [
        row("1", {"recall@1": 1.0, "correct": 1.0}, type="list"),
        row("2", {"recall@1": 0.0, "correct": None}, type="fact"),
        row("3", {"recall@1": 0.5, "correct": 0.0}, type="list"),
    ]
    groups = by_type(rows)
    means = {group: {name: (e.mean, e.n) for name, e in found.items()} for group, found in groups.items()}
    assert means == {
        "fact": {"recall@1": (0, 1), "correct": (None, 0)},
        "list": {"recall@1": (0.75, 2), "correct": (0.5, 2)},
        "overall": {"recall@1": (0.5, 3), "correct": (0.5, 2)},
    }
    assert list(groups) == ["fact", "list", "overall"]


def test_what_is_right() -> None:
    assert right(row("1", {"correct": 1.0})) == 1
    assert right(row("1", {"correct": None})) is None
    assert right(row("1", {"correct": None}, **UNANSWERABLE)) == 0
    assert right(row("1", {"correct": 0.0}, error="broken")) is None


def test_a_run_is_judged_by_confidence_and_refusals() -> None:
    scores = {"correct": None, "refused_answerable": None}
    rows = [
        row("sure", scores | {"correct": 1.0}, confidence=0.9),
        row("wrong", scores | {"correct": 0.0}, confidence=0.7),
        row("refused", scores | {"correct": 0.0}, confidence=0.4, refused=True),
        row("declined", scores, confidence=0.1, refused=True, **UNANSWERABLE),
        row("unknown", scores, confidence=0.8),
        row("broken", scores, error="broken"),
    ]
    found = {name: (each.mean, each.n) for name, each in of_run(rows).items()}
    assert found == {
        "errors": (pytest.approx(1 / 6), 6),
        "refusal_precision": (1 / 2, 5),  # declined, of declined and refused
        "refusal_recall": (1, 5),
        "refusal_f1": (pytest.approx(2 / 3), 5),
        "risk_coverage_auc": (pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4), 4),
        "calibration_error": (pytest.approx((abs(0.9 - 1) + abs(0.7 - 0)) / 2), 2),
    }


def test_the_gap_between_scripts_is_paired() -> None:
    simplified = [
        row(n, {"correct": c, "recall@5": r}) for n, c, r in (("1", 1.0, 1.0), ("2", 1.0, 0.5), ("3", 0.0, 0.5))
    ]
    traditional = [
        row(n, {"correct": c, "recall@5": r}) for n, c, r in (("1", 0.0, 1.0), ("2", 1.0, 0.0), ("3", 1.0, 0.5))
    ]
    unscored = row("4", {"correct": None, "recall@5": None})
    found = of_run(simplified, [*zip(simplified, traditional, strict=True), (unscored, unscored)])
    assert {name: (e.mean, e.n) for name, e in found.items() if name.startswith("script")} == {
        "script_gap_correct": (0, 3),  # 1, 0 and -1
        "script_gap_recall@5": (pytest.approx(0.5 / 3), 3),
        "script_flips": (pytest.approx(2 / 3), 3),
    }


def test_times_are_told_by_stage() -> None:
    rows = [row(str(n), {}, timings={"total": float(n), "retrieve": n / 2}) for n in range(1, 21)]
    rows.append(row("broken", {}, error="broken"))
    found = {name: each.mean for name, each in of_run(rows).items() if name.startswith("ms_")}
    assert found == {"ms_total_p50": 10, "ms_total_p95": 19, "ms_retrieve_p50": 5, "ms_retrieve_p95": 9.5}
