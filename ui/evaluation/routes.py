"""The whole report of a run as a page, to be framed or opened by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rag.errors import PolicyRagError, StorageError
from ui.evaluation.command import write_page
from ui.evaluation.folder import Folder, RunNotFoundError
from ui.signin import visitor
from ui.signin.gate import refused

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

# The page holds words of documents and answers. It is an origin of its own, reaches nothing, and runs only its own few
# lines: their hash is in the page.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "sandbox allow-scripts; frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "unsafe-none",  # browsers show no sandboxed page in a tab with any other
}


def report_route(bot: Chatbot) -> Route:
    """``GET /evaluations/NAME.html``; a run on cases from feedback is for administrators."""
    folder = Folder(bot.settings.state)

    def report(request: Request) -> Response:
        name, _, ending = request.path_params["name"].rpartition(".")
        try:
            if ending != "html":
                raise RunNotFoundError("a run is shown as .html.")
            if folder.run(name).private and not visitor(request).admin:
                return refused(403, "only an administrator may read this.")
            return Response(_page(folder, name), media_type="text/html; charset=utf-8", headers=_HEADERS)
        except RunNotFoundError as error:
            return refused(404, str(error))
        except PolicyRagError as error:
            return refused(503, str(error))

    return Route("/evaluations/{name}", report, methods=["GET"])


def _page(folder: Folder, name: str) -> bytes:
    """The page, made when there is none or only one of an older report."""
    file = folder.file(name)
    page = file.with_suffix(".html")
    try:
        if not page.exists() or page.stat().st_mtime < file.stat().st_mtime:
            write_page(file, page)
        return page.read_bytes()
    except OSError as error:
        raise StorageError(f"cannot read {page}: {error.strerror}. Reload the page.") from error
