"""policy-rag: cited answers from Chinese policy documents. Start at ``rag.chatbot``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.chatbot import Chatbot
    from rag.schema import Filter
    from rag.settings import Settings

__all__ = ["Chatbot", "Filter", "Settings", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import ``Chatbot``, ``Filter`` and ``Settings`` on first use, so that ``import rag`` costs nothing."""
    if name == "Chatbot":
        from rag.chatbot import Chatbot

        return Chatbot
    if name == "Filter":
        from rag.schema import Filter

        return Filter
    if name == "Settings":
        from rag.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
