"""PostgreSQL goes down and comes back; whoever has the library open goes on without being restarted."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import httpx
import pytest

from rag import Chatbot, Settings
from rag.errors import StorageError
from rag.schema import AnswerEvent, IngestReport, Progress, Waiting
from tests.conftest import SMALL_DOCUMENTS
from tests.postgres import Postgres, database_of_its_own
from tests.scale.servers import Served, replica

QUESTION = "年滿八十周歲的老年人每餐補助多少？"
SOURCE = "老年助餐.txt"
OTHER = "数字政府.txt"
DOWN = r"cannot be used: .*Check that"


@pytest.fixture(scope="module")
def module_server() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.stop()
    server.remove()


@pytest.fixture
def server(module_server: Postgres) -> Iterator[Postgres]:
    """Running when a test begins and, for those that follow, when it ends."""
    yield module_server
    if not module_server.runs():
        module_server.start()


@pytest.fixture
def bot(server: Postgres, home: Path, papers: Path) -> Iterator[Chatbot]:
    """A chatbot whose catalogue and conversations are in the database, and the vectors in ``home``."""
    bot = Chatbot.open(Settings(home=home, reader=False, database={"url": database_of_its_own(server.url)}))
    assert bot.ingest([papers]) == IngestReport(added=tuple(sorted(SMALL_DOCUMENTS)))
    yield bot
    bot.close()


def cited(bot: Chatbot) -> set[str]:
    return {citation.source for citation in bot.ask(QUESTION).citations}


@pytest.mark.parametrize("how", ["immediate", "fast"])
def test_an_open_chatbot_answers_again_once_the_database_is_back(bot: Chatbot, server: Postgres, how: str) -> None:
    conversation = bot.conversations.create().id
    assert cited(bot) == {SOURCE}
    answered = list(bot.converse(conversation, QUESTION))
    server.stop(how)
    uses: list[Callable[[], object]] = [
        lambda: bot.ask(QUESTION),
        lambda: bot.search(QUESTION),
        lambda: list(bot.converse(conversation, QUESTION)),
        lambda: bot.check("年滿八十周歲的老年人每餐補助五元。"),
        lambda: bot.examples(),
        bot.documents,
        bot.ready,
        bot.catch_up,
        bot.conversations.recent,
        lambda: bot.remove(SOURCE),
    ]
    for use in uses:
        with pytest.raises(StorageError, match=DOWN):
            use()
    server.start()
    bot.ready()
    assert cited(bot) == {SOURCE}
    assert isinstance(answered[-1], AnswerEvent)
    *_, again = bot.converse(conversation, QUESTION)
    assert isinstance(again, AnswerEvent)
    assert again.answer.citations == answered[-1].answer.citations
    assert [turn.role for turn in bot.conversations.turns(conversation)] == ["user", "assistant"] * 2
    bot.remove(SOURCE)
    assert [info.source for info in bot.documents()] == [OTHER]
    assert bot.verify().problems == ()


@pytest.mark.parametrize("how", ["immediate", "fast"])
def test_an_ingest_that_loses_the_database_says_so_and_loses_nothing(
    bot: Chatbot, server: Postgres, papers: Path, how: str
) -> None:
    changed = SMALL_DOCUMENTS[SOURCE].replace("五元", "六元")
    (papers / SOURCE).write_text(changed, encoding="utf-8")
    (papers / "河道.txt").write_text("临水县河道巡查办法\n第一条 河道每周巡查一次。\n", encoding="utf-8")

    def stop(progress: Progress) -> None:
        if progress.stage == "embedding" and progress.done:
            server.stop(how)

    with pytest.raises(StorageError, match=DOWN):
        bot.ingest([papers], progress=stop)
    server.start()
    assert bot.document(SOURCE).text == SMALL_DOCUMENTS[SOURCE]
    assert cited(bot) == {SOURCE}
    assert bot.ingest([papers]) == IngestReport(added=("河道.txt",), updated=(SOURCE,), unchanged=(OTHER,))
    assert bot.document(SOURCE).text == changed
    assert bot.verify().problems == ()


def test_who_follows_a_folder_waits_and_goes_on(bot: Chatbot, server: Postgres, papers: Path) -> None:
    with closing(cast("Generator[IngestReport | Waiting, None, None]", bot.follow([papers]))) as events:
        assert next(events) == IngestReport(unchanged=tuple(sorted(SMALL_DOCUMENTS)))
        server.stop()
        (papers / "河道.txt").write_text("临水县河道巡查办法\n第一条 河道每周巡查一次。\n", encoding="utf-8")
        waiting = next(events)
        assert isinstance(waiting, Waiting)
        assert re.search(DOWN, waiting.reason)
        server.start()
        assert next(each for each in events if isinstance(each, IngestReport)).added == ("河道.txt",)


def test_a_server_answers_again_without_being_restarted(
    bot: Chatbot, server: Postgres, papers: Path, command_environment: dict[str, str]
) -> None:
    url = bot.settings.database.url
    assert url is not None
    settings = {
        **command_environment,
        "RAG_HOME": str(bot.settings.home),
        "RAG_DATABASE__URL": url.get_secret_value(),
        "RAG_READER": "false",
    }
    served = replica(papers.parent, **settings)
    served.start()
    try:
        served.wait()
        _soon(served, {SOURCE})
        server.stop()
        for response in (_health(served), _ask(served), _health(served)):
            assert response.status_code == 503
            assert "StorageError" in response.text
        server.start()
        _soon(served, {SOURCE})
        assert _health(served).json() == {"ready": True}
        bot.remove(SOURCE)
        _soon(served, set())
        assert bot.ingest([papers]).added == (SOURCE,)
        _soon(served, {SOURCE})
    finally:
        served.kill()


def _health(served: Served) -> httpx.Response:
    return httpx.get(f"{served.url}/health", timeout=60, trust_env=False)


def _ask(served: Served) -> httpx.Response:
    return httpx.post(f"{served.url}/ask", json={"question": QUESTION}, timeout=60, trust_env=False)


def _soon(served: Served, expected: set[str]) -> None:
    """Until the server cites ``expected``; fails when it does not within half a minute."""
    end = time.monotonic() + 30
    while True:
        response = _ask(served)
        found = {each["source"] for each in response.json().get("citations", ())}
        if response.status_code == 200 and found == expected:
            return
        assert time.monotonic() < end, response.text
        time.sleep(0.2)
