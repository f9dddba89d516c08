from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.answer import exchange
from rag.answer.citations import extract
from rag.answer.focus import cell, focus
from rag.answer.question import analyse
from rag.reader.reader import Reading
from rag.retrieval.hybrid import Passage

QUESTION = "到2025年政务服务事项网上可办率要达到多少？"


@pytest.fixture(scope="module")
def bot(library: Path) -> Chatbot:
    return Chatbot.open(Settings(home=library))


@pytest.fixture
def passage(bot: Chatbot) -> Passage:
    [passage] = [each for each in bot.retriever.retrieve(QUESTION, 8).passages if "98%" in each.chunk.text]
    return passage


def read_as(passage: Passage, words: str, *, answers: float = 2.0) -> Passage:
    start = passage.chunk.text.index(words)
    return replace(passage, reading=Reading(answers, 0.0, (start, start + len(words)), 1.0))


def test_the_words_that_answer_are_pointed_at_and_survive_json(bot: Chatbot) -> None:
    answer = bot.ask(QUESTION)
    [sentence] = answer.sentences
    assert sentence.focus is not None
    assert "98%" in sentence.text[slice(*sentence.focus)]
    assert len(sentence.text[slice(*sentence.focus)]) < 10
    assert exchange.from_json(exchange.to_json(answer)) == answer


def test_without_the_reader_nothing_is_pointed_at(library: Path) -> None:
    answer = Chatbot.open(Settings(home=library, reader=False)).ask(QUESTION)
    assert [sentence.focus for sentence in answer.sentences] == [None]


ROW = "序号：3 | 任务：组建队伍，每格1人。 | 牵头单位：市财政局 | 配合单位：各区 | 完成時限：2023年12月"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("组建队伍什么时候完成？", "2023年12月"),
        ("組建隊伍由哪個部門牽頭？", "市财政局"),
        ("组建队伍的配合单位是谁？", "各区"),
        ("市财政局负责什么任务？", "组建队伍，每格1人。"),
        ("组建队伍有什么意义？", None),
    ],
)
def test_in_a_row_it_is_the_cell_that_is_asked_for(question: str, expected: str | None) -> None:
    place = cell(ROW, analyse(question))
    assert (ROW[slice(*place)] if place else None) == expected


def test_a_sentence_is_no_row() -> None:
    assert cell("要求如下：各单位要在2023年底前完成。", analyse("什么单位要在什么时候完成？")) is None


@pytest.mark.parametrize(
    ("words", "answers", "expected"),
    [("98%", 2.0, "98%"), ("98%", -0.1, None), ("到2025年,全市政务服务事项网上可办率达到98%", 2.0, None)],
)
def test_only_short_words_that_are_likely(passage: Passage, words: str, answers: float, expected: str | None) -> None:
    text = passage.chunk.text
    found = next(each for each in (words, words.replace(",", "，")) if each in text)
    start, end = text.index("到2025年"), text.index("98%") + 3
    said = extract(passage, start, end)
    place = focus(said.text, said, [read_as(passage, found, answers=answers)])
    assert (said.text[slice(*place)] if place else None) == expected


def test_of_the_same_words_the_ones_that_were_read(passage: Passage) -> None:
    text = "达到98%,其中区级达到98%"
    said = replace(extract(passage, 0, 5), text=text, start=0)
    chunk = replace(passage.chunk, text=text, start=0, end=len(text), gaps=())
    second = replace(passage, chunk=chunk, reading=Reading(2.0, 0.0, (text.rindex("98%"), len(text)), 1.0))
    assert focus(text, said, [second]) == (text.rindex("98%"), len(text))


def test_words_of_another_passage_or_outside_the_sentence_are_not(passage: Passage) -> None:
    said = extract(passage, passage.chunk.text.index("群众办事"), len(passage.chunk.text))
    assert focus(said.text, said, [read_as(passage, "98%")]) is None
    other = replace(passage, hit=replace(passage.hit, chunk_id="another"))
    assert focus(said.text, said, [read_as(other, "群众")]) is None
