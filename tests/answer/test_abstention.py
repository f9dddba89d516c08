from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer.abstention import COEFFICIENTS, confidence, features, missing, required
from rag.answer.question import analyse
from tests.answer.parts import candidate, passage

CITY = passage("到2025年，城市化率达72%以上。", title="溫州市決定", path=("一、目標（2020年起）",), region="溫州")
BEST = candidate("到2025年，城市化率达72%以上。", within=CITY, framed=0.8, similarity=0.9)


def test_the_features_of_a_question_that_is_answered() -> None:
    assert features(analyse("温州到2025年的城市化率是多少？"), [BEST]) == {
        "framed": 0.8,
        "similarity": pytest.approx(0.05),
        "dense": 0.0,
        "english": 0.0,
        "place": 0.0,
        "year": 0.0,
        "unit": 0.0,
        "person": 0.0,
    }


def test_the_nearest_window_of_all_that_was_read_counts() -> None:
    far, near = (
        replace(BEST, passage=replace(CITY, hit=replace(CITY.hit, scores={"dense": cosine}))) for cosine in (0.83, 0.91)
    )
    assert features(analyse("温州？"), [far, near])["dense"] == pytest.approx(0.06)
    assert features(analyse("温州？"), [far])["dense"] == pytest.approx(-0.02)


def test_every_coefficient_has_its_feature() -> None:
    assert features(analyse("温州？"), [BEST]).keys() == COEFFICIENTS.keys()


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        ("宁波的城市化率是多少？", {"place": ("宁波",)}),
        ("宁波、温州和杭州的城市化率是多少？", {"place": ("宁波", "杭州")}),
        ("溫州的城市化率是多少？", {}),  # named in the title only
        ("温州2020年的城市化率是多少？", {}),  # named in a heading only
        ("温州2030年的城市化率是多少？", {"year": ("2030",)}),
        ("城市化率是多少%？", {}),
        ("城市化投资多少亿元？", {"unit": ("亿元",)}),
        ("城市化率要提升几年？", {}),
        ("温州的市长是谁？", {"person": ("市长",)}),
        ("谁是温州的市委书记？", {"person": ("书记",)}),
        ("宁波2030年投资多少亿元？", {"place": ("宁波",), "year": ("2030",), "unit": ("亿元",)}),
    ],
)
def test_what_is_asked_for_and_not_spoken_of(question: str, lacks: dict[str, tuple[str, ...]]) -> None:
    expected = {"place": (), "year": (), "unit": (), "person": ()} | lacks
    asked = analyse(question)
    assert missing(asked, [BEST]) == expected
    found = features(asked, [BEST])
    assert {name: found[name] for name in expected} == {name: float(bool(values)) for name, values in expected.items()}


def test_a_unit_may_stand_in_one_of_the_three_best_sentences() -> None:
    asked = analyse("总投资多少亿元？")
    others = [candidate("总投资不断扩大。"), candidate("完成投资1,200多亿元。"), candidate("投资3亿元。")]
    assert missing(asked, others[:1])["unit"] == ("亿元",)
    assert missing(asked, others[:2])["unit"] == ()
    assert missing(asked, [others[0], others[0], others[0], others[1]])["unit"] == ("亿元",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("市长张三出席会议。", True),
        ("会议由王小明市长主持。", True),
        ("由市长负总责。", False),
        ("组长由市长担任。", False),
        ("书记李四讲话。", False),
    ],
)
def test_a_holder_of_the_office_has_to_be_named(text: str, named: bool) -> None:
    assert missing(analyse("市长是谁？"), [candidate(text)])["person"] == (() if named else ("市长",))


def test_a_comparison_may_find_its_places_in_several_sentences() -> None:
    suining = candidate("城市化率达60%。", within=passage("城市化率达60%。", region="遂宁"))
    assert missing(analyse("温州和遂宁的城市化率各是多少？"), [BEST, suining])["place"] == ()
    assert missing(analyse("温州和遂宁的城市化率各是多少？"), [BEST])["place"] == ("遂宁",)
    assert missing(analyse("遂宁的城市化率是多少？"), [BEST, suining])["place"] == ("遂宁",)


def test_only_the_best_sentence_has_to_be_about_the_year() -> None:
    other = candidate("到2030年建成。")
    assert missing(analyse("2030年的城市化率是多少？"), [BEST, other])["year"] == ("2030",)


@pytest.mark.parametrize(
    ("surer", "less"),
    [
        ({"framed": 0.9}, {"framed": 0.2}),
        ({"similarity": 0.92}, {"similarity": 0.8}),
    ],
)
def test_better_evidence_makes_it_surer(surer: dict[str, float], less: dict[str, float]) -> None:
    asked = analyse("城市化率是多少？")
    text = "城市化率达72%以上。"
    usual = {"framed": 0.5, "similarity": 0.85}
    better, worse = (confidence(asked, [candidate(text, **usual | change)]) for change in (surer, less))  # type: ignore[arg-type]
    assert 0 < worse < better < 1


@pytest.mark.parametrize(
    "other", ["宁波的城市化率是多少？", "温州2030年的城市化率是多少？", "温州的城市化投资多少亿元？"]
)
def test_what_is_missing_makes_it_less_sure(other: str) -> None:
    assert confidence(analyse(other), [BEST]) < confidence(analyse("温州的城市化率是多少？"), [BEST])


def test_it_is_a_probability_at_the_extremes_too() -> None:
    asked = analyse("宁波2030年投资多少亿元？")
    for framed, similarity in ((0.0, -1.0), (1.0, 1.0)):
        assert 0 <= confidence(asked, [candidate("没有。", framed=framed, similarity=similarity)]) <= 1


def test_the_stricter_the_surer_an_answer_must_be() -> None:
    assert 0 < required("lenient") < required("balanced") < required("strict") < 1
