"""Signing in and out."""

from __future__ import annotations

import math
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from rag.errors import StorageError
from rag.users import Users, normalised
from ui.signin.gate import HEADER, SIGN_IN, from_elsewhere, refused
from ui.signin.page import POLICY, sign_in_page
from ui.signin.sessions import SECONDS, Sessions
from ui.signin.throttle import Throttle
from ui.signin.words import WORDS, preferred
from ui.words import Language

_TRIES, _TRIES_OF_ADDRESS, _PERIOD = 10, 100, 600
_FORM_BYTES = 8000


class SignIn:
    """The sign-in page and what its form does; wrong passwords are counted by name and address, and by address."""

    def __init__(self, users: Users, sessions: Sessions) -> None:
        self._users = users
        self._sessions = sessions
        self._by_name = Throttle(most=_TRIES, seconds=_PERIOD)
        self._by_address = Throttle(most=_TRIES_OF_ADDRESS, seconds=_PERIOD)

    def routes(self) -> list[Route]:
        """``/login`` and ``/logout``."""
        return [
            Route(SIGN_IN, self.show, methods=["GET"]),
            Route(SIGN_IN, self.enter, methods=["POST"]),
            Route("/logout", self.leave, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form; the page itself for whoever need not sign in."""
        if getattr(request.state, "visitor", None):
            return RedirectResponse("/", 303)
        return _page(request)

    async def enter(self, request: Request) -> Response:
        """The page with a session for the right password, else the form again."""
        words = WORDS[_language(request)]
        if from_elsewhere(request):
            return _page(request, problem=words.elsewhere, status=403)
        typed = await _typed(request)
        if typed is None:
            return refused(413, f"a sign-in form has at most {_FORM_BYTES} bytes.")
        name, password = typed
        keys = self._keys(request, name)
        wait = max(self._by_name.wait(keys), self._by_address.wait(keys[1]))
        if wait:
            problem = words.too_often.format(minutes=math.ceil(wait / 60))
            page = _page(request, name=name, problem=problem, status=429)
            page.headers["Retry-After"] = str(wait)
            return page
        try:
            user = await run_in_threadpool(self._users.verify, name, password)
            if user is None:
                return _page(request, name=name, problem=words.wrong, status=401)
            value = self._sessions.begin(user)
        except StorageError as error:
            return refused(503, str(error))
        self._by_name.forgive(keys)
        self._by_address.forgive(keys[1])
        response = RedirectResponse("/", 303)
        secure = request.url.scheme == "https"
        response.set_cookie(self._sessions.cookie, value, max_age=SECONDS, httponly=True, samesite="lax", secure=secure)
        return response

    async def leave(self, request: Request) -> Response:
        """End the session: ``204`` for a script, the sign-in page for a form."""
        self._sessions.end(request.cookies.get(self._sessions.cookie))
        response = Response(status_code=204) if HEADER in request.headers else RedirectResponse(SIGN_IN, 303)
        response.delete_cookie(self._sessions.cookie, httponly=True, samesite="lax")
        return response

    def _keys(self, request: Request, name: str) -> tuple[str, str]:
        return normalised(name)[:80], request.client.host if request.client else ""


async def _typed(request: Request) -> tuple[str, str] | None:
    """Name and password of the form; ``None`` when it is longer than any form of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return fields.get("name", [""])[0], fields.get("password", [""])[0]


def _language(request: Request) -> Language:
    return preferred(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def _page(request: Request, *, name: str = "", problem: str = "", status: int = 200) -> Response:
    page = sign_in_page(_language(request), name=name, problem=problem)
    return HTMLResponse(page, status, headers={"Content-Security-Policy": POLICY})
