"""Who may ask: only this computer, or whoever bears the token; and how long a request may be."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.api.answers import refused

LONGEST = 1_000_000  # bytes of a request
_HERE = ("127.0.0.1", "localhost", "[::1]")


class Gate:
    """ASGI middleware: with a ``token`` all but ``/health`` needs it; without, only names of this computer are served.

    A page of another site can have its name point to this computer, but not hide the name.
    """

    def __init__(self, app: ASGIApp, *, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (response := self._objection(scope)):
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _objection(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if self._token is not None:
            if scope["path"] != "/health" and not self._bears_token(headers.get("authorization", "")):
                return refused(401, "this needs the header `Authorization: Bearer TOKEN`, with the server's token.")
        elif headers.get("host", "").rpartition(":")[0] not in _HERE and headers.get("host", "") not in _HERE:
            return refused(403, "only this computer is served. Ask by http://127.0.0.1, or set a token.")
        length = headers.get("content-length", "0")
        if "chunked" in headers.get("transfer-encoding", "") or not length.isdecimal() or int(length) > LONGEST:
            return refused(413, f"a request needs a Content-Length of at most {LONGEST}.")
        return None

    def _bears_token(self, given: str) -> bool:
        kind, _, token = given.partition(" ")
        known = (self._token or "").encode()
        return kind.lower() == "bearer" and hmac.compare_digest(token.strip().encode("latin-1"), known)
