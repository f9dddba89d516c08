"""A few steps of real training: what comes out is what the product reads with, and an interruption costs nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag.index.bundled_model import model_folder
from rag.reader.export import unpack

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
    assert set(log[-1]) == {"step", "small.em", "small.f1", "small.auc"}

    (home / "out" / WEIGHTS).unlink()
    assert (home / "out" / CHECKPOINT).exists()
    main(arguments)  # everything is in the checkpoint: nothing is left to learn
    again = unpack(home / "out" / WEIGHTS)
    assert {name: values.tobytes() for name, values in again.items()} == {
        name: values.tobytes() for name, values in trained.items()
    }
