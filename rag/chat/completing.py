"""A question as it is searched: checked, and completed from what was said before it where it does not stand alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rag.errors import QuestionError
from rag.retrieval import followup

if TYPE_CHECKING:
    from rag.answer.llm import ChatModel
    from rag.chat.recalling import Summarise
    from rag.chat.sessions import Conversations

_HISTORY_TOKENS = 2000  # of a conversation, for completing a question
History = Sequence[Mapping[str, str]]
ModelInReach = Callable[[], "ChatModel | None"]


def check(question: str, history: History, *, longest: int) -> None:
    """``QuestionError`` when ``question`` is empty or has more than ``longest`` characters, or either is no text."""
    if not question.strip():
        raise QuestionError("the question is empty. Ask something.")
    if len(question) > longest:
        raise QuestionError(
            f"the question has {len(question)} characters, more than {longest}. "
            "Shorten it, or raise RAG_MAX_QUESTION_CHARS."
        )
    # Half of a surrogate pair is what Python makes of a byte in a command line that is no UTF-8.
    if broken := re.search("[\ud800-\udfff]", "".join([question, *(turn.get("content", "") for turn in history)])):
        raise QuestionError(f"the question holds a broken character, {broken[0]!r}. Type it again.")


def complete(question: str, history: History, *, model: ModelInReach, prompt: str) -> str:
    """``question`` without the white space around it and, if it follows up ``history``, with what it leaves unsaid.

    By ``model`` with the prompt of this name, where there is one and what it writes is of use; else by rules.
    """
    question = question.strip()
    return _rewritten(question, history, model, prompt) or followup.complete(question, history)


def recalled(
    mine: Conversations, conversation_id: str, question: str, *, before: int, summarise: Callable[[], Summarise | None]
) -> History:
    """What a question needs of what was said before it: nothing, when it can be understood without.

    ``summarise`` gives what puts older turns in fewer words, where there is a language model for it.
    """
    if followup.stands_alone(question.strip()):
        return ()
    return mine.history(conversation_id, budget=_HISTORY_TOKENS, summarise=summarise(), before=before)


def summarising(model: ModelInReach, prompt: str) -> Summarise | None:
    """What puts turns in fewer words by ``model`` with the prompt of this name; ``None`` without a model."""
    if (found := model()) is None:
        return None
    from rag.answer.prompts import load_prompt
    from rag.chat.summarising import summariser

    return summariser(found, load_prompt(prompt, uses=("history",)))


def _rewritten(question: str, history: History, model: ModelInReach, prompt: str) -> str | None:
    if not history or followup.stands_alone(question) or (found := model()) is None:
        return None
    from rag.answer.prompts import load_prompt
    from rag.chat.rewriting import rewrite

    return rewrite(question, history, found, prompt=load_prompt(prompt, uses=("history", "question")))
