from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from rag.answer.llm import ChatModel, open_model
from rag.errors import (
    ConfigurationError,
    LLMConnectionError,
    LLMContextError,
    LLMEmptyError,
    LLMError,
    LLMFilteredError,
    LLMKeyError,
    LLMNotFoundError,
    LLMRateLimitError,
    LLMRequestError,
    LLMServerError,
    LLMTimeoutError,
    MissingDependencyError,
)
from rag.settings import LLMSettings
from tests.answer.model_server import Exchange, Reply, fails, model_server, says


class Plain(BaseChatModel):
    """A model of LangChain's that has no more than it must."""

    @property
    def _llm_type(self) -> str:
        return "plain"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise AssertionError("a mistake")


ASKED = [("system", "你是助手"), ("user", "城市化率是多少？")]
KEY = "sk-secret-1234567890abcdef"


@pytest.fixture(autouse=True)
def no_keys_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "DEEPSEEK_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)


def at(address: str, **settings: Any) -> ChatModel:
    """A model behind OpenAI's protocol at ``address``, without retries unless asked for."""
    return open_model(LLMSettings(**{"model": "openai:m", "base_url": f"{address}/v1", "retries": 0, **settings}))


def failure(reply: Reply, **settings: Any) -> tuple[type[LLMError], str]:
    """What asking a server that answers with ``reply`` raises, its port left out."""
    with model_server(reply) as server, pytest.raises(LLMError) as caught:
        at(server.address, **settings).complete(ASKED)
    return type(caught.value), str(caught.value).replace(server.address, "SERVER")


# --- what is said -----------------------------------------------------------------------------------------------


def test_the_words_come_as_the_server_sends_them() -> None:
    with model_server(says("城市化率", "达到", "72%以上。[1]")) as server:
        model = at(server.address, max_tokens=77, temperature=0.5)
        assert list(model.stream(ASKED)) == ["城市化率", "达到", "72%以上。[1]"]
        [request] = server.requests
    assert (model.name, repr(model)) == ("openai:m", "ChatModel('openai:m')")
    assert request.path == "/v1/chat/completions"
    asked = {key: request.body[key] for key in ("model", "messages", "max_tokens", "temperature", "stream")}
    assert asked == {
        "model": "m",
        "messages": [{"role": "system", "content": "你是助手"}, {"role": "user", "content": "城市化率是多少？"}],
        "max_tokens": 77,
        "temperature": 0.5,
        "stream": True,
    }
    assert "max_completion_tokens" not in request.body


def test_complete_gives_it_all_at_once() -> None:
    with model_server(says("\n 城市化率", "72% \n")) as server:
        assert at(server.address).complete(ASKED) == "城市化率72%"


@pytest.mark.parametrize(("model", "name"), [("qwen3:8b", "qwen3:8b"), ("openai:qwen3:8b", "qwen3:8b"), ("q", "q")])
def test_a_server_of_ones_own_takes_any_name(model: str, name: str) -> None:
    with model_server(says("好")) as server:
        opened = at(server.address, model=model)
        assert (opened.name, opened.complete(ASKED)) == (model, "好")
        assert [request.body["model"] for request in server.requests] == [name]


def test_any_langchain_model_can_be_wrapped() -> None:
    fake = GenericFakeChatModel(messages=iter([AIMessage("one two")]))
    model = ChatModel.wrap(fake, name="scripted")
    assert (model.name, list(model.stream(ASKED))) == ("scripted", ["one", " ", "two"])
    assert ChatModel.wrap(fake).name == "langchain:generic-fake-chat-model"
    assert ChatModel.wrap(FakeListChatModel(responses=["好的"])).complete(ASKED) == "好的"


def test_reasoning_is_not_shown() -> None:
    with model_server(says("<th", "ink>先想", "一想</thi", "nk>\n\n答", "案<5", "</b>")) as server:
        assert list(at(server.address).stream(ASKED)) == ["答", "案<5", "</b>"]


def test_sixteen_at_once_do_not_mix() -> None:
    def echo(exchange: Exchange) -> None:
        says(*exchange.body["messages"][-1]["content"])(exchange)

    with model_server(echo) as server, ThreadPoolExecutor(16) as threads:
        model = at(server.address)
        texts = [f"第{number}个问题的回答" * 5 for number in range(16)]
        assert list(threads.map(lambda text: model.complete([("user", text)]), texts)) == texts


# --- what goes wrong --------------------------------------------------------------------------------------------


