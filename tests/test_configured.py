"""Chatbots on one index under other settings."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel

from rag import Chatbot, Settings
from rag.errors import ConfigurationError, EmptyIndexError
from rag.schema import Answer
from rag.settings import CHANGEABLE, LLMSettings, save_settings
from tests.answer.scripted import Scripted
from tests.conftest import copy_home

RATE = "到2025年政务服务事项网上可办率要达到多少？"
WHALES = "鲸鱼怎样在深海里睡觉？"


@pytest.fixture
def bot(library: Path) -> Iterator[Chatbot]:
    bot = Chatbot.open(Settings(home=library))
    yield bot
    bot.close()


def timeless(answer: Answer) -> Answer:
    return replace(answer, timings={})


def test_a_sibling_answers_as_a_chatbot_with_these_settings_would(bot: Chatbot, library: Path) -> None:
    changes: dict[str, Any] = {"k": 2, "min_confidence": 0.0, "reader": False, "candidates": 20}
    alone = Chatbot.open(Settings(home=library, **changes))
    sibling = bot.configured(**changes)
    assert sibling.settings == bot.settings.changed(**changes)
    assert {name: getattr(sibling.settings, name) for name in changes} == changes
    for question in (RATE, WHALES):
        assert timeless(sibling.ask(question)) == timeless(alone.ask(question))
    assert not sibling.ask(WHALES).refused
    assert bot.ask(WHALES).refused
    assert [len(each.search(RATE)) for each in (sibling, sibling.configured(k=1), bot)] == [2, 1, 7]
    alone.close()


def test_what_rests_on_the_index_alone_is_shared(bot: Chatbot) -> None:
    sibling = bot.configured(strictness="strict", k=3)
    for name in ("retriever", "reader", "answerer", "checker", "conversations"):
        assert getattr(sibling, name) is getattr(bot, name) is getattr(bot, name)
    assert bot.configured(reader=False).retriever is not bot.retriever
    assert (sibling.composer is sibling.composer, sibling.composer is bot.composer) == (True, False)


def test_nothing_is_opened_early(tmp_path: Path) -> None:
    home = tmp_path / "not-yet"
    sibling = Chatbot.open(Settings(home=home)).configured(k=3).configured(strictness="lenient")
    assert (sibling.settings.k, sibling.settings.strictness, home.exists()) == (3, "lenient", False)
    with pytest.raises(EmptyIndexError):
        sibling.search(RATE)


def test_a_subclass_stays_what_it_is(library: Path) -> None:
    class Named(Chatbot):
        def __init__(self, settings: Settings, name: str) -> None:
            super().__init__(settings)
            self.name = name

    sibling = Named(Settings(home=library), "a").configured(k=2)
    assert (type(sibling), sibling.name, sibling.settings.k) == (Named, "a", 2)


def test_the_language_model_is_shared_unless_its_settings_change(library: Path) -> None:
    bot = Chatbot.open(Settings(home=library), model=FakeListChatModel(responses=["98%。[1]"]))
    assert bot.model is not None
    assert bot.configured(k=3, llm={"fallback": False}).model is bot.model
    flagging = bot.configured(llm={"flag_unsupported": "drop"})
    assert flagging.model is not bot.model
    assert flagging.settings.llm == LLMSettings(flag_unsupported="drop")
    assert flagging.ask(RATE).provider == bot.ask(RATE).provider != "extractive"
    assert bot.configured(llm=LLMSettings(max_tokens=99)).settings.llm.max_tokens == 99
    bot.close()


def test_a_model_can_be_turned_off(library: Path) -> None:
    bot = Chatbot.open(Settings(home=library, llm=LLMSettings(base_url="http://127.0.0.1:9/v1", model="openai:x")))
    assert bot.configured(llm={"model": None, "base_url": None}).ask(RATE).provider == "extractive"
    bot.close()


def test_closing_a_sibling_closes_nothing_and_closing_the_original_can_be_gone_on_from(
    library: Path, tmp_path: Path
) -> None:
    bot = Chatbot.open(Settings(home=copy_home(library, tmp_path / "home")))
    sibling = bot.configured(k=2)
    answer, retriever, conversations = timeless(sibling.ask(RATE)), bot.retriever, bot.conversations
    sibling.close()
    assert (bot.retriever is retriever, bot.conversations is conversations) == (True, True)
    bot.close()
    assert timeless(sibling.ask(RATE)) == answer
    assert sibling.retriever is bot.retriever is not retriever
    conversation = sibling.conversations.create("kept")
    assert bot.conversations.get(conversation.id).title == "kept"
    bot.close()


def test_threads_that_ask_siblings_at_once_share_one_index(library: Path) -> None:
    bot = Chatbot.open(Settings(home=library))
    siblings = [bot.configured(k=1 + number % 3) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda each: len(each.ask(RATE).hits), siblings))
        retrievers = list(pool.map(lambda each: each.retriever, siblings))
    assert counts == [1, 2, 3, 1, 2, 3, 1, 2]
    assert all(retriever is bot.retriever for retriever in retrievers)
    bot.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"k": 0}, "setting k = 0: Input should be greater than or equal to 1. Change it or leave it away."),
        (
            {"llm": {"temperature": 3}},
            "setting llm.temperature = 3: Input should be less than or equal to 2. Change it or leave it away.",
        ),
        ({"llm": {"modle": "x"}}, "unknown setting 'llm.modle'. Did you mean llm.model?"),
        ({"strictnes": "strict"}, "unknown setting 'strictnes'. Did you mean strictness?"),
        (
            {"home": "/elsewhere"},
            "setting home cannot be changed while a chatbot is open. Open another one, with Settings(home=…).",
        ),
        (
            {"k": 3, "embedding_model": "x"},
            "setting embedding_model cannot be changed while a chatbot is open. "
            "Open another one, with Settings(embedding_model=…).",
        ),
    ],
)
def test_what_cannot_be_changed_is_named(bot: Chatbot, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        bot.configured(**changes)
    assert str(caught.value) == message


def test_a_key_is_not_told(bot: Chatbot) -> None:
    with pytest.raises(ConfigurationError) as caught:
        bot.configured(llm={"api_key": 123456789})
    assert "123456789" not in f"{caught.value}{caught.value.__cause__}"


def test_everything_else_needs_another_chatbot() -> None:
    assert set(CHANGEABLE) < set(Settings.model_fields)
    assert not {"home", "embedding_model", "chunk_chars", "database", "reranker"} & set(CHANGEABLE)


def test_what_was_saved_meanwhile_is_taken_over(library: Path, tmp_path: Path) -> None:
    bot = Chatbot.open(Settings(home=copy_home(library, tmp_path / "home"), strictness="strict"))
    save_settings(bot.settings.home, {"k": 2, "strictness": "lenient", "llm.max_tokens": 99})
    renewed = bot.reconfigured()
    assert (renewed.settings.k, renewed.settings.strictness, renewed.settings.llm.max_tokens) == (2, "strict", 99)
    assert len(renewed.search(RATE)) == 2
    save_settings(bot.settings.home, {"k": None})
    assert renewed.reconfigured().settings.k == 8
    bot.close()


def test_preparing_sends_nothing_to_a_language_model(library: Path, tmp_path: Path) -> None:
    model = Scripted(reply="98%。[1]")
    for home in (library, tmp_path / "empty"):
        bot = Chatbot.open(Settings(home=home), model=model)
        bot.prepare()
        bot.close()
    assert model.asked == []
