from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evals.datasets import Case, Dataset
from evals.reading import Format, detect, parse_format, read_dataset, select
from evals.tabular import read_table
from rag.errors import ConfigurationError

LINE = json.dumps({"id": "1", "type": "fact", "question": "?", "answerable": True})
SQUAD = {"data": [{"paragraphs": [{"context": "x。", "qas": [{"id": "1", "question": "?", "is_impossible": True}]}]}]}


def write(folder: Path, text: str, name: str = "set") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (LINE, Format.JSONL),
        (f"\n{LINE}\n{LINE}\n", Format.JSONL),
        ("[1]", Format.JSONL),
        (json.dumps(SQUAD), Format.SQUAD),
        (json.dumps(SQUAD, indent=2), Format.SQUAD),
        ("question,answer\n?,x\n", Format.CSV),
        ("\ufeffid,answer,question\r\n1,x,?\r\n", Format.CSV),
    ],
)
def test_a_format_is_known_by_its_content(tmp_path: Path, text: str, form: Format) -> None:
    assert detect(write(tmp_path, text)) == form


def test_a_folder_is_beir_shaped(tmp_path: Path) -> None:
    assert detect(tmp_path) == Format.BEIR
    with pytest.raises(ConfigurationError, match=r"corpus\.jsonl"):
        read_dataset(tmp_path)


def test_an_empty_file_is_no_data_set(tmp_path: Path) -> None:
    for text in ("", " \n"):
        with pytest.raises(ConfigurationError, match=r"set is empty\. Write one case a line"):
            read_dataset(write(tmp_path, text))


def test_a_format_that_is_named_is_the_one_that_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, LINE)
    assert [case.id for case in read_dataset(path).cases] == ["1"]
    with pytest.raises(ConfigurationError, match="field 'data'"):
        read_dataset(path, Format.SQUAD)


def test_the_name_of_a_format_is_checked() -> None:
    assert (parse_format(""), parse_format("squad")) == (None, Format.SQUAD)
    with pytest.raises(ConfigurationError, match="--format xml: not one of jsonl, squad, beir, csv"):
        parse_format("xml")


def test_types_and_a_limit_select_cases() -> None:
    cases = tuple(Case(str(n), kind, "?", True) for n, kind in enumerate(["fact", "list", "fact", "other"]))
    whole = Dataset("set", cases)
    assert select(whole) == whole
    assert select(whole, limit=2) == replace(whole, cases=cases[:2])
    assert select(whole, types=frozenset({"fact", "other"}), limit=2).cases == (cases[0], cases[2])
    with pytest.raises(ConfigurationError, match=r"no case of type facts\. set has: fact, list, other\."):
        select(whole, types=frozenset({"facts", "list"}))


def test_a_row_of_a_table_is_a_case(tmp_path: Path) -> None:
    listed = "一是建设\n统一的政务云平台，二是推进“一网通办”，三是共享。"
    lines = ["\ufeffquestion,answer", "温州的目标？,80%", '"火星上,有几座城市？", ', f'長治的任務？,"{listed}"', ""]
    found = read_table(write(tmp_path, "\r\n".join(lines)))
    assert found.cases == (
        Case("row-1", "question", "温州的目标？", True, script="hans", answer="80%", answer_keys=("80%",)),
        Case("row-2", "unanswerable", "火星上,有几座城市？", False, script="hans"),
        Case("row-3", "question", "長治的任務？", True, script="hant", answer=listed),
    )
    assert [case.where for case in found.cases] == ["set, line 2", "set, line 3", "set, line 5"]


def test_a_table_may_name_ids_and_types(tmp_path: Path) -> None:
    found = read_table(write(tmp_path, "id,type,question,answer\na,fact,?,x\n,,?,y|z\n"))
    assert [(case.id, case.type, case.answer_keys) for case in found.cases] == [
        ("a", "fact", ("x",)),
        ("row-2", "question", ("y｜z",)),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("question\n?\n", "set, line 1: the columns are ['question']. Needed: question, answer"),
        ("question,answer,notes\n?,x,y\n", "set, line 1: the columns are ['answer', 'notes', 'question']"),
        ("question,answer\n?,x\n ,x\n", "set, line 3: field 'question': it is blank"),
        ("question,answer\n?,x,y\n", "set, line 2: more fields than columns"),
        ("id,question,answer\na,?,x\na,?,x\n", "set, line 3: field 'id': 'a' is taken by set, line 2"),
        ("question,answer\n", "holds no case"),
    ],
)
def test_a_malformed_table_is_refused_by_line_and_field(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_table(write(tmp_path, text))
    assert message in str(caught.value)
