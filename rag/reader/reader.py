"""Reads a question and passages together: which of them answer it, with which words, and which support a statement."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.index.bundled_model import MODEL_FILE, ensure_model, model_folder, tokenizer
from rag.index.sessions import open_session, run_padded
from rag.reader.decoding import best_span
from rag.reader.encoding import Passage, Row, batches, encode
from rag.reader.export import ensure_reader, reader_folder

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Tokenizer

_BATCH_TOKENS = 1024


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
    session: InferenceSession


class Reader:
    """The reader shipped with the product, built under ``home`` and loaded at the first use; threads may share it."""

    def __init__(self, home: Path) -> None:
        self._home = home
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
        rows = [encode(parts.tokenizer, _encodable(question), _clean(passage)) for question, passage in pairs]
        readings: dict[int, Reading] = {}
        for batch in batches([len(row.ids) for row in rows], tokens=_BATCH_TOKENS):
            ids = [rows[index].ids for index in batch]
            spans, judged = run_padded(parts.session, ids, ["span_logits", "judgements"])
            for index, logits, judgement in zip(batch, spans, judged, strict=True):
                readings[index] = _reading(rows[index], logits, judgement)
        return [readings[index] for index in range(len(rows))]

    def _loaded(self) -> _Parts:
        with self._lock:
            if self._parts is None:
                self._parts = _load(self._home)
            return self._parts


def _load(home: Path) -> _Parts:
    words, folder = model_folder(home), reader_folder(home)
    ensure_model(words)
    ensure_reader(folder)
    return _Parts(tokenizer(words), open_session(folder / MODEL_FILE))


def _reading(row: Row, logits: npt.NDArray[np.float32], judgement: npt.NDArray[Any]) -> Reading:
    span, certainty = best_span(logits, row.places)
    return Reading(float(judgement[0]), float(judgement[1]), span, certainty)


def _clean(passage: Passage) -> Passage:
    return Passage(_encodable(passage.text), _encodable(passage.heading))


def _encodable(text: str) -> str:
    # A lone surrogate (an undecodable command-line byte) has no UTF-8.
    return text.encode(errors="replace").decode()
