"""What the chat asks of the server, beside the answers themselves."""

from __future__ import annotations

from collections.abc import Mapping

from rag.chat.conversing import CANCELLED
from rag.chat.sessions import UNANSWERED
from rag.schema import Answer
from ui.calls import Arguments, BadCallError, Handler, Visit, number, text
from ui.chat import render, why
from ui.chat.asking import filter_of
from ui.chat.limits import limits
from ui.chat.stored import turns_of
from ui.chat.words import WORDS

_EXAMPLES = 4
_INSTEAD = 3


def _view(visit: Visit, _: Arguments) -> object:
    return render.view(visit.language)


def _welcome(visit: Visit, _: Arguments) -> object:
    documents = visit.bot.documents()
    examples = visit.bot.examples(_EXAMPLES) if documents else []
    return render.welcome(documents, examples, visit.language, admin=visit.admin)


def _open(visit: Visit, arguments: Arguments) -> object:
    mine = visit.bot.conversations.of(visit.owner)
    conversation = mine.get(text(arguments, "conversation"))
    said = turns_of(mine.turns(conversation.id), visit.language)
    return {"html": render.turns(said, visit.language), "title": conversation.title}


def _stop(visit: Visit, arguments: Arguments) -> object:
    """Note that the visitor did not wait for the answer, whether or not a language model has stopped by now."""
    mine, known = visit.bot.conversations.of(visit.owner), text(arguments, "conversation")
    last = mine.turns(known)[-1:]
    for asked in last:
        if asked.role == "user" and asked.note == UNANSWERED:
            mine.fail(known, asked.id, CANCELLED, question=asked.content)
    return True


def _why(visit: Visit, arguments: Arguments) -> object:
    return why.panel(_answer(visit, arguments), WORDS[visit.language])


def _instead(visit: Visit, arguments: Arguments) -> object:
    """Questions that the documents nearest to a refused one do answer."""
    question = _answer(visit, arguments).question
    offered = visit.bot.examples(_INSTEAD, around=question)
    return render.suggested(offered, WORDS[visit.language].instead)


def _rate(visit: Visit, arguments: Arguments) -> object:
    rating, comment = arguments.get("rating"), text(arguments, "comment")
    if rating not in ("up", "down", None):
        raise BadCallError("rating must be up, down or null. Reload the page.")
    mine = visit.bot.conversations.of(visit.owner)
    mine.rate(text(arguments, "conversation"), number(arguments, "turn"), rating, comment)
    return WORDS[visit.language].thanks


def _limits(visit: Visit, arguments: Arguments) -> object:
    return limits(filter_of(arguments.get("where")), WORDS[visit.language])


def _answer(visit: Visit, arguments: Arguments) -> Answer:
    """The stored answer with the turn ``turn`` of the visitor's conversation ``conversation``."""
    wanted = number(arguments, "turn")
    for turn in visit.bot.conversations.of(visit.owner).turns(text(arguments, "conversation")):
        if turn.id == wanted and turn.answer is not None:
            return turn.answer
    raise BadCallError(f"there is no answer {wanted} in this conversation. Reload the page.")


HANDLERS: Mapping[str, Handler] = {
    "chat.view": _view,
    "chat.welcome": _welcome,
    "chat.open": _open,
    "chat.stop": _stop,
    "chat.why": _why,
    "chat.instead": _instead,
    "chat.rate": _rate,
    "chat.limits": _limits,
}
