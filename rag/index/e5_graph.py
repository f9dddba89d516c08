"""Writes multilingual-e5-small as an ONNX graph: token ids to a vector a token, or to one of length 1 for them all.

Word embeddings stay in their 4 bits. The other weights become int8 with one scale per output. Activations are
quantised by token, after division by the token's largest absolute value: a scale for the whole batch, as dynamic
quantisation has it, loses ten times as much to the few tokens with huge activations and makes a vector depend on its
batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from rag.index.e5_weights import BLOCK, Quantised, Weights

_CONTRIB = "com.microsoft"
_ZERO_POINT = 128
_STEP = 1 / 127


Int8Matrix = tuple[np.ndarray[Any, np.dtype[np.int8]], np.ndarray[Any, np.dtype[np.float32]]]
Vector = np.ndarray[Any, np.dtype[np.float32]]


def onnx_model(weights: Weights) -> onnx.ModelProto:
    """int64 ``input_ids`` and int32 ``attention_mask`` (batch, length) to fp32 ``embedding`` (batch, 384)."""
    graph = EncoderGraph(weights)
    graph.pool(graph.encode())
    return graph.model("multilingual-e5-small", {"embedding": ["batch", weights.shape.hidden]})


def int8(dense: Vector) -> Int8Matrix:
    """A matrix as int8 and one scale per row; 127 steps either way."""
    scales = np.maximum(np.abs(dense).max(axis=1), 1e-9) * np.float32(_STEP)
    return np.rint(dense / scales[:, None]).astype(np.int8), scales.astype(np.float32)


class EncoderGraph:
    """The encoder as nodes of a graph, to which others are added before ``model`` closes it.

    A subclass may take the layers from elsewhere: ``matrix`` gives a layer's matrix, ``vector`` its other tensors.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._shape = weights.shape
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._step = self.constant("step", np.float32(_STEP))
        self._zero_point = self.constant("zero_point", np.uint8(_ZERO_POINT))
        self._tiny = self.constant("tiny", np.float32(1e-9))
        self._last_axis = self.constant("last_axis", np.array([-1], np.int64))

    def matrix(self, name: str, columns: int) -> Int8Matrix:
        """The matrix ``name`` of a layer, one row per output."""
        return int8(self._weights.matrix(name, columns).dense())

    def vector(self, name: str) -> Vector:
        """The tensor ``name``, flat."""
        return self._weights.vector(name)

    def encode(self) -> str:
        """The tokens' vectors after the last layer, fp32 (batch, length, 384), by the name of that value."""
        x = self._embed()
        for layer in range(self._shape.layers):
            x = self._layer(x, f"l{layer}")
        return x

    def model(self, name: str, outputs: Mapping[str, Sequence[str | int]]) -> onnx.ModelProto:
        """The finished model ``name``, giving the fp32 ``outputs`` by name, with the shape of each."""
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])
        mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT32, ["batch", "length"])
        given = [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in outputs.items()]
        graph = helper.make_graph(self._nodes, name, [ids, mask], given, self._constants)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(_CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="policy-rag")

    def pool(self, x: str) -> None:
        """Output ``embedding``: the mean over the tokens, to length 1; the sum has the same direction."""
        mask = self.node("Cast", ["attention_mask"], to=TensorProto.FLOAT)
        mask = self.node("Unsqueeze", [mask, self._last_axis])
        tokens = self.constant("token_axis", np.array([1], np.int64))
        total = self.node("ReduceSum", [self.node("Mul", [x, mask]), tokens], keepdims=0)
        self.node("LpNormalization", [total], "embedding", axis=-1, p=2)

    def linear(self, x: str, name: str, output: str | None = None) -> str:
        """``x`` times the small fp32 matrix ``name``.w, plus ``name``.b."""
        columns = self._shape.hidden
        weights = self.constant(f"{name}.w", self.vector(f"{name}.w").reshape(-1, columns).T)
        return self.node("Add", [self.node("MatMul", [x, weights]), self._vector(f"{name}.b")], output)

    def node(self, operator: str, inputs: list[str], output: str | None = None, **attributes: Any) -> str:
        """Add a node with one output; its name is returned."""
        name = output or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, name: str, values: Any) -> str:
        """Add a constant; its name is returned."""
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values).reshape(np.shape(values)), name))
        return name

    def _embed(self) -> str:
        """Word, position and type 0 embeddings, normalised; positions count from 0, as in BERT."""
        hidden = self._shape.hidden
        # The last rows of the matrix belong to no piece.
        words = self._weights.matrix("emb.word", hidden)
        words = Quantised(words.scales[: len(self._weights.pieces)], words.nibbles[: len(self._weights.pieces)])
        scales = self.constant("emb.word.scales", words.scales)
        indices = [self._int4("emb.word", words), "input_ids", scales]
        x = self._contrib("GatherBlockQuantized", indices, gather_axis=0, quantize_axis=1, block_size=BLOCK)
        x = self.node("Cast", [x], to=TensorProto.FLOAT)
        positions = self._weights.vector("emb.pos").reshape(-1, hidden) + self._weights.vector("emb.type")[:hidden]
        first = self.constant("first", np.array([0], np.int64))
        length = self.node("Shape", ["input_ids"], start=1, end=2)
        used = self.node("Slice", [self.constant("emb.pos", positions), first, length])
        x = self.node("Add", [x, used])
        gains = [self._vector("emb.ln.w"), self._vector("emb.ln.b")]
        return self.node("LayerNormalization", [x, *gains], axis=-1, epsilon=self._shape.epsilon)

    def _layer(self, x: str, layer: str) -> str:
        hidden, ffn = self._shape.hidden, self._shape.ffn
        projected = self._linear(x, [f"{layer}.{part}.w" for part in "qkv"], hidden)
        biases = np.concatenate([self.vector(f"{layer}.{part}.b") for part in "qkv"])
        attended = self._contrib(
            "MultiHeadAttention",
            [*projected, self.constant(f"{layer}.qkv.b", biases), "attention_mask"],
            num_heads=self._shape.heads,
        )
        (attended,) = self._linear(attended, [f"{layer}.ao.w"], hidden)
        x = self._add_and_normalise(attended, x, layer, "ao.b", "aln")
        (inner,) = self._linear(x, [f"{layer}.fi.w"], hidden)
        inner = self._contrib("BiasGelu", [inner, self._vector(f"{layer}.fi.b")])  # the exact one, with erf
        (outer,) = self._linear(inner, [f"{layer}.fo.w"], ffn)
        return self._add_and_normalise(outer, x, layer, "fo.b", "oln")

    def _linear(self, x: str, matrices: list[str], columns: int) -> list[str]:
        """``x`` times each matrix in int8, without bias."""
        peak = self.node("ReduceMax", [self.node("Abs", [x]), self._last_axis], keepdims=1)
        peak = self.node("Max", [peak, self._tiny])
        scaled = self.node("QuantizeLinear", [self.node("Div", [x, peak]), self._step, self._zero_point])
        products = []
        for name in matrices:
            values, scales = self.matrix(name, columns)
            weights = [self.constant(name, values.T), self._step, self.constant(f"{name}.scales", scales)]
            product = self._contrib("MatMulIntegerToFloat", [scaled, *weights, self._zero_point])
            products.append(self.node("Mul", [product, peak]))
        return products

    def _add_and_normalise(self, x: str, skip: str, layer: str, bias: str, norm: str) -> str:
        names = [f"{layer}.{norm}.w", f"{layer}.{norm}.b", f"{layer}.{bias}"]
        inputs = [x, skip, *(self._vector(name) for name in names)]
        return self._contrib("SkipLayerNormalization", inputs, epsilon=self._shape.epsilon)

    def _contrib(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        return self.node(operator, inputs, domain=_CONTRIB, **attributes)

    def _vector(self, name: str) -> str:
        return self.constant(name, self.vector(name))

    def _int4(self, name: str, matrix: Quantised) -> str:
        signed = matrix.nibbles ^ 8  # 0–15 with offset 8 to two's complement
        packed = signed[..., 0::2] | signed[..., 1::2] << 4
        size = [len(signed), signed[0].size]
        tensor = TensorProto(name=name, data_type=TensorProto.INT4, dims=size, raw_data=packed.tobytes())
        self._constants.append(tensor)
        return name
