from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from rag import Chatbot, Settings
from rag.chat.records import Turn
from rag.chat.sessions import UNANSWERED
from rag.schema import Answer, Event, Filter
from tests.ui.fragments import Fragment
from tests.ui.outcomes import answer
from tests.ui.visiting import RATE, WHALES, visit
from ui.calls import BadCallError, Visit
from ui.chat import render
from ui.chat.asking import Message, ask, filter_of
from ui.chat.stored import turns_of
from ui.chat.words import HANS

__all__ = ["visit"]


def asked(visit: Visit, question: str, conversation: str = "", **others: object) -> list[Message]:
    return list(ask(visit, {"question": question, "conversation": conversation, **others}))


def stored(visit: Visit, message: Message) -> list[Turn]:
    return visit.bot.conversations.of(visit.owner).turns(str(message["conversation"]))


def told(message: Message) -> str:
    return Fragment(str(message["html"])).text


def test_an_answer_is_written_step_by_step_and_ends_as_it_is_stored(visit: Visit) -> None:
    *writing, last = asked(visit, RATE)
    assert [message["state"] for message in writing] == ["writing"] * len(writing)
    # While nothing comes the same is told again.
    waiting, reading, *words = [
        text for text, _ in itertools.groupby(told(each).removeprefix(RATE) for each in writing)
    ]
    assert (waiting, reading) == (HANS.searching, HANS.reading.format(number=len(visit.bot.search(RATE))))
    assert words
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(words))
    assert last["state"] == "done"
    said = turns_of(stored(visit, last), "hans")
    assert last["html"] == render.turns(said, "hans")
    assert isinstance(said[0].outcome, Answer)
    assert "98%" in said[0].outcome.text


def test_the_first_message_needs_no_conversation_and_the_others_bear_its_id(visit: Visit) -> None:
    first, *others = asked(visit, RATE)
    assert first["conversation"] == ""
    known = {str(message["conversation"]) for message in others}
    assert [each.title for each in map(visit.bot.conversations.get, known)] == [RATE]


def test_a_follow_up_stays_in_the_conversation_and_shows_how_it_was_read(visit: Visit) -> None:
    *_, first = asked(visit, RATE)
    *_, second = asked(visit, "那它由谁负责？", str(first["conversation"]))
    assert second["conversation"] == first["conversation"]
    assert [turn.content for turn in stored(visit, second) if turn.role == "user"] == [RATE, "那它由谁负责？"]
    assert "检索时理解为：" in told(second)


def test_what_cannot_be_answered_is_refused_and_stored(visit: Visit) -> None:
    *_, last = asked(visit, WHALES)
    assert last["state"] == "done"
    assert HANS.refused in told(last)
    assert [turn.role for turn in stored(visit, last)] == ["user", "assistant"]


def test_instead_of_an_earlier_question_another_is_asked(visit: Visit) -> None:
    *_, first = asked(visit, WHALES)
    known = str(first["conversation"])
    asked(visit, "谁能在助餐点用餐？", known)
    whales = stored(visit, first)[0].id
    *_, last = asked(visit, RATE, known, instead_of=whales)
    assert [turn.content for turn in stored(visit, last) if turn.role == "user"] == [RATE]
    assert (last["state"], "98%" in told(last)) == ("done", True)


def test_settings_of_the_visitor_hold_for_this_question(visit: Visit) -> None:
    told_each = [told(each) for each in asked(visit, RATE, options={"k": 1, "strictness": None, "where": {}})]
    assert RATE + HANS.reading.format(number=1) in told_each
    elsewhere = {"sources": ["老年助餐.txt"]}
    *_, refused = asked(visit, RATE, options={"where": elsewhere})
    assert HANS.refused in told(refused)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "question must be text"),
        ({"question": 7}, "question must be text"),
        ({"question": "长" * 20_001, "conversation": ""}, "20000"),
        ({"question": "长" * 1001, "conversation": ""}, "1001"),
        ({"question": " \n", "conversation": ""}, "empty"),
        ({"question": RATE}, "conversation must be text"),
        ({"question": RATE, "conversation": "no such"}, "no conversation 'no such'"),
        ({"question": RATE, "conversation": "", "options": 1}, "options must be an object"),
        ({"question": RATE, "conversation": "", "options": {"where": []}}, "where must be an object"),
        ({"question": RATE, "conversation": "", "options": {"k": 0}}, "k"),
        ({"question": RATE, "conversation": "", "options": {"strictness": "none"}}, "strictness"),
        ({"question": RATE, "conversation": "", "options": {"where": {"issuer": "火星"}}}, "火星"),
        ({"question": RATE, "conversation": "", "instead_of": "1"}, "instead_of must be a whole number"),
        ({"question": RATE, "conversation": "", "instead_of": 0}, "0"),
    ],
)
def test_what_cannot_be_asked_ends_as_an_error_that_says_why(
    visit: Visit, arguments: dict[str, object], problem: str
) -> None:
    *_, last = ask(visit, arguments)
    assert last["state"] == "failed"
    assert HANS.failed in told(last)
    assert problem in told(last)


