"""Reordering by a cross-encoder, which reads question and passage together: better than any fusion, and much slower."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from langchain_core.cross_encoders import BaseCrossEncoder

from rag.errors import ModelError
from rag.index.pretrained import Role, load_pretrained, reason
from rag.index.texts import encodable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from rag.retrieval.hybrid import Passage
    from rag.schema import Hit

ARM = "reranker"
BEFORE = "fused"
_ROLE = Role("reranker", "set RAG_RERANKER to that folder, or leave it away", "sentence-transformers")


class CrossEncoderReranker(BaseCrossEncoder):
    """The sentence-transformers cross-encoder ``name`` (a hub name or a folder), loaded at the first use.

    Question and passage together are cut at ``max_length`` tokens, or at what the model can read if that is less; of
    the two, the longer loses its end first. ``batch_size`` pairs of similar length are read at a time. Threads may
    share it, and wait for each other. A hub name that is not cached is downloaded, once.
    """

    def __init__(self, name: str, *, batch_size: int = 8, max_length: int = 512) -> None:
        self._name = name
        self._batch_size = batch_size
        self._max_length = max_length
        self._lock = threading.Lock()
        self._model: CrossEncoder | None = None

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each of ``texts`` answers ``question``, in their order; see ``score``."""
        return self.score([(question, text) for text in texts])

    def score(self, text_pairs: list[tuple[str, str]]) -> list[float]:
        """A score in [0, 1] for each pair of question and text: the logistic function of the model's logit.

        That is so whatever activation the model's own configuration names (some give logits), and never changes the
        order. In double precision, so that logits far from 0 still differ.

        Raises:
            ModelError: the model cannot be had, is no cross-encoder with a single score, or fails on these texts.
            MissingDependencyError: sentence-transformers is not installed.
        """
        if not text_pairs:
            return []
        # One call at a time: it keeps every core busy by itself, and others would only add their batches' memory.
        with self._lock:
            if self._model is None:
                self._model = load_pretrained(self._name, self._open, _ROLE)
            logits = _logits(self._model, text_pairs, name=self._name, batch_size=self._batch_size)
        scores: list[float] = np.exp(-np.logaddexp(0.0, -logits)).tolist()
        return scores

    def _open(self, name: str, local_files_only: bool) -> CrossEncoder:
        from sentence_transformers import CrossEncoder

        model: CrossEncoder = CrossEncoder(name, local_files_only=local_files_only)
        # A model of another kind would be given a head with random weights, and only a log line would say so.
        kinds = (model.config.architectures if model.config else None) or ["a model of unknown kind"]
        if not kinds[0].endswith("ForSequenceClassification") or model.num_labels != 1:
            labels = f" with {model.num_labels} labels" if model.num_labels != 1 else ""
            raise ValueError(f"{kinds[0]}{labels} is no cross-encoder that gives a single score")
        # Set afterwards, because max_length as an argument would lift the model's own limit.
        model.tokenizer.model_max_length = min(self._max_length, model.tokenizer.model_max_length)
        return model


def _logits(
    model: CrossEncoder, pairs: list[tuple[str, str]], *, name: str, batch_size: int
) -> npt.NDArray[np.float64]:
    from torch.nn import Identity

    clean = [(encodable(question), encodable(text)) for question, text in pairs]
    try:
        logits = model.predict(clean, batch_size=batch_size, show_progress_bar=False, activation_fn=Identity())
    except (RuntimeError, ValueError, LookupError) as error:
        raise ModelError(
            f"the reranker {name} failed: {reason(error)}. Set RAG_RERANKER to another model, or leave it away."
        ) from error
    if not np.isfinite(logits).all():
        raise ModelError(
            f"the reranker {name} gives a score that is no number. Its files may be damaged: fetch them again, "
            "set RAG_RERANKER to another model, or leave it away."
        )
    return logits.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Reranking:
    """The ``model`` that reorders the best passages, and how many of them it reads."""

    model: CrossEncoderReranker
    passages: int = 16

    def reorder(self, question: str, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """``passages`` with the first of them in the order of the model's scores; see ``reordered``."""
        best = passages[: self.passages]
        return reordered(passages, self.model.scores(question, [passage_text(each.hit) for each in best]))


def passage_text(hit: Hit) -> str:
    """What a cross-encoder reads of ``hit``: title, section and text, a line each; a body alone may say only 本市."""
    return "\n".join(part for part in (hit.title, hit.section, hit.text) if part)


def reordered(passages: Sequence[Passage], scores: Sequence[float]) -> tuple[Passage, ...]:
    """``passages`` with the first ``len(scores)`` of them put in the order of their ``scores``, best first.

    These have the new score in ``Hit.score`` and, beside those of the arms, in ``Hit.scores["reranker"]``; the score
    they had is in ``Hit.scores["fused"]``. The rest follow as they were, all lowered by the same amount if one of them
    had more than the last before them, so that ``Hit.score`` never rises along the list. Equal scores keep their order.
    """
    if not scores:
        return tuple(passages)
    best, rest = passages[: len(scores)], passages[len(scores) :]
    pairs = sorted(zip(best, scores, strict=True), key=lambda pair: -pair[1])
    head = tuple(_scored(passage, score, {ARM: score}) for passage, score in pairs)
    least = head[-1].hit.score
    drop = max(0.0, max((passage.hit.score for passage in rest), default=least) - least)
    # The minimum is for the last bit, which the subtraction may round up.
    tail = tuple(_scored(passage, min(passage.hit.score - drop, least), {}) for passage in rest)
    return head + tail


def _scored(passage: Passage, score: float, arms: dict[str, float]) -> Passage:
    hit = passage.hit
    return replace(passage, hit=replace(hit, score=score, scores={**hit.scores, BEFORE: hit.score, **arms}))
