from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.baseline import slim
from evals.cli import app
from evals.compare import Comparison, Difference, compare
from evals.paired import holm, mcnemar, paired, paired_bootstrap
from evals.results import Report
from tests.evals.reports import report, row, scored


def only(found: Comparison, group: str = "overall") -> Difference:
    (difference,) = [each for each in found.differences if each.group == group]
    return difference


@pytest.mark.parametrize(
    ("up", "down", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),  # 2 * (1/2)
        (5, 0, 0.0625),  # 2 * (1/32): five cases are not enough
        (6, 0, 0.03125),  # 2 * (1/64): six are
        (0, 6, 0.03125),
        (1, 7, 0.0703125),  # 2 * (1 + 8) / 256
        (2, 10, 0.03857421875),  # 2 * (1 + 12 + 66) / 4096
        (3, 3, 1.0),
        (1000, 1000, 1.0),
    ],
)
def test_mcnemar_is_the_exact_binomial(up: int, down: int, p: float) -> None:
    assert mcnemar(up, down) == p


def test_a_difference_of_zeros_and_ones_is_tested_by_mcnemar() -> None:
    base, new = [0.0] * 6 + [1.0] * 6, [1.0] * 6 + [1.0] * 6
    found = paired(base, new)
    assert (found.difference, found.p, found.name) == (0.5, 0.03125, "McNemar")
    assert 0 < found.low < 0.5 < found.high < 1


def test_an_interval_holds_zero_where_the_test_sees_nothing() -> None:
    found = paired([0.0] * 5 + [1.0] * 5, [1.0] * 10)
    assert (found.difference, found.p, found.low) == (0.5, 0.0625, 0.0)
    assert 0.5 < found.high < 1


def test_the_bootstrap_interval_of_two_values_is_what_the_binomial_says() -> None:
    # Resampled means of 8 zeros and 8 ones are binomial(16, 1/2) / 16, whose 2.5 % and 97.5 % points are 4/16, 12/16.
    low, high, p = paired_bootstrap([0.0] * 8 + [1.0] * 8)
    assert (low, high) == (0.25, 0.75)
    assert p == 2**-7  # eight moved cases: 2 ** (1 - 8), more than any resample says


def test_the_bootstrap_is_the_same_each_time_and_turns_with_the_sign() -> None:
    values = [0.1, 0.4, -0.2, 0.3, 0.25, 0.0, 0.15, -0.05, 0.5]
    low, high, p = paired_bootstrap(values)
    assert paired_bootstrap(values) == (low, high, p)
    assert 0 < low < sum(values) / 9 < high
    turned = paired_bootstrap([-value for value in values])
    assert turned == pytest.approx((-high, -low, p))


def test_few_moved_cases_are_no_evidence_however_many_stood_still() -> None:
    # Without the bound, four moved cases of a hundred would have p = 2 * 0.96 ** 100 = 0.034.
    assert paired_bootstrap([0.5] * 4 + [0.0] * 96)[2] == 0.125


def test_nothing_moved() -> None:
    assert paired_bootstrap([0.0] * 20) == (0.0, 0.0, 1.0)
    assert paired_bootstrap([0.1, -0.1] * 10)[2] > 0.5


def test_holm_multiplies_the_smallest_by_all_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("metric", "moved", "verdict", "better"),
    [
        ("correct", 1.0, "improved", 6),
        ("refused_answerable", 1.0, "worse", 0),
        ("characters", 1.0, "changed", 6),
        ("citation_precision", 0.5, "improved", 6),
    ],
)
def test_the_direction_of_a_metric_decides_what_is_better(metric: str, moved: float, verdict: str, better: int) -> None:
    found = only(compare(scored(metric, [0.0] * 10), scored(metric, [moved] * 6 + [0.0] * 4)))
    assert (found.verdict, found.better, found.worse) == (verdict, better, 6 - better)
    assert (found.base, found.new, found.difference, found.cases) == pytest.approx((0.0, 0.6 * moved, 0.6 * moved, 10))


def test_five_lost_cases_are_no_evidence_and_six_are_a_regression() -> None:
    base = scored("correct", [1.0] * 40)
    five, six = (compare(base, scored("correct", [0.0] * lost + [1.0] * (40 - lost))) for lost in (5, 6))
    assert (only(five).verdict, five.regressed) == ("no evidence", False)
    assert (only(six).verdict, six.regressed) == ("worse", True)


def test_a_slower_run_is_told_and_is_no_regression() -> None:
    found = compare(scored("ms_total", [40.0] * 10), scored("ms_total", [80.0 + n for n in range(10)]))
    assert (only(found).verdict, only(found).test, found.regressed) == ("worse", "bootstrap", False)


def test_cases_that_one_report_does_not_score_are_left_out() -> None:
    base = scored("citation_precision", [None, 0.5, *[0.5] * 8])
    new = scored("citation_precision", [0.5, None, *[0.5] * 8])
    assert (only(compare(base, new)).cases, only(compare(base, new)).verdict) == (8, "no evidence")
    assert compare(scored("correct", [None] * 9), scored("correct", [None] * 9)).differences == ()


def test_a_type_needs_eight_cases_and_its_p_values_are_adjusted() -> None:
    def made(fact: float, other: float) -> Report:
        kinds = ["fact"] * 8 + ["list"] * 8 + ["english"] * 7
        values = [fact] * 6 + [1.0] * 2 + [1.0] * 8 + [other] * 7
        return report([row(str(i), {"correct": v}, type=kinds[i]) for i, v in enumerate(values)])

    found = compare(made(1.0, 0.0), made(0.0, 1.0))
    assert [each.group for each in found.differences] == ["overall", "fact", "list"]
    assert only(found, "fact").p == 0.0625  # 2 / 64, twice since two types were looked at
    assert (only(found, "fact").verdict, only(found, "list").p) == ("no evidence", 1.0)
    assert (only(found).better, only(found).worse, only(found).verdict) == (7, 6, "no evidence")


