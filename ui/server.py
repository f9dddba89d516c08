"""Serving the page: on the address asked for or not at all, and with nothing reachable that nobody asked for."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rag.errors import ConfigurationError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.chatbot import Chatbot

_CLOSE_SECONDS = 2

# The second wall behind the escaping in ui.render: what slips through still reaches no other host. Gradio itself needs
# inline scripts and compiles its templates.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)


def launch(bot: Chatbot, *, host: str, port: int, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until interrupted; ``on_ready`` gets the URL once requests are answered. Port 0 takes any free port.

    Raises:
        ConfigurationError: the address cannot be listened on; the message names it.
    """
    import uvicorn

    with _listen(host, port) as listener:
        url = _url(host, listener.getsockname()[1])

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if on_ready is not None:
                    on_ready(url)

        # Gradio's own launch() asks itself questions over HTTP, through whatever proxy the environment names, and does
        # not tell the port it got for port 0.
        config = uvicorn.Config(asgi(bot), log_level="critical", timeout_graceful_shutdown=_CLOSE_SECONDS)
        Server(config).run(sockets=[listener])


def asgi(bot: Chatbot) -> FastAPI:
    """The page as an ASGI application: no files, no API pages, no run history, no monitoring, no analytics."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # Gradio sets this as well, but only after it has imported the package that reads it.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import gradio as gr
    from fastapi import FastAPI, Request, Response
    from starlette.middleware.base import RequestResponseEndpoint

    from ui.app import build_app
    from ui.theme import STYLE_SHEET, build_theme

    closed: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}
    app = FastAPI(**closed)

    @app.middleware("http")
    async def own_origin_only(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    served: FastAPI = gr.mount_gradio_app(
        app,
        build_app(bot),
        path="/",
        app_kwargs=closed,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        max_file_size=1,  # byte: nothing on this page uploads
        theme=build_theme(),
        css_paths=STYLE_SHEET,
        js="() => { document.documentElement.lang = 'zh-Hans' }",
    )
    return served


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host!r}: {error}. Choose an address of this machine with --host."
        ) from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on port {port} of {host}: {error.strerror}. "
            "Stop what uses it, or choose another with --port (0: any free one)."
        ) from error
    return listener


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
