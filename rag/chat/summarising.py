"""The older part of a conversation in fewer words, by a language model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rag.chat.rewriting import transcript
from rag.errors import LLMError

if TYPE_CHECKING:
    from rag.answer.llm import ChatModel
    from rag.answer.prompts import Prompt
    from rag.chat.records import Turn


def summariser(model: ChatModel, prompt: Prompt) -> Callable[[Sequence[Turn]], str]:
    """What makes a summary of turns; an empty one when the model fails, which leaves them for the next time."""

    def summarise(turns: Sequence[Turn]) -> str:
        history = transcript([{"role": turn.role, "content": turn.content} for turn in turns])
        try:
            return model.complete(prompt.render(history=history)).strip()
        except LLMError:
            return ""

    return summarise
