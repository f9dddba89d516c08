"""A document that is replaced or removed while an answer is made of it: quotes are from the version that was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.answer.checking import check_text
from rag.retrieval.hybrid import HybridRetriever, Retrieved
from rag.schema import Answer, AnswerEvent, HitsEvent
from tests.answer.conftest import DOCUMENTS
from tests.answer.scripted import Scripted
from tests.conftest import bot_on

CHANGED = {
    name: "已经修订。\n" + text.replace("八十周岁", "九十周岁").replace("四大", "五大").replace("建设统一", "取消")
    for name, text in DOCUMENTS.items()
}
FACT = "宁波的老年人每餐补助多少元？"
PREMISE = "宁波年满八十周岁的老年人每餐补助六元吗？"
FIVE = "年满八十周岁的老年人每餐补助五元，由市民政局按月发放。"
LIST = "青山区数字政府建设方案部署了哪四大任务？"

Change = Callable[[Chatbot], None]


def replace_all(bot: Chatbot) -> None:
    folder = bot.settings.home.parent / "documents"
    for name, text in CHANGED.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert set(bot.ingest([folder]).updated) == set(CHANGED)


def remove_all(bot: Chatbot) -> None:
    for name in DOCUMENTS:
        bot.remove(name)


@pytest.fixture
def bot(model_home: Path, tmp_path: Path) -> Iterator[Chatbot]:
    bot = bot_on(DOCUMENTS, tmp_path, model_home)
    yield bot
    bot.close()


def answer(bot: Chatbot, question: str, change: Change | None = None) -> Answer:
    """The answer to ``question``, during which the documents are changed once the passages are there."""
    events = bot.stream(question)
    assert isinstance(next(events), HitsEvent)
    if change:
        change(bot)
    *_, last = events
    assert isinstance(last, AnswerEvent)
    # How rare its words are, and so how sure it is, is a matter of what is there now.
    return replace(last.answer, timings={}, confidence=0.0)


@pytest.mark.parametrize("change", [replace_all, remove_all])
@pytest.mark.parametrize("question", [FACT, PREMISE])
def test_an_answer_is_that_of_the_version_that_was_found(bot: Chatbot, question: str, change: Change) -> None:
    before = answer(bot, question)
    assert before.citations
    during = answer(bot, question, change)
    assert during == before
    for citation in during.citations:
        assert citation.quote == DOCUMENTS[citation.source][citation.start : citation.end]


@pytest.mark.parametrize("change", [replace_all, remove_all])
def test_what_a_language_model_writes_is_cited_from_that_version(bot: Chatbot, change: Change) -> None:
    model = Scripted(reply=lambda user: f"{FIVE}[{1 + user[: user.index('每餐补助五元')].count(chr(10) + '[')}]")
    writing = Chatbot(Settings(home=bot.settings.home, llm={"retries": 0}), model=model)
    written = answer(writing, FACT, lambda _: change(bot))
    [citation] = written.citations
    assert citation.quote == FIVE
    start = DOCUMENTS["宁波.txt"].index(FIVE)
    assert (citation.source, citation.start, citation.end) == ("宁波.txt", start, start + len(FIVE))
    writing.close()


@pytest.mark.parametrize("change", [replace_all, remove_all])
def test_a_list_by_the_outline_is_not_taken_from_another_version(bot: Chatbot, change: Change) -> None:
    assert len(answer(bot, LIST).sentences) == 4
    during = answer(bot, LIST, change)
    for citation in during.citations:
        assert citation.quote == DOCUMENTS[citation.source][citation.start : citation.end]
    for sentence in during.sentences:
        assert sentence.text in DOCUMENTS["方案.txt"]


class Disturbed(HybridRetriever):
    """Finds passages, whereupon the documents change."""

    def __init__(self, bot: Chatbot, change: Change) -> None:
        super().__init__(bot.retriever._index)
        self._bot, self._change = bot, change

    def retrieve(self, *arguments: object, **options: object) -> Retrieved:
        found = super().retrieve(*arguments, **options)  # type: ignore[arg-type]
        self._change(self._bot)
        return found


@pytest.mark.parametrize("change", [replace_all, remove_all])
def test_a_check_quotes_the_version_that_was_found(bot: Chatbot, change: Change) -> None:
    [checked] = check_text(FIVE, Disturbed(bot, change), bot.checker)
    assert checked.citation is not None
    assert checked.citation.quote == FIVE
