"""The ``rag user …`` commands: who may sign in to the web UI. A password is never an argument."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import UserError
from rag.options import AsJson
from rag.reporting import Globals, print_json, reported
from rag.terminal import printable, when

if TYPE_CHECKING:
    from rag.users import User, Users

app = typer.Typer(help="Add, list and remove who may sign in to the web UI.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name to sign in with.", show_default=False)]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin, one line, also on a terminal.")
]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="May change the library and the settings.")] = False,
    password_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Add an account; from the first one on, everyone signs in."""
    with reported(context, as_json) as shell:
        user = _users(shell).add(name, _password(name, from_stdin=password_stdin), admin=admin)
        print_json(user) if as_json else _told("added", user)


@app.command("list")
def listing(context: typer.Context, as_json: AsJson = False) -> None:
    """List the accounts."""
    with reported(context, as_json) as shell:
        found = _users(shell).list()
        if as_json:
            print_json(found)
            return
        for user in found:
            _told("", user)
        if not found:
            print("No accounts: the web UI serves this computer alone, without sign-in. `rag user add NAME` adds one.")


@app.command()
def passwd(context: typer.Context, name: Name, password_stdin: FromStdin = False, as_json: AsJson = False) -> None:
    """Give an account another password; whoever is signed in with it has to sign in again."""
    with reported(context, as_json) as shell:
        user = _users(shell).set_password(name, _password(name, from_stdin=password_stdin))
        print_json(user) if as_json else _told("changed", user)


@app.command()
def remove(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Remove an account; its conversations stay."""
    with reported(context, as_json) as shell:
        user = _users(shell).remove(name)
        print_json({"removed": user.name}) if as_json else _told("removed", user)


def _users(shell: Globals) -> Users:
    from rag.users import Users

    return Users(shell.open().settings.state)


def _password(name: str, *, from_stdin: bool) -> str:
    """A password: typed twice and not shown on a terminal, else the first line of stdin."""
    if from_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        typed = getpass.getpass(f"Password for {printable(name)}: ")
        again = getpass.getpass("The same again: ")
    except EOFError:
        raise UserError("no password was typed. Nothing was changed; try again.") from None
    if typed != again:
        raise UserError("the two passwords differ. Nothing was changed; try again.")
    return typed


def _told(done: str, user: User) -> None:
    print(printable(f"{done} {user.name}  {user.role}  since {when(user.created)}".strip()))
