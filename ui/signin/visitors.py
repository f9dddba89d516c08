"""Who a request comes from, as the gate in front of every page found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rag.errors import UserError


@dataclass(frozen=True, slots=True)
class Visitor:
    """``owner`` is who is signed in, ``None`` for the person at this computer; ``admin`` may change the library."""

    owner: str | None
    admin: bool


def visitor(request: Any) -> Visitor:
    """Who sent ``request``, one of Gradio, FastAPI or Starlette.

    Raises:
        UserError: it came past the gate. Nobody is taken for the person at this computer by default.
    """
    found = getattr(request.state, "visitor", None)
    if not isinstance(found, Visitor):
        raise UserError("nobody is signed in. Open the page through `rag ui`, and reload it.")
    return found
