"""How the sentences of a scripted model that mixes true, altered, uncited and invented statements are shown."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from evals.statements import STATEMENTS, Script, Shown, Statement, play, precision, read_scripts, recall, report
from rag.answer.grounding import SupportChecker
from rag.answer.remembered import RememberedPassages
from rag.errors import DocumentError
from rag.index.embeddings import create_embeddings


@pytest.fixture(scope="module")
def checker(model_home: Path) -> SupportChecker:
    return SupportChecker(RememberedPassages(create_embeddings("bundled", home=model_home)))


@pytest.fixture(scope="module")
def scripts() -> list[Script]:
    return read_scripts()


def test_the_suite_mixes_enough_of_every_kind(scripts: list[Script]) -> None:
    statements = [statement for script in scripts for statement in script.statements]
    counts = Counter(statement.kind for statement in statements)
    assert counts.keys() == {"true", "miscited", "uncited", "altered", "invented"}
    assert counts.total() >= 100
    assert counts["altered"] >= 50
    assert len({statement.text for statement in statements}) == len(statements)
    assert all(statement.true == (statement.kind in ("true", "miscited", "uncited")) for statement in statements)


def test_what_is_shown_as_supported_is_true(scripts: list[Script], checker: SupportChecker) -> None:
    """The figures of the last measurement; docs have what is aimed at."""
    results = [each for script in scripts for each in play(script, checker)]
    told, found = precision(results), recall(results)
    assert told is not None
    assert found is not None
    assert told >= 0.93, report(results)
    assert found >= 0.87, report(results)
    # Nothing made up is ever shown as supported, however it is cited.
    assert {each.verdict for each in results if each.statement.kind == "invented"} <= {None, "partly", "unsupported"}


def result(kind: str, verdict: object, *, true: bool) -> Shown:
    return Shown("a", Statement(kind, f"{kind}[1]", true), verdict, 2.0)  # type: ignore[arg-type]


def test_the_figures() -> None:
    results = [
        result("true", "supported", true=True),
        result("true", "partly", true=True),
        result("uncited", None, true=True),
        result("uncited", "supported", true=True),
        result("altered", "supported", true=False),
        result("invented", None, true=False),
    ]
    assert (precision(results), recall(results)) == (2 / 3, 0.5)
    assert (precision([]), recall([])) == (None, None)
    assert report(results).splitlines() == [
        "6 statements: precision 0.667, recall 0.500",
        "altered     1: 1 supported, 0 partly, 0 unsupported, 0 not shown",
        "invented    1: 0 supported, 0 partly, 0 unsupported, 1 not shown",
        "true        2: 1 supported, 1 partly, 0 unsupported, 0 not shown",
        "uncited     2: 1 supported, 0 partly, 0 unsupported, 1 not shown",
        "  a true, partly: true[1]",
        "  a uncited, not shown: uncited[1]",
        "  a altered, supported: altered[1]",
        "2.0 ms a sentence, at most 2.0",
    ]


def test_a_line_that_is_no_script_is_named(tmp_path: Path) -> None:
    path = tmp_path / "suite.jsonl"
    path.write_text(STATEMENTS.read_text("utf-8").splitlines()[0] + "\n" + json.dumps({"id": "x"}), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"suite\.jsonl, line 2 is no script: 'passages'"):
        read_scripts(path)
    with pytest.raises(DocumentError, match="cannot read"):
        read_scripts(tmp_path / "none.jsonl")
