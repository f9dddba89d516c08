"""The ``rag`` command. Exit codes: 0 done (a refusal too), 1 an error or a failed file or check, 2 usage, 130 Ctrl-C.

With ``--json`` stdout is exactly one JSON document (``ingest --watch``: one a line): the value the method of
``Chatbot`` returns, or ``{"error": {"type": …, "message": …}}``. Everything meant for eyes goes to stderr then.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from rag import accounts, conversations, ingesting, talking, terminal
from rag.options import AsJson, Passages, Question, filtered
from rag.progress import progress
from rag.reporting import Globals, print_json, reported
from rag.schema import Filter

app = typer.Typer(
    help="Cited answers from Chinese policy documents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(conversations.app, name="conversations")
app.add_typer(accounts.app, name="user")


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
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and follow what changes, until Ctrl-C.")] = False,
    engine: Annotated[
        ingesting.Engine, typer.Option(help="`ray` reads and embeds on several machines.")
    ] = ingesting.Engine.LOCAL,
    as_json: AsJson = False,
) -> None:
    """Read files, folders and ZIP archives into the index."""
    if watch and engine is not ingesting.Engine.LOCAL:
        raise typer.BadParameter("--watch goes with the engine local only.")
    with reported(context, as_json) as shell:
        if watch:
            ingesting.watch(shell.open(), paths, as_json=as_json)
        elif not ingesting.ingest(shell.open(), paths, engine=engine, as_json=as_json):
            raise typer.Exit(1)


@app.command()
@filtered
def search(
    context: typer.Context, question: Question, where: Filter, k: Passages = None, as_json: AsJson = False
) -> None:
    """Show the passages nearest to a question."""
    with reported(context, as_json) as shell:
        hits = shell.open().search(question, k=k, where=where)
        print_json(hits) if as_json else terminal.found(hits)


@app.command()
@filtered
def ask(context: typer.Context, question: Question, where: Filter, k: Passages = None, as_json: AsJson = False) -> None:
    """Answer a question with numbered sources, or say why not."""
    with reported(context, as_json) as shell:
        answer = shell.open(k=k).ask(question, where=where)
        print_json(answer) if as_json else terminal.answered(answer)


@app.command()
@filtered
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A text to check, or - for what is typed.", show_default=False)],
    where: Filter,
    as_json: AsJson = False,
) -> None:
    """Check a text sentence by sentence against the documents."""
    with reported(context, as_json) as shell:
        bot = shell.open()
        checked = bot.check(_text_of(file, int(bot.settings.max_file_mb * 1_000_000)), where=where)
        print_json(checked) if as_json else terminal.checked(checked)


@app.command()
@filtered
def chat(
    context: typer.Context,
    where: Filter,
    resume: Annotated[
        str | None,
        typer.Option("--resume", "-r", help="Go on with this one: its id, or `last`.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold a conversation, one question a line; it is kept."""
    with reported(context, as_json) as shell:
        said = talking.converse(shell.open(), where=where, resume=resume, quiet=as_json)
        if as_json:
            print_json(said)


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
    with reported(context, as_json) as shell:
        bot = shell.open(ui_host=host, ui_port=port)
        # The page is a shell like this one: started by name, so that neither imports the other.
        launch = importlib.import_module("ui.server").launch

        def ready(url: str) -> None:
            print_json({"url": url}) if as_json else print(f"policy-rag is ready: {url}  (Ctrl-C stops it)")
            sys.stdout.flush()

        launch(bot, host=bot.settings.ui_host, port=bot.settings.ui_port, on_ready=ready)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address, instead of RAG_API__HOST.", show_default=False)] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port, instead of RAG_API__PORT.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the HTTP API until Ctrl-C."""
    with reported(context, as_json) as shell:
        bot = shell.open()
        own = bot.settings.api
        # A shell like this one: started by name, so that neither imports the other.
        start = importlib.import_module("rag.api.server").serve

        def ready(url: str) -> None:
            print_json({"url": url}) if as_json else print(f"policy-rag serves {url}  (Ctrl-C stops it)")
            sys.stdout.flush()

        start(bot, host=own.host if host is None else host, port=own.port if port is None else port, on_ready=ready)


@app.command()
def documents(context: typer.Context, as_json: AsJson = False) -> None:
    """List the documents and how much of each is covered."""
    with reported(context, as_json) as shell:
        library = shell.open().documents()
        print_json(library) if as_json else terminal.listed(library)


@app.command()
def remove(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="A source as `rag documents` names it.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Take a document out of the index; its file stays."""
    with reported(context, as_json) as shell:
        shell.open().remove(source)
        print_json({"removed": source}) if as_json else print(f"removed {source}")


@app.command()
def verify(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what disagrees from the catalogue.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check that catalogue, vectors and lexical index agree."""
    with reported(context, as_json) as shell:
        with progress() as shown:
            report = shell.open().verify(repair=repair, progress=shown)
        print_json(report) if as_json else terminal.verified(report)
        if report.problems and not report.repaired:
            raise typer.Exit(1)


@app.command()
def doctor(
    context: typer.Context,
    build: Annotated[bool, typer.Option("--build", help="Build the embedding model if it is missing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is configured, what is missing and how to get it."""
    with reported(context, as_json) as shell:
        checks = shell.open().doctor(build=build)
        print_json(checks) if as_json else terminal.examined(checks)
        if not all(check.ok for check in checks):
            raise typer.Exit(1)


def _text_of(file: Path, max_bytes: int) -> str:
    """The text of ``file``, in any encoding that is read as a document; of stdin for ``-``."""
    if str(file) == "-":
        return sys.stdin.read()
    from rag.corpus.loading import decode, read_bytes

    return decode(read_bytes(file, max_bytes=max_bytes), name=file.name).text


def _flush() -> None:
    """Flush stdout; when the reader has gone, send the rest nowhere instead of complaining at exit."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
