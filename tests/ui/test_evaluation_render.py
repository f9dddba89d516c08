from __future__ import annotations

import itertools
import re
from dataclasses import fields, replace
from html.parser import HTMLParser

import pytest
from pydantic import TypeAdapter

from evals.datasets import Evidence
from evals.outcomes import outcome
from tests.evals.reports import report, row
from ui.evaluation import marks
from ui.evaluation.comparison import Comparison, Difference, Flip, comparison
from ui.evaluation.folder import Run
from ui.evaluation.render import Overview, differing, overview, progress, when
from ui.evaluation.reports import Estimate, Report
from ui.evaluation.runs import Ended, Progress
from ui.evaluation.summary import summary
from ui.evaluation.words import EN, HANS, WORDS, Words
from ui.words import Language

PAYLOADS = [
    '<script>fetch("https://evil.test/")</script>',
    "<img src=https://evil.test/a.png onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "' onmouseover='alert(1)",
    "[x](javascript:alert(1))",
    "</details></section><iframe srcdoc=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "${alert(1)} {{constructor}} {0} {count}",
]
FIGURES = {"correct": Estimate(0.5, 0.25, 0.75, 8), "ms_total_p50": Estimate(1500.0, 900.0, 2000.0, 8)}
LANGUAGES: list[Language] = ["hans", "hant", "en"]


class Reader(HTMLParser):
    """What a browser would make of a fragment: tags, attributes with their values, text, and whether it is balanced."""

    EMPTY = ("br", "input", "line", "circle", "path")

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.text = ""
        self.open: list[str] = []
        self.feed(fragment)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def run(name: str = "a", **values: object) -> Run:
    plain = Run(name, "2026-01-02T03:04:05+00:00", "hand.jsonl", 8, 2, FIGURES, {"k": 8})
    return replace(plain, **values)  # type: ignore[arg-type]


def read(*rows: object, **values: object) -> Report:
    """A report as the page reads it from the file."""
    return TypeAdapter(Report).validate_json(report(rows, **values).dumps())  # type: ignore[arg-type]


def difference(metric: str = "correct", group: str = "overall", **values: object) -> Difference:
    plain = Difference(metric, group, 12, 0.5, 0.25, -0.25, -0.4, -0.1, 0.01, 0, 3, "worse")
    return replace(plain, **values)  # type: ignore[arg-type]


def compared(*differences: Difference, **values: object) -> Comparison:
    return replace(Comparison(12, (), (), differences, (), ()), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_place_stays_text(payload: str) -> None:
    wrong = row(
        payload,
        {"correct": 0.0},
        type=payload,
        question=payload,
        rewritten=payload,
        expected=payload,
        answer=payload,
        evidence=(Evidence(payload, payload),),
    )
    broken = row("2", {}, error=payload, question=payload)
    shown = run(payload, created=payload, cases=payload, settings={payload: payload})
    other = run("b", settings={payload: "x"})
    pages = [
        summary(payload, read(wrong, broken, row("3", type="list"), cases=payload, created=payload), "hans"),
        overview(Overview([shown, other], admin=True, has_documents=True, own=[payload], own_folder=payload), "hans"),
        overview(Overview([shown], admin=True, has_documents=True, ended=Ended(payload, error=payload)), "hans"),
        overview(Overview([shown], admin=True, has_documents=True, progress=Progress(payload, payload, 1, 2)), "hans"),
        comparison(
            shown,
            other,
            compared(
                difference(payload, payload),
                warnings=(payload,),
                notes=(payload,),
                broken=(payload,),
                flips=(Flip(payload, payload, payload, "correct", "wrong"),),
            ),
            "hans",
        ),
    ]
    for page in pages:
        found = Reader(page)
        assert payload in found.text
        assert found.tags <= {
            *("div", "section", "p", "h2", "h3", "b", "i", "a", "ul", "li", "dl", "dt", "dd", "code", "small", "span"),
            *("table", "thead", "tbody", "tr", "th", "td", "form", "label", "select", "option", "input", "button"),
            *("details", "summary", "iframe", "svg", "line", "circle", "path"),
        }
        assert not [name for name in found.attributes if name.startswith("on") or name in ("srcdoc", "src")]
        assert all(value.startswith(("#/", "/evaluations/")) for value in found.attributes.get("href", []))
        assert set(found.attributes.get("style", [])) <= {"width:50.0%"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_in_every_language(language: Language) -> None:
    shown = [
        overview(Overview([], admin=True, has_documents=True), language),
        overview(Overview([run(), run("b")], admin=True, has_documents=True), language),
        overview(Overview([], admin=False, has_documents=True), language),
        summary("a", read(row("1"), row("2", type="list"), row("3", {"correct": 0.0}, type="x")), language),
        comparison(run(), run("b"), compared(difference(), difference("ms_total")), language),
    ]
    assert all("{" not in Reader(page).text for page in shown)
    assert WORDS[language].first in Reader(shown[0]).text


def test_the_languages_name_the_same_things() -> None:
    for field in fields(Words):
        values = [getattr(each, field.name) for each in WORDS.values()]
        if isinstance(values[0], str):
            names = [set(re.findall(r"\{(\w+)", value)) for value in values]
        else:
            names = [set(value) for value in values]
        assert names == [names[0]] * 3, field.name


def test_an_outcome_is_what_rag_eval_calls_it() -> None:
    for error, refused, answerable, right in itertools.product(
        (None, "x"), (True, False), (True, False), (None, 0.0, 1.0)
    ):
        case = row("1", {"correct": right}, error=error, refused=refused, answerable=answerable)
        assert read(case).rows[0].outcome == outcome(case)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Progress("x"), HANS.stages["opening"]),
        (Progress("x", "asking", 0, 20), HANS.stages["opening"]),
        (Progress("x", "embedding", 3, 20), "embedding 3/20"),
        (Progress("x", "asking", 1, 20), "第 1 题，共 20 题 · 未通过 0 题"),
        (Progress("x", "asking", 5, 20, 2, 0.2), "第 5 题，共 20 题 · 未通过 2 题 · 还要约 1 秒"),
        (Progress("x", "asking", 5, 20, 2, 150.0), "第 5 题，共 20 题 · 未通过 2 题 · 还要约 2 分钟"),
        (Progress("x", "asking", 20, 20, 2, 0.0), "第 20 题，共 20 题 · 未通过 2 题"),
        (Progress("x", "asking", 5, 20, 2, 9.0, cancelled=True), HANS.cancelling),
    ],
)
def test_progress_in_words(now: Progress, said: str) -> None:
    assert Reader(progress(now, "hans")).text == said


