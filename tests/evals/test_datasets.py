from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.cli import CASES
from evals.datasets import Case, Evidence, check_evidence, read_cases
from rag import Chatbot, Settings
from rag.errors import ConfigurationError

MINIMAL = {"id": "1", "type": "fact", "question": "多少？", "answerable": True}
FULL = MINIMAL | {
    "script": "hans",
    "answer": "98%",
    "answer_keys": ["98%|百分之九十八"],
    "evidence": [{"source": "a.txt", "quote": "达到98%", "grade": 2}],
    "history": [{"role": "user", "content": "在吗？"}, {"role": "assistant", "content": "在。"}],
}


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "cases.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_a_case_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = write(tmp_path, FULL, "", MINIMAL | {"id": "2"})
    assert read_cases(path) == [
        Case(
            id="1",
            type="fact",
            question="多少？",
            answerable=True,
            script="hans",
            answer="98%",
            answer_keys=("98%|百分之九十八",),
            evidence=(Evidence("a.txt", "达到98%", 2),),
            history=({"role": "user", "content": "在吗？"}, {"role": "assistant", "content": "在。"}),
        ),
        Case(id="2", type="fact", question="多少？", answerable=True),
    ]
    assert [case.where for case in read_cases(path)] == ["cases.jsonl, line 1", "cases.jsonl, line 3"]


def test_a_byte_order_mark_is_no_part_of_the_cases(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text("\ufeff" + json.dumps(MINIMAL), encoding="utf-8")
    assert [case.id for case in read_cases(path)] == ["1"]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"answr": "x"}, "answr", "Known: answer,"),
        ({"where": "x"}, "where", "Known: answer,"),
        ({"id": 1}, "id", "valid string"),
        ({"id": " "}, "id", "blank"),
        ({"question": "\n"}, "question", "blank"),
        ({"answerable": "yes"}, "answerable", "boolean"),
        ({"script": "zh"}, "script", "'hans', 'hant', 'en'"),
        ({"answer_keys": "98%"}, "answer_keys", "array"),
        ({"answer_keys": ["98%", "a|"]}, "answer_keys.1", "'a|' has a blank alternative"),
        ({"answer_keys": [""]}, "answer_keys.0", "blank alternative"),
        ({"evidence": [{"quote": "x"}]}, "evidence.0.source", "required"),
        ({"evidence": [{"source": "", "quote": "x"}]}, "evidence.0.source", "blank"),
        ({"evidence": [{"source": "a", "quote": "x"}, {"source": "a"}]}, "evidence.1.quote", "quotes no word"),
        ({"evidence": [{"source": "a", "quote": "。"}]}, "evidence.0.quote", "quotes no word"),
        ({"evidence": [{"source": "a", "quote": "x", "page": 1}]}, "evidence.0.page", "Unexpected"),
        ({"evidence": [{"source": "a", "quote": "x", "grade": 0}]}, "evidence.0.grade", "less than 1"),
        ({"history": [{"role": "user"}]}, "history.0", "has role and content"),
        ({"history": [{"role": "bot", "content": "x"}]}, "history.0.role", "'bot' is neither"),
        ({"answerable": False, "answer_keys": ["x"]}, "answer_keys", "has none"),
        ({"answerable": False, "evidence": [{"source": "a", "quote": "x"}]}, "evidence", "has none"),
    ],
)
def test_a_malformed_case_is_refused_by_line_and_field(
    tmp_path: Path, change: dict[str, Any], field: str, words: str
) -> None:
    path = write(tmp_path, MINIMAL | {"id": "0"}, MINIMAL | change)
    with pytest.raises(ConfigurationError) as caught:
        read_cases(path)
    message = str(caught.value)
    assert message.startswith("cases.jsonl, line 2: ")
    assert f"field {field!r}: " in message or message.startswith(f"cases.jsonl, line 2: unknown field {field!r}")
    assert words in message


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    for name in MINIMAL:
        path = write(tmp_path, {key: value for key, value in MINIMAL.items() if key != name})
        with pytest.raises(ConfigurationError, match=f"^cases.jsonl, line 1: field '{name}': .*required"):
            read_cases(path)


def test_two_cases_have_two_ids(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL, MINIMAL | {"id": "2"}, MINIMAL)
    expected = "cases.jsonl, line 3: field 'id': '1' is taken by cases.jsonl, line 1. Give it another."
    with pytest.raises(ConfigurationError) as caught:
        read_cases(path)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("line", "words"), [("{", "not valid JSON"), ("[]", "a list is no case"), ("3", "a int is no case")]
)
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^cases.jsonl, line 2: .*{words}"):
        read_cases(write(tmp_path, MINIMAL, line))


def test_a_file_without_a_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no case"):
        read_cases(write(tmp_path, "", " "))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read .*absent\.jsonl: No such file"):
        read_cases(tmp_path / "absent.jsonl")
    (tmp_path / "big5.jsonl").write_bytes("題".encode("big5"))
    with pytest.raises(ConfigurationError, match=r"big5\.jsonl is not UTF-8"):
        read_cases(tmp_path / "big5.jsonl")


def test_the_evidence_of_the_development_cases_is_in_the_seeds(seeds_bot: Chatbot) -> None:
    cases = read_cases(CASES)
    assert (len(cases), sum(len(case.evidence) for case in cases)) == (95, 123)
    check_evidence(cases, seeds_bot)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            Evidence("别的.txt", "达到98%"),
            "x, line 2: field 'evidence.1.source': '别的.txt' is not among the 2 documents of the index. "
            "Run `rag ingest` on the folder that has it.",
        ),
        (
            Evidence("数字政府.txt", "网上可办率达到99%"),
            "x, line 2: field 'evidence.1.quote': '网上可办率达到99%' is not in 数字政府.txt. "
            "Copy the words from the file.",
        ),
    ],
)
def test_evidence_that_the_index_lacks_is_named(library: Path, item: Evidence, message: str) -> None:
    bot = Chatbot.open(Settings(home=library))
    # in the other script and with other punctuation, but the same words
    good = Evidence("老年助餐.txt", "年满八十周岁的老年人,每餐补助五元")
    case = Case("1", "fact", "?", True, evidence=(good, item), where="x, line 2")
    with pytest.raises(ConfigurationError) as caught:
        check_evidence([case], bot)
    assert str(caught.value) == message


def test_all_documents_that_are_missing_are_named_at_once(library: Path) -> None:
    cases = [
        Case(str(n), "fact", "?", True, evidence=(Evidence(f"{n}.txt", "x"),), where=f"line {n}") for n in range(3)
    ]
    with pytest.raises(ConfigurationError, match=r"Missing in all: 0\.txt, 1\.txt, 2\.txt\."):
        check_evidence(cases, Chatbot.open(Settings(home=library)))
