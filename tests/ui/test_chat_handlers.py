from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.errors import ConversationNotFoundError
from tests.ui.fragments import Fragment
from tests.ui.visiting import RATE, WHALES, visit
from ui import calls
from ui.calls import BadCallError, Visit
from ui.chat import render, why
from ui.chat.asking import ask
from ui.chat.handlers import HANDLERS
from ui.chat.words import EN, HANS, HANT

__all__ = ["visit"]


@pytest.fixture(scope="module")
def conversation(visit: Visit) -> str:
    """One with an answer and a refusal."""
    *_, first = ask(visit, {"question": RATE, "conversation": ""})
    *_, second = ask(visit, {"question": WHALES, "conversation": first["conversation"]})
    return str(second["conversation"])


def call(visit: Visit, name: str, **arguments: object) -> str:
    return str(HANDLERS[f"chat.{name}"](visit, arguments))


def answers(visit: Visit, conversation: str) -> list[int]:
    said = visit.bot.conversations.of(visit.owner).turns(conversation)
    return [turn.id for turn in said if turn.role == "assistant"]


def test_the_chat_and_its_first_screen_follow_the_language(visit: Visit, tmp_path: Path) -> None:
    assert call(replace(visit, language="en"), "view") == render.view("en")
    documents, examples = visit.bot.documents(), visit.bot.examples(4)
    assert call(replace(visit, language="hant"), "welcome") == render.welcome(documents, examples, "hant", admin=True)
    empty = Visit(Chatbot.open(Settings(home=tmp_path / "new")), None, True, "en")
    assert call(empty, "welcome") == render.welcome([], [], "en", admin=True)
    assert call(replace(empty, admin=False), "welcome") == render.welcome([], [], "en", admin=False)


def test_an_example_on_the_first_screen_is_answered(visit: Visit) -> None:
    examples = visit.bot.examples(4)
    assert examples
    assert [example for example in examples if visit.bot.ask(example).refused] == []


def test_a_conversation_is_opened_with_all_that_was_said(visit: Visit, conversation: str) -> None:
    opened = HANDLERS["chat.open"](visit, {"conversation": conversation})
    assert isinstance(opened, dict)
    fragment = Fragment(opened["html"])
    assert opened["title"] == RATE
    assert fragment.values("data-answer") == [str(known) for known in answers(visit, conversation)]
    assert HANS.refused in fragment.text


def test_a_question_that_is_not_waited_for_is_noted_and_an_answered_one_stays(visit: Visit) -> None:
    mine = visit.bot.conversations
    known = mine.create().id
    asked = mine.begin(known, RATE)
    assert HANDLERS["chat.stop"](visit, {"conversation": known}) is True
    assert [turn.note for turn in mine.turns(known)] == ["cancelled"]
    answered = mine.begin(known, WHALES)
    mine.finish(known, answered, visit.bot.ask(WHALES))
    before = mine.turns(known)
    HANDLERS["chat.stop"](visit, {"conversation": known})
    assert (before, before[0].id) == (mine.turns(known), asked)


def test_a_note_why_there_is_no_answer_stays(visit: Visit) -> None:
    mine = visit.bot.conversations
    known = mine.create().id
    HANDLERS["chat.stop"](visit, {"conversation": known})
    mine.fail(known, mine.begin(known, RATE), "the model does not answer.")
    HANDLERS["chat.stop"](visit, {"conversation": known})
    assert [turn.note for turn in mine.turns(known)] == ["the model does not answer."]


def test_why_shows_how_this_answer_came_about(visit: Visit, conversation: str) -> None:
    first, second = answers(visit, conversation)
    said = {turn.id: turn.answer for turn in visit.bot.conversations.turns(conversation)}
    assert said[first] is not None
    shown = call(replace(visit, language="hant"), "why", conversation=conversation, turn=first)
    assert shown == why.panel(said[first], HANT)
    assert call(visit, "why", conversation=conversation, turn=second) != shown