@pytest.mark.parametrize(
    ("metric", "number", "shown"),
    [
        ("correct", 0.8554, "86%"),
        ("correct", None, "–"),
        ("ms_total", 44.57, "45 ms"),
        ("ms_total", 1234.0, "1.2 s"),
        ("characters", 104.9, "105"),
    ],
)
def test_a_figure_has_its_unit(metric: str, number: float | None, shown: str) -> None:
    assert marks.value(metric, number, EN) == shown


@pytest.mark.parametrize(
    ("metric", "number", "shown"),
    [("correct", 0.036, "+3.6"), ("correct", -0.024, "−2.4"), ("correct", 0.0, "0.0"), ("ms_total", -3.2, "−3 ms")],
)
def test_a_difference_has_its_sign(metric: str, number: float, shown: str) -> None:
    assert marks.signed(metric, number, EN) == shown


def test_a_mark_stands_where_the_figure_is() -> None:
    drawn = Reader(marks.span(Estimate(0.5, 0.0, 2.0, 8), "x"))
    assert (drawn.attributes["cx"], drawn.attributes["x1"][1:], drawn.attributes["x2"][1:]) == (
        ["50.0%"],
        ["3.0%"],
        ["97.0%"],
    )
    assert marks.span(Estimate(), "x") == ""


def test_settings_that_differ_are_told_with_those_of_tables() -> None:
    settings = [{"k": 8, "llm": {"model": None}, "x": 1}, {"k": 5, "llm": {"model": "a"}}, {"k": 8, "x": 1}]
    assert differing(settings) == ["k", "llm.model"]


def test_a_date_that_is_none_is_shown_as_it_is() -> None:
    assert [when("soon"), when("0001-01-01T00:00:00+00:00")[:4]] == ["soon", "0001"]


def test_a_slower_run_is_neither_better_nor_worse() -> None:
    slower = compared(difference("ms_total", base=40.0, new=80.0, difference=40.0, low=30.0, high=50.0))
    shown = Reader(comparison(run(), run("b"), slower, "en")).text
    assert EN.no_change in shown
    assert EN.verdicts["slower"] in shown


def test_fabricated_citations_stand_out() -> None:
    made = read(row("1", {"fabricated_citations": 2.0}), row("2", {"fabricated_citations": 0.0}))
    assert "pr-evaluation-bad" in summary("a", made, "en")
    none = read(row("1", {"fabricated_citations": 0.0}))
    assert "pr-evaluation-bad" not in summary("a", none, "en")
