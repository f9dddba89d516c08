"""The HTTP API, as its clients see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from rag import Chatbot, Settings
from rag.api.app import build_app
from rag.api.server import serve
from rag.errors import ConfigurationError, LLMRateLimitError, LLMTimeoutError, PromptError
from rag.schema import Answer, Filter

QUESTION = "到2025年网上可办率要达到多少？"
TOKEN = "a token that is long enough"


@pytest.fixture(scope="module")
def bot(library: Path) -> Iterator[Chatbot]:
    bot = Chatbot.open(Settings(home=library))
    yield bot
    bot.close()


@pytest.fixture
def client(bot: Chatbot) -> Iterator[TestClient]:
    with TestClient(build_app(bot), base_url="http://127.0.0.1:8000") as client:
        yield client


def told(value: Any) -> Any:
    """A value as JSON."""
    return json.loads(json.dumps(asdict(value)))


def untimed(answer: dict[str, Any] | Answer) -> dict[str, Any]:
    found = told(replace(answer, timings={})) if isinstance(answer, Answer) else answer
    return {**found, "timings": {}}


def test_answers_are_those_of_the_chatbot(bot: Chatbot, client: TestClient) -> None:
    where = Filter(sources=("数字政府.txt",))
    expected = bot.ask(QUESTION, where=where)
    assert not expected.refused
    body = {"question": QUESTION, "where": {"sources": ["数字政府.txt"]}}
    assert untimed(client.post("/ask", json=body).json()) == untimed(expected)
    assert len(client.post("/ask", json={"question": QUESTION, "k": 1}).json()["hits"]) == 1
    hits = client.post("/search", json={"question": QUESTION, "k": 2}).json()
    assert hits == [told(hit) for hit in bot.search(QUESTION, k=2)]


def test_an_answer_comes_as_events(bot: Chatbot, client: TestClient) -> None:
    response = client.post("/stream", json={"question": QUESTION})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [dict(line.split(": ", 1) for line in each.splitlines()) for each in response.text.split("\n\n") if each]
    names = [event["event"] for event in events]
    assert (names[0], names[-1], set(names)) == ("hits", "answer", {"hits", "citation", "text", "answer"})
    answer = json.loads(events[-1]["data"])["answer"]
    assert untimed(answer) == untimed(bot.ask(QUESTION))
    assert "".join(json.loads(event["data"])["text"] for event in events if event["event"] == "text").strip()


def test_a_history_completes_the_question(bot: Chatbot, client: TestClient) -> None:
    history = [{"role": "user", "content": "青山市数字政府建设方案"}, {"role": "assistant", "content": "好的。"}]
    body = {"question": "总体目标是什么？", "history": history}
    assert untimed(client.post("/ask", json=body).json()) == untimed(bot.ask("总体目标是什么？", history=history))


def test_documents(bot: Chatbot, client: TestClient) -> None:
    infos = [told(info) for info in bot.documents()]
    assert client.get("/documents").json() == {"documents": infos, "total": 2, "next": None}
    assert client.get("/documents/数字政府.txt").json() == told(bot.document("数字政府.txt"))


def test_documents_come_in_pages(bot: Chatbot, client: TestClient) -> None:
    first, second = (told(info) for info in bot.documents())
    pages = client.get("/documents", params={"limit": 1}).json()
    assert pages == {"documents": [first], "total": 2, "next": first["source"]}
    for limit in (1, 1000):
        pages = client.get("/documents", params={"limit": limit, "after": first["source"]}).json()
        assert pages == {"documents": [second], "total": 2, "next": None}
    # After a document that has gone since, and after the last.
    between = client.get("/documents", params={"after": f"{first['source']} "}).json()
    assert between == {"documents": [second], "total": 2, "next": None}
    assert client.get("/documents", params={"after": second["source"]}).json()["documents"] == []


@pytest.mark.parametrize(
    ("path", "body", "status", "kind", "message"),
    [
        ("/ask", {"question": " "}, 400, "QuestionError", "question is empty"),
        ("/stream", {"question": " "}, 400, "QuestionError", "question is empty"),
        ("/search", {"question": "目标", "where": {"sources": ["gone"]}}, 400, "FilterError", "'gone'"),
        ("/ask", {"question": "目标", "unheard": 1}, 422, "RequestError", "unheard: Extra inputs"),
        ("/ask", {"question": "目标", "k": 0}, 422, "RequestError", "k: Input should be greater"),
        ("/ask", [], 422, "RequestError", "the body: Input should be"),
        ("/documents/gone.txt", None, 404, "DocumentNotFoundError", "'gone.txt'"),
        ("/documents?limit=0", None, 422, "RequestError", "limit: Input should be greater than or equal to 1."),
        ("/documents?limit=1001", None, 422, "RequestError", "limit: Input should be less than or equal to 1000."),
        ("/documents?limit=all", None, 422, "RequestError", "limit: Input should be a valid integer"),
        ("/documents?after=%00", None, 422, "RequestError", "after: "),
        ("/gone", None, 404, "RequestError", "Not Found."),
        ("/ask", None, 405, "RequestError", "Method Not Allowed."),
    ],
)
def test_errors_are_told_as_the_commands_tell_them(
    client: TestClient, path: str, body: Any, status: int, kind: str, message: str
) -> None:
    response = client.get(path) if body is None else client.post(path, json=body)
    assert response.status_code == status
    assert response.json().keys() == {"error"}
    assert response.json()["error"]["type"] == kind
    assert message in response.json()["error"]["message"]


def test_an_empty_index_is_not_ready(home: Path) -> None:
    bot = Chatbot.open(Settings(home=home))
    with TestClient(build_app(bot), base_url="http://localhost") as client:
        assert client.get("/health").status_code == 503
        assert client.get("/health").json() == {"ready": False, "error": "EmptyIndexError"}
        assert client.post("/ask", json={"question": QUESTION}).status_code == 503
    bot.close()


def test_many_at_once(bot: Chatbot, client: TestClient) -> None:
    assert client.get("/health").json() == {"ready": True}
    expected = untimed(bot.ask(QUESTION))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: client.post("/ask", json={"question": QUESTION}).json(), range(8)))
    assert [untimed(answer) for answer in found] == [expected] * 8


def test_only_who_bears_the_token(bot: Chatbot) -> None:
    with TestClient(build_app(bot, token=TOKEN), base_url="http://elsewhere.example") as client:
        assert client.get("/health").json() == {"ready": True}
        for given in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": f"Basic {TOKEN}"},
            {"Authorization": "令"},
        ):
            headers = {name: value.encode() for name, value in given.items()}
            for path in ("/documents", "/openapi.json", "/gone"):
                response = client.get(path, headers=headers)
                assert (response.status_code, response.json()["error"]["type"]) == (401, "RequestError")
                assert TOKEN not in response.text
        assert client.get("/documents", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200


def test_a_name_that_points_here_and_a_long_request_are_refused(bot: Chatbot, client: TestClient) -> None:
    assert client.get("/documents", headers={"Host": "evil.example:8000"}).status_code == 403
    assert client.get("/documents", headers={"Host": "localhost"}).status_code == 200
    assert client.post("/ask", content=b"x" * 1_000_001).status_code == 413
    assert client.post("/ask", content=iter([b"{}"])).status_code == 413


def test_others_are_served_with_a_token_only(bot: Chatbot) -> None:
    with pytest.raises(ConfigurationError, match=r"'0\.0\.0\.0', which other computers can reach.*RAG_API__TOKEN"):
        serve(bot, host="0.0.0.0", port=0)
    with pytest.raises(ConfigurationError, match=r"setting api\.token = …: .* at least 16") as caught:
        Settings.load(api={"token": "short-secret"})
    assert "short-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "status"), [(LLMTimeoutError("late"), 504), (LLMRateLimitError("often"), 502), (PromptError("gone"), 500)]
)
def test_what_fails_elsewhere_has_a_status_of_its_own(error: Exception, status: int) -> None:
    from rag.api.answers import failed

    response = failed(error)
    assert response.status_code == status
    assert json.loads(bytes(response.body)) == {"error": {"type": type(error).__name__, "message": str(error)}}
