"""From settings to a chat model of LangChain's: which package, which arguments, whose key."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from rag.answer.llm_errors import Endpoint
from rag.errors import ConfigurationError, LLMKeyError, MissingDependencyError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from rag.answer.llm import Counter
    from rag.settings import LLMSettings

_NO_KEY = "none"  # servers without keys want the header all the same
_INSTALL = 'pip install "policy-rag[{extra}]"'


@dataclass(frozen=True, slots=True)
class _Provider:
    """``extra`` installs its package; ``variable`` is where its users keep the key, empty when it has none."""

    extra: str
    variable: str


_PROVIDERS = {
    "openai": _Provider("openai", "OPENAI_API_KEY"),
    "anthropic": _Provider("anthropic", "ANTHROPIC_API_KEY"),
    "deepseek": _Provider("deepseek", "DEEPSEEK_API_KEY"),
    "ollama": _Provider("ollama", ""),
}


def connect(settings: LLMSettings) -> tuple[BaseChatModel, Endpoint, Counter | None]:
    """The model, what its errors call it, and its own way of counting tokens, if it has one."""
    if settings.model is None:
        raise ConfigurationError("no language model is set. Set RAG_LLM__MODEL, as in openai:NAME or ollama:NAME.")
    provider, _, name = settings.model.partition(":")
    if provider == "gguf" or settings.model.endswith(".gguf"):
        from rag.answer.local_llm import load_gguf

        return load_gguf(name if provider == "gguf" else settings.model, settings)
    if settings.base_url and provider in {"openai", *(_without(settings.model))}:
        return _compatible(name if provider == "openai" else settings.model, settings)
    if not name:
        raise ConfigurationError(
            f"setting llm.model = {settings.model!r} names no provider. Write openai:{settings.model}, or another "
            "provider before the colon, or set RAG_LLM__BASE_URL for a server of your own."
        )
    return _hosted(provider, name, settings)


def openai_model(name: str, base_url: str | None, key: str, settings: LLMSettings, **more: Any) -> BaseChatModel:
    """A model behind OpenAI's protocol, at ``base_url``."""
    try:
        from langchain_openai import ChatOpenAI
    except ImportError as error:
        raise MissingDependencyError(_missing("langchain-openai", "openai")) from error
    arguments = _common(settings)
    if base_url:
        # LangChain sends OpenAI's newer name for it, which other servers do not know and pass over.
        arguments["extra_body"] = {"max_tokens": arguments.pop("max_tokens")}
    return ChatOpenAI(
        model=name,
        base_url=base_url,
        api_key=SecretStr(key),
        use_responses_api=False,
        stream_chunk_timeout=None,
        **arguments,
        **more,
    )


def _without(model: str) -> set[str]:
    """The part before the colon where it is no provider of ours: ``qwen3:8b`` is a name with a tag."""
    prefix = model.partition(":")[0]
    return set() if prefix in _PROVIDERS else {prefix}


def _compatible(name: str, settings: LLMSettings) -> tuple[BaseChatModel, Endpoint, None]:
    # Not OPENAI_API_KEY: that one is for OpenAI, and this server is somebody else's.
    key = _key(settings, variable="") or _NO_KEY
    endpoint = _endpoint(settings, key, "RAG_LLM__API_KEY")
    return openai_model(name, settings.base_url, key, settings), endpoint, None


def _hosted(provider: str, name: str, settings: LLMSettings) -> tuple[BaseChatModel, Endpoint, None]:
    known = _PROVIDERS.get(provider)
    variable = known.variable if known else ""
    key = _key(settings, variable)
    if variable and not key:
        raise LLMKeyError(
            f"{settings.model}: no key. Set {variable}, RAG_LLM__API_KEY, or RAG_LLM__API_KEY_FILE to a file with it."
        )
    endpoint = _endpoint(settings, key, " or ".join(filter(None, (variable, "RAG_LLM__API_KEY"))))
    if provider == "openai":
        return openai_model(name, None, key, settings), endpoint, None
    arguments = _ollama(settings) if provider == "ollama" else _common(settings)
    arguments |= {"base_url": settings.base_url} if settings.base_url else {}
    arguments |= {"api_key": key} if key and provider != "ollama" else {}
    return _initialised(provider, name, arguments), endpoint, None


def _initialised(provider: str, name: str, arguments: dict[str, Any]) -> BaseChatModel:
    try:
        from langchain.chat_models import init_chat_model

        model: BaseChatModel = init_chat_model(name, model_provider=provider, **arguments)
    except ImportError as error:
        package = re.search(r"langchain[-\w]+", str(error).replace("_", "-"))
        extra = _PROVIDERS[provider].extra if provider in _PROVIDERS else None
        raise MissingDependencyError(_missing(package[0] if package else f"langchain-{provider}", extra)) from error
    except ValueError as error:
        # Its text may repeat the arguments, and so the key.
        raise ConfigurationError(
            f"setting llm.model: LangChain makes no model of {provider}:{name} ({type(error).__name__}). Known here: "
            f"{', '.join(sorted(_PROVIDERS))}; others as LangChain's init_chat_model names them."
        ) from None
    return model


def _common(settings: LLMSettings) -> dict[str, Any]:
    return {
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
        "timeout": settings.timeout_s,
        "max_retries": 0,  # ours are counted, and told apart by cause
    }


def _ollama(settings: LLMSettings) -> dict[str, Any]:
    return {
        "temperature": settings.temperature,
        "num_predict": settings.max_tokens,
        "num_ctx": settings.context_tokens + settings.max_tokens,  # its default is short, and it cuts without a word
        "client_kwargs": {"timeout": settings.timeout_s},
    }


def _key(settings: LLMSettings, variable: str) -> str:
    """The key, empty where there is none: that of the settings, of their file, or of the provider's variable."""
    if settings.api_key is not None:
        return settings.api_key.get_secret_value().strip()
    if settings.api_key_file is None:
        return os.environ.get(variable, "").strip() if variable else ""
    path = settings.api_key_file.expanduser()
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LLMKeyError(
            f"cannot read the key in {path}: {type(error).__name__}. Mend RAG_LLM__API_KEY_FILE."
        ) from None
    if not key or len(key.split()) > 1:
        raise LLMKeyError(f"{path} holds no key, or more than one. Put the key alone into it.")
    return key


def _endpoint(settings: LLMSettings, key: str, key_setting: str) -> Endpoint:
    shown = "" if key == _NO_KEY else key
    return Endpoint(
        settings.model or "",
        address=settings.base_url,
        key=shown,
        key_setting=key_setting,
        timeout_s=settings.timeout_s,
    )


def _missing(package: str, extra: str | None) -> str:
    install = _INSTALL.format(extra=extra) if extra else f"pip install {package}"
    return f"the model needs the package {package}, which is not installed. Run: {install}"
