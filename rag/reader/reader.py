"""Reads a question and passages together: which of them answer it, with which words, and which support a statement."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rag.index.bundled_model import MODEL_FILE, ensure_model, model_folder, tokenizer
from rag.index.texts import encodable
from rag.reader.decoding import best_span
from rag.reader.encoding import Passage, Row, encode
from rag.reader.export import WEIGHTS_FILE, ensure_reader, reader_folder
from rag.reader.running import Logits, Running

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a passage gave.

    ``answers`` and ``supports`` are the logits that it answers the question, and that it supports the statement read in
    its place; ``span`` is the likeliest answer in ``Passage.text``, ``certainty`` its logit above that of no answer.
    """

    answers: float
    supports: float
    span: tuple[int, int]
    certainty: float


class _Parts(NamedTuple):
    tokenizer: Tokenizer
    model: Running


class Reader:
    """The reader with the trained ``weights``, built under ``home`` and loaded at first use; threads may share it."""

    def __init__(self, home: Path, *, weights: Path = WEIGHTS_FILE) -> None:
        self._home, self._weights = home, weights
        self._lock = threading.Lock()
        self._parts: _Parts | None = None

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage, in their order; each is read by itself, the end of what is over 384 tokens unread.

        Raises:
            MissingDependencyError, ModelError, StorageError: at the first use, see ``ensure_reader``.
        """
        return self.read_pairs([(question, passage) for passage in passages])

    def read_pairs(self, pairs: Sequence[tuple[str, Passage]]) -> list[Reading]:
        """As ``read``, for pairs of a question (or a statement) and a passage."""
        parts = self._loaded()
        rows = [encode(parts.tokenizer, encodable(question), _clean(passage)) for question, passage in pairs]
        logits = parts.model.logits([row.ids for row in rows])
        return [_reading(*each) for each in zip(rows, logits, strict=True)]

    def _loaded(self) -> _Parts:
        with self._lock:
            if self._parts is None:
                self._parts = _load(self._home, self._weights)
            return self._parts


def _load(home: Path, weights: Path) -> _Parts:
    words, folder = model_folder(home), reader_folder(home, weights=weights)
    ensure_model(words)
    ensure_reader(folder, weights=weights)
    return _Parts(tokenizer(words), Running(folder / MODEL_FILE))


def _reading(row: Row, logits: Logits) -> Reading:
    spans, judged = logits
    span, certainty = best_span(spans, row.places)
    return Reading(float(judged[0]), float(judged[1]), span, certainty)


def _clean(passage: Passage) -> Passage:
    return Passage(encodable(passage.text), encodable(passage.heading))
