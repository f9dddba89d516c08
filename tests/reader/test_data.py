from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from rag.errors import ConfigurationError
from rag.reader.data import (
    Asked,
    Example,
    held_out,
    negatives,
    of_every_kind,
    pieces,
    positives,
    read_squad,
    read_written,
)
from rag.reader.encoding import Passage

CONTEXT = (
    "青山市位于三条河流的交汇处，建于1912年，是全省最早通电的城市。"
    "全市人口为98万人，其中城镇人口占六成以上。市花是茶花，市树是香樟。"
)


def squad(path: Path, articles: dict[str, str]) -> Path:
    data = [
        {
            "title": title,
            "paragraphs": [
                {
                    "context": context,
                    "qas": [
                        {
                            "id": f"{title}-1",
                            "question": f"{title}的人口在1912年以后是多少？",
                            "answers": [{"text": "98万人", "answer_start": -1}],
                        }
                    ],
                }
            ],
        }
        for title, context in articles.items()
    ]
    path.write_text(json.dumps({"data": data}), "utf-8")
    return path


def test_whole_articles_are_held_out_and_wrong_offsets_are_searched(tmp_path: Path) -> None:
    titles = {f"青山{number}": CONTEXT for number in range(60)}
    trained, held = read_squad(squad(tmp_path / "a.json", titles))
    assert {each.title for each in held} == {title for title in titles if held_out(title)}
    assert {each.title for each in trained} == {title for title in titles if not held_out(title)}
    assert 0 < len(held) < 20
    assert {each.start for each in trained + held} == {CONTEXT.index("98万人")}


@pytest.mark.parametrize("content", ["[]", "{}", '{"data": [{"paragraphs": [{}]}]}', "not JSON"])
def test_a_file_of_another_shape_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=r"b\.json is not a SQuAD-shaped file"):
        read_squad(file)


def asked() -> Asked:
    return Asked("青山市在1912年的人口是多少？", ("98万人",), CONTEXT.index("98万人"), "青山市", CONTEXT)


def test_a_positive_holds_its_answer() -> None:
    for seed in range(20):
        [(_, example)] = positives([asked()], random.Random(seed))
        assert example.span is not None
        assert example.passage.text[slice(*example.span)] == "98万人"


def test_negatives_never_hold_the_answer_under_the_same_question() -> None:
    pool = [*pieces([asked()]), Passage("白沙区人口为35万人，市花是荷花，区政府驻地为长桥镇。", "白沙区")]
    kinds = set()
    for seed in range(60):
        rng = random.Random(seed)
        pairs = list(positives([asked()], rng))
        for example in negatives(pairs, {asked().question: [0, 1]}, pool, rng):
            kinds.add(example.kind)
            assert example.span is None
            assert "98万人" not in example.passage.text or example.question != asked().question
    assert kinds == {"elsewhere", "cut", "changed"}


def kinds(without: tuple[str, ...], nearest: list[int]) -> Counter[str]:
    far = [Passage(f"第{number}号湖泊的水面面积为{number}平方公里。", "湖泊") for number in range(30)]
    pool = [*pieces([asked()]), Passage("白沙区人口为35万人，市花是荷花，区政府驻地为长桥镇。", "白沙区"), *far]
    found: Counter[str] = Counter()
    for seed in range(60):
        rng = random.Random(seed)
        pairs = list(positives([asked()], rng))
        for example in negatives(pairs, {asked().question: nearest}, pool, rng, without=without):
            found["far" if example.passage.heading == "湖泊" else example.kind] += 1
    return found


@pytest.mark.parametrize(
    ("without", "left"),
    [
        ((), {"elsewhere", "cut", "changed"}),
        (("cut",), {"elsewhere", "changed"}),
        (("changed",), {"elsewhere", "cut"}),
        (("cut", "changed"), {"elsewhere"}),
    ],
)
def test_kinds_of_negatives_can_be_left_out(without: tuple[str, ...], left: set[str]) -> None:
    assert set(kinds(without, [0, 1])) == left


def test_in_place_of_the_nearest_passages_any_are_drawn() -> None:
    found = kinds(("nearest",), [0, 1])
    assert found["far"] > found["elsewhere"] > 0
    assert found["cut"] > 0


def test_every_kind_that_can_be_made_is_made_once() -> None:
    pool = [*pieces([asked()]), Passage("白沙区人口为35万人，市花是荷花，区政府驻地为长桥镇。", "白沙区")]
    for seed in range(20):
        rng = random.Random(seed)
        made = list(of_every_kind(list(positives([asked()], rng)), {asked().question: [0, 1]}, pool, rng))
        assert [example.kind for _, example in made] == ["elsewhere", "cut", "changed"]
        assert {each for each, _ in made} == {asked()}


def test_pieces_are_whole_sentences_that_make_up_the_paragraph() -> None:
    long = Asked("?", ("98万人",), 0, "青山市", CONTEXT * 12)
    cut = pieces([long])
    assert "".join(passage.text for passage in cut) == long.context
    assert all(passage.text.endswith("。") and len(passage.text) <= 420 for passage in cut)
    assert len(cut) > 2


def test_written_lines_are_joined_by_their_id(tmp_path: Path) -> None:
    file = tmp_path / "w.jsonl"
    lines = [
        {"id": "a", "title": "青山市方案", "section": "一、目标", "text": CONTEXT},
        {"id": "a", "kind": "plain", "question": "人口多少？", "answer": "98万人"},
        {"id": "a", "kind": "near_miss", "question": "面积多少？", "answer": None},
        {"id": "a", "kind": "supported", "statement": "青山市有98万人。"},
        {"id": "a", "kind": "contradicted", "statement": "青山市有89万人。"},
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    passage = Passage(CONTEXT, "青山市方案 › 一、目标")
    start = CONTEXT.index("98万人")
    assert read_written([file]) == [
        Example("人口多少？", passage, (start, start + 4), "written"),
        Example("面积多少？", passage, None, "written"),
        Example("青山市有98万人。", passage, None, "statement", holds=True),
        Example("青山市有89万人。", passage, None, "statement", holds=False),
    ]


@pytest.mark.parametrize(("line", "message"), [("{", "not a line of JSON"), ('{"kind": "plain"}', "no id")])
def test_a_malformed_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "w.jsonl"
    file.write_text(line, "utf-8")
    with pytest.raises(ConfigurationError, match=message):
        read_written([file])
