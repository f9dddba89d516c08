"""A LangChain chat model that says what a test has it say, a few characters at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

Reply = str | Callable[[str], str]


class Scripted(BaseChatModel):
    """Replies ``reply`` (or what it makes of the user's message); keeps what it was asked, and whether it was left.

    ``fails_after`` characters it raises a ``ConnectionError``; ``endless``: it repeats its reply for ever.
    """

    reply: Any
    delta: int = 4
    endless: bool = False
    fails_after: int | None = None
    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _left: list[bool] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> list[list[BaseMessage]]:
        return self._asked

    @property
    def left(self) -> list[bool]:
        """For each finished request, whether it was dropped before its end."""
        return self._left

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _text(self, messages: list[BaseMessage]) -> str:
        self._asked.append(messages)
        return str(self.reply(messages[-1].text) if callable(self.reply) else self.reply)

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self._text(messages)))])

    async def _astream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        text = self._text(messages)
        finished = False
        try:
            while True:
                for start in range(0, len(text), self.delta):
                    if self.fails_after is not None and start >= self.fails_after:
                        raise ConnectionError("the line went dead")
                    await asyncio.sleep(0)
                    chunk = AIMessageChunk(text[start : start + self.delta])
                    yield ChatGenerationChunk(message=chunk)
                if not self.endless:
                    break
            finished = True
        finally:
            self._left.append(not finished)
