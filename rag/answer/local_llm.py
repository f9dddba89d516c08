"""A GGUF file in this process, through xllamacpp (llama.cpp)."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.answer.background import stop
from rag.answer.llm_errors import Endpoint
from rag.answer.llm_providers import openai_model
from rag.errors import ConfigurationError, LLMConnectionError, MissingDependencyError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from rag.answer.llm import Counter
    from rag.settings import LLMSettings

_MAGIC = b"GGUF"
_ROOM = 64  # tokens that a chat template puts around the messages
_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Engine:
    """A loaded file, which answers at ``address``, on loopback, whoever knows ``key``."""

    address: str
    key: str

    def count_tokens(self, text: str) -> int:
        """Length of ``text`` in the model's own tokens."""
        request = urllib.request.Request(
            f"{self.address}/tokenize",
            data=json.dumps({"content": text}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        try:
            with _DIRECT.open(request, timeout=_TIMEOUT_S) as response:
                return len(json.load(response)["tokens"])
        except urllib.error.URLError as error:
            raise LLMConnectionError(f"the local model no longer answers ({error}). Start again.") from error


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_loading = threading.Lock()
_loaded: dict[tuple[Path, int], Engine] = {}
_servers: list[Any] = []  # the only references, so that all can be shut down before the interpreter is


def load_gguf(path: str, settings: LLMSettings) -> tuple[BaseChatModel, Endpoint, Counter]:
    """The model in the file ``path``, loaded once in a process however often it is asked for."""
    file = Path(path).expanduser().absolute()
    window = settings.context_tokens + settings.max_tokens + _ROOM
    with _loading:
        engine = _loaded.get((file, window)) or _load(file, window)
        _loaded[file, window] = engine
    endpoint = Endpoint(f"gguf:{file.name}", address=engine.address, key=engine.key, timeout_s=settings.timeout_s)
    return _model(file, engine, settings), endpoint, engine.count_tokens


def _load(file: Path, window: int) -> Engine:
    try:
        import xllamacpp  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependencyError(
            'a GGUF file needs the package xllamacpp, which is not installed. Run: pip install "policy-rag[local-llm]"'
        ) from error
    _require_gguf(file)
    key = secrets.token_urlsafe(24)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(file)
    parameters.n_ctx = window
    parameters.n_parallel = 1
    # Its threads wait for each other by spinning, so one that has to share its core slows down all of them.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 1) - 1)
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.api_keys = [key]
    parameters.ui = parameters.endpoint_slots = False
    parameters.verbosity = -1
    parameters.warmup = False
    try:
        server = xllamacpp.Server(parameters)
    except RuntimeError as error:
        raise ConfigurationError(
            f"{file} cannot be loaded: it is damaged, or needs more memory than there is, or a newer xllamacpp. "
            "Try another GGUF file."
        ) from error
    if not _servers:
        atexit.register(_shut_down)
    _servers.append(server)
    return Engine(server.listening_address, key)


def _shut_down() -> None:
    """Leave while threads still run: a server goes only when it has nothing more to answer."""
    stop()
    _servers.clear()


def _require_gguf(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            magic = opened.read(len(_MAGIC))
    except OSError as error:
        raise ConfigurationError(f"cannot read the model {file}: {error.strerror}. Mend RAG_LLM__MODEL.") from error
    if magic != _MAGIC:
        raise ConfigurationError(f"{file} is no GGUF file. Name one in RAG_LLM__MODEL.")


def _model(file: Path, engine: Engine, settings: LLMSettings) -> BaseChatModel:
    from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

    # A proxy for the network must not get what stays in this process.
    clients = {
        "http_client": DefaultHttpxClient(trust_env=False),
        "http_async_client": DefaultAsyncHttpxClient(trust_env=False),
    }
    return openai_model(file.stem, f"{engine.address}/v1", engine.key, settings, **clients)
