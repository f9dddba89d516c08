"""A language model asked for a word, to see whether it answers: within a time limit, whatever it does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING

from rag.errors import PolicyRagError

if TYPE_CHECKING:
    from rag.answer.llm import ChatModel

logger = logging.getLogger(__name__)

LONGEST_S = 25.0
_GREETING = [("user", "请只回答一个字：好")]


@dataclass(frozen=True, slots=True)
class Answered:
    """The model ``name`` gave its first word after ``seconds``."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there was no word: what an error of ours says, or what ``kind`` of a foreign one came up."""

    message: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """Not a word within ``seconds``."""

    seconds: float


Outcome = Answered | Failed | Silent


class Trials:
    """Tries models, one at a time: a file of gigabytes that is still loading is not loaded once more."""

    def __init__(self, *, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._running = threading.Lock()

    def run(self, open_model: Callable[[], ChatModel]) -> Outcome | None:
        """What comes of asking the model; ``None`` while the one before is still asked."""
        if not self._running.acquire(blocking=False):
            return None
        told: SimpleQueue[Outcome] = SimpleQueue()
        end = monotonic() + self._longest_s

        def ask() -> None:
            try:
                told.put(_ask(open_model, end) or Silent(self._longest_s))
            finally:
                self._running.release()

        threading.Thread(target=ask, name="model-trial", daemon=True).start()
        try:
            return told.get(timeout=self._longest_s + 1)
        except Empty:
            return Silent(self._longest_s)


def _ask(open_model: Callable[[], ChatModel], end: float) -> Outcome | None:
    """``None``: not a word before ``end``."""
    start = monotonic()
    try:
        model = open_model().until(lambda: monotonic() > end)
        words = iter(model.stream(_GREETING))
        first = next(words, None)
        return None if first is None else Answered(model.name, monotonic() - start)
    except PolicyRagError as error:
        return Failed(message=str(error))
    except Exception as error:  # a shell; its text is not shown, for it may hold the key
        logger.error("a language model could not be tried: %s", type(error).__name__)
        return Failed(kind=type(error).__name__)
