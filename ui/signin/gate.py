"""What stands in front of every page: who is not known gets no further than the sign-in page.

Where there is an account, everyone signs in. Where there is none, the page is for whoever sits at this computer, and
nobody else reaches it: not another machine, and no web site that gives its own name our address (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import StorageError
from rag.users import User, Users
from ui.signin.sessions import Sessions
from ui.signin.visitors import Visitor

HEADER = "X-Policy-Rag"
SIGN_IN = "/login"
NO_ACCOUNT = "nobody has an account to sign in with. Add one with `rag user add NAME`."

# Of Gradio's routes those that this page uses. The others serve files, fetch addresses, take uploads or edit code.
_PATHS = frozenset(
    {"/", "/config", "/config/", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json"}
    | {SIGN_IN, "/logout", "/files"}
    | {f"/gradio_api/{name}" for name in ("app_id", "app_id/", "info", "info/", "login_check", "startup-events")}
    | {f"/gradio_api/{name}" for name in ("queue/join", "queue/data", "queue/status", "cancel", "reset", "theme.css")}
    | {"/gradio_api/component_server", "/gradio_api/component_server/"}
)
_FOLDERS = ("/assets/", "/static/", "/svelte/", "/export/", "/evaluations/", "/gradio_api/heartbeat/")


class Gate:
    """ASGI middleware that lets through what a known visitor asks of this page, and says whose request it is.

    ``loopback``: only this computer can connect. The visitor is in ``request.state``; ``ui.signin.visitor`` reads it.
    """

    def __init__(self, app: ASGIApp, *, users: Users, sessions: Sessions, loopback: bool) -> None:
        self._app = app
        self._users = users
        self._sessions = sessions
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http" or (refusal := self._refusal(Request(scope))) is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        """Why the request goes no further; ``None`` when it may, with its visitor noted."""
        try:
            accounts = self._users.list()
            user = self._sessions.user(request.cookies.get(self._sessions.cookie)) if accounts else None
        except StorageError as error:
            return refused(503, str(error))
        if not accounts and (problem := self._from_afar(request)) is not None:
            return problem
        if request.method not in ("GET", "HEAD") and from_elsewhere(request) and request.url.path != SIGN_IN:
            return refused(403, "this request comes from another site. Use the page itself.")
        if request.url.path not in _PATHS and not request.url.path.startswith(_FOLDERS):
            return refused(404, "there is no such page.")
        if accounts and user is None and request.url.path != SIGN_IN:
            return _sign_in(request)
        request.state.visitor = _visitor(user, signed_out=bool(accounts) and user is None)
        return None

    def _from_afar(self, request: Request) -> Response | None:
        if not self._loopback:
            return refused(503, NO_ACCOUNT)
        if not is_this_computer(request.headers.get("host", "")):
            return refused(421, f"this page answers to the names localhost and 127.0.0.1 only, as long as {NO_ACCOUNT}")
        return None


def from_elsewhere(request: Request) -> bool:
    """Whether a page of another origin sent it. Browsers say so with every POST; other programs need not."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def is_this_computer(host: str) -> bool:
    """Whether a ``Host`` header is ``localhost`` or a loopback address, with any port: names no web site can have."""
    try:
        name = urlsplit(f"//{host}").hostname
        return name == "localhost" or ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


def refused(status: int, message: str) -> Response:
    """``{"error": message}``."""
    return JSONResponse({"error": message}, status)


def _visitor(user: User | None, *, signed_out: bool) -> Visitor | None:
    if signed_out:
        return None
    return Visitor(user.name, user.admin) if user else Visitor(None, admin=True)


def _sign_in(request: Request) -> Response:
    """The sign-in page for a person, a plain no for a program."""
    wanted = request.headers.get("sec-fetch-mode") or request.headers.get("accept", "")
    if request.method in ("GET", "HEAD") and (wanted == "navigate" or "text/html" in wanted):
        return RedirectResponse(SIGN_IN, 303)
    return refused(401, "nobody is signed in. Reload the page and sign in.")
