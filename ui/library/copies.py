"""The copies of uploaded files, which the library keeps as long as a document is from them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.chatbot import Chatbot


def drop_copy(bot: Chatbot, path: Path) -> None:
    """Delete the uploaded file that the removed document at ``path`` was read from, unless others are from it too.

    An archive stays until the last of its documents has gone. A file that was not uploaded is none of our business.
    """
    uploads = (bot.settings.state / "uploads").resolve()
    if not path.is_relative_to(uploads) or path == uploads:
        return
    copy = uploads / path.relative_to(uploads).parts[0]
    if not any(Path(info.path).is_relative_to(copy) for info in bot.documents()):
        with suppress(OSError):
            copy.unlink()
