"""What the list of conversations asks of the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ui.calls import Arguments, Handler, Visit, text
from ui.conversations import render

_LISTED = 300


def _side(visit: Visit, _: Arguments) -> object:
    return render.side(visit.language)


def _list(visit: Visit, arguments: Arguments) -> object:
    """Those that hold the words of ``find``, or the latest of all."""
    mine = visit.bot.conversations.of(visit.owner)
    words = text(arguments, "find", longest=200) if "find" in arguments else ""
    if words.strip():
        return render.found(mine.search(words), visit.language)
    return render.listed(mine.recent(limit=_LISTED), datetime.now(UTC).astimezone().date(), visit.language)


def _rename(visit: Visit, arguments: Arguments) -> object:
    mine = visit.bot.conversations.of(visit.owner)
    return mine.rename(text(arguments, "conversation"), text(arguments, "title")).title


def _delete(visit: Visit, arguments: Arguments) -> object:
    visit.bot.conversations.of(visit.owner).delete(text(arguments, "conversation"))
    return True


HANDLERS: Mapping[str, Handler] = {
    "conversations.side": _side,
    "conversations.list": _list,
    "conversations.rename": _rename,
    "conversations.delete": _delete,
}
