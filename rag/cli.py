"""The ``rag`` command. Exit codes: 0 done (a refusal too), 1 an error or a failed file or check, 2 usage, 130 Ctrl-C.

With ``--json`` stdout is exactly one JSON document: the value the method of ``Chatbot`` returns, or
``{"error": {"type": …, "message": …}}``. Everything meant for eyes goes to stderr then.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag import terminal
from rag.errors import PolicyRagError
from rag.options import AsJson, Passages, Question, filtered
from rag.schema import Filter

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

app = typer.Typer(
    help="Cited answers from Chinese policy documents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    try:
        app(prog_name="rag")
    finally:
        _flush()


def _version(wanted: bool) -> None:
    if wanted:
        from rag import __version__

        print(f"policy-rag {__version__}")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Settings file.  [default: rag.toml here, if any]", show_default=False)
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="Folder for index and model, instead of RAG_HOME.", show_default=False)
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = Globals(config, home, debug)


@app.command()
def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Read files and folders into the index."""
    with _reported(context, as_json) as shell:
        with terminal.progress() as progress:
            report = shell.open().ingest(paths, progress=progress)
        _print(report) if as_json else terminal.ingested(report)
        if report.failed:
            raise typer.Exit(1)


@app.command()
@filtered
def search(
    context: typer.Context, question: Question, where: Filter, k: Passages = None, as_json: AsJson = False
) -> None:
    """Show the passages nearest to a question."""
    with _reported(context, as_json) as shell:
        hits = shell.open().search(question, k=k, where=where)
        _print(hits) if as_json else terminal.found(hits)


@app.command()
@filtered
def ask(context: typer.Context, question: Question, where: Filter, k: Passages = None, as_json: AsJson = False) -> None:
    """Answer a question with numbered sources, or say why not."""
    with _reported(context, as_json) as shell:
        answer = shell.open(k=k).ask(question, where=where)
        _print(answer) if as_json else terminal.answered(answer)


@app.command()
@filtered
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A text to check, or - for what is typed.", show_default=False)],
    where: Filter,
    as_json: AsJson = False,
) -> None:
    """Check a text sentence by sentence against the documents."""
    with _reported(context, as_json) as shell:
        bot = shell.open()
        checked = bot.check(_text_of(file, int(bot.settings.max_file_mb * 1_000_000)), where=where)
        _print(checked) if as_json else terminal.checked(checked)


@app.command()
@filtered
def chat(context: typer.Context, where: Filter, as_json: AsJson = False) -> None:
    """Hold a conversation, one question a line."""
    with _reported(context, as_json) as shell:
        said = terminal.converse(shell.open(), where=where, quiet=as_json)
        if as_json:
            _print(said)


@app.command()
def ui(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address, instead of RAG_UI_HOST.", show_default=False)] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port, instead of RAG_UI_PORT.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the web chat until Ctrl-C."""
    with _reported(context, as_json) as shell:
        bot = shell.open(ui_host=host, ui_port=port)
        # The page is a shell like this one: started by name, so that neither imports the other.
        launch = importlib.import_module("ui.server").launch

        def ready(url: str) -> None:
            _print({"url": url}) if as_json else print(f"policy-rag is ready: {url}  (Ctrl-C stops it)")
            sys.stdout.flush()

        launch(bot, host=bot.settings.ui_host, port=bot.settings.ui_port, on_ready=ready)


@app.command()
def documents(context: typer.Context, as_json: AsJson = False) -> None:
    """List the documents and how much of each is covered."""
    with _reported(context, as_json) as shell:
        library = shell.open().documents()
        _print(library) if as_json else terminal.listed(library)


@app.command()
def remove(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="A source as `rag documents` names it.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Take a document out of the index; its file stays."""
    with _reported(context, as_json) as shell:
        shell.open().remove(source)
        _print({"removed": source}) if as_json else print(f"removed {source}")


@app.command()
def verify(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what disagrees from the catalogue.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check that catalogue, vectors and lexical index agree."""
    with _reported(context, as_json) as shell:
        with terminal.progress() as progress:
            report = shell.open().verify(repair=repair, progress=progress)
        _print(report) if as_json else terminal.verified(report)
        if report.problems and not report.repaired:
            raise typer.Exit(1)


@app.command()
def doctor(
    context: typer.Context,
    build: Annotated[bool, typer.Option("--build", help="Build the embedding model if it is missing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is configured, what is missing and how to get it."""
    with _reported(context, as_json) as shell:
        checks = shell.open().doctor(build=build)
        _print(checks) if as_json else terminal.examined(checks)
        if not all(check.ok for check in checks):
            raise typer.Exit(1)


@contextmanager
def _reported(context: typer.Context, as_json: bool) -> Iterator[Globals]:
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
            _print(error)
        elif known:
            print(terminal.printable(f"error: {error}"), file=sys.stderr)
        else:
            told = terminal.printable(f"error: {type(error).__name__}: {error}")
            print(f"{told}\n`rag --debug …` shows where it happened.", file=sys.stderr)
        raise typer.Exit(1) from None


def _text_of(file: Path, max_bytes: int) -> str:
    """The text of ``file``, in any encoding that is read as a document; of stdin for ``-``."""
    if str(file) == "-":
        return sys.stdin.read()
    from rag.corpus.loading import decode, read_bytes

    return decode(read_bytes(file, max_bytes=max_bytes), name=file.name).text


def _print(value: Any) -> None:
    print(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def _plain(value: Any) -> Any:
    if isinstance(value, Exception):
        return {"error": {"type": type(value).__name__, "message": str(value)}}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _flush() -> None:
    """Flush stdout; when the reader has gone, send the rest nowhere instead of complaining at exit."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
