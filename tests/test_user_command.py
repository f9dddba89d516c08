from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rag.cli import app
from rag.users import Users

PASSWORD = "correct horse"
Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["--home", str(home), "user", *arguments], input=typed)

    return invoke


def test_add_list_and_remove(run: Run, home: Path) -> None:
    assert run("list").stdout == (
        "No accounts: the web UI serves this computer alone, without sign-in. `rag user add NAME` adds one.\n"
    )
    added = run("add", "Ann", "--admin", typed=f"{PASSWORD}\n")
    assert (added.exit_code, added.stderr) == (0, "")
    assert added.stdout.startswith("added ann  admin  since ")
    assert run("add", "bob", "--password-stdin", typed=f"{PASSWORD}\r\n").exit_code == 0
    assert [line.split()[:2] for line in run("list").stdout.splitlines()] == [["ann", "admin"], ["bob", "user"]]
    users = Users(home)
    assert [users.verify(name, PASSWORD) for name in ("ann", "bob")] == list(users.list())
    assert run("remove", "ann").stdout.startswith("removed ann  admin  since ")
    assert [user.name for user in users.list()] == ["bob"]


def test_the_same_as_json(run: Run, home: Path) -> None:
    assert json.loads(run("list", "--json").stdout) == []
    added = json.loads(run("add", "ann", "--json", typed=PASSWORD).stdout)
    assert added == {"name": "ann", "role": "user", "created": Users(home).list()[0].created}
    assert json.loads(run("list", "--json").stdout) == [added]
    assert json.loads(run("passwd", "ann", "--json", typed="battery staple").stdout) == added
    assert json.loads(run("remove", "ann", "--json").stdout) == {"removed": "ann"}


def test_another_password(run: Run, home: Path) -> None:
    run("add", "ann", typed=PASSWORD)
    changed = run("passwd", "ann", typed="battery staple\nsecond line")
    assert (changed.exit_code, changed.stdout[:12]) == (0, "changed ann ")
    users = Users(home)
    assert (users.verify("ann", PASSWORD), users.verify("ann", "battery staple")) == (None, users.get("ann"))


@pytest.mark.parametrize(
    ("arguments", "typed", "message"),
    [
        (["add", "ann"], "short", "a password has at least 8 characters, this one 5. Choose a longer one."),
        (["add", "ann"], "", "a password has at least 8 characters, this one 0. Choose a longer one."),
        (["remove", "ann"], "", "there is no user 'ann'. `rag user list` names them."),
        (["passwd", "ann"], PASSWORD, "there is no user 'ann'. `rag user list` names them."),
    ],
)
def test_what_cannot_be_done(run: Run, arguments: list[str], typed: str, message: str) -> None:
    result = run(*arguments, typed=typed)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"error: {message}\n")
    told = run(*arguments, "--json", typed=typed)
    assert (told.exit_code, json.loads(told.stdout)) == (1, {"error": {"type": "UserError", "message": message}})


def test_a_password_is_no_argument(run: Run) -> None:
    assert [run("add", "ann", PASSWORD).exit_code, run("add", "ann", "--password", PASSWORD).exit_code] == [2, 2]


def on_a_terminal(environment: dict[str, str], *arguments: str, lines: list[str]) -> tuple[int, str, str]:
    """Exit code, output and what the terminal showed, of a command at which ``lines`` are typed."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "rag.cli", "user", *arguments],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=environment,
            start_new_session=True,  # without a terminal of its own, so that ours is asked
        )
        os.close(theirs)
        shown = b""
        for line in lines:
            while not shown.endswith(b": "):
                shown += terminal.read(1)
            terminal.write(f"{line}\n".encode())
            shown += terminal.read(1)
        output, _ = process.communicate()
        while (more := _read(terminal)) is not None:
            shown += more
    return process.returncode, output.decode(), shown.decode()


def _read(terminal: Any) -> bytes | None:
    try:
        return terminal.read(1) or None
    except OSError:  # Linux says so when the other end is closed
        return None


def test_on_a_terminal_it_is_typed_twice_and_not_shown(command_environment: dict[str, str]) -> None:
    users = Users(Path(command_environment["RAG_HOME"]))
    code, output, shown = on_a_terminal(command_environment, "add", "ann", lines=[PASSWORD, PASSWORD])
    assert (code, output[:10]) == (0, "added ann ")
    assert shown.splitlines() == ["Password for ann: ", "The same again: "]
    assert users.verify("ann", PASSWORD) == users.get("ann") is not None
    code, output, shown = on_a_terminal(command_environment, "passwd", "ann", lines=[PASSWORD, "correct house"])
    assert (code, output) == (1, "")
    assert shown.splitlines()[-1] == "error: the two passwords differ. Nothing was changed; try again."
