from __future__ import annotations

from math import log2

import pytest

from evals.datasets import Case, Evidence
from evals.ranking import holds, mrr, ndcg, recall_at, recall_within
from tests.evals.parts import case, hit

QUOTE = "一二三四五六七八九十甲乙"  # 5 grams
OTHER = "子丑寅卯辰巳午未申酉戌亥"
NOISE = "天地玄黄宇宙洪荒日月盈昃"


def test_a_hit_holds_evidence_from_60_percent_of_its_grams_up() -> None:
    item = Evidence("a.txt", QUOTE)
    assert holds(hit(QUOTE[:10]), item)  # 3 of 5
    assert not holds(hit(QUOTE[:9]), item)  # 2 of 5
    assert not holds(hit(QUOTE, "b.txt"), item)


def test_recall_is_the_share_of_evidence_in_the_first_k_hits() -> None:
    asked = case(("a.txt", QUOTE), ("a.txt", OTHER))
    hits = [hit(NOISE), hit(QUOTE), hit(QUOTE), hit(OTHER)]
    assert [recall_at(asked, hits, k) for k in (1, 2, 3, 4, 10)] == [0, 0.5, 0.5, 1, 1]


def test_the_corners_of_ranking() -> None:
    nothing, asked = case(), case(("a.txt", QUOTE))
    for metric in (mrr, ndcg, recall_within, lambda c, h: recall_at(c, h, 5)):
        assert metric(nothing, [hit(QUOTE)]) is None
        assert metric(asked, []) == 0
        assert metric(asked, [hit(NOISE)]) == 0


def test_mrr_is_one_by_the_rank_of_the_first_hit_with_evidence() -> None:
    asked = case(("a.txt", QUOTE), ("a.txt", OTHER))
    assert mrr(asked, [hit(NOISE), hit(NOISE), hit(OTHER), hit(QUOTE)]) == pytest.approx(1 / 3)
    assert mrr(asked, [*[hit(NOISE)] * 10, hit(OTHER)]) == 0  # the eleventh is not looked at


def test_ndcg_discounts_by_rank_against_the_best_order() -> None:
    asked = case(("a.txt", QUOTE), ("a.txt", OTHER))
    best = 1 / log2(2) + 1 / log2(3)
    assert ndcg(asked, [hit(QUOTE), hit(OTHER)]) == pytest.approx(1)
    assert ndcg(asked, [hit(NOISE), hit(QUOTE), hit(NOISE), hit(OTHER)]) == pytest.approx(
        (1 / log2(3) + 1 / log2(5)) / best
    )
    assert ndcg(asked, [hit(QUOTE)]) == pytest.approx(1 / best)  # OTHER is missed, so it is in the best order only


def test_the_same_words_twice_gain_once() -> None:
    asked = case(("a.txt", QUOTE), ("a.txt", OTHER))
    twice = ndcg(asked, [hit(QUOTE), hit(QUOTE)])
    assert twice == ndcg(asked, [hit(QUOTE), hit(NOISE)])


def test_two_pieces_in_one_hit_gain_both_there() -> None:
    asked = case(("a.txt", QUOTE), ("a.txt", OTHER))
    assert ndcg(asked, [hit(NOISE), hit(QUOTE + OTHER)]) == pytest.approx((2 / log2(3)) / (2 / log2(2)))


def test_grades_weigh_in_ndcg_only() -> None:
    items = (Evidence("a.txt", QUOTE, grade=3), Evidence("a.txt", OTHER))
    asked = Case("c", "fact", "?", True, evidence=items)
    hits = [hit(OTHER), hit(QUOTE)]
    assert ndcg(asked, hits) == pytest.approx((1 / log2(2) + 3 / log2(3)) / (3 / log2(2) + 1 / log2(3)))
    assert (mrr(asked, hits), recall_at(asked, hits, 1)) == (1, 0.5)


def test_whole_documents_are_ranked_where_their_first_hit_is() -> None:
    asked = Case("c", "query", "?", True, evidence=(Evidence("b.txt"), Evidence("c.txt")))
    hits = [hit("x", "a.txt"), hit("y", "a.txt"), hit("z", "b.txt"), hit("w", "b.txt"), hit("v", "c.txt")]
    assert [recall_at(asked, hits, k) for k in (1, 2, 3)] == [0, 0.5, 1]
    assert mrr(asked, hits) == 0.5
    assert ndcg(asked, hits) == pytest.approx((1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3)))


def test_a_budget_is_filled_in_order_and_the_last_hit_is_cut() -> None:
    asked = case(("a.txt", QUOTE), ("a.txt", OTHER))
    hits = [hit(QUOTE), hit(OTHER)]  # 12 characters each
    assert recall_within(asked, hits, 24) == 1
    assert recall_within(asked, hits, 12 + 10) == 1  # ten of OTHER: 3 of 5 grams
    assert recall_within(asked, hits, 12 + 9) == 0.5  # nine: 2 of 5
    assert recall_within(asked, hits, 9) == 0


def test_evidence_across_two_hits_is_read_as_a_whole() -> None:
    asked = case(("a.txt", QUOTE))
    hits = [hit(QUOTE[:9]), hit(QUOTE[2:10])]  # grams 1, 2 and 3 of 5, no hit with 60 %
    assert (recall_at(asked, hits, 2), recall_within(asked, hits)) == (0, 1)


def test_a_budget_reads_sources_apart() -> None:
    asked = case(("a.txt", QUOTE))
    assert recall_within(asked, [hit(QUOTE[:9]), hit(QUOTE[2:10], "b.txt")]) == 0
