from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evals import curves, plots
from evals.datasets import Evidence
from evals.page import render, write
from evals.results import Estimate, Report, Retrieved
from rag.errors import ConfigurationError
from tests.evals.reports import report, row

ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;</style></svg>"
VOID = {"meta", "br", "img"}


class Tree(HTMLParser):
    """Every element with its attributes and own text; what is not nested properly is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []
        self.feed(html)
        self.close()
        assert [self.elements[index][0] for index in self.open] == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for index in self.open:
            self.elements[index][2].append(data)

    def all(self, tag: str, look: str = "") -> list[tuple[dict[str, str | None], str]]:
        """Attributes and text of each ``tag`` that has the class ``look``."""
        return [
            (attributes, "".join(text))
            for name, attributes, text in self.elements
            if name == tag and (not look or look in (attributes.get("class") or "").split())
        ]


def hostile() -> Report:
    """A report in which every text that comes from outside tries to become markup."""
    hit = Retrieved(ATTACK, ATTACK, 0, 9, 1.0, {ATTACK: 0.5}, True, ATTACK)
    quote = {"number": 1, "source": ATTACK, "title": ATTACK, "section": ATTACK, "start": 0, "end": 1, "quote": ATTACK}
    bad = row(
        ATTACK,
        {"correct": 0.0, "recall@5": 0.0, ATTACK: 1.0},
        type=ATTACK,
        script=ATTACK,
        question=ATTACK,
        rewritten=ATTACK,
        expected=ATTACK,
        answer_keys=(ATTACK,),
        evidence=(Evidence(ATTACK, ATTACK),),
        answer=ATTACK,
        reason=ATTACK + "!",
        citations=(quote,),
        retrieved=(hit,),
        timings={ATTACK: 1.0},
    )
    told = {"settings": {ATTACK: ATTACK}, "versions": {ATTACK: ATTACK}, "prompts": {ATTACK: ATTACK}}
    groups = {ATTACK: {"correct": Estimate(0.5, 0.1, 0.9, 1), ATTACK: Estimate(0.5, 0.1, 0.9, 1)}}
    made = report([bad, row("e", {"correct": 0.0}, error=ATTACK)], cases=ATTACK, commit=ATTACK, created=ATTACK, **told)
    return Report(**{**{f: getattr(made, f) for f in made.__slots__}, "groups": {**made.groups, **groups}})


def test_foreign_text_stays_text() -> None:
    html = render(hostile())
    tree = Tree(html)
    assert len(tree.all("script")) == 1
    assert tree.all("img") == []
    assert [name for _, attributes, _ in tree.elements for name in attributes if name.startswith("on")] == []
    assert "<script>alert" not in html
    assert len(re.findall("</style>", html)) == 1
    # It is all there, to be read: the question, what was expected, given, cited and retrieved, and the error.
    (case, error) = tree.all("details", "case")
    assert case[0] == {"class": "case", "data-kind": "wrong", "data-type": ATTACK}
    assert case[1].count(ATTACK) >= 12
    assert ATTACK in error[1]


def test_the_page_needs_nothing_from_outside_and_runs_only_its_own_script() -> None:
    html = render(report([row("a"), row("b", {"correct": 0.0})]))
    tree = Tree(html)
    ((_, script),) = tree.all("script")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [a["content"] for a, _ in tree.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert [a for _, a, _ in tree.elements if a.keys() & {"src", "href", "srcset", "action"}] == []
    assert re.findall(r"https?:|@import|@font-face|url\(", html) == []
    (viewport,) = [a["content"] for a, _ in tree.all("meta") if a.get("name") == "viewport"]
    assert viewport == "width=device-width, initial-scale=1"
    assert "prefers-color-scheme: dark" in html


def test_headline_figures_with_their_intervals() -> None:
    rows = [
        row(str(n), {"correct": float(n < 5), "fabricated_citations": 1.0, "ms_total": 10.0 * n}) for n in range(10)
    ]
    boxes = [text for _, text in Tree(render(report(rows))).all("div", "figure")]
    assert re.fullmatch(r"0\.50correcthigher is better95 %: \.[12]\d–\.[78]\d10 cases", boxes[0])
    assert boxes[1:] == ["10fabricated citationsmust be 010 answers", "40 msan answer, p50lower is betterp95: 90 ms"]


def test_the_table_has_overall_first_and_a_dash_where_nothing_applies() -> None:
    rows = [row("a", {"correct": 1.0}), row("b", {"correct": None, "refused_unanswerable": 1.0}, type="unanswerable")]
    tree = Tree(render(report(rows)))
    cells = [text for _, text in tree.all("td")]
    heads = [text for _, text in tree.all("th")]
    assert heads[:5] == ["", "overall2 cases", "fact1 cases", "unanswerable1 cases", "Answers"]
    assert cells[:6] == ["1.001.0–1.0", "1.001.0–1.0", "–", "1.001.0–1.0", "–", "1.001.0–1.0"]
    assert tree.all("td", "overall")[0][0]["title"] == "1 cases"


def test_every_failure_is_there_and_nothing_else() -> None:
    rows = [
        row("right"),
        row("wrong", {"correct": 0.0}),
        row("long", {"correct": 0.0}, type="list", answer="98%" + "长" * 400),
        row("refused", {"correct": 0.0}, refused=True, answer="没有"),
        row("answered", {}, answerable=False, type="unanswerable", expected="", answer_keys=()),
        row("declined", {}, answerable=False, refused=True, type="unanswerable"),
        row("error", {"correct": 0.0}, error="QuestionError: the question is empty"),
    ]
    tree = Tree(render(report(rows)))
    cases = {text.split("问题")[1].split("?")[0]: (a["data-kind"], text) for a, text in tree.all("details", "case")}
    assert {name: kind for name, (kind, _) in cases.items()} == {
        "wrong": "wrong",
        "long": "wrong",
        "refused": "refused",
        "answered": "answered",
        "error": "error",
    }
    assert "✓ 98%" in cases["wrong"][1]
    assert "✗ 402 letters, more than 400" in cases["long"][1]
    assert "✗ 98%" in cases["refused"][1]
    assert "expecteda refusal" in cases["answered"][1]
    assert "QuestionError: the question is empty" in cases["error"][1]
    buttons = [(a["value"], text) for a, text in tree.all("button")]
    assert buttons == [
        ("", "all 5"),
        ("error", "error 1"),
        ("refused", "refused, though answerable 1"),
        ("answered", "answered, though unanswerable 1"),
        ("wrong", "not correct 2"),
        ("", "all 5"),
        ("fact", "fact 3"),
        ("list", "list 1"),
        ("unanswerable", "unanswerable 1"),
    ]


def test_what_was_retrieved_is_shown_with_the_scores_of_each_arm() -> None:
    tree = Tree(render(report([row("a", {"correct": 0.0})])))
    (case,) = tree.all("details", "case")
    assert "Retrieved, best first · evidence at rank 1" in case[1]
    assert [text for _, text in tree.all("div", "arm")] == [
        "fused2.500",
        "dense0.910",
        "lexical7.000",
        "fused1.500",
        "dense0.870",
        "lexical–",
    ]
    bars = [a["style"] for a, _ in tree.all("b") if "style" in a]
    assert bars == ["width:100%", "width:100%", "width:100%", "width:6%", "width:6%", "width:0%"]
    assert [text for _, text in tree.all("span", "good")] == ["✓ 98%", "evidence"]


def test_a_report_without_failures_or_answers_is_a_page_too() -> None:
    assert "<h2>Failures</h2><p>None.</p>" in render(report([row("a")]))
    search_only = report([row("a", {"recall@5": 0.5, "ms_total": 3.0}, answer="", answer_keys=(), citations=())])
    titles = [text for _, text in Tree(render(search_only)).all("h3")]
    assert titles == ["Recall@5 by type", "Time of a stage"]


def test_the_page_tells_how_it_was_measured() -> None:
    (about,) = [text for a, text in Tree(render(report([row("a")]))).all("dl", "about")]
    for told in (
        "hand.jsonl",
        "2026-01-02T03:04:05+00:00",
        "0123456789abcdef",
        "c0ffee" * 10,
        "k 8",
        "answer.v1 abcdef",
    ):
        assert told in about
    assert "policy-rag 0.1.0" in about


def test_a_page_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"cannot write .*page\.html: .*Name another file with --html\."):
        write(report([row("a")]), tmp_path / "file/page.html")


def test_points_of_the_risk_coverage_curve() -> None:
    rows = [
        row("sure", {"correct": 1.0}, confidence=0.9),
        row("wrong", {"correct": 0.0}, confidence=0.8),
        row("answered", {}, confidence=0.7, answerable=False),
        row("refused", {"correct": 0.0}, confidence=0.1, refused=True),
        row("unknown", {"correct": None}, confidence=0.95),
    ]
    coverages, risks = zip(*curves.risk_coverage(rows), strict=True)
    assert coverages == (0.25, 0.5, 0.75, 1.0)
    assert risks == pytest.approx((0.0, 0.5, 2 / 3, 0.75))
    assert curves.operating_point(rows) == pytest.approx((0.75, 2 / 3))
    assert (curves.risk_coverage([]), curves.operating_point([]), curves.operating_point(rows[3:4])) == ([], None, None)


def test_reliability_counts_answers_in_tenths_of_the_confidence() -> None:
    rows = [row(str(n), {"correct": float(n > 0)}, confidence=0.91 + n / 100) for n in range(4)]
    rows.append(row("refused", {"correct": 0.0}, confidence=0.2, refused=True))
    (found,) = curves.reliability(rows)
    assert (found.confidence, found.share, found.cases) == pytest.approx((0.925, 0.75, 4))
    assert (found.low, found.high) == pytest.approx((0.3006, 0.9544), abs=1e-4)  # Wilson, 3 of 4


def test_latency_by_stage() -> None:
    rows = [row(str(n), {"ms_total": float(n), "ms_retrieve": None}) for n in range(1, 101)]
    assert curves.latency(rows) == {"total": (50.0, 95.0)}


def test_plots_are_readable_without_seeing_them() -> None:
    estimates = {
        "fact": Estimate(0.5, 0.25, 0.75, 4),
        "overall": Estimate(1.0, 1.0, 1.0, 4),
        "none": Estimate(None, None, None, 0),
    }
    tree = Tree(plots.intervals("Recall <by> type", estimates, strong="overall"))
    ((svg, _),) = tree.all("svg")
    assert (svg["role"], svg["aria-label"]) == ("img", "Recall <by> type")
    assert [text for _, text in tree.all("text")] == ["0", "0.5", "1", "fact 4", "0.50", "overall 4", "1.00"]
    assert [(float(a["x1"] or 0), float(a["x2"] or 0)) for a, _ in tree.all("line", "span")] == [(162, 266), (318, 318)]
    assert float(tree.all("circle")[0][0]["cx"] or 0) == 214  # half way from 110 to 318
