"""What the source reader asks of the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast, get_args

from rag.corpus.script import to_simplified, to_traditional
from ui.calls import Arguments, BadCallError, Handler, Visit, flag, number, text
from ui.reader import render
from ui.reader.blocks import Script
from ui.reader.reading import Reading, at_place, of_citation
from ui.reader.words import WORDS

if TYPE_CHECKING:
    pass


def _open(visit: Visit, arguments: Arguments) -> object:
    """The panel with a citation (``conversation``, ``turn``, ``number``) or a place (``source``, ``start``, ``end``).

    Of a document too long to be sent as a whole it has the part around the character ``around``, where that is given.
    """
    around = number(arguments, "around") if "around" in arguments else None
    return render.page(_reading(visit, arguments), visit.language, script=_script(arguments), around=around)


def _more(visit: Visit, arguments: Arguments) -> object:
    """What comes before or after the character ``edge`` of the same document."""
    reading = _reading(visit, arguments)
    return render.more(reading, _script(arguments), number(arguments, "edge"), before=flag(arguments, "before"))


def _forms(_: Visit, arguments: Arguments) -> object:
    """The ways in which ``words`` may stand in a text of either script."""
    words = text(arguments, "words", longest=200)
    return sorted({words, to_simplified(words), to_traditional(words)})


def _reading(visit: Visit, arguments: Arguments) -> Reading:
    if "source" in arguments:
        document = visit.bot.document(text(arguments, "source"))
        return at_place(document, number(arguments, "start"), number(arguments, "end"))
    wanted, cited = number(arguments, "turn"), number(arguments, "number")
    for turn in visit.bot.conversations.of(visit.owner).turns(text(arguments, "conversation")):
        if turn.id == wanted and turn.answer is not None:
            for citation in turn.answer.citations:
                if citation.number == cited:
                    return of_citation(turn.answer, citation, visit.bot.document)
    raise BadCallError(WORDS[visit.language].no_answer)


def _script(arguments: Arguments) -> Script:
    script = arguments.get("script", "original")
    if script not in get_args(Script):
        raise BadCallError(f"script must be one of {', '.join(get_args(Script))}. Reload the page.")
    return cast("Script", script)


HANDLERS: Mapping[str, Handler] = {"reader.open": _open, "reader.more": _more, "reader.forms": _forms}
