"""An address of this machine to serve on, taken before anything is started: what every server here begins with."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from rag.errors import ConfigurationError


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes any free port.

    Raises:
        ConfigurationError: the address cannot be listened on; the message names it.
    """
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


def is_loopback(address: str) -> bool:
    """Whether only this computer reaches ``address``, an IP address."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def url_of(host: str, port: int) -> str:
    """How a browser on this computer names the address."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def run(app: Any, listener: socket.socket, *, on_ready: Callable[[], object], **options: Any) -> None:
    """Serve ``app`` (ASGI) on ``listener`` until interrupted; ``options`` are uvicorn's.

    ``on_ready`` is called once requests are answered.
    """
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_ready()

    Server(uvicorn.Config(app, **options)).run(sockets=[listener])
