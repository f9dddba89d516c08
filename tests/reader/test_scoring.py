from __future__ import annotations

import pytest

from rag.reader.scoring import auc, exact, f1


def test_exact_match_ignores_punctuation_width_and_case() -> None:
    assert exact("《Ａ计划》。", ["a计划"]) == 1.0
    assert exact("a计", ["a计划", "计划"]) == 0.0


def test_f1_counts_the_longest_common_run_of_the_best_answer() -> None:
    assert f1("青山市政府", ["青山市", "无关"]) == pytest.approx(2 * (3 / 5) * 1 / (3 / 5 + 1))
    assert f1("完全不同", ["青山市"]) == 0.0
    assert f1("青山市", ["青山市"]) == 1.0


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    assert auc([3, 2], [1, 0]) == 1.0
    assert auc([1], [1]) == 0.5
    assert auc([2, 0], [1]) == 0.5