def test_below_a_refusal_stand_questions_that_are_answered(visit: Visit, conversation: str) -> None:
    refused = answers(visit, conversation)[1]
    fragment = Fragment(call(visit, "instead", conversation=conversation, turn=refused))
    assert fragment.text.startswith(HANS.instead)
    assert 1 <= fragment.values("data-do").count("example") <= 3


def test_a_rating_with_a_comment_is_kept_and_taken_back(visit: Visit, conversation: str) -> None:
    first, _ = answers(visit, conversation)

    def rate(rating: object, comment: str = "") -> object:
        thanks = call(visit, "rate", conversation=conversation, turn=first, rating=rating, comment=comment)
        assert thanks == HANS.thanks
        kept = next(turn.feedback for turn in visit.bot.conversations.turns(conversation) if turn.id == first)
        return kept and (kept.rating, kept.comment)

    assert rate("down", "少了日期") == ("down", "少了日期")
    pressed = Fragment(str(HANDLERS["chat.open"](visit, {"conversation": conversation})))
    assert pressed.text
    assert [rate("up"), rate(None)] == [("up", ""), None]


def test_the_rating_is_shown_when_a_conversation_is_opened_again(visit: Visit, conversation: str) -> None:
    first, _ = answers(visit, conversation)
    call(visit, "rate", conversation=conversation, turn=first, rating="down", comment="")
    opened = HANDLERS["chat.open"](visit, {"conversation": conversation})
    assert isinstance(opened, dict)
    assert Fragment(opened["html"]).values("aria-pressed", data_rating="down") == ["true", "false"]
    call(visit, "rate", conversation=conversation, turn=first, rating=None, comment="")


def test_the_filter_is_told(visit: Visit) -> None:
    assert Fragment(call(visit, "limits", where={"region": "温州"})).text == "只查：温州取消限制"
    assert call(replace(visit, language="en"), "limits", where={}) == ""


def test_conversations_of_others_are_not_there(visit: Visit, conversation: str) -> None:
    first, _ = answers(visit, conversation)
    stranger = replace(visit, owner="bob")
    for name, arguments in (
        ("open", {}),
        ("stop", {}),
        ("why", {"turn": first}),
        ("instead", {"turn": first}),
        ("rate", {"turn": first, "rating": "up", "comment": ""}),
    ):
        with pytest.raises(ConversationNotFoundError):
            call(stranger, name, conversation=conversation, **arguments)


def test_a_question_and_another_conversations_answer_are_no_answers_here(visit: Visit, conversation: str) -> None:
    *_, other = ask(visit, {"question": RATE, "conversation": ""})
    (elsewhere,) = answers(visit, str(other["conversation"]))
    asked = visit.bot.conversations.turns(conversation)[0].id
    for turn in (asked, elsewhere, 10**6):
        with pytest.raises(BadCallError, match=f"no answer {turn} "):
            call(visit, "why", conversation=conversation, turn=turn)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("open", {}),
        ("open", {"conversation": ["x"]}),
        ("why", {"conversation": "x"}),
        ("why", {"conversation": "x", "turn": "1"}),
        ("instead", {"turn": 1}),
        ("rate", {"conversation": "x", "turn": 1, "rating": "good", "comment": ""}),
        ("rate", {"conversation": "x", "turn": 1, "rating": "up"}),
        ("rate", {"conversation": "x", "turn": 1, "rating": "up", "comment": "字" * 2001}),
        ("limits", {"where": "x"}),
    ],
)
def test_bad_arguments_become_an_error(visit: Visit, name: str, arguments: dict[str, object]) -> None:
    told = calls.answer(HANDLERS, replace(visit, language="en"), f"chat.{name}", arguments)
    assert "Reload the page." in str(told["error"])


def test_labels_are_those_of_the_visitors_language(visit: Visit, conversation: str) -> None:
    opened = HANDLERS["chat.open"](replace(visit, language="en"), {"conversation": conversation})
    assert isinstance(opened, dict)
    assert EN.refused in Fragment(opened["html"]).text
