from __future__ import annotations

import itertools
from pathlib import Path

import gradio as gr
import pytest

from rag import Chatbot, Settings
from rag.schema import Answer
from ui import render
from ui.app import Page
from ui.strings import EN, HANS, HANT, STRINGS, Language

QUESTION = "到2025年政务服务事项网上可办率要达到多少？"


@pytest.fixture
def bot(library: Path) -> Chatbot:
    return Chatbot.open(Settings.load(home=library))


@pytest.fixture
def empty(tmp_path: Path) -> Chatbot:
    return Chatbot.open(Settings.load(home=tmp_path / "new"))


def test_an_answer_is_written_step_by_step_and_ends_as_the_answer(bot: Chatbot) -> None:
    steps = list(Page(bot).ask(QUESTION, [], "hans"))
    turns = [turns[-1] for _, _, turns in steps]
    assert {turn.question for turn in turns} == {QUESTION}
    written = [turn.outcome.text for turn in turns if isinstance(turn.outcome, render.Writing)]
    assert written[0] == ""
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(written))
    answer = turns[-1].outcome
    assert isinstance(answer, Answer)
    assert "98%" in answer.text
    assert [box for box, _, _ in steps] == ["", *[gr.skip()] * (len(steps) - 1)]  # what is typed meanwhile stays
    assert steps[-1][1] == render.conversation(steps[-1][2], HANS)


def test_turns_add_up_and_earlier_ones_stay(bot: Chatbot) -> None:
    page = Page(bot)
    *_, (_, _, first) = page.ask(QUESTION, [], "hans")
    *_, (_, shown, both) = page.ask("由谁负责？", first, "en")
    assert both[:1] == first
    assert [turn.question for turn in both] == [QUESTION, "由谁负责？"]
    assert shown == render.conversation(both, EN)


def test_an_error_becomes_a_turn_of_its_own(bot: Chatbot) -> None:
    *_, (_, shown, turns) = Page(bot).ask("长" * 2000, [], "hant")
    failure = turns[-1].outcome
    assert isinstance(failure, render.Failure)
    assert "2000" in failure.message
    assert HANT.failed in shown


def test_an_empty_box_asks_nothing(bot: Chatbot) -> None:
    page = Page(bot)
    assert [turns for _, _, turns in page.ask("  \n", [], "hans")] == [[]]


def test_asking_an_empty_corpus_says_what_to_do(empty: Chatbot) -> None:
    *_, (_, _, turns) = Page(empty).ask(QUESTION, [], "hans")
    failure = turns[-1].outcome
    assert isinstance(failure, render.Failure)
    assert "rag ingest" in failure.message


@pytest.mark.parametrize("language", ["hans", "hant", "en"])
def test_the_first_screen_and_labels_follow_the_language(bot: Chatbot, empty: Chatbot, language: Language) -> None:
    strings = STRINGS[language]
    documents = bot.documents()
    header, body, box, new = Page(bot).show([], language)
    assert (header, body) == (render.header(documents, strings), render.welcome(documents, [], strings))
    assert (box.placeholder, box.label, new.value) == (strings.placeholder, strings.question, strings.new)
    assert Page(empty).show([], language)[1] == render.welcome([], [], strings)


def test_a_new_conversation_starts_with_the_first_screen(bot: Chatbot) -> None:
    assert Page(bot).start_over("en") == ("", render.welcome(bot.documents(), [], EN), [])
