from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.errors import ConversationNotFoundError, DocumentNotFoundError
from rag.schema import Answer, Citation
from tests.conftest import SMALL_DOCUMENTS, bot_on, copy_home
from ui.calls import BadCallError, Visit
from ui.reader.handlers import HANDLERS
from ui.reader.words import HANS, WORDS

SOURCE = "老年助餐.txt"
QUOTE = "第三條 年滿八十周歲的老年人每餐補助五元，由縣民政局按月發放。"


@pytest.fixture
def bot(library: Path, tmp_path: Path) -> Chatbot:
    return Chatbot.open(Settings(home=copy_home(library, tmp_path / "home")))


def call(bot: Chatbot, name: str, arguments: Mapping[str, object], *, owner: str | None = None) -> object:
    return HANDLERS[name](Visit(bot, owner, True, "hans"), arguments)


def kept(bot: Chatbot, *, owner: str | None = None) -> dict[str, object]:
    """An answer with two citations in two documents, stored for ``owner``; how its first one is asked for."""
    citations = []
    for number, (source, quote) in enumerate(((SOURCE, QUOTE), ("数字政府.txt", "一、总体目标")), 1):
        start = bot.document(source).text.index(quote)
        citations.append(Citation(number, source, "", "", start, start + len(quote), quote))
    answer = Answer("补助多少？", "五元[1]。[2]", False, None, 0.9, tuple(citations), (), (), {}, "extractive")
    mine = bot.conversations.of(owner)
    conversation = mine.create()
    mine.finish(conversation.id, mine.begin(conversation.id, answer.question), answer)
    return {"conversation": conversation.id, "turn": mine.turns(conversation.id)[-1].id, "number": 1}


def marked(html: object) -> str:
    found = re.search(r'<mark id="pr-mark" tabindex="-1">(.*?)</mark>', str(html), re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def test_a_citation_of_a_stored_answer_opens_at_its_words(bot: Chatbot) -> None:
    asked = kept(bot)
    html = call(bot, "reader.open", asked)
    assert marked(html) == QUOTE
    assert "1 / 2" in str(html)
    second = call(bot, "reader.open", {**asked, "number": 2})
    assert marked(second) == "一、总体目标"
    assert "2 / 2" in str(second)


def test_a_place_opens_without_an_answer(bot: Chatbot) -> None:
    start = bot.document(SOURCE).text.index(QUOTE)
    html = call(bot, "reader.open", {"source": SOURCE, "start": start, "end": start + len(QUOTE)})
    assert marked(html) == QUOTE
    assert "reader.go" not in str(html)


def test_the_script_is_the_one_asked_for(bot: Chatbot) -> None:
    assert marked(call(bot, "reader.open", {**kept(bot), "script": "hans"})) == (
        "第三条 年满八十周岁的老年人每餐补助五元，由县民政局按月发放。"
    )


def test_a_document_removed_or_changed_since_the_answer_shows_the_stored_words(
    tmp_path: Path, model_home: Path
) -> None:
    bot, folder = bot_on(SMALL_DOCUMENTS, tmp_path, model_home), tmp_path / "documents"
    asked = kept(bot)
    (folder / SOURCE).write_text(SMALL_DOCUMENTS[SOURCE].replace("五元", "八元"), encoding="utf-8")
    bot.ingest([folder])
    changed = str(call(bot, "reader.open", asked))
    assert marked(changed) == ""
    assert HANS.changed in changed
    assert f"{QUOTE}</blockquote>" in changed
    bot.remove(SOURCE)
    gone = str(call(bot, "reader.open", asked))
    assert HANS.gone in gone
    assert f"{QUOTE}</blockquote>" in gone


def test_nobody_reads_the_citations_of_another(bot: Chatbot) -> None:
    with pytest.raises(ConversationNotFoundError):
        call(bot, "reader.open", kept(bot, owner="lin"), owner="wang")


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 3},
        {"turn": 10_000},
        {"number": "1"},
        {"turn": None},
        {"conversation": 5},
        {"script": "latin"},
        {"script": ["hans"]},
        {"around": -1},
        {"source": SOURCE, "start": 0},
        {"source": SOURCE, "start": -1, "end": 2},
        {"source": SOURCE, "start": True, "end": 2},
        {"source": "x" * 3000, "start": 0, "end": 2},
    ],
)
def test_a_call_that_makes_no_sense_is_refused(bot: Chatbot, wrong: dict[str, object]) -> None:
    with pytest.raises(BadCallError):
        call(bot, "reader.open", {**kept(bot), **wrong})


def test_a_place_in_no_document_is_refused(bot: Chatbot) -> None:
    with pytest.raises(DocumentNotFoundError):
        call(bot, "reader.open", {"source": "../../etc/passwd", "start": 0, "end": 1})


def test_there_is_no_more_of_a_short_document(bot: Chatbot) -> None:
    end = len(bot.document(SOURCE).text)
    for edge, before in ((0, True), (end, False)):
        assert call(bot, "reader.more", {**kept(bot), "edge": edge, "before": before}) == {"html": "", "edge": None}


def test_words_are_looked_for_in_both_scripts(bot: Chatbot) -> None:
    assert call(bot, "reader.forms", {"words": "补助"}) == sorted(["补助", "補助"])
    assert call(bot, "reader.forms", {"words": "abc"}) == ["abc"]


def test_the_three_languages_fill_in_the_same_blanks() -> None:
    blanks = [
        {name: set(re.findall(r"{\w+}", getattr(words, name))) for name in words.__slots__} for words in WORDS.values()
    ]
    assert blanks[0] == blanks[1] == blanks[2]
