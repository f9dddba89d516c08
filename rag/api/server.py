"""Serving the API: on the address asked for or not at all, ready as soon as the index is."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rag.chatbot import Chatbot
from rag.errors import ConfigurationError, PolicyRagError
from rag.listening import is_loopback, listen, run, url_of

_FOLLOW_S = 1.0  # how often what other machines have changed is taken over
_CLOSE_S = 5


def serve(bot: Chatbot, *, host: str, port: int, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until interrupted; ``on_ready`` gets the URL once requests are answered. Port 0 takes any free port.

    Raises:
        ConfigurationError: the address cannot be listened on, or others can reach it and there is no token.
    """
    from rag.api.app import build_app

    secret = bot.settings.api.token
    with listen(host, port) as listener:
        if secret is None and not is_loopback(listener.getsockname()[0]):
            raise ConfigurationError(
                f"cannot serve on {host!r}, which other computers can reach, without a token. Set api.token "
                "(RAG_API__TOKEN), or leave --host away."
            )
        url = url_of(host, listener.getsockname()[1])
        app = build_app(bot, token=None if secret is None else secret.get_secret_value(), beside=lambda: _keeping(bot))
        options = {"log_level": "error", "access_log": False, "server_header": False, "proxy_headers": False}
        run(app, listener, on_ready=lambda: on_ready and on_ready(url), timeout_graceful_shutdown=_CLOSE_S, **options)


@asynccontextmanager
async def _keeping(bot: Chatbot) -> AsyncIterator[None]:
    """Load what a question needs, and keep up with other machines, while requests are answered."""
    over = threading.Event()
    thread = threading.Thread(target=_keep, args=(bot, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def _keep(bot: Chatbot, over: threading.Event) -> None:
    prepared = False
    while not over.is_set():
        try:
            if not prepared:
                bot.prepare()
                prepared = True
            bot.catch_up()
        except PolicyRagError as error:  # told by /health and to whoever asks; here it is tried again
            logging.getLogger(__name__).debug("not ready: %s", error)
        over.wait(_FOLLOW_S)
