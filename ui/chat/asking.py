"""An answer as it is written: messages for the browser, the last one with what was stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from rag.chat.completing import check
from rag.errors import PolicyRagError
from rag.schema import Event, Filter, HitsEvent, TextEvent
from ui.calls import Arguments, BadCallError, Visit, number, text, texts
from ui.chat import render
from ui.chat.stored import turns_of
from ui.chat.waiting import awaited

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

logger = logging.getLogger(__name__)

LONGEST_QUESTION = 20_000
_SILENCE_S = 0.25  # how soon somebody who leaves a silent model is noticed
Message = dict[str, object]


def ask(visit: Visit, arguments: Arguments) -> Iterator[Message]:
    """Messages ``{"state": "writing" | "done" | "failed", "html": the turn, "conversation": id}``.

    ``arguments``: ``question``, ``conversation`` (empty for a new one), ``instead_of`` (a question's turn, which is
    forgotten with all behind it) and ``options`` (``k``, ``strictness``, ``where``).
    """
    question, conversation = "", ""
    try:
        question = text(arguments, "question", longest=LONGEST_QUESTION)
        bot, where = _configured(visit, arguments.get("options"))
        yield _message("writing", conversation, render.Turn(question, render.Writing()), visit)
        check(question, (), longest=bot.settings.max_question_chars)  # before anything makes way for it
        mine = bot.conversations.of(visit.owner)
        conversation = text(arguments, "conversation") or mine.create().id
        if arguments.get("instead_of") is not None:
            mine.cut(conversation, number(arguments, "instead_of"))
        with closing(_events(bot, visit, conversation, question, where)) as writing:
            for outcome in writing:
                yield _message("writing", conversation, render.Turn(question, outcome), visit)
        last = turns_of(mine.turns(conversation), visit.language)[-1]
        yield _message("done", conversation, last, visit)
        return
    except PolicyRagError as error:
        failure = render.Failure(str(error))
    except Exception as error:  # a shell: the page must outlive whatever one question does
        logger.exception("a question in the web UI failed")
        failure = render.Failure(f"{type(error).__name__}: {error}")
    yield _message("failed", conversation, render.Turn(question, failure), visit)


def _events(
    bot: Chatbot, visit: Visit, conversation: str, question: str, where: Filter
) -> Generator[render.Writing, None, None]:
    """What can be seen of the answer after each event; the same again while nothing comes, so that it can be left."""
    written, found = "", None

    def answering(left: Callable[[], bool]) -> Generator[Event, None, None]:
        events = bot.converse(conversation, question, where=where, owner=visit.owner, cancelled=left)
        return cast("Generator[Event, None, None]", events)

    with closing(awaited(answering, every_s=_SILENCE_S)) as events:
        for event in events:
            if isinstance(event, HitsEvent):
                found = len(event.hits)
            elif isinstance(event, TextEvent):
                written += event.text
            elif event is not None:
                continue
            yield render.Writing(written, found)


def _message(state: str, conversation: str, turn: render.Turn, visit: Visit) -> Message:
    return {"state": state, "conversation": conversation, "html": render.turn(turn, visit.language)}


def _configured(visit: Visit, options: object) -> tuple[Chatbot, Filter]:
    """The chatbot and the filter that the visitor's settings ask for."""
    if options is None:
        return visit.bot, Filter()
    if not isinstance(options, Mapping):
        raise BadCallError("options must be an object. Reload the page.")
    changes: dict[str, Any] = {name: options[name] for name in ("k", "strictness") if options.get(name) is not None}
    bot = visit.bot.configured(**changes) if changes else visit.bot
    return bot, filter_of(options.get("where"))


def filter_of(where: object) -> Filter:
    """The filter that the visitor's settings hold; empty fields count as not given."""
    if where is None:
        return Filter()
    if not isinstance(where, Mapping):
        raise BadCallError("where must be an object. Reload the page.")
    fields = ("issuer", "region", "number", "since", "until", "as_of")
    given = {name: text(where, name) for name in fields if where.get(name)}
    return Filter(sources=tuple(texts(where, "sources")) if where.get("sources") else (), **given)
