"""What a response looks like: our values as JSON, errors with a fitting status, an answer as a stream of events."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio.to_thread
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from rag import errors, plain
from rag.schema import Event

# The first that fits counts.
STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (errors.QuestionError, 400),
    (errors.FilterError, 400),
    (errors.DocumentNotFoundError, 404),
    (errors.IndexStateError, 503),
    (errors.LLMTimeoutError, 504),
    (errors.LLMError, 502),
)
_UNEXPECTED = "the server made a mistake, which its log tells. Try again, or ask whoever runs it."


class Plain(JSONResponse):
    """A value of ours as the command line's ``--json`` prints it."""

    def render(self, content: Any) -> bytes:
        return json.dumps(plain.plain(content), ensure_ascii=False).encode()


def failed(error: Exception) -> Response:
    """The response to a request that ended in ``error``."""
    if isinstance(error, errors.PolicyRagError):
        return Plain(error, next((status for kind, status in STATUSES if isinstance(error, kind)), 500))
    return Plain(plain.error("InternalError", _UNEXPECTED), 500)


def refused(status: int, message: str) -> Response:
    """The response to a request that is not taken."""
    return Plain(plain.error("RequestError", message), status)


async def on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refused(error.status_code, f"{error.detail}.")


async def on_invalid(_: Request, error: Exception) -> Response:
    """Names each field of the body that is not as it should be, and does not repeat the body."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    told = [f"{'.'.join(map(str, each['loc'][1:])) or 'the body'}: {each['msg']}" for each in found]
    return refused(422, "; ".join(told) + ".")


async def on_error(_: Request, error: Exception) -> Response:
    return failed(error)


async def streamed(start: Callable[[Callable[[], bool]], Iterator[Event]]) -> Response:
    """The events that ``start`` gives, as server-sent events; an error before the first has its status.

    ``start`` is given what tells whether the client has gone.
    """
    gone = threading.Event()
    events = start(gone.is_set)
    first = await anyio.to_thread.run_sync(next, events, None)
    return StreamingResponse(_messages(first, events, gone), media_type="text/event-stream")


async def _messages(first: Event | None, events: Iterator[Event], gone: threading.Event) -> AsyncIterator[str]:
    event = first
    try:
        while event is not None:
            yield _message(type(event).__name__.removesuffix("Event").lower(), event)
            event = await anyio.to_thread.run_sync(next, events, None)
    except errors.PolicyRagError as error:
        yield _message("error", error)
    finally:
        gone.set()
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(getattr(events, "close", lambda: None))


def _message(name: str, value: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(plain.plain(value), ensure_ascii=False)}\n\n"