def test_an_empty_library_says_what_to_do(tmp_path: Path) -> None:
    empty = Visit(Chatbot.open(Settings(home=tmp_path / "new")), None, True, "hans")
    *_, last = asked(empty, RATE)
    assert (last["state"], "rag ingest" in told(last)) == ("failed", True)


def test_a_question_that_cannot_be_asked_takes_no_others_place(visit: Visit) -> None:
    *_, first = asked(visit, RATE)
    known, before = str(first["conversation"]), stored(visit, first)
    for question in ("", "长" * 1001):
        *_, last = asked(visit, question, known, instead_of=before[0].id)
        assert (last["state"], stored(visit, first)) == ("failed", before)


def test_an_error_of_another_kind_is_told_and_logged(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    class Closed(Chatbot):
        def converse(self, *_: object, **__: object) -> Iterator[Event]:
            raise OSError("the disk is gone")

    broken = Closed(visit.bot.settings)
    *_, last = asked(replace(visit, bot=broken), RATE)
    broken.close()
    assert (last["state"], "OSError: the disk is gone" in told(last)) == ("failed", True)
    assert caplog.messages == ["a question in the web UI failed"]


def test_one_that_is_stopped_is_stored_with_a_note(visit: Visit) -> None:
    writing = cast("Generator[Message]", ask(visit, {"question": RATE, "conversation": ""}))
    next(writing)
    message = next(writing)
    writing.close()
    end = time.monotonic() + 30  # what is under way comes to its next event first
    while (turn := stored(visit, message)[0]).note == UNANSWERED and time.monotonic() < end:
        time.sleep(0.01)
    assert (turn.content, turn.note) == (RATE, "cancelled")
    assert HANS.cancelled in Fragment(render.turns(turns_of([turn], "hans"), "hans")).text


def test_conversations_of_others_are_not_there(visit: Visit) -> None:
    *_, mine = asked(visit, RATE)
    *_, last = asked(replace(visit, owner="bob"), RATE, str(mine["conversation"]))
    assert (last["state"], "no conversation" in told(last)) == ("failed", True)
    assert len(stored(visit, mine)) == 2


# --- turns as they are stored -------------------------------------------------------------------------------


def turn(number: int, role: str, content: str = "问？", **others: object) -> Turn:
    return Turn(number, role, content, "2026-01-01T00:00:00+00:00", **others)  # type: ignore[arg-type]


def test_questions_are_paired_with_their_answers_or_with_why_there_is_none() -> None:
    said = [
        turn(1, "user", "一？"),
        turn(2, "assistant", "甲。", answer=answer("甲。")),
        turn(3, "system", "略。"),
        turn(4, "user", "二？", note="cancelled"),
        turn(5, "user", "三？", note=UNANSWERED),
        turn(6, "user", "四？", note="the model does not answer."),
        turn(7, "user", "五？"),
    ]
    assert turns_of(said, "hans") == [
        render.Turn("一？", answer("甲。"), 1, 2),
        render.Turn("二？", render.Failure(HANS.cancelled), 4),
        render.Turn("三？", render.Failure(HANS.unanswered), 5),
        render.Turn("四？", render.Failure("the model does not answer."), 6),
        render.Turn("五？", render.Failure(HANS.unanswered), 7),
    ]


# --- filters ------------------------------------------------------------------------------------------------


def test_a_filter_is_what_is_filled_in() -> None:
    assert filter_of(None) == filter_of({}) == filter_of({"issuer": "", "sources": []}) == Filter()
    given = {"issuer": "市政府", "since": "2019", "until": None, "sources": ["a.txt"], "unknown": 1}
    assert filter_of(given) == Filter(sources=("a.txt",), issuer="市政府", since="2019")


@pytest.mark.parametrize("where", ["x", 1, ["a"], {"issuer": 1}, {"sources": "a.txt"}, {"sources": [1]}])
def test_a_filter_of_another_shape_is_an_error(where: object) -> None:
    with pytest.raises(BadCallError):
        filter_of(where)
