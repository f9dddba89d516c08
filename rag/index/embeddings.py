"""Texts to unit vectors, as LangChain ``Embeddings``: the bundled model, or any sentence-transformers model."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from rag.index import bundled_model
from rag.index.bundled_model import DIMENSIONS, MODEL_FILE, ensure_model, model_folder, tokenizer
from rag.index.pretrained import Role, load_pretrained
from rag.index.sessions import open_session, run_padded
from rag.index.texts import encodable

if TYPE_CHECKING:
    from langchain_huggingface import HuggingFaceEmbeddings
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Tokenizer

BUNDLED = "bundled"
Vectors = npt.NDArray[np.float32]
Kind = Literal["query", "passage"]

_BATCH_TOKENS = 512  # measured on 2 cores: larger batches are no faster
_BLOCK_TEXTS = 2048  # tokenised together and sorted by length
_ROLE = Role(
    "embedding model",
    "set RAG_EMBEDDING_MODEL to that folder, or to `bundled`",
    "sentence-transformers langchain-huggingface",
)


def create_embeddings(name: str, *, home: Path, threads: int | None = None) -> Embeddings:
    """The model ``name``: ``bundled``, or a sentence-transformers model by hub name or folder. Loads at first use.

    The bundled one uses so many ``threads``, or as many as there are cores.
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
        self._threads = threads
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
        parts, done = self._loaded(), 0
        for start in range(0, len(texts), _BLOCK_TEXTS):
            block = [encodable(f"{kind}: {t}") for t in texts[start : start + _BLOCK_TEXTS]]
            tokens = [encoding.ids for encoding in parts.tokenizer.encode_batch_fast(block)]
            for batch in _batches([len(ids) for ids in tokens]):
                (vectors[[start + i for i in batch]],) = run_padded(
                    parts.session, [tokens[i] for i in batch], ["embedding"]
                )
                done += len(batch)
                if progress:
                    progress(done, len(texts))
        return vectors

    def _loaded(self) -> _Parts:
        with self._lock:
            if self._parts is None:
                ensure_model(self._folder)
                self._parts = _load(self._folder, self._threads)
            return self._parts


def _load(folder: Path, threads: int | None) -> _Parts:
    return _Parts(tokenizer(folder), open_session(folder / MODEL_FILE, threads=threads))


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices in batches of similar length: what a batch is padded with is computed like any other token."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


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
