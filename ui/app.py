"""The page: one component, one stream of answers, and one function that the browser calls for all else."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import gradio as gr

from ui import calls, shell
from ui.calls import Arguments, Handler, Visit
from ui.chat import handlers as chat
from ui.chat.asking import Message, ask
from ui.conversations import handlers as conversations
from ui.evaluation import handlers as evaluation
from ui.library import handlers as library
from ui.preparing import Preparing
from ui.reader import handlers as reader
from ui.settings import handlers as settings
from ui.settings.current import Current
from ui.signin import visitor
from ui.words import WORDS, Language

if TYPE_CHECKING:
    from rag.chatbot import Chatbot
    from ui.uploads import Uploads

_HERE = Path(__file__).parent
PARTS = ("conversations", "chat", "reader", "library", "evaluation", "settings")
STYLE_SHEETS = [_HERE / "base.css", *(_HERE / part / f"{part}.css" for part in PARTS)]


def build_app(current: Current, uploads: Uploads) -> gr.Blocks:
    """The page wired to ``current`` and to the files that were received; ``ui.server`` serves and styles it."""
    preparing = Preparing(current.bot)
    handlers = {**_handlers(current, uploads), "page.prepared": lambda *_: preparing.ready()}

    def call(data: Mapping[str, Any], request: gr.Request) -> dict[str, object]:
        """What the browser asked for by name."""
        name, arguments = data.get("name"), data.get("arguments")
        visit = _visit(current.bot, data, request)
        return calls.answer(handlers, visit, str(name), arguments if isinstance(arguments, dict) else {})

    def stream(event: gr.EventData, request: gr.Request) -> Iterator[str]:
        """Messages of an answer that is being written, as JSON."""
        data: Mapping[str, Any] = event._data
        arguments = data.get("arguments") or {}
        answering = cast("Generator[Message, None, None]", ask(_visit(current.bot, data, request), arguments))
        with closing(answering) as messages:
            for message in messages:
                yield json.dumps({**message, "id": arguments.get("id")}, ensure_ascii=False)

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    app = gr.Blocks(title=WORDS["hans"].title, analytics_enabled=False, fill_width=True)
    with app:
        page = gr.HTML(
            html_template='<div class="pr-page" data-page></div>',
            js_on_load=_script(),
            server_functions=[call],
            apply_default_css=False,
            elem_id="pr-app",
        )
        asked = page.ask(stream, None, page, concurrency_limit=None, **quiet)
        page.halt(None, None, None, cancels=[asked], **quiet)
    return app


def _script() -> str:
    """All scripts in one scope, and the start of the page behind them."""
    files = [_HERE / "base.js", *(_HERE / part / f"{part}.js" for part in PARTS), _HERE / "start.js"]
    return "\n".join(file.read_text("utf-8") for file in files)


def _handlers(current: Current, uploads: Uploads) -> Mapping[str, Handler]:
    return {
        **HANDLERS,
        **conversations.HANDLERS,
        **chat.HANDLERS,
        **reader.HANDLERS,
        **library.handlers(uploads),
        **evaluation.handlers(current.bot),
        **settings.handlers(current),
    }


def _visit(bot: Chatbot, data: Mapping[str, Any], request: gr.Request) -> Visit:
    language: Language = data["language"] if data.get("language") in WORDS else "hans"
    who = visitor(request)
    return Visit(bot, who.owner, who.admin, language)


def _frame(visit: Visit, _: Arguments) -> object:
    return {
        "html": shell.frame(visit.language, owner=visit.owner),
        "admin": visit.admin,
        "words": asdict(visit.words),
    }


def _corpus(visit: Visit, _: Arguments) -> object:
    return shell.corpus_line(visit.bot.documents(), visit.words)


HANDLERS: Mapping[str, Handler] = {"page.frame": _frame, "page.corpus": _corpus}
