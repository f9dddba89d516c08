"""The paths of the HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import Body, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from rag.api.answers import Plain, on_error, on_http_error, on_invalid, streamed
from rag.api.gate import Gate
from rag.chatbot import Chatbot
from rag.errors import PolicyRagError
from rag.schema import Event, Filter


class Turn(BaseModel):
    """An earlier question or answer."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["user", "assistant"]
    content: str


class Where(BaseModel):
    """The fields of ``Filter``."""

    model_config = ConfigDict(extra="forbid")
    sources: list[str] = []
    issuer: str | None = None
    region: str | None = None
    number: str | None = None
    since: str | None = None
    until: str | None = None
    as_of: str | None = None

    def filter(self) -> Filter:
        """The same as a ``Filter``."""
        return Filter(**self.model_dump(exclude={"sources"}), sources=tuple(self.sources))


class Asked(BaseModel):
    """A question, what was said before it, and where to look for an answer."""

    model_config = ConfigDict(extra="forbid")
    question: str
    history: list[Turn] = []
    where: Where = Where()
    k: Annotated[int, Field(ge=1, le=100)] | None = None

    def arguments(self) -> dict[str, Any]:
        """What the methods of ``Chatbot`` take besides the question."""
        return {"history": [turn.model_dump() for turn in self.history], "where": self.where.filter()}


def build_app(
    bot: Chatbot, *, token: str | None = None, beside: Callable[[], AbstractAsyncContextManager[None]] | None = None
) -> FastAPI:
    """``bot`` as an ASGI application; ``beside`` runs as long as it is served."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if beside is None:
            yield
        else:
            async with beside():
                yield

    app = FastAPI(title="policy-rag", docs_url=None, redoc_url=None, default_response_class=Plain, lifespan=lifespan)
    app.add_middleware(Gate, token=token)
    app.add_exception_handler(PolicyRagError, on_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_error)
    _add_questions(app, bot)
    _add_documents(app, bot)
    return app


def _add_questions(app: FastAPI, bot: Chatbot) -> None:
    # Not coroutines: each runs in a thread of its own, as a chatbot may be shared between threads.
    def asked(body: Asked) -> Chatbot:
        return bot if body.k is None else bot.configured(k=body.k)

    @app.post("/ask")
    def ask(body: Annotated[Asked, Body()]) -> Response:
        """The answer, or a refusal."""
        return Plain(asked(body).ask(body.question, **body.arguments()))

    @app.post("/search")
    def search(body: Annotated[Asked, Body()]) -> Response:
        """The nearest passages."""
        return Plain(bot.search(body.question, k=body.k, **body.arguments()))

    @app.post("/stream")
    async def stream(body: Annotated[Asked, Body()]) -> Response:
        """The answer as it comes about: server-sent events hits, citation, text and answer, or at last an error."""

        def start(gone: Callable[[], bool]) -> Iterator[Event]:
            return asked(body).stream(body.question, cancelled=gone, **body.arguments())

        return await streamed(start)


def _add_documents(app: FastAPI, bot: Chatbot) -> None:
    @app.get("/documents")
    def documents(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        after: Annotated[str | None, Query(pattern=r"^[^\x00]*$")] = None,  # no name, and PostgreSQL takes none
    ) -> Response:
        """The library, a page at a time: the next one is that ``after`` what this calls ``next``."""
        return Plain(bot.page(after=after, at_most=limit))

    @app.get("/documents/{source:path}")
    def document(source: str) -> Response:
        """One document with its text."""
        return Plain(bot.document(source))

    @app.get("/health")
    def health() -> Response:
        """Whether a question could be answered now: 200, or 503 and the kind of error that keeps it from it."""
        try:
            bot.ready()
        except PolicyRagError as error:
            return Plain({"ready": False, "error": type(error).__name__}, 503)
        return Plain({"ready": True})
