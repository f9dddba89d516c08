"""What the browser may ask of the server: handlers by name, and arguments that are checked before they are used."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.errors import PolicyRagError
from ui.words import WORDS, Language, Words

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

logger = logging.getLogger(__name__)

Arguments = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who calls, in which language, and the chatbot to answer with.

    ``owner`` is who is signed in, ``None`` for the person at this computer; ``admin`` may change library and settings.
    """

    bot: Chatbot
    owner: str | None
    admin: bool
    language: Language

    @property
    def words(self) -> Words:
        """What all parts of the page say, in the visitor's language."""
        return WORDS[self.language]


Handler = Callable[[Visit, Arguments], object]


class BadCallError(PolicyRagError):
    """An argument from the browser is missing or not what it should be."""


class NotAllowedError(PolicyRagError):
    """Only an administrator may do this."""


def answer(handlers: Mapping[str, Handler], visit: Visit, name: str, arguments: Arguments) -> dict[str, object]:
    """What the browser gets: ``{"result": …}`` of the handler ``name``, or ``{"error": message}``."""
    try:
        if name not in handlers:
            raise BadCallError(f"there is no {name!r} to call. Reload the page.")
        return {"result": handlers[name](visit, arguments)}
    except PolicyRagError as error:
        return {"error": str(error)}
    except Exception as error:  # a shell: the page must outlive whatever one call does
        logger.exception("%s failed in the web UI", name)
        return {"error": f"{type(error).__name__}: {error}"}


def admin_only(visit: Visit) -> None:
    """Refuse whoever may not change library and settings."""
    if not visit.admin:
        raise NotAllowedError(visit.words.admins_only)


def text(arguments: Arguments, name: str, *, longest: int = 2000) -> str:
    """The argument ``name``, a string of at most ``longest`` characters."""
    value = arguments.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise BadCallError(f"{name} must be text of at most {longest} characters. Reload the page.")
    return value


def texts(arguments: Arguments, name: str, *, most: int = 1000) -> list[str]:
    """The argument ``name``, a list of at most ``most`` strings."""
    value = arguments.get(name)
    if not isinstance(value, list) or len(value) > most or not all(isinstance(each, str) for each in value):
        raise BadCallError(f"{name} must be a list of at most {most} texts. Reload the page.")
    return value


def number(arguments: Arguments, name: str, *, least: int = 0) -> int:
    """The argument ``name``, a whole number not below ``least``."""
    value = arguments.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**53:
        raise BadCallError(f"{name} must be a whole number from {least} on. Reload the page.")
    return value


def flag(arguments: Arguments, name: str) -> bool:
    """The argument ``name``, true or false."""
    value: Any = arguments.get(name, False)
    if not isinstance(value, bool):
        raise BadCallError(f"{name} must be true or false. Reload the page.")
    return value
