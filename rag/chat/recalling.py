"""What a new question needs of the conversation before it: its latest turns, the older ones in a summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select

from rag.chat.database import Database
from rag.chat.memory import cut, newest
from rag.chat.records import Turn
from rag.chat.rows import ORDER, exchange_id, storable, turn_of
from rag.chat.tables import conversations, turns

Summarise = Callable[[Sequence[Turn]], str]
_SHARE = 4  # a summary takes at most a quarter of the budget


def recall(database: Database, conversation_id: str, *, before: int | None) -> tuple[list[Turn], list[Turn]]:
    """The summary, if there is one, and the turns after it, up to the question with the id ``before``."""
    here = turns.c.conversation_id == conversation_id
    columns = [column for column in turns.columns if column.name not in ("answer", "content_key")]
    with database.transaction() as connection:
        query = select(conversations.c.summary, conversations.c.summary_until)
        summary, until = connection.execute(query.where(conversations.c.id == conversation_id)).one()
        wanted = [here, exchange_id > until, *([] if before is None else [exchange_id < before])]
        rows = connection.execute(select(*columns).where(*wanted).order_by(*ORDER)).all()
    return [Turn(until, "system", summary, "")] if summary else [], [turn_of(row) for row in rows]


def shorten(
    database: Database,
    conversation_id: str,
    told: list[Turn],
    recent: list[Turn],
    *,
    budget: int,
    summarise: Summarise | None,
) -> tuple[list[Turn], list[Turn]]:
    """Summary and turns within ``budget`` tokens, with a new summary that is kept, where something can make one."""
    share = budget // _SHARE
    # Half of the budget stays free, so that the next questions need no new summary.
    kept = newest(recent, budget // 2)
    older = recent[: len(recent) - len(kept)]
    if summarise and older and (text := cut(storable(summarise([*told, *older])).strip(), share)):
        until = max(turn.id for turn in older if turn.role == "user")
        _keep(database, conversation_id, text, until)
        return [Turn(until, "system", text, "")], kept
    told = [Turn(turn.id, "system", cut(turn.content, share), "") for turn in told]
    return told, newest(recent, budget - share if told else budget)


def _keep(database: Database, conversation_id: str, summary: str, until: int) -> None:
    here = conversations.c.id == conversation_id
    # Another process may have come further meanwhile.
    earlier = conversations.c.summary_until < until
    with database.transaction() as connection:
        connection.execute(conversations.update().where(here, earlier).values(summary=summary, summary_until=until))
