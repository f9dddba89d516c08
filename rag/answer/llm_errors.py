"""What went wrong at a provider, in our words: one error a cause, with the next step and never with the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from rag.errors import (
    LLMConnectionError,
    LLMContextError,
    LLMError,
    LLMFilteredError,
    LLMKeyError,
    LLMNotFoundError,
    LLMRateLimitError,
    LLMRequestError,
    LLMServerError,
    LLMTimeoutError,
)

RETRIED = (LLMRateLimitError, LLMConnectionError, LLMServerError)
"""What may be gone at the next attempt. A silence of ``timeout_s`` is not: the user has waited long enough."""

_SDK = frozenset({"openai", "anthropic", "ollama", "httpx", "httpx2", "httpcore", "httpcore2"})
_GARBLED = (ValueError, TypeError, LookupError, AttributeError)  # what parsing an answer of another shape ends in
_CONTEXT = re.compile(
    r"context.?(length|size|window)|prompt is too long|too many (input )?tokens|maximum.{0,20}tokens", re.IGNORECASE
)
_FILTER = re.compile(
    r"content_filter|content_policy|content management policy|data_inspection|sensitive", re.IGNORECASE
)
_NO_CREDIT = re.compile(r"insufficient_quota|insufficient balance|exceeded your current quota", re.IGNORECASE)
_LOOKS_LIKE_KEY = re.compile(r"\b(sk|pk|key|Bearer)[-_ ][\w*.-]{6,}", re.IGNORECASE)
_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is, as its errors call it. ``address`` and ``key`` may hold secrets: neither is in the repr."""

    name: str
    address: str | None = field(default=None, repr=False)
    key: str = field(default="", repr=False)
    key_setting: str = "RAG_LLM__API_KEY"
    timeout_s: float = 60

    @property
    def place(self) -> str:
        """The server for a message, without the password that an address may hold."""
        if not self.address:
            return "the provider"
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def clean(self, text: str) -> str:
        """``text`` of the server's, short and without the key or anything that looks like one."""
        text = text.replace(self.key, "…") if self.key else text
        text = _LOOKS_LIKE_KEY.sub("…", " ".join(text.split()))
        return text if len(text) <= _DETAIL else f"{text[:_DETAIL]}…"


class Told:
    """Inside, whatever a provider's package raises leaves as an ``LLMError``; other errors pass.

    The original is left out of the traceback, since servers echo keys.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and _foreign(error):
            raise explain(error, self._endpoint) from None


def explain(error: Exception, endpoint: Endpoint) -> LLMError:
    """The cause of ``error``, which a provider's package raised."""
    status = _status(error)
    names = {cls.__name__ for cls in type(error).__mro__}
    detail = endpoint.clean(_detail(error))
    if status is None and any("Timeout" in name for name in names):
        status = 408
    elif status is None and ("ContextOverflowError" in names or _CONTEXT.search(detail)):
        status = 413
    elif status is None and (isinstance(error, OSError) or names & {"APIConnectionError", "TransportError"}):
        return LLMConnectionError(
            f"{endpoint.name}: cannot reach {endpoint.place}, or it hung up. Is the server running? "
            "Check RAG_LLM__BASE_URL and the network."
        )
    if status is None:
        return LLMServerError(
            f"{endpoint.name}: {endpoint.place} sent no chat answer ({type(error).__name__}: {detail}). "
            "Check that RAG_LLM__BASE_URL is the address of an OpenAI-compatible server."
        )
    return _by_status(status, detail, endpoint, retry_after_s=_retry_after(error))


def _by_status(status: int, detail: str, endpoint: Endpoint, *, retry_after_s: float | None) -> LLMError:
    name, place = endpoint.name, endpoint.place
    if status in (400, 413, 422) and (status == 413 or _CONTEXT.search(detail)):
        return LLMContextError(
            f"{name}: question and passages are longer than the model can read ({detail}). Lower "
            "RAG_LLM__CONTEXT_TOKENS, or use a model that reads more."
        )
    if status in (400, 403, 422) and _FILTER.search(detail):
        return LLMFilteredError(
            f"{name}: the provider withheld the answer ({detail}). Ask in other words, or use another model."
        )
    if status in (401, 403):
        what = "does not accept the key" if status == 401 else "does not let this key use the model"
        return LLMKeyError(f"{name}: {place} {what} ({status}). Set {endpoint.key_setting} to one that may.")
    if status == 404:
        return LLMNotFoundError(
            f"{name}: {place} knows no such model (404). Check RAG_LLM__MODEL"
            f"{', and that RAG_LLM__BASE_URL has its /v1' if endpoint.address else ''}."
        )
    if status == 408:
        return LLMTimeoutError(
            f"{name}: no word from {place} for {endpoint.timeout_s:g} s. Raise RAG_LLM__TIMEOUT_S, or ask again later."
        )
    if status in (402, 429):
        return _rate_limit(status, detail, endpoint, retry_after_s)
    if status >= 500:
        return LLMServerError(f"{name}: {place} failed ({status}: {detail}). Ask again later.")
    return LLMRequestError(f"{name}: {place} does not accept the request ({status}: {detail}). Check RAG_LLM__MODEL.")


def _rate_limit(status: int, detail: str, endpoint: Endpoint, retry_after_s: float | None) -> LLMError:
    if status == 402 or _NO_CREDIT.search(detail):
        return LLMRequestError(f"{endpoint.name}: no credit left at {endpoint.place} ({status}). Top up the account.")
    error = LLMRateLimitError(
        f"{endpoint.name}: too many requests for {endpoint.place} (429). Ask again in a minute, or raise your limit."
    )
    error.retry_after_s = retry_after_s
    return error


def _foreign(error: Exception) -> bool:
    """Whether a provider's package raised ``error``, or LangChain or Python under it."""
    return isinstance(error, (OSError, *_GARBLED)) or any(
        cls.__module__.partition(".")[0] in _SDK or cls.__module__ == "langchain_core.exceptions"
        for cls in type(error).__mro__
    )


def _status(error: Exception) -> int | None:
    """HTTP status, or the one that an error in the middle of a stream tells; ``None`` where there is none."""
    body = getattr(error, "body", None)
    told = body.get("code") if isinstance(body, Mapping) else None
    for status in (getattr(error, "status_code", None), told):
        if isinstance(status, int) and 400 <= status < 600:
            return status
    return None


def _detail(error: Exception) -> str:
    """What the server said about it."""
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        inner = body.get("error")
        body = inner if isinstance(inner, Mapping) else body
        said = [str(body[key]) for key in ("code", "message") if body.get(key)]
        if said:
            return ": ".join(said)
    return str(getattr(error, "message", "") or error)


def _retry_after(error: Exception) -> float | None:
    """Seconds that the server asks to wait, from its ``Retry-After`` header."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    value = headers.get("retry-after", "")
    return float(value) if re.fullmatch(r"\d{1,4}(\.\d+)?", value) else None