def body(message: str, code: str | None = None) -> str:
    return json.dumps({"error": {"message": message, "type": "error", "code": code}}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("reply", "expected", "told"),
    [
        (
            fails(401, body("bad key")),
            LLMKeyError,
            "SERVER/v1 does not accept the key (401). Set RAG_LLM__API_KEY to one that may.",
        ),
        (
            fails(403, body("no")),
            LLMKeyError,
            "SERVER/v1 does not let this key use the model (403). Set RAG_LLM__API_KEY to one that may.",
        ),
        (
            fails(404, body("no such model")),
            LLMNotFoundError,
            "SERVER/v1 knows no such model (404). Check RAG_LLM__MODEL, and that RAG_LLM__BASE_URL has its /v1.",
        ),
        (
            fails(429, body("slow down")),
            LLMRateLimitError,
            "too many requests for SERVER/v1 (429). Ask again in a minute, or raise your limit.",
        ),
        (
            fails(429, body("You exceeded your current quota", "insufficient_quota")),
            LLMRequestError,
            "no credit left at SERVER/v1 (429). Top up the account.",
        ),
        (
            fails(402, body("Insufficient Balance")),
            LLMRequestError,
            "no credit left at SERVER/v1 (402). Top up the account.",
        ),
        (
            fails(500, body("out of memory")),
            LLMServerError,
            "SERVER/v1 failed (500: out of memory). Ask again later.",
        ),
        (
            fails(503, "<html>gateway</html>", kind="text/html"),
            LLMServerError,
            "SERVER/v1 failed (503: Error code: 503). Ask again later.",
        ),
        (
            fails(400, body("This model's maximum context length is 4096 tokens.", "context_length_exceeded")),
            LLMContextError,
            "question and passages are longer than the model can read (context_length_exceeded: This model's maximum "
            "context length is 4096 tokens.). Lower RAG_LLM__CONTEXT_TOKENS, or use a model that reads more.",
        ),
        (
            fails(400, body("blocked", "content_filter")),
            LLMFilteredError,
            "the provider withheld the answer (content_filter: blocked). Ask in other words, or use another model.",
        ),
        (
            fails(400, body("temperature is not supported")),
            LLMRequestError,
            "SERVER/v1 does not accept the request (400: temperature is not supported). Check RAG_LLM__MODEL.",
        ),
        (
            says("半句", finish="content_filter"),
            LLMFilteredError,
            "the provider withheld the answer (content_filter). Ask in other words, or use another model.",
        ),
    ],
    ids=["401", "403", "404", "429", "quota", "402", "500", "503", "context", "filter", "400", "withheld"],
)
def test_each_cause_has_its_error(reply: Reply, expected: type[LLMError], told: str) -> None:
    assert failure(reply) == (expected, f"openai:m: {told}")


def test_no_word_at_all() -> None:
    assert failure(says("", " \n")) == (
        LLMEmptyError,
        "openai:m answered without a word. Ask again, or use another model.",
    )
    assert failure(says("<think>想啊", "想", finish="length")) == (
        LLMEmptyError,
        "openai:m answered without a word. It spent its tokens on reasoning: raise RAG_LLM__MAX_TOKENS.",
    )


@pytest.mark.parametrize(
    "reply",
    [
        fails(200, "<html>hello</html>", kind="text/html"),
        fails(200, "data: {not json\n\n", kind="text/event-stream"),
        fails(200, 'data: {"hello": 1}\n\n', kind="text/event-stream"),
        fails(200, "", kind="text/event-stream"),
    ],
    ids=["html", "no-json", "another-shape", "nothing"],
)
def test_a_server_that_is_none(reply: Reply) -> None:
    kind, told = failure(reply)
    assert kind in (LLMServerError, LLMEmptyError)
    assert "openai:m" in told


def test_a_server_that_fails_in_the_middle_of_a_stream() -> None:
    def reply(exchange: Exchange) -> None:
        exchange.begin()
        exchange.delta("一半")
        exchange.event(json.dumps({"error": {"code": 500, "message": "GPU lost", "type": "server_error"}}))

    with model_server(reply) as server:
        words = at(server.address, retries=3).stream(ASKED)
        assert next(words) == "一半"
        with pytest.raises(LLMServerError, match=r"failed \(500: .*GPU lost\)"):
            next(words)
        assert len(server.requests) == 1


def silent(exchange: Exchange) -> None:
    exchange.begin()
    exchange.hung_up()


def test_a_silent_server() -> None:
    assert failure(silent, timeout_s=0.3) == (
        LLMTimeoutError,
        "openai:m: no word from SERVER/v1 for 0.3 s. Raise RAG_LLM__TIMEOUT_S, or ask again later.",
    )


