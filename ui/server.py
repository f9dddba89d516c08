"""Serving the page: on the address asked for or not at all, and with nothing reachable that nobody asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from rag.errors import ConfigurationError
from rag.listening import is_loopback, listen, run, url_of
from rag.users import Users
from ui.downloads import download_route
from ui.evaluation.routes import report_route
from ui.headers import OwnOriginOnly
from ui.settings.current import Current
from ui.signin import Visitor
from ui.signin.gate import NO_ACCOUNT, Gate
from ui.signin.routes import SignIn
from ui.signin.sessions import Sessions
from ui.uploads import Uploads, upload_route

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

    from rag.chatbot import Chatbot

_CLOSE_SECONDS = 2
_CLOSED: Mapping[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}


def launch(bot: Chatbot, *, host: str, port: int, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until interrupted; ``on_ready`` gets the URL once requests are answered. Port 0 takes any free port.

    Raises:
        ConfigurationError: the address cannot be listened on, or others can reach it and nobody has an account; the
            message names it.
    """
    with listen(host, port) as listener:
        loopback = is_loopback(listener.getsockname()[0])
        if not loopback and not Users(bot.settings.state).list():
            raise ConfigurationError(
                f"cannot serve on {host!r}, which other computers can reach: {NO_ACCOUNT} Or leave --host away."
            )
        url = url_of(host, listener.getsockname()[1])
        # Gradio's own launch() asks itself questions over HTTP, through whatever proxy the environment names, and does
        # not tell the port it got for port 0.
        app = asgi(bot, loopback=loopback)
        options = {"log_level": "critical", "timeout_graceful_shutdown": _CLOSE_SECONDS}
        run(app, listener, on_ready=lambda: on_ready and on_ready(url), **options)


def asgi(bot: Chatbot, *, loopback: bool = True) -> FastAPI:
    """The page as an ASGI application; ``loopback``: only this computer can connect to where it is served.

    Behind the sign-in, or for this computer alone: no API pages, no run history, no monitoring, no analytics.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # Gradio sets this as well, but only after it has imported the package that reads it.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

    from ui.app import STYLE_SHEETS, build_app

    current = Current(bot)
    uploads = Uploads(bot.settings.state / "uploads", max_bytes=current.max_bytes, archive_bytes=current.archive_bytes)
    app = walled(bot, uploads, loopback=loopback)
    return mounted(app, build_app(current, uploads), STYLE_SHEETS)


def walled(bot: Chatbot, uploads: Uploads, *, loopback: bool) -> FastAPI:
    """Sign-in, uploads and downloads behind the gate, and nothing else yet."""
    from fastapi import FastAPI
    from starlette.middleware.cors import CORSMiddleware

    users = Users(bot.settings.state)
    sessions = Sessions(bot.settings.state, users)
    routes: list[BaseRoute] = [
        *SignIn(users, sessions).routes(),
        upload_route(uploads),
        download_route(bot),
        report_route(bot),
    ]
    app = FastAPI(routes=routes, **_CLOSED)
    # Without one that allows nobody Gradio adds its own, which lets every site read what we answer.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(Gate, users=users, sessions=sessions, loopback=loopback)
    app.add_middleware(OwnOriginOnly)
    return app


def mounted(app: FastAPI, page: gr.Blocks, style_sheets: Sequence[Path] = ()) -> FastAPI:
    """``app`` with ``page`` in it, and nothing of Gradio's that could be switched off."""
    import gradio

    from ui.theme import build_theme

    def name_of(request: Request) -> str | None:
        found = getattr(request.state, "visitor", None)
        return (found.owner or "") if isinstance(found, Visitor) else None

    served: FastAPI = gradio.mount_gradio_app(
        app,
        page,
        path="/",
        app_kwargs=dict(_CLOSED),
        auth_dependency=name_of,  # behind the gate a second time, by Gradio itself
        allowed_paths=[],
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        max_file_size=1,  # byte: uploads are not Gradio's
        theme=build_theme(),
        # Not as Gradio's css: it prefixes every selector, at every comma, and so changes which rule wins.
        head=f"<style>{''.join(sheet.read_text('utf-8') for sheet in style_sheets)}</style>",
    )
    return served
