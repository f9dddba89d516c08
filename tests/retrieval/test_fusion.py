from __future__ import annotations

from math import exp

import pytest

from rag.retrieval.fusion import COEFFICIENTS, INTERCEPT, Fused, features, fuse, probability


def test_features_are_steps_above_the_usual_cosine_and_bm25_per_term() -> None:
    assert features({"dense": 0.85, "lexical": 12.0}, 6) == {"dense": 0.0, "lexical": 2.0}
    assert features({"dense": 0.9, "lexical": 12.0}, 1) == {"dense": pytest.approx(1.0), "lexical": 12.0}
    assert features({"dense": 0.8}, 6) == {"dense": pytest.approx(-1.0), "lexical": 0.0}


def test_a_question_without_terms_has_no_words_to_share() -> None:
    assert features({"dense": 0.85, "lexical": 0.0}, 0) == {"dense": 0.0, "lexical": 0.0}


def test_the_probability_is_logistic() -> None:
    logit = INTERCEPT + COEFFICIENTS["dense"] * 1.5 + COEFFICIENTS["lexical"] * 2.0
    assert probability({"dense": 1.5, "lexical": 2.0}) == pytest.approx(1 / (1 + exp(-logit)))
    even = -INTERCEPT / COEFFICIENTS["dense"]
    assert probability({"dense": even, "lexical": 0.0}) == pytest.approx(0.5)


def test_more_of_either_arm_is_more_likely_and_never_certain() -> None:
    ladder = [(-20.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (3.0, 4.0)]
    found = [probability({"dense": dense, "lexical": lexical}) for dense, lexical in ladder]
    assert found == sorted(found)
    assert len(set(found)) == len(found)
    assert 0 < found[0] < found[-1] < 1


def test_every_chunk_has_the_scores_of_both_arms() -> None:
    fused = fuse({"a": 0.9, "b": 0.85, "c": 0.8}, {"b": 30.0, "a": 10.0}, terms=5)
    arms = {
        "a": {"dense": 0.9, "lexical": 10.0},
        "b": {"dense": 0.85, "lexical": 30.0},
        "c": {"dense": 0.8, "lexical": 0.0},
    }
    assert fused == [Fused(name, probability(features(arms[name], 5)), arms[name]) for name in ("b", "a", "c")]
    assert [each.score for each in fused] == sorted((each.score for each in fused), reverse=True)


def test_the_score_of_a_chunk_does_not_depend_on_the_others() -> None:
    alone = fuse({"a": 0.9}, {"a": 10.0}, terms=5)
    crowded = fuse({"a": 0.9, "b": 0.99, "c": 0.1}, {"a": 10.0, "b": 90.0}, terms=5)
    assert [each for each in crowded if each.chunk_id == "a"] == alone


def test_without_words_meaning_decides_and_without_chunks_there_is_nothing() -> None:
    assert [each.chunk_id for each in fuse({"a": 0.8, "b": 0.9}, {}, terms=0)] == ["b", "a"]
    assert fuse({}, {}, terms=3) == []


def test_equal_scores_are_ordered_by_id() -> None:
    for order in ("bca", "cab", "abc"):
        assert [each.chunk_id for each in fuse(dict.fromkeys(order, 0.5), {}, terms=1)] == ["a", "b", "c"]