def test_a_silent_model_without_an_asynchronous_side() -> None:
    asked, answer = threading.Event(), threading.Event()

    class Slow(Plain):
        def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
            asked.set()
            answer.wait(10)
            yield ChatGenerationChunk(message=AIMessageChunk("late"))

    model = ChatModel.wrap(Slow(), LLMSettings(timeout_s=0.2, retries=0), name="slow")
    with pytest.raises(LLMTimeoutError, match=r"^slow: no word from the provider for 0\.2 s\."):
        model.complete(ASKED)
    answer.set()
    assert asked.is_set()


def test_nobody_there() -> None:
    with model_server() as server:
        pass
    with pytest.raises(LLMConnectionError) as caught:
        at(server.address.replace("//", "//user:password@")).complete(ASKED)
    assert str(caught.value) == (
        f"openai:m: cannot reach {server.address}/v1, or it hung up. Is the server running? "
        "Check RAG_LLM__BASE_URL and the network."
    )


def test_a_mistake_in_a_wrapped_model_stays_what_it_is() -> None:
    with pytest.raises(AssertionError, match=r"^a mistake$"):
        ChatModel.wrap(Plain()).complete(ASKED)


# --- attempts ---------------------------------------------------------------------------------------------------


def test_it_is_asked_again_before_the_first_word() -> None:
    with model_server(fails(429, body("wait")), fails(500, body("oops")), says("好")) as server:
        assert at(server.address, retries=2).complete(ASKED) == "好"
        assert len(server.requests) == 3


@pytest.mark.parametrize(("status", "requests"), [(500, 2), (429, 2), (401, 1), (404, 1), (400, 1)])
def test_it_is_asked_as_often_as_set_and_only_where_that_may_help(status: int, requests: int) -> None:
    with model_server(fails(status, body("no"))) as server, pytest.raises(LLMError):
        at(server.address, retries=1).complete(ASKED)
    assert len(server.requests) == requests


def test_how_long_the_provider_asks_to_wait_is_known() -> None:
    with (
        model_server(fails(429, body("wait"), Retry_After="7")) as server,
        pytest.raises(LLMRateLimitError) as caught,
    ):
        at(server.address).complete(ASKED)
    assert caught.value.retry_after_s == 7


# --- leaving ----------------------------------------------------------------------------------------------------


def endless(left: threading.Event) -> Reply:
    """Talks until nobody listens."""

    def reply(exchange: Exchange) -> None:
        exchange.begin()
        try:
            while True:
                exchange.delta("说")
        except OSError:
            left.set()

    return reply


def test_closing_the_stream_drops_the_request() -> None:
    left = threading.Event()
    with model_server(endless(left)) as server:
        words = at(server.address).stream(ASKED)
        assert next(words) == "说"
        words.close()  # type: ignore[attr-defined]
        assert left.wait(10)


def test_leaving_while_the_model_is_silent_drops_the_request() -> None:
    asked, left = threading.Event(), threading.Event()

    def reply(exchange: Exchange) -> None:
        exchange.begin()
        asked.set()
        if exchange.hung_up():
            left.set()

    with model_server(reply) as server:
        assert list(at(server.address).until(asked.is_set).stream(ASKED)) == []
        assert left.wait(10)


def test_nothing_is_asked_before_the_first_word_is_wanted() -> None:
    with model_server(says("好")) as server:
        at(server.address).stream(ASKED)
        assert server.requests == []


# --- keys -------------------------------------------------------------------------------------------------------


