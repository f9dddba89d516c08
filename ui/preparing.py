"""Getting ready for the first question while the visitor reads the page."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from rag.errors import PolicyRagError

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

logger = logging.getLogger(__name__)


class Preparing:
    """Prepares ``bot`` in a thread of its own from the first time somebody asks how far it is."""

    def __init__(self, bot: Chatbot) -> None:
        self._bot = bot
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ready(self) -> bool:
        """Whether questions need not wait any more; what could not be prepared is told when it is asked."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._prepare, name="preparing", daemon=True)
                self._thread.start()
            return not self._thread.is_alive()

    def _prepare(self) -> None:
        try:
            self._bot.prepare()
        except PolicyRagError as error:
            logger.info("not prepared: %s", error)
        except Exception:  # a shell: the page must come up whatever is wrong
            logger.exception("preparing the chatbot failed")
