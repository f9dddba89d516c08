"""The shipped reader, built and run as the product runs it."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.index.bundled_model import MODEL_FILE
from rag.reader.encoding import Passage
from rag.reader.export import WEIGHTS_FILE, ensure_reader, reader_folder
from rag.reader.reader import Reader

ANSWERS = Passage(
    "（一）建设统一的政务云平台。2022年底前完成各部门系统迁移，由市大数据局负责。（二）推进一网通办，由市政务服务局负责。",
    "青山市人民政府关于印发数字政府建设方案的通知 › 二、重点任务",
)
OTHER = Passage("年满八十周岁的老年人每餐补助五元，由县民政局按月发放。", "临水县老年助餐服务办法 › 第三条")
QUESTION = "各部门系统迁移什么时候完成？"


@pytest.fixture(scope="module")
def reader(model_home: Path) -> Reader:
    return Reader(model_home)


def test_the_passage_that_answers_is_told_from_another_and_the_words_are_found(reader: Reader) -> None:
    right, wrong = reader.read(QUESTION, [ANSWERS, OTHER])
    assert right.answers > 0 > wrong.answers
    assert "2022年底" in ANSWERS.text[slice(*right.span)]
    assert right.certainty > wrong.certainty


def test_a_question_about_another_thing_of_the_passage_has_other_words(reader: Reader) -> None:
    [reading] = reader.read("每餐补助多少钱？", [OTHER])
    assert "五元" in OTHER.text[slice(*reading.span)]


def test_both_scripts_read_the_same(reader: Reader) -> None:
    [simplified] = reader.read(QUESTION, [ANSWERS])
    assert reader.read("各部門系統遷移什麼時候完成？", [ANSWERS]) == [simplified]


def test_a_reading_does_not_depend_on_what_is_read_beside_it(reader: Reader) -> None:
    [alone] = reader.read(QUESTION, [OTHER])
    many = reader.read(QUESTION, [ANSWERS, OTHER, Passage("长文。" * 300), OTHER, Passage("短")])
    for reading in (many[1], many[3]):
        assert reading == alone


def test_nothing_to_read_and_nothing_in_it(reader: Reader) -> None:
    assert reader.read(QUESTION, []) == []
    [empty] = reader.read("", [Passage("")])
    assert empty.span == (0, 0)
    [broken] = reader.read("\ud800？", [Passage("坏\udfff字。")])
    assert broken.answers < 0


def test_threads_share_a_reader(reader: Reader) -> None:
    expected = reader.read(QUESTION, [ANSWERS, OTHER])
    with ThreadPoolExecutor(4) as pool:
        read = [pool.submit(reader.read, QUESTION, [ANSWERS, OTHER]) for _ in range(8)]
    assert [future.result() for future in read] == [expected] * 8


def test_it_is_built_once_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = reader_folder(tmp_path)
    said: list[str] = []
    ensure_reader(folder, progress=said.append)
    ensure_reader(folder, progress=said.append)
    assert said == ["building the reader"]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert list(manifest["files"]) == [MODEL_FILE]
    (folder / MODEL_FILE).write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"the reader's file .*model\.onnx is damaged.*Delete"):
        ensure_reader(folder)


def test_other_weights_are_built_beside(tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    shutil.copy(WEIGHTS_FILE, other)
    assert reader_folder(tmp_path, weights=other) == reader_folder(tmp_path)
    other.write_bytes(other.read_bytes() + b"\0")
    assert reader_folder(tmp_path, weights=other) != reader_folder(tmp_path)


def test_what_is_shipped_is_small() -> None:
    assert WEIGHTS_FILE.stat().st_size < 25_000_000
