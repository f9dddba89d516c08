"""Conversations as files: Markdown, JSON, and a page to print; each visitor's own, and nobody else's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rag.errors import ConversationNotFoundError, DocumentNotFoundError, PolicyRagError
from rag.schema import Citation
from ui.filenames import disposition
from ui.printing import POLICY, Opens, printed
from ui.signin import visitor
from ui.signin.gate import refused
from ui.signin.words import preferred
from ui.words import Language

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

_KINDS = {
    "md": ("attachment", "text/markdown; charset=utf-8"),
    "json": ("attachment", "application/json"),
    "html": ("inline", "text/html; charset=utf-8"),
}


def download_route(bot: Chatbot) -> Route:
    """``GET /export/ID.md``, ``.json`` and ``.html``; the last in the language ``lang`` or the browser's."""

    def export(request: Request) -> Response:
        conversation_id, _, ending = request.path_params["name"].rpartition(".")
        if ending not in _KINDS:
            return refused(404, "a conversation is exported as .md, .json or .html.")
        owner = visitor(request).owner
        language = preferred(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        try:
            title = bot.conversations.of(owner).get(conversation_id).title
            text = _written(bot, conversation_id, ending, owner, language)
        except ConversationNotFoundError as error:
            return refused(404, str(error))
        except PolicyRagError as error:
            return refused(503, str(error))
        kind, media_type = _KINDS[ending]
        name = f"{title or conversation_id}.{ending}"
        headers = {"Content-Disposition": disposition(kind, name), "Content-Security-Policy": POLICY}
        return Response(text, media_type=media_type, headers=headers)

    return Route("/export/{name}", export, methods=["GET"])


def _written(bot: Chatbot, conversation_id: str, ending: str, owner: str | None, language: Language) -> str:
    if ending != "html":
        return bot.export(conversation_id, markdown=ending == "md", owner=owner)
    mine = bot.conversations.of(owner)
    return printed(mine.get(conversation_id), mine.turns(conversation_id), language, opens=_opens_in(bot))


def _opens_in(bot: Chatbot) -> Opens:
    """Whether the words of a citation still stand in the document, where it says."""

    @cache
    def text(source: str) -> str:
        try:
            return bot.document(source).text
        except DocumentNotFoundError:
            return ""

    def opens(citation: Citation) -> bool:
        return text(citation.source)[citation.start : citation.end] == citation.quote

    return opens
