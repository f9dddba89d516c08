"""A few steps of real training: what comes out is what the product reads with, and an interruption costs nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag.index.bundled_model import model_folder
from rag.reader.export import unpack
from rag.reader.judging import read_marks

PARAGRAPH = (
    "{place}位于三条河流的交汇处，建于{year}年，全市人口为{people}万人。"
    "市花是{flower}，市树是{tree}，每年{month}月举办花会。"
)


def squad(path: Path) -> Path:
    articles = []
    for number in range(24):
        place, people = f"青山{number}市", str(20 + number)
        context = PARAGRAPH.format(
            place=place, year=1900 + number, people=people, flower="茶花", tree="香樟", month=number % 12 + 1
        )
        qas = [
            {
                "id": f"{number}-0",
                "question": f"{place}有多少人口？",
                "answers": [{"text": f"{people}万人", "answer_start": context.index(f"{people}万人")}],
            },
            {
                "id": f"{number}-1",
                "question": f"{place}建于1900年代的哪一年？",
                "answers": [{"text": f"{1900 + number}年", "answer_start": context.index(f"{1900 + number}年")}],
            },
        ]
        articles.append({"title": place, "paragraphs": [{"context": context, "qas": qas}]})
    path.write_text(json.dumps({"data": articles}), "utf-8")
    return path


@pytest.fixture
def home(model_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_HOME", str(model_home))
    assert model_folder(model_home).exists()
    return tmp_path


def test_training_writes_weights_and_goes_on_from_a_checkpoint(home: Path) -> None:
    from rag.reader.train import CHECKPOINT, LOG, WEIGHTS, main

    arguments = ["--squad", str(squad(home / "small.json")), "--out", str(home / "out"), "--epochs", "1"]
    main(arguments)
    trained = unpack(home / "out" / WEIGHTS)
    assert trained["l11.fo.w"].dtype == np.int8
    assert trained["l11.fo.w.scales"].shape == (384,)
    assert trained["judged.w"].shape == (2, 384)
    assert "l0.q.w" not in trained
    log = [json.loads(line) for line in (home / "out" / LOG).read_text("utf-8").splitlines()]
    figures = {"small.em", "small.f1", "small.auc", "small.auc.elsewhere", "small.auc.changed"}
    assert [set(line) for line in log] == [{"step", "int8", *figures}] * 2  # as trained, and as shipped
    assert [line["int8"] for line in log] == [0.0, 1.0]

    (home / "out" / WEIGHTS).unlink()
    assert (home / "out" / CHECKPOINT).exists()
    main(arguments)  # everything is in the checkpoint: nothing is left to learn
    again = unpack(home / "out" / WEIGHTS)
    assert {name: values.tobytes() for name, values in again.items()} == {
        name: values.tobytes() for name, values in trained.items()
    }


def written(path: Path, place: str) -> Path:
    text = PARAGRAPH.format(place=place, year=1950, people=77, flower="荷花", tree="银杏", month=5)
    lines = [
        {"id": place, "title": f"{place}概况", "text": text},
        {"id": place, "kind": "plain", "question": f"{place}的市花是什么？", "answer": "荷花"},
        {"id": place, "kind": "near_miss", "question": f"{place}的市歌是什么？", "answer": None},
        {"id": place, "kind": "supported", "statement": f"{place}的市树是银杏。"},
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def test_a_short_training_leaves_kinds_out_and_is_judged_on_lines_kept_from_it(home: Path) -> None:
    from rag.reader.train import LOG, MARKS, MARKS_INT8, main

    main(
        [
            *("--squad", str(squad(home / "small.json"))),
            *("--written", str(written(home / "trained.jsonl", "白沙市"))),
            *("--judge", str(written(home / "kept.jsonl", "黑水市"))),
            *("--without", "nearest", "cut", "changed", "written", "--steps", "1", "--out", str(home / "out")),
        ]
    )
    log = [json.loads(line) for line in (home / "out" / LOG).read_text("utf-8").splitlines()]
    assert [line["step"] for line in log] == [1, 1]
    assert log[0]["kept.auc"] == log[0]["kept.auc.written"]
    for file in (MARKS, MARKS_INT8):
        marks = read_marks(home / "out" / file)
        assert {(mark.file, mark.kind) for mark in marks} == {
            *(("small", kind) for kind in ("em", "f1", "answer", "elsewhere", "changed")),
            *(("kept", kind) for kind in ("answer", "written")),
        }


def test_a_kind_that_there_is_not_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rag.reader.train import main

    with pytest.raises(SystemExit):
        main(["--squad", "a.json", "--out", str(home), "--without", "nearby"])
    assert "invalid choice: 'nearby' (choose from" in capsys.readouterr().err