def echo_key(status: int) -> Reply:
    return lambda exchange: exchange.send(status, body(f"bad header {exchange.headers['authorization']}, key {KEY}"))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_the_key_is_never_told(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    settings = LLMSettings(model="openai:m", api_key=KEY)
    with model_server(echo_key(status)) as server:
        model = at(server.address, api_key=KEY)
        with pytest.raises(LLMError) as caught:
            model.complete(ASKED)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    told = ["".join(traceback.format_exception(caught.value)), repr(model), repr(model.settings), repr(settings)]
    told += [str(settings.model_dump()), settings.model_dump_json(), caplog.text]
    assert [text for text in told if KEY in text or KEY[3:] in text] == []


def test_the_key_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")
    with model_server(says("好")) as server:
        at(server.address, api_key_file=tmp_path / "key").complete(ASKED)
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_file_without_a_key(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name, told in [
        ("empty", f"{tmp_path}/empty holds no key, or more than one. Put the key alone into it."),
        ("absent", f"cannot read the key in {tmp_path}/absent: FileNotFoundError. Mend RAG_LLM__API_KEY_FILE."),
    ]:
        with pytest.raises(LLMKeyError) as caught:
            open_model(LLMSettings(model="openai:m", api_key_file=tmp_path / name))
        assert str(caught.value) == told


def test_the_key_for_openai_goes_to_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with model_server(says("好")) as server:
        at(server.address).complete(ASKED)
        assert server.requests[0].headers["authorization"] == "Bearer none"


@pytest.mark.parametrize(
    ("provider", "variable"),
    [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY"), ("deepseek", "DEEPSEEK_API_KEY")],
)
def test_without_a_key_the_providers_own_variable_is_named(
    provider: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LLMKeyError) as caught:
        open_model(LLMSettings(model=f"{provider}:m"))
    assert str(caught.value) == (
        f"{provider}:m: no key. Set {variable}, RAG_LLM__API_KEY, or RAG_LLM__API_KEY_FILE to a file with it."
    )
    monkeypatch.setenv(variable, KEY)
    assert open_model(LLMSettings(model=f"{provider}:m")).name == f"{provider}:m"


# --- providers --------------------------------------------------------------------------------------------------


def test_ollama_is_told_how_much_it_must_read() -> None:
    def reply(exchange: Exchange) -> None:
        exchange.begin(kind="application/x-ndjson")
        for content, done in [("<think>想</think>", False), ("好", False), ("", True)]:
            part = {"model": "q", "created_at": "2026-01-01T00:00:00Z", "done": done}
            part |= {"message": {"role": "assistant", "content": content}} | ({"done_reason": "stop"} if done else {})
            exchange.handler.wfile.write(json.dumps(part).encode() + b"\n")

    with model_server(reply) as server:
        settings = LLMSettings(model="ollama:q", base_url=server.address, context_tokens=3000, max_tokens=500)
        assert open_model(settings).complete(ASKED) == "好"
        [request] = server.requests
    assert request.path == "/api/chat"
    assert {name: request.body["options"][name] for name in ("num_ctx", "num_predict", "temperature")} == {
        "num_ctx": 3500,
        "num_predict": 500,
        "temperature": 0.0,
    }


@pytest.mark.parametrize(
    ("model", "status", "expected"),
    [
        ("ollama:q", 404, LLMNotFoundError),
        ("ollama:q", 500, LLMServerError),
        ("anthropic:c", 401, LLMKeyError),
        ("anthropic:c", 404, LLMNotFoundError),
        ("anthropic:c", 429, LLMRateLimitError),
        ("anthropic:c", 529, LLMServerError),
        ("deepseek:d", 401, LLMKeyError),
        ("deepseek:d", 402, LLMRequestError),
    ],
)
def test_other_providers_errors_are_told_alike(model: str, status: int, expected: type[LLMError]) -> None:
    with model_server(fails(status, body("no"))) as server:
        settings = LLMSettings(model=model, base_url=server.address, retries=0, api_key=KEY)
        with pytest.raises(LLMError) as caught:
            open_model(settings).complete(ASKED)
    assert (type(caught.value), len(server.requests)) == (expected, 1)


@pytest.mark.parametrize(
    ("settings", "expected", "told"),
    [
        (
            {},
            ConfigurationError,
            "no language model is set. Set RAG_LLM__MODEL, as in openai:NAME or ollama:NAME.",
        ),
        (
            {"model": "gpt-x"},
            ConfigurationError,
            "setting llm.model = 'gpt-x' names no provider. Write openai:gpt-x, or another provider before the colon, "
            "or set RAG_LLM__BASE_URL for a server of your own.",
        ),
        (
            {"model": "nobody:m", "api_key": KEY},
            ConfigurationError,
            "setting llm.model: LangChain makes no model of nobody:m (ValueError). Known here: anthropic, deepseek, "
            "ollama, openai; others as LangChain's init_chat_model names them.",
        ),
        (
            {"model": "cohere:m"},
            MissingDependencyError,
            "the model needs the package langchain-cohere, which is not installed. Run: pip install langchain-cohere",
        ),
    ],
    ids=["none", "no-provider", "unknown-provider", "not-installed"],
)
def test_models_that_cannot_be_opened(settings: dict[str, Any], expected: type[Exception], told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_model(LLMSettings(**settings))
    assert (type(caught.value), str(caught.value)) == (expected, told)


# --- tokens -----------------------------------------------------------------------------------------------------


def test_tokens_are_counted_offline() -> None:
    model = ChatModel.wrap(FakeListChatModel(responses=[]))
    assert [model.count_tokens(text) for text in ("", "hello world", "<|endoftext|>")] == [0, 2, 7]
    assert 5 <= model.count_tokens("温州市城市化率") <= 14


def test_a_model_that_answers_in_blocks() -> None:
    class Blocks(Plain):
        def _generate(self, *_: Any, **__: Any) -> ChatResult:
            content = [{"type": "thinking", "thinking": "想"}, {"type": "text", "text": "答案"}]
            return ChatResult(generations=[ChatGeneration(message=AIMessage(content))])  # type: ignore[arg-type]

    assert ChatModel.wrap(Blocks()).complete(ASKED) == "答案"
