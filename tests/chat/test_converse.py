from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Chatbot, Filter, Settings
from rag.answer.exchange import from_json
from rag.errors import ConversationNotFoundError, EmptyIndexError, FilterError, LLMError, QuestionError
from rag.retrieval.followup import complete
from rag.schema import Answer, AnswerEvent, Event, HitsEvent, TextEvent
from rag.settings import LLMSettings
from tests.answer.model_server import Exchange, model_server
from tests.answer.scripted import Scripted
from tests.chat.parts import answer_with

RATE = "到2025年政务服务事项网上可办率要达到多少？"
FOLLOW_UP = "那它由谁负责？"
WHALES = "鲸鱼怎样在深海里睡觉？"


def last(events: Iterator[Event]) -> Answer:
    *_, event = events
    assert isinstance(event, AnswerEvent)
    return replace(event.answer, timings={})


def said(bot: Chatbot, conversation_id: str) -> list[tuple[str, str, str | None]]:
    return [(turn.role, turn.content, turn.note) for turn in bot.conversations.turns(conversation_id)]


def test_a_conversation_gives_the_history_and_keeps_the_answers(bot: Chatbot) -> None:
    conversation_id = bot.conversations.create().id
    history: list[dict[str, str]] = []
    answers = []
    for question in (RATE, FOLLOW_UP, WHALES):
        answers.append(last(bot.converse(conversation_id, question)))
        assert answers[-1] == replace(bot.ask(question, history=history), timings={})
        history += [{"role": "user", "content": question}, {"role": "assistant", "content": answers[-1].text}]
    assert [answer.rewritten for answer in answers] == [None, complete(FOLLOW_UP, history[:2]), None]
    assert answers[2].refused
    turns = bot.conversations.turns(conversation_id)
    assert [{"role": turn.role, "content": turn.content} for turn in turns] == history
    assert [turn.answer and replace(turn.answer, timings={}) for turn in turns[1::2]] == answers
    assert [turn.note for turn in turns] == [None] * 6


def test_what_is_kept_is_there_for_the_next_chatbot(bot: Chatbot, home: Path) -> None:
    conversation_id = bot.conversations.create().id
    answer = last(bot.converse(conversation_id, RATE, where=Filter(region="青山")))
    bot.close()
    assert bot.conversations.get(conversation_id).title == RATE  # opened again
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(said, Chatbot.open(Settings(home=home)), conversation_id).result() == [
            ("user", RATE, None),
            ("assistant", answer.text, None),
        ]


def test_a_stream_that_is_left_early_keeps_the_question_alone(bot: Chatbot) -> None:
    conversation_id = bot.conversations.create().id
    events = bot.converse(conversation_id, RATE)
    assert isinstance(next(events), HitsEvent)
    events.close()  # type: ignore[attr-defined]
    assert said(bot, conversation_id) == [("user", RATE, "cancelled")]


def test_a_stream_that_is_left_after_the_answer_has_kept_it(bot: Chatbot) -> None:
    conversation_id = bot.conversations.create().id
    for event in bot.converse(conversation_id, RATE):
        if isinstance(event, AnswerEvent):
            break
    assert [note for _, _, note in said(bot, conversation_id)] == [None, None]


def test_an_error_is_noted_with_the_question(bot: Chatbot, tmp_path: Path) -> None:
    conversation_id = bot.conversations.create().id
    with pytest.raises(FilterError) as caught:
        last(bot.converse(conversation_id, RATE, where=Filter(region="火星")))
    assert said(bot, conversation_id) == [("user", RATE, str(caught.value))]
    empty = Chatbot.open(Settings(home=tmp_path / "empty"))
    conversation_id = empty.conversations.create().id
    with pytest.raises(EmptyIndexError) as missing:
        last(empty.converse(conversation_id, RATE))
    assert said(empty, conversation_id) == [("user", RATE, str(missing.value))]
    empty.close()


@pytest.mark.parametrize("question", ["", " \n", "长" * 2000, "\ud83d"])
def test_a_question_that_cannot_be_asked_is_not_kept(bot: Chatbot, question: str) -> None:
    conversation_id = bot.conversations.create().id
    with pytest.raises(QuestionError):
        last(bot.converse(conversation_id, question))
    assert said(bot, conversation_id) == []


def test_the_conversations_of_others_cannot_be_gone_on_with(bot: Chatbot) -> None:
    alice = bot.conversations.of("alice").create().id
    with pytest.raises(ConversationNotFoundError):
        last(bot.converse(alice, RATE))
    with pytest.raises(ConversationNotFoundError):
        bot.export(alice)
    last(bot.converse(alice, RATE, owner="alice"))
    assert bot.export(alice, owner="alice").startswith(f"# {RATE}\n")
    assert bot.conversations.recent() == []


def test_an_exported_citation_opens_until_the_document_changes(bot: Chatbot, tmp_path: Path) -> None:
    conversation_id = bot.conversations.create().id
    answer = last(bot.converse(conversation_id, RATE))
    markdown = bot.export(conversation_id)
    assert all(f"```text\n{citation.quote}\n```" in markdown for citation in answer.citations)
    [asked, answered] = json.loads(bot.export(conversation_id, markdown=False))["turns"]
    assert (asked["stale"], answered["stale"]) == ([], [])
    exported = from_json(json.dumps(answered["answer"]))
    for citation in exported.citations:
        assert bot.document(citation.source).text[citation.start : citation.end] == citation.quote
    assert replace(exported, timings={}) == answer
    bot.remove(answer.citations[0].source)
    [_, answered] = json.loads(bot.export(conversation_id, markdown=False))["turns"]
    assert answered["stale"] == [citation.number for citation in answer.citations]
    assert "The document no longer has these words" in bot.export(conversation_id)


