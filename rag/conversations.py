"""The ``rag conversations …`` commands: what was asked with ``rag chat``, to find again, name, export and delete."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rag import terminal
from rag.errors import ConversationError
from rag.options import AsJson
from rag.reporting import print_json, reported

app = typer.Typer(
    help="List, show, rename, delete, search and export conversations, and what was thought of the answers.",
    no_args_is_help=True,
)
Which = Annotated[str, typer.Argument(metavar="ID", help="An id, the beginning of one, or `last`.", show_default=False)]


@app.command("list")
def listing(
    context: typer.Context,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """List the conversations, the latest first."""
    with reported(context, as_json) as shell:
        found = shell.open().conversations.recent(limit=limit)
        print_json(found) if as_json else terminal.conversations(found)


@app.command()
def show(context: typer.Context, which: Which, as_json: AsJson = False) -> None:
    """Show what was said, with the sources."""
    with reported(context, as_json) as shell:
        mine = shell.open().conversations
        conversation = mine.resolve(which)
        turns = mine.turns(conversation.id)
        if as_json:
            print_json({"conversation": conversation, "turns": turns})
        else:
            terminal.conversation(conversation, turns)


@app.command()
def rename(
    context: typer.Context,
    which: Which,
    title: Annotated[str, typer.Argument(help="The new title.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Give a conversation another title."""
    with reported(context, as_json) as shell:
        mine = shell.open().conversations
        renamed = mine.rename(mine.resolve(which).id, title)
        print_json(renamed) if as_json else terminal.conversations([renamed])


@app.command()
def delete(context: typer.Context, which: Which, as_json: AsJson = False) -> None:
    """Forget a conversation and all that was said in it."""
    with reported(context, as_json) as shell:
        mine = shell.open().conversations
        conversation = mine.resolve(which)
        mine.delete(conversation.id)
        if as_json:
            print_json({"deleted": conversation.id})
        else:
            print(terminal.printable(f"deleted {conversation.id}  {conversation.title}"))


@app.command()
def search(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="Words, in either script.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Find the conversations in which all these words were said."""
    with reported(context, as_json) as shell:
        found = shell.open().conversations.search(words)
        print_json(found) if as_json else terminal.matches(found)


@app.command()
def export(
    context: typer.Context,
    which: Which,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file, not to stdout.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Export as Markdown, or as JSON, with every citation in full."""
    with reported(context, as_json) as shell:
        bot = shell.open()
        text = bot.export(bot.conversations.resolve(which).id, markdown=not as_json)
        if out is None:
            print(text.removesuffix("\n"))
            return
        _write(out, text.removesuffix("\n") + "\n", as_json=as_json)


@app.command()
def feedback(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file, not to stdout.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Export the answers that anybody rated as cases for `rag-eval run`, one JSON object a line."""
    from rag.chat.cases import json_lines

    with reported(context, as_json) as shell:
        cases = shell.open().rated_cases(everyone=True)
        if out is not None:
            _write(out, json_lines(cases), as_json=as_json)
        elif as_json:
            print_json(cases)
        else:
            print(json_lines(cases), end="")
            if not cases:
                print("No answer has been rated yet.", file=sys.stderr)


def _write(out: Path, text: str, *, as_json: bool) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConversationError(f"cannot write {out}: {error}. Name another file with --out.") from error
    print_json({"written": str(out)}) if as_json else print(terminal.printable(f"written {out}"))
