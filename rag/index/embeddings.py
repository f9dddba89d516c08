"""Texts to unit vectors, as LangChain ``Embeddings``: the bundled model, or any sentence-transformers model."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from rag.index import bundled_model
from rag.index.bundled_model import DIMENSIONS, MODEL_FILE, ensure_model, model_folder, tokenizer
from rag.index.pretrained import Role, load_pretrained
from rag.index.sessions import cores, open_session, run_padded
from rag.index.texts import encodable

if TYPE_CHECKING:
    from langchain_huggingface import HuggingFaceEmbeddings
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Tokenizer

BUNDLED = "bundled"
Vectors = npt.NDArray[np.float32]
Kind = Literal["query", "passage"]

_BATCH_TOKENS = 512  # measured on 2 cores: 256 are 4 % slower, 1,024 6 %
_BLOCK_TEXTS = 2048  # tokenised together and sorted by length
_ROLE = Role(
    "embedding model",
    "set RAG_EMBEDDING_MODEL to that folder, or to `bundled`",
    "sentence-transformers langchain-huggingface",
)


def create_embeddings(name: str, *, home: Path, threads: int | None = None) -> Embeddings:
    """The model ``name``: ``bundled``, or a sentence-transformers model by hub name or folder. Loads at first use.

    The bundled one embeds in so many ``threads``, or as many as there are cores.
    """
    if name == BUNDLED:
        return BundledEmbeddings(model_folder(home), threads=threads)
    return SentenceTransformerEmbeddings(name)


def fingerprint(name: str) -> str:
    """What identifies the vectors of model ``name`` in an index: for another model than the bundled one, its name."""
    return bundled_model.fingerprint() if name == BUNDLED else name


class _Parts(NamedTuple):
    tokenizer: Tokenizer
    session: InferenceSession


class BundledEmbeddings(Embeddings):
    """The model in ``folder``, built and loaded at the first use; safe to share between threads.

    Vectors have 384 dimensions and length 1. A text is cut at 512 tokens, and its vector does not depend on the texts
    embedded with it. Errors of the first use are those of ``ensure_model``.
    """

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads or cores()
        self._pool = ThreadPoolExecutor(self._threads)
        self._lock = threading.Lock()
        self._parts: _Parts | None = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a passage."""
        vectors: list[list[float]] = self.embed_array(texts, kind="passage").tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        vector: list[float] = self.embed_array([text], kind="query")[0].tolist()
        return vector

    def embed_array(
        self, texts: Sequence[str], *, kind: Kind, progress: Callable[[int, int], None] | None = None
    ) -> Vectors:
        """One vector a text, fp32 (n, 384), in order; ``progress`` gets (texts done, texts in all)."""
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        done = 0
        for start in range(0, len(texts), _BLOCK_TEXTS):
            for batch, found in self._embedded([f"{kind}: {t}" for t in texts[start : start + _BLOCK_TEXTS]]):
                vectors[[start + index for index in batch]] = found
                done += len(batch)
                if progress:
                    progress(done, len(texts))
        return vectors

    def _embedded(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Vectors]]:
        """Batches of the ``texts``, by index, with their vectors."""
        tokenizer, session = self._loaded()
        tokens = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(map(encodable, texts)))]
        batches = _batches([len(ids) for ids in tokens], at_least=self._threads)

        def run(batch: Sequence[int]) -> Vectors:
            [found] = run_padded(session, [tokens[index] for index in batch], ["embedding"])
            return found

        # A question is embedded in the thread that asks: it never waits for those that an ingest has queued.
        found = map(run, batches) if len(batches) == 1 else self._pool.map(run, batches)
        return zip(batches, found, strict=True)

    def _loaded(self) -> _Parts:
        with self._lock:
            if self._parts is None:
                ensure_model(self._folder)
                self._parts = _Parts(tokenizer(self._folder), open_session(self._folder / MODEL_FILE))
            return self._parts


def _batches(lengths: Sequence[int], *, at_least: int) -> list[list[int]]:
    """Indices in batches of similar length, longest first; ``at_least`` so many where there are that many texts.

    What a batch is padded with is computed like any other token.
    """
    longest_first = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    most = min(_BATCH_TOKENS, ceil(sum(lengths) / at_least))
    batches: list[list[int]] = []
    for index in longest_first:
        if not batches or (len(batches[-1]) + 1) * lengths[batches[-1][0]] > most:
            batches.append([])
        batches[-1].append(index)
    return batches


class SentenceTransformerEmbeddings(Embeddings):
    """The sentence-transformers model ``name`` (a hub name or a folder), loaded at the first use; unit vectors.

    Models of the E5 family, told by their name, get their prefixes ``query: `` and ``passage: ``. A hub name that is
    not cached is downloaded. ``ModelError`` says when the model cannot be had.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._model: HuggingFaceEmbeddings | None = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a passage."""
        return self._loaded().embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return self._loaded().embed_query(text)

    def _loaded(self) -> HuggingFaceEmbeddings:
        with self._lock:
            if self._model is None:
                self._model = load_pretrained(self._name, _open, _ROLE)
            return self._model


def _open(name: str, local_files_only: bool) -> HuggingFaceEmbeddings:
    from langchain_huggingface import HuggingFaceEmbeddings

    passage, query = ({"normalize_embeddings": True, **prompt} for prompt in _prompts(Path(name).name))
    return HuggingFaceEmbeddings(
        model_name=name,
        model_kwargs={"local_files_only": local_files_only},
        encode_kwargs=passage,
        query_encode_kwargs=query,
    )


def _prompts(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The options for passages and for questions."""
    if "e5" in re.split(r"[^a-z0-9]+", name.lower()):
        return {"prompt": "passage: "}, {"prompt": "query: "}
    return {}, {}


def embed_passages(embeddings: Embeddings, texts: list[str]) -> Vectors:
    """One vector a text, fp32 (n, dimensions); without the detour over lists of floats where the model can do so."""
    if embed_array := getattr(embeddings, "embed_array", None):
        return np.asarray(embed_array(texts, kind="passage"), dtype=np.float32)
    return np.asarray(embeddings.embed_documents(texts), dtype=np.float32)


def embed_queries(embeddings: Embeddings, texts: list[str]) -> Vectors:
    """One vector a question, fp32 (n, dimensions), in one call where the model can do so."""
    if embed_array := getattr(embeddings, "embed_array", None):
        return np.asarray(embed_array(texts, kind="query"), dtype=np.float32)
    return np.asarray([embeddings.embed_query(text) for text in texts], dtype=np.float32)


def embed_query(embeddings: Embeddings, text: str) -> Vectors:
    """The vector of a question, fp32 (dimensions)."""
    return np.asarray(embeddings.embed_query(text), dtype=np.float32)
