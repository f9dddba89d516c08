"""A question asked within a conversation: kept before it is answered, whatever becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from rag.errors import ConversationNotFoundError, PolicyRagError, StorageError
from rag.schema import AnswerEvent, Event

if TYPE_CHECKING:
    from rag.chat.sessions import Conversations

CANCELLED = "cancelled"


def keep(
    conversations: Conversations, conversation_id: str, question: str, answer: Callable[[int], Any]
) -> Iterator[Event]:
    """The events that ``answer`` yields, the last of them once question and answer are kept.

    ``answer`` is given the id of the question's turn and gives a generator of events. When it raises or ends without an
    answer, or when this iterator is closed early, the question stays with a note that says so, and nothing else.
    """
    turn_id = conversations.begin(conversation_id, question)
    answered = False
    try:
        with closing(answer(turn_id)) as events:
            for event in events:
                if isinstance(event, AnswerEvent):
                    conversations.finish(conversation_id, turn_id, event.answer, question=question)
                    answered = True
                yield event
        if not answered:
            conversations.fail(conversation_id, turn_id, CANCELLED, question=question)
    except BaseException as error:
        if not answered:
            # What went wrong first is what is told; the question already bears a note.
            with suppress(StorageError, ConversationNotFoundError):
                conversations.fail(conversation_id, turn_id, _note(error), question=question)
        raise


def _note(error: BaseException) -> str:
    if isinstance(error, GeneratorExit | KeyboardInterrupt):
        return CANCELLED
    return str(error) if isinstance(error, PolicyRagError) else f"failed: {type(error).__name__}"
