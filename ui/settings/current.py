"""The chatbot that answers now: another one after settings have been saved."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rag.settings import save_settings

if TYPE_CHECKING:
    from rag.chatbot import Chatbot


class Current:
    """Holds the chatbot that questions go to; safe to share between threads.

    A question that is being answered keeps the chatbot it began with.
    """

    def __init__(self, bot: Chatbot) -> None:
        self._bot = bot
        self._saving = threading.Lock()

    @property
    def bot(self) -> Chatbot:
        """The chatbot under the settings as they are now."""
        return self._bot

    def max_bytes(self) -> int:
        """How large a file may be under the settings as they are now."""
        return int(self._bot.settings.max_file_mb * 1_000_000)

    def archive_bytes(self) -> int:
        """How large an archive may be under the settings as they are now."""
        return int(self._bot.settings.ingest.archive_mb * 1_000_000)

    def save(self, changes: Mapping[str, Any]) -> None:
        """Keep ``changes`` in its home as ``save_settings`` says, and have the next question answered under them.

        Raises:
            ConfigurationError: a value out of bounds, or what may not be saved. StorageError: it cannot be written.
        """
        with self._saving:
            save_settings(self._bot.settings.state, changes)
            self._bot = self._bot.reconfigured()
