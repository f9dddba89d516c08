from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.chat.records import Conversation, Match
from rag.errors import ConversationNotFoundError
from tests.ui.fragments import PAYLOADS, Fragment, shows, visible
from ui import calls
from ui.calls import Visit
from ui.conversations import render
from ui.conversations.handlers import HANDLERS
from ui.conversations.words import EN, HANS, WORDS, Words
from ui.words import LANGUAGES, Language

TODAY = date(2026, 3, 20)
CONVERSATION = Conversation("a1", "温州的目标", None, "2026-03-01T00:00:00+00:00", "2026-03-20T12:00:00+00:00", 2)


def changed(days: int) -> Conversation:
    """A conversation changed so many days before today, at noon."""
    return replace(CONVERSATION, id=f"c{days}", title=f"第{days}", updated=f"{TODAY - timedelta(days)}T12:00:00+00:00")


def test_conversations_stand_under_the_days_they_were_changed() -> None:
    days = (-1, 0, 1, 2, 7, 8, 400)
    fragment = Fragment(render.listed([changed(day) for day in days], TODAY, "hans"))
    heads = [fragment.text.index(f"{heading}第") for heading in ("今天", "昨天", "七天内", "更早")]
    assert heads == sorted(heads)
    assert fragment.tags.count("h2") == 4
    assert fragment.values("data-conversation") == [f"c{day}" for day in days]
    assert [at for at in fragment.values("href") if at.startswith("#")] == [f"#/c/c{day}" for day in days]


def test_each_can_be_renamed_shared_exported_and_deleted_after_a_question() -> None:
    fragment = Fragment(render.listed([CONVERSATION], TODAY, "en"))
    assert fragment.values("data-do") == ["rename", "share", "forget"]
    assert [at for at in fragment.values("href") if at.startswith("/")] == ["/export/a1.md", "/export/a1.html"]
    assert fragment.values("data-sure") == [EN.sure.format(title="温州的目标")]
    assert fragment.values("value") == ["温州的目标"]
    assert fragment.values("aria-label", class_="pr-icon") == [EN.more.format(title="温州的目标")]


def test_what_was_found_is_shown_with_the_words_that_fit() -> None:
    fragment = Fragment(render.found([Match(CONVERSATION, "……达到72%……")], "hans"))
    assert "温州的目标……达到72%……" in fragment.text
    assert fragment.values("data-conversation") == ["a1"]


def test_nothing_to_list_says_so() -> None:
    assert Fragment(render.listed([], TODAY, "hans")).text == HANS.none
    assert Fragment(render.found([], "en")).text == EN.nothing


@pytest.mark.parametrize("payload", PAYLOADS)
def test_titles_excerpts_and_ids_stay_text(payload: str) -> None:
    hostile = replace(CONVERSATION, title=payload)
    for written in (
        render.listed([hostile], TODAY, "hans"),
        render.found([Match(hostile, "x")], "en"),
        render.found([Match(CONVERSATION, payload)], "hant"),
    ):
        assert shows(written, payload)
        assert Fragment(written).foreign() == []
    listed = Fragment(render.listed([hostile], TODAY, "hans"))
    assert [visible(value) for value in listed.values("value")] == [visible(payload)]
    assert [visible(value) for value in listed.values("data-sure")] == [visible(HANS.sure.format(title=payload))]


@pytest.mark.parametrize("language", [language for _, language in LANGUAGES])
def test_every_label_is_there_in_every_language(language: Language) -> None:
    words = WORDS[language]
    assert [field.name for field in fields(Words) if not getattr(words, field.name).strip()] == []
    assert all("乙" in text.format(title="乙") for text in (words.sure, words.more))
    assert Fragment(render.side(language)).values("aria-label") == [words.search]


# --- what the browser may call ------------------------------------------------------------------------------


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    bot = Chatbot.open(Settings(home=tmp_path / "home"))
    yield Visit(bot, "ann", False, "hans")
    bot.close()


def begun(visit: Visit, question: str) -> str:
    """The id of a conversation in which ``question`` was asked."""
    mine = visit.bot.conversations.of(visit.owner)
    known = mine.create().id
    mine.begin(known, question)
    return known


def test_those_asked_in_are_listed_and_found_the_latest_first(visit: Visit) -> None:
    visit.bot.conversations.of("ann").create()
    first, second = begun(visit, "温州的目标是什么？"), begun(visit, "谁负责？")
    everything = Fragment(str(HANDLERS["conversations.list"](visit, {})))
    assert everything.values("data-conversation") == [second, first]
    assert everything.text.startswith("今天")
    blank = HANDLERS["conversations.list"](visit, {"find": " "})
    assert Fragment(str(blank)).values("data-conversation") == [second, first]
    found = HANDLERS["conversations.list"](visit, {"find": "溫州"})
    assert Fragment(str(found)).values("data-conversation") == [first]


def test_one_is_renamed_and_deleted(visit: Visit) -> None:
    known = begun(visit, "温州的目标是什么？")
    assert HANDLERS["conversations.rename"](visit, {"conversation": known, "title": " 温州 "}) == "温州"
    assert visit.bot.conversations.of("ann").get(known).title == "温州"
    assert HANDLERS["conversations.delete"](visit, {"conversation": known}) is True
    assert visit.bot.conversations.of("ann").recent() == []


def test_those_of_others_are_not_there(visit: Visit) -> None:
    known = begun(visit, "温州的目标是什么？")
    for stranger in (replace(visit, owner="bob"), replace(visit, owner=None)):
        assert Fragment(str(HANDLERS["conversations.list"](stranger, {}))).text == HANS.none
        assert Fragment(str(HANDLERS["conversations.list"](stranger, {"find": "温州"}))).text == HANS.nothing
        for name, arguments in (
            ("conversations.rename", {"conversation": known, "title": "x"}),
            ("conversations.delete", {"conversation": known}),
        ):
            with pytest.raises(ConversationNotFoundError):
                HANDLERS[name](stranger, arguments)
    assert visit.bot.conversations.of("ann").get(known).title == "温州的目标是什么？"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("conversations.list", {"find": 1}),
        ("conversations.list", {"find": "字" * 201}),
        ("conversations.rename", {"conversation": "a1"}),
        ("conversations.rename", {"conversation": None, "title": "x"}),
        ("conversations.delete", {}),
    ],
)
def test_bad_arguments_become_an_error(visit: Visit, name: str, arguments: dict[str, object]) -> None:
    assert "Reload the page." in str(calls.answer(HANDLERS, visit, name, arguments)["error"])


def test_the_side_has_a_button_and_a_box(visit: Visit) -> None:
    assert HANDLERS["conversations.side"](visit, {}) == render.side("hans")
    assert Fragment(render.side("hans")).values("data-do") == ["new", "find"]
