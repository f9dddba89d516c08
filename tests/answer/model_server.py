"""A server on loopback that answers as a provider does, or as a broken one, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One request, and the means to answer it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    handler: BaseHTTPRequestHandler

    def send(self, status: int, content: str, *, kind: str = "application/json", **headers: str) -> None:
        raw = content.encode()
        self.begin(status, kind=kind, Content_Length=str(len(raw)), **headers)
        self.handler.wfile.write(raw)

    def begin(self, status: int = 200, *, kind: str = "text/event-stream", **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def delta(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        self.event(json.dumps(chunk))

    def event(self, data: str) -> None:
        self.handler.wfile.write(f"data: {data}\n\n".encode())
        self.handler.wfile.flush()

    def hung_up(self, timeout_s: float = 10) -> bool:
        """Whether the other side closes the connection within ``timeout_s``."""
        self.handler.connection.settimeout(timeout_s)
        try:
            return self.handler.connection.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True


@dataclass
class ModelServer:
    """Answers with ``replies`` in turn, the last one for ever."""

    address: str
    replies: list[Reply]
    requests: list[Exchange] = field(default_factory=list)


def says(*pieces: str, finish: str = "stop") -> Reply:
    """Streams ``pieces`` as OpenAI does."""

    def reply(exchange: Exchange) -> None:
        exchange.begin()
        for piece in pieces:
            exchange.delta(piece)
        exchange.delta("", finish)
        exchange.event("[DONE]")

    return reply


def fails(status: int, content: str = "", **headers: str) -> Reply:
    """Answers with an error."""
    return lambda exchange: exchange.send(status, content, **headers)


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # many may come at once


@contextmanager
def model_server(*replies: Reply) -> Iterator[ModelServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            exchange = Exchange(self.path, {k.lower(): v for k, v in self.headers.items()}, body, self)
            found.requests.append(exchange)
            found.replies[min(len(found.requests), len(found.replies)) - 1](exchange)

        def log_message(self, *_: object) -> None:
            pass

    with _Server(("127.0.0.1", 0), Handler) as server:
        found = ModelServer(f"http://127.0.0.1:{server.server_address[1]}", list(replies))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
