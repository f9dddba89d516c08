from __future__ import annotations

import pytest

from evals.metrics import (
    DIRECTIONS,
    char_f1,
    characters,
    citation_precision,
    citation_recall,
    correct,
    exact_match,
    fabricated_citations,
    key_recall,
    references,
    score,
    supported_sentences,
)
from tests.evals.parts import answer, case, hit, sentence

QUOTE = "一二三四五六七八九十甲乙"  # 5 grams, so 3 are at least half
OTHER = "子丑寅卯辰巳午未申酉戌亥"
REFUSAL = answer("没有答案", refused=True)


def test_correct_needs_every_key_and_no_refusal() -> None:
    asked = case(answer_keys=("80%|百分之八十", "2025年"))
    assert correct(asked, answer("到２０２５年達到百分之八十。[1]")) == 1
    assert correct(asked, answer("达到80%。")) == 0
    assert correct(asked, answer("2025年80%", refused=True)) == 0


@pytest.mark.parametrize(("kind", "limit"), [("fact", 160), ("list", 400), ("compare", 400)])
def test_a_correct_answer_is_short(kind: str, limit: int) -> None:
    asked = case(type=kind, answer_keys=("甲",))
    assert correct(asked, answer("甲" * limit + "，。 ")) == 1
    assert correct(asked, answer("甲" * (limit + 1))) == 0


def test_the_number_of_a_citation_is_no_key() -> None:
    asked = case(answer_keys=("12",))
    assert (correct(asked, answer("多项。[12]")), correct(asked, answer("12项。[1]"))) == (0, 1)


def test_key_recall_is_the_share_of_keys_however_long_the_answer() -> None:
    asked = case(answer_keys=("甲", "乙|丙", "丁"))
    assert key_recall(asked, answer("甲" * 500 + "丙")) == 2 / 3
    assert key_recall(asked, REFUSAL) == 0


def test_what_does_not_apply_has_no_value() -> None:
    unanswerable, bare = case(answerable=False), case()
    for metric in (correct, key_recall, char_f1, exact_match, citation_recall, citation_precision):
        assert metric(unanswerable, answer("甲", ("a.txt", QUOTE))) is None
        assert metric(bare, answer("甲", ("a.txt", QUOTE))) is None
    assert citation_precision(case(("a.txt", QUOTE)), answer("甲")) is None
    assert (supported_sentences(answer("甲")), supported_sentences(REFUSAL), characters(REFUSAL)) == (None, None, None)


def test_character_f1_counts_shared_units() -> None:
    asked = case(answer="80%左右")  # 80 左 右
    assert char_f1(asked, answer("約80 %。[1]")) == pytest.approx(2 * 1 / (2 + 3))  # given: 约 80
    assert char_f1(asked, answer("８０％左右")) == 1
    assert char_f1(asked, answer("8 0")) == 0  # a number is one unit
    assert char_f1(case(answer="好好"), answer("好")) == pytest.approx(2 * 1 / (1 + 2))
    assert (char_f1(asked, REFUSAL), char_f1(asked, answer(""))) == (0, 0)


def test_exact_match_is_blind_to_script_width_and_punctuation() -> None:
    asked = case(answer="温州市，80%")
    assert exact_match(asked, answer("溫州市８０％。[1]")) == 1
    assert exact_match(asked, answer("是温州市80%")) == 0
    assert exact_match(asked, answer("温州市80%", refused=True)) == 0


def test_the_best_of_several_reference_answers_counts() -> None:
    asked = case(answer="村雨城", answer_keys=("村雨城|谜之村雨城",))
    assert references(asked) == ("村雨城", "谜之村雨城")
    assert (exact_match(asked, answer("谜之村雨城")), char_f1(asked, answer("谜之村雨城"))) == (1, 1)


def test_keys_that_are_only_parts_of_an_answer_are_no_references() -> None:
    assert references(case(answer="达到80%", answer_keys=("80%|八成",))) == ("达到80%",)
    assert references(case(answer="80%", answer_keys=("80%|八成", "2025年"))) == ("80%",)


def test_citation_recall_takes_the_quotes_of_a_source_together() -> None:
    asked = case(("a.txt", QUOTE), ("b.txt", OTHER))
    assert citation_recall(asked, answer("", ("a.txt", QUOTE[:9]), ("a.txt", QUOTE[2:10]))) == 0.5
    assert citation_recall(asked, answer("", ("a.txt", QUOTE), ("a.txt", OTHER))) == 0.5
    assert citation_recall(asked, answer("", ("a.txt", QUOTE), ("b.txt", OTHER))) == 1
    assert (citation_recall(asked, answer("")), citation_recall(asked, REFUSAL)) == (0, 0)


def test_citation_precision_is_the_share_that_quotes_evidence_or_a_key() -> None:
    asked = case(("a.txt", QUOTE), answer_keys=("80%",))
    evidence, piece, keyed = ("a.txt", QUOTE), ("a.txt", "八九十"), ("a.txt", "达到８０％")
    elsewhere, beside = ("b.txt", "达到80%"), ("a.txt", OTHER)
    assert citation_precision(asked, answer("", evidence, piece, keyed)) == 1
    assert citation_precision(asked, answer("", evidence, elsewhere, beside)) == 1 / 3
    assert citation_precision(asked, answer("", ("a.txt", ""))) == 0


def test_the_same_citation_twice_counts_once() -> None:
    asked = case(("a.txt", QUOTE))
    assert citation_precision(asked, answer("", ("a.txt", QUOTE), ("a.txt", QUOTE), ("a.txt", OTHER))) == 0.5
    assert citation_recall(asked, answer("", ("a.txt", QUOTE[:9]), ("a.txt", QUOTE[:9]))) == 0


def test_a_fabricated_citation_is_not_in_the_document_it_names() -> None:
    originals = {"a.txt": "到2025年，達到80%。", "b.txt": "其他"}
    assert fabricated_citations(answer("", ("a.txt", "達到80%")), originals) == 0
    wrong = [("a.txt", "达到80%"), ("b.txt", "達到80%"), ("c.txt", "其他"), ("a.txt", ""), ("a.txt", " ")]
    assert fabricated_citations(answer("", ("b.txt", "其他"), *wrong), originals) == 5


def test_a_supported_sentence_cites_words() -> None:
    cited = [("a.txt", QUOTE), ("a.txt", " ")]
    said = (
        sentence("甲", 1),
        sentence("乙", 1, verdict="partly"),
        sentence("丙"),
        sentence("丁", 2),
        sentence("戊", 3),
    )
    assert supported_sentences(answer("甲乙丙丁戊", *cited, sentences=said)) == 1 / 5


def test_characters_are_those_of_the_answer_without_its_numbers() -> None:
    assert characters(answer("达到80%。[1] [2]")) == 6


def test_refusals_are_scored_side_by_side() -> None:
    names = ("refused_answerable", "refused_unanswerable")
    found = [
        tuple(score(case(answerable=able), answer(refused=no), (), {})[name] for name in names)
        for able in (True, False)
        for no in (True, False)
    ]
    assert found == [(1, None), (0, None), (None, 1), (None, 0)]


def test_every_score_of_a_case_has_a_direction() -> None:
    scores = score(case(("a.txt", QUOTE)), answer("甲"), [hit(QUOTE)], {})
    assert set(scores) < set(DIRECTIONS)
    assert [name for name in DIRECTIONS if name in scores] == list(scores)