# --- with a language model --------------------------------------------------------------------------------------


def is_rewriting(text: str) -> bool:
    return "改写后的问题" in text


def is_summary(text: str) -> bool:
    return text.rstrip().endswith("备忘：")


def modelled(home: Path, scripted: Scripted) -> Chatbot:
    return Chatbot.open(Settings(home=home, llm=LLMSettings(retries=0)), model=scripted)


def asked(scripted: Scripted) -> list[str]:
    return [messages[-1].text for messages in scripted.asked]


HISTORY = [{"role": "user", "content": RATE}, {"role": "assistant", "content": "98%。[1]"}]


def test_only_a_question_that_leans_on_the_history_is_rewritten(home: Path) -> None:
    better = "网上可办率达到98%由谁负责？"
    scripted = Scripted(reply=lambda text: better if is_rewriting(text) else "由市大数据局负责。[1]")
    bot = modelled(home, scripted)
    assert bot.ask("统一的政务云平台由谁负责？", history=HISTORY).rewritten is None
    assert bot.ask(FOLLOW_UP).rewritten is None
    assert [text for text in asked(scripted) if is_rewriting(text)] == []
    assert bot.ask(FOLLOW_UP, history=HISTORY).rewritten == better
    assert bot.search(FOLLOW_UP, history=HISTORY) == bot.search(better)
    assert len([text for text in asked(scripted) if is_rewriting(text)]) == 2
    bot.close()


def test_a_useless_rewriting_gives_way_to_completion(home: Path) -> None:
    scripted = Scripted(reply=lambda text: "火星2099年？" if is_rewriting(text) else "由市大数据局负责。[1]")
    bot = modelled(home, scripted)
    assert bot.ask(FOLLOW_UP, history=HISTORY).rewritten == complete(FOLLOW_UP, HISTORY)
    bot.close()


def test_a_model_that_fails_leaves_question_and_reason(home: Path) -> None:
    bot = modelled(home, Scripted(reply="网上可办率达到98%。[1]", fails_after=4))
    conversation_id = bot.conversations.create().id
    with pytest.raises(LLMError) as caught:
        last(bot.converse(conversation_id, RATE))
    assert said(bot, conversation_id) == [("user", RATE, str(caught.value))]
    bot.close()


@pytest.mark.parametrize(
    ("question", "written", "shown"),
    [
        (RATE, "", ""),
        (
            RATE,
            "到2025年，全市政务服务事项网上可办率达到98%[1]。群众办事",
            "到2025年，全市政务服务事项网上可办率达到98%。[1]",
        ),
        (FOLLOW_UP, "", ""),
    ],
    ids=["before-a-word", "after-a-sentence", "while-the-question-is-completed"],
)
def test_one_that_is_cancelled_drops_the_request_though_the_model_is_silent(
    home: Path, question: str, written: str, shown: str
) -> None:
    silent, left = threading.Event(), threading.Event()

    def reply(exchange: Exchange) -> None:
        exchange.begin()
        exchange.delta(written)
        silent.set()
        if exchange.hung_up():
            left.set()

    def written_by_now() -> bool:
        return silent.is_set() and "".join(texts) == shown

    texts: list[str] = []
    with model_server(reply) as server:
        settings = LLMSettings(model="openai:m", base_url=f"{server.address}/v1", fallback=True)
        bot = Chatbot.open(Settings(home=home, llm=settings))
        conversation_id = bot.conversations.create().id
        turn_id = bot.conversations.begin(conversation_id, RATE)
        bot.conversations.finish(conversation_id, turn_id, answer_with("网上可办率达到98%。[1]"))
        for event in bot.converse(conversation_id, question, cancelled=written_by_now):
            assert not isinstance(event, AnswerEvent)
            texts += [event.text] if isinstance(event, TextEvent) else []
        assert left.wait(10)
        assert len(server.requests) == 1
    assert "".join(texts) == shown
    assert said(bot, conversation_id)[2:] == [("user", question, "cancelled")]
    bot.close()


def test_a_long_conversation_is_summarised_for_the_rewriting(home: Path) -> None:
    def reply(text: str) -> str:
        if is_summary(text):
            return "用户问过青山市的网上可办率。"
        return "网上可办率由谁负责？" if is_rewriting(text) else "由市大数据局负责。[1]"

    scripted = Scripted(reply=reply)
    bot = modelled(home, scripted)
    conversation_id = bot.conversations.create().id
    for _ in range(20):
        turn_id = bot.conversations.begin(conversation_id, RATE)
        bot.conversations.finish(conversation_id, turn_id, answer_with("网上可办率达到98%。[1]" * 10))
    assert last(bot.converse(conversation_id, FOLLOW_UP)).rewritten == "网上可办率由谁负责？"
    summaries, rewritings = ([text for text in asked(scripted) if test(text)] for test in (is_summary, is_rewriting))
    assert (len(summaries), len(rewritings)) == (1, 1)
    last(bot.converse(conversation_id, FOLLOW_UP))
    assert len([text for text in asked(scripted) if is_summary(text)]) == 1
    bot.close()
