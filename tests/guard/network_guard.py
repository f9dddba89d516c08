"""Refuse and record every name lookup and connection that would leave this machine.

``tests/conftest.py`` imports it into pytest; ``sitecustomize.py`` beside it imports it into every Python command that a
test starts with this folder on ``PYTHONPATH``. An audit hook sees what pytest-socket does not: lookups, datagrams, and
attempts whose error the caller swallows, as telemetry does.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

HOST_ARGUMENT = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.connect": 1, "socket.sendto": 1}
attempts: list[str] = []


class OutgoingConnectionError(RuntimeError):
    """Something tried to reach another machine."""


def _is_local(host: Any) -> bool:
    if not isinstance(host, str) or host in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in HOST_ARGUMENT:
        return
    host = arguments[HOST_ARGUMENT[event]]
    if event in ("socket.connect", "socket.sendto"):
        host = host[0] if isinstance(host, tuple) else ""  # not a tuple: the path of a Unix socket
    host = host.decode() if isinstance(host, bytes) else host
    if _is_local(host):
        return
    attempts.append(host)
    if log := os.environ.get("NETWORK_GUARD_LOG"):
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{host}\n")
    raise OutgoingConnectionError(f"{event} to {host!r}: tests reach nothing but this machine")


sys.addaudithook(_watch)
