from __future__ import annotations

from math import sqrt

import pytest

from rag.retrieval.fusion import Fused, fuse

WEIGHTS = {"dense": 1.0, "lexical": 2.0}


def scores(fused: list[Fused]) -> dict[str, float]:
    return {each.chunk_id: each.score for each in fused}


def test_scores_are_standardised_weighted_and_summed() -> None:
    # dense: mean 0.8, deviation 0.1; lexical: mean 20, deviation 10.
    dense, lexical = [("a", 0.9), ("b", 0.7)], [("b", 30.0), ("a", 10.0)]
    fused = fuse({"dense": dense, "lexical": lexical}, WEIGHTS)
    assert scores(fused) == {"b": pytest.approx(1 * -1 + 2 * 1), "a": pytest.approx(1 * 1 + 2 * -1)}
    assert [each.chunk_id for each in fused] == ["b", "a"]
    assert {each.chunk_id: each.arms for each in fused} == {
        "a": {"dense": 0.9, "lexical": 10.0},
        "b": {"dense": 0.7, "lexical": 30.0},
    }


def test_the_deviation_is_that_of_all_candidates() -> None:
    # Mean 2, squared distances 1 + 0 + 1 over three: deviation √(2/3).
    fused = fuse({"dense": [("a", 3.0), ("b", 2.0), ("c", 1.0)], "lexical": []}, WEIGHTS)
    assert scores(fused) == {"a": pytest.approx(sqrt(1.5)), "b": pytest.approx(0), "c": pytest.approx(-sqrt(1.5))}


def test_a_chunk_one_arm_did_not_find_counts_there_as_its_last() -> None:
    # dense: a +1, b -1, c as b; lexical: c +1, b -1, a as b.
    fused = fuse({"dense": [("a", 2.0), ("b", 0.0)], "lexical": [("c", 8.0), ("b", 4.0)]}, WEIGHTS)
    assert scores(fused) == {
        "c": pytest.approx(1 * -1 + 2 * 1),
        "a": pytest.approx(1 * 1 + 2 * -1),
        "b": pytest.approx(1 * -1 + 2 * -1),
    }
    assert [each.chunk_id for each in fused] == ["c", "a", "b"]
    assert [each.arms for each in fused] == [{"lexical": 8.0}, {"dense": 2.0}, {"dense": 0.0, "lexical": 4.0}]


@pytest.mark.parametrize("empty", ["dense", "lexical"])
def test_an_arm_that_found_nothing_counts_for_nothing(empty: str) -> None:
    full = "lexical" if empty == "dense" else "dense"
    fused = fuse({empty: [], full: [("a", 5.0), ("b", 3.0)]}, WEIGHTS)
    assert scores(fused) == {"a": pytest.approx(WEIGHTS[full]), "b": pytest.approx(-WEIGHTS[full])}


def test_nothing_found_by_either_arm_is_nothing() -> None:
    assert fuse({"dense": [], "lexical": []}, WEIGHTS) == []


def test_equal_scores_have_no_deviation_and_are_ordered_by_id() -> None:
    same = [("b", 0.5), ("c", 0.5), ("a", 0.5)]
    assert fuse({"dense": same, "lexical": []}, WEIGHTS) == [
        Fused(chunk_id, 0.0, {"dense": 0.5}) for chunk_id in ("a", "b", "c")
    ]


def test_ties_are_ordered_by_id_whatever_the_order_of_the_arms() -> None:
    # z and a swap places between two arms of equal weight: both sum to 0.
    even = {"dense": 1.0, "lexical": 1.0}
    rankings = {"dense": [("z", 2.0), ("a", 1.0)], "lexical": [("a", 2.0), ("z", 1.0)]}
    turned = dict(reversed(rankings.items()))
    assert [each.chunk_id for each in fuse(rankings, even)] == ["a", "z"]
    assert [each.chunk_id for each in fuse(turned, even)] == ["a", "z"]


def test_scales_do_not_matter() -> None:
    dense, lexical = [("a", 0.9), ("b", 0.85), ("c", 0.8)], [("c", 31.0), ("a", 12.0)]
    larger = [(chunk_id, 1000 * score + 7) for chunk_id, score in lexical]
    first = scores(fuse({"dense": dense, "lexical": lexical}, WEIGHTS))
    assert scores(fuse({"dense": dense, "lexical": larger}, WEIGHTS)) == pytest.approx(first)
