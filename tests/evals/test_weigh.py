from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from evals.weigh import main
from rag.reader.data import held_out
from rag.retrieval import reading
from rag.retrieval.fusion import COEFFICIENTS

UNREAD = next(title for title in map(str, range(1000)) if held_out(title))
FACTS = {
    "青山市": ("茶花", "云山", "98万人"),
    "白沙区": ("荷花", "石山", "35万人"),
    "临水县": ("菊花", "龙山", "62万人"),
    "绿水县": ("桂花", "凤山", "41万人"),
    "长桥镇": ("兰花", "虎山", "7万人"),
    "海门镇": ("梅花", "鹤山", "9万人"),
}
QUESTIONS = ("{}的花是什么花？", "{}最高的山叫什么？", "{}有多少人口？")


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    """A paragraph about each place with three questions, half of which are drawn to be left out."""
    paragraphs = []
    for number, (place, facts) in enumerate(FACTS.items()):
        context = f"{place}的花是{facts[0]}。境内最高的山叫{facts[1]}。{place}有人口{facts[2]}。"
        asked: list[dict[str, Any]] = [
            {
                "id": f"{number}-{kind}",
                "question": question.format(place),
                "answers": [{"text": fact, "answer_start": context.index(fact)}],
            }
            for kind, (question, fact) in enumerate(zip(QUESTIONS, facts, strict=True))
        ]
        paragraphs.append({"id": place, "context": context, "qas": asked})
    path = tmp_path / "places.json"
    path.write_text(
        json.dumps({"data": [{"title": UNREAD, "paragraphs": paragraphs}]}, ensure_ascii=False), encoding="utf-8"
    )
    return path


def weigh(home: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    monkeypatch.setenv("RAG_HOME", str(home))
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def fit(line: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(line.partition(": ")[2].replace("'", '"'))
    return found


def test_it_prints_a_fit_of_each_file_and_of_all(squad: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, together, read, all_read = weigh(home, monkeypatch, str(squad))
    assert re.match(r"arms, places\.json: \{", alone)
    assert re.match(r"arms, together: \{", together)
    assert re.match(r"reader, places\.json: \{", read)
    assert fit(read) == fit(all_read)
    assert fit(read).keys() == {*reading.COEFFICIENTS, "intercept"}
    assert fit(alone) == fit(together)
    assert fit(alone).keys() == {*COEFFICIENTS, "intercept"}
    # More of either arm speaks for a passage, and without any there is none.
    assert all(fit(alone)[name] > 0 for name in COEFFICIENTS)
    assert fit(alone)["intercept"] < 0


def test_fewer_questions_are_another_fit(squad: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = weigh(home, monkeypatch, str(squad), "--questions", "3")
    assert fit(some[0]) != fit(weigh(home, monkeypatch, str(squad))[0])