def test_a_regression_in_one_type_counts_though_others_made_up_for_it() -> None:
    kinds = ["fact"] * 8 + ["list"] * 8
    base = report([row(str(i), {"correct": float(i < 8)}, type=kinds[i]) for i in range(16)])
    new = report([row(str(i), {"correct": float(i >= 8)}, type=kinds[i]) for i in range(16)])
    found = compare(base, new)
    assert {each.group: each.verdict for each in found.differences} == {
        "overall": "no evidence",
        "fact": "worse",  # p = 2 / 256, doubled
        "list": "improved",
    }
    assert found.regressed


def test_only_shared_cases_are_compared_and_the_others_are_told() -> None:
    base = report([row("a"), row("b"), row("c")])
    new = report([row("b"), row("c", question="别的问题?"), row("d")], corpus="d00d" * 16, settings={"k": 10, "x": 1})
    found = compare(base, new)
    assert (found.cases, only(replace(found, differences=found.differences[:1])).cases) == (1, 1)
    assert found.warnings == (
        "the documents differ (corpus c0ffeec0ffee with 2, d00dd00dd00d with 2): a difference may come from them.",
        "1 case only in the base, left out: a.",
        "1 case only in the new report, left out: d.",
        "1 case asked differently, left out: c.",
    )
    assert found.notes == ("k: 8 → 10", "min_confidence: 0.5 → None", "x: None → 1")


def test_flips_say_what_became_of_a_case() -> None:
    right, wrong = {"correct": 1.0}, {"correct": 0.0}
    base = [
        row("won", wrong),
        row("lost", right),
        row("same", wrong),
        row("otherwise", wrong),
        row("answered", {}, answerable=False, refused=True),
    ]
    new = [
        row("won", right),
        row("lost", wrong, refused=True),
        row("same", wrong),
        row("otherwise", wrong, refused=True),
        row("answered", {}, answerable=False),
    ]
    flips = compare(report(base), report(new)).flips
    assert [(flip.id, flip.before, flip.after, flip.won) for flip in flips] == [
        ("won", "wrong", "correct", True),
        ("lost", "correct", "refused", False),
        ("otherwise", "wrong", "refused", None),
        ("answered", "declined", "answered", False),
    ]


def test_one_new_error_or_fabricated_citation_is_a_regression() -> None:
    kept = {"correct": 1.0, "fabricated_citations": 0.0}
    base = report([row("a", kept), row("b", kept)])
    new = report(
        [row("a", {**kept, "fabricated_citations": 1.0}), row("b", {"correct": 0.0}, error="QuestionError: empty")]
    )
    found = compare(base, new)
    assert found.broken == ("a cites words that are not in the document", "b is an error now: QuestionError: empty")
    assert found.regressed
    assert not compare(new, new).regressed


def test_a_slim_report_holds_no_texts_and_compares_like_the_whole_one() -> None:
    scores = {"correct": 1.0, "mrr": 1 / 3, "ms_total": 41.23456789, "char_f1": None}
    full = report([row(str(number), scores, confidence=2 / 3) for number in range(9)])
    small = slim(full)
    assert "网上可办率" not in small.dumps()
    assert small.rows[0].scores == {"correct": 1.0, "mrr": 0.3333, "ms_total": 41.2346, "char_f1": None}
    assert slim(small) == small
    found = compare(small, full)
    assert {(each.difference, each.better, each.worse, each.p) for each in found.differences} == {(0.0, 0, 0, 1.0)}
    assert (found.warnings, found.notes, found.flips, found.broken) == ((), (), (), ())


def saved(folder: Path, name: str, made: Report) -> str:
    made.to_json(folder / name)
    return str(folder / name)


def test_exit_codes(tmp_path: Path) -> None:
    good = saved(tmp_path, "good.json", scored("correct", [1.0] * 9))
    bad = saved(tmp_path, "bad.json", scored("correct", [0.0] * 9))
    other = saved(tmp_path, "other.json", report([row("elsewhere")]))

    def code(*arguments: str) -> int:
        return CliRunner().invoke(app, ["compare", *arguments]).exit_code

    assert {
        "same": code(good, good),
        "improved": code(bad, good),
        "worse": code(good, bad),
        "nothing shared": code(good, other),
        "no such file": code(good, str(tmp_path / "none.json")),
        "one report": code(good),
    } == {"same": 0, "improved": 0, "worse": 1, "nothing shared": 2, "no such file": 2, "one report": 2}


def test_the_message_of_an_unreadable_report(tmp_path: Path) -> None:
    good = saved(tmp_path, "good.json", scored("correct", [1.0] * 9))
    result = CliRunner().invoke(app, ["compare", good, str(tmp_path / "none.json")])
    assert result.stderr.startswith(f"error: cannot read the report {tmp_path / 'none.json'}")


def test_json_says_everything(tmp_path: Path) -> None:
    base = saved(tmp_path, "base.json", scored("correct", [1.0] * 9))
    new = saved(tmp_path, "new.json", scored("correct", [0.0] * 9))
    told = json.loads(CliRunner().invoke(app, ["compare", base, new, "--json"]).stdout)
    assert (told["cases"], told["regressed"], len(told["flips"])) == (9, True, 9)
    assert told["differences"][0]["verdict"] == "worse"
    assert told["differences"][0]["p"] == 2 / 2**9
