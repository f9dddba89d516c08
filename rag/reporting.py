"""What every command does alike: open the chatbot, print JSON, turn an error into a message and an exit code."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from rag import terminal
from rag.errors import PolicyRagError
from rag.plain import plain

if TYPE_CHECKING:
    from rag.chatbot import Chatbot


@dataclasses.dataclass(frozen=True, slots=True)
class Globals:
    """The flags before the command."""

    config: Path | None
    home: Path | None
    debug: bool

    def open(self, **overrides: Any) -> Chatbot:
        """A chatbot with the settings of the environment, the file and the flags."""
        from rag.chatbot import Chatbot
        from rag.settings import Settings

        return Chatbot.open(Settings.load(self.config, home=self.home, **overrides))


@contextmanager
def reported(context: typer.Context, as_json: bool) -> Iterator[Globals]:
    """Turn whatever goes wrong inside into one message and an exit code."""
    shell: Globals = context.obj
    try:
        yield shell
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise typer.Exit(130) from None
    except (typer.Exit, BrokenPipeError):
        raise
    except Exception as error:  # a shell: the last place where an error can still be told in words
        if shell.debug:
            raise
        known = isinstance(error, PolicyRagError)
        if as_json:
            print_json(error)
        elif known:
            print(terminal.printable(f"error: {error}"), file=sys.stderr)
        else:
            told = terminal.printable(f"error: {type(error).__name__}: {error}")
            print(f"{told}\n`rag --debug …` shows where it happened.", file=sys.stderr)
        raise typer.Exit(1) from None


def print_json(value: Any) -> None:
    """Print ``value``, one of ours or plain, as one JSON document."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=2))


def print_line(value: Any) -> None:
    """Print ``value`` as a JSON document on a line of its own, at once."""
    print(json.dumps(plain(value), ensure_ascii=False), flush=True)
