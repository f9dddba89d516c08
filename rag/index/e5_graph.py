"""Writes multilingual-e5-small as an ONNX graph: token ids to unit vectors, pooling and normalisation included.

Word embeddings stay in their 4 bits. The other weights become int8 with one scale per output. Activations are
quantised by token, after division by the token's largest absolute value: a scale for the whole batch, as dynamic
quantisation has it, loses ten times as much to the few tokens with huge activations and makes a vector depend on its
batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from rag.index.e5_weights import BLOCK, Quantised, Weights

_CONTRIB = "com.microsoft"
_ZERO_POINT = 128
_STEP = 1 / 127


def onnx_model(weights: Weights) -> onnx.ModelProto:
    """int64 ``input_ids`` and int32 ``attention_mask`` (batch, length) to fp32 ``embedding`` (batch, 384)."""
    return _Graph(weights).model()


class _Graph:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._shape = weights.shape
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._step = self._constant("step", np.float32(_STEP))
        self._zero_point = self._constant("zero_point", np.uint8(_ZERO_POINT))
        self._tiny = self._constant("tiny", np.float32(1e-9))
        self._last_axis = self._constant("last_axis", np.array([-1], np.int64))

    def model(self) -> onnx.ModelProto:
        x = self._embed()
        for layer in range(self._shape.layers):
            x = self._layer(x, f"l{layer}")
        self._pool(x)
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])
        mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT32, ["batch", "length"])
        output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", self._shape.hidden])
        graph = helper.make_graph(self._nodes, "multilingual-e5-small", [ids, mask], [output], self._constants)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(_CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="policy-rag")

    def _embed(self) -> str:
        """Word, position and type 0 embeddings, normalised; positions count from 0, as in BERT."""
        hidden = self._shape.hidden
        # The last rows of the matrix belong to no piece.
        words = self._weights.matrix("emb.word", hidden)
        words = Quantised(words.scales[: len(self._weights.pieces)], words.nibbles[: len(self._weights.pieces)])
        scales = self._constant("emb.word.scales", words.scales)
        indices = [self._int4("emb.word", words), "input_ids", scales]
        x = self._contrib("GatherBlockQuantized", indices, gather_axis=0, quantize_axis=1, block_size=BLOCK)
        x = self._node("Cast", [x], to=TensorProto.FLOAT)
        positions = self._weights.vector("emb.pos").reshape(-1, hidden) + self._weights.vector("emb.type")[:hidden]
        first = self._constant("first", np.array([0], np.int64))
        length = self._node("Shape", ["input_ids"], start=1, end=2)
        used = self._node("Slice", [self._constant("emb.pos", positions), first, length])
        x = self._node("Add", [x, used])
        gains = [self._vector("emb.ln.w"), self._vector("emb.ln.b")]
        return self._node("LayerNormalization", [x, *gains], axis=-1, epsilon=self._shape.epsilon)

    def _layer(self, x: str, layer: str) -> str:
        hidden, ffn = self._shape.hidden, self._shape.ffn
        projected = self._linear(x, [f"{layer}.{part}.w" for part in "qkv"], hidden)
        biases = np.concatenate([self._weights.vector(f"{layer}.{part}.b") for part in "qkv"])
        attended = self._contrib(
            "MultiHeadAttention",
            [*projected, self._constant(f"{layer}.qkv.b", biases), "attention_mask"],
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
        peak = self._node("ReduceMax", [self._node("Abs", [x]), self._last_axis], keepdims=1)
        peak = self._node("Max", [peak, self._tiny])
        scaled = self._node("QuantizeLinear", [self._node("Div", [x, peak]), self._step, self._zero_point])
        products = []
        for name in matrices:
            values, scales = _int8(self._weights.matrix(name, columns))
            weights = [self._constant(name, values.T), self._step, self._constant(f"{name}.scales", scales)]
            product = self._contrib("MatMulIntegerToFloat", [scaled, *weights, self._zero_point])
            products.append(self._node("Mul", [product, peak]))
        return products

    def _add_and_normalise(self, x: str, skip: str, layer: str, bias: str, norm: str) -> str:
        names = [f"{layer}.{norm}.w", f"{layer}.{norm}.b", f"{layer}.{bias}"]
        inputs = [x, skip, *(self._vector(name) for name in names)]
        return self._contrib("SkipLayerNormalization", inputs, epsilon=self._shape.epsilon)

    def _pool(self, x: str) -> None:
        """The mean over the tokens, to length 1; the sum has the same direction."""
        mask = self._node("Cast", ["attention_mask"], to=TensorProto.FLOAT)
        mask = self._node("Unsqueeze", [mask, self._last_axis])
        tokens = self._constant("token_axis", np.array([1], np.int64))
        total = self._node("ReduceSum", [self._node("Mul", [x, mask]), tokens], keepdims=0)
        self._nodes.append(helper.make_node("LpNormalization", [total], ["embedding"], axis=-1, p=2))

    def _node(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        output = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _contrib(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        return self._node(operator, inputs, domain=_CONTRIB, **attributes)

    def _constant(self, name: str, values: Any) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values).reshape(np.shape(values)), name))
        return name

    def _vector(self, name: str) -> str:
        return self._constant(name, self._weights.vector(name))

    def _int4(self, name: str, matrix: Quantised) -> str:
        signed = matrix.nibbles ^ 8  # 0–15 with offset 8 to two's complement
        packed = signed[..., 0::2] | signed[..., 1::2] << 4
        size = [len(signed), signed[0].size]
        tensor = TensorProto(name=name, data_type=TensorProto.INT4, dims=size, raw_data=packed.tobytes())
        self._constants.append(tensor)
        return name


def _int8(matrix: Quantised) -> tuple[np.ndarray[Any, np.dtype[np.int8]], np.ndarray[Any, np.dtype[np.float32]]]:
    """The matrix as int8 and one scale per row; 127 steps either way."""
    dense = matrix.dense()
    scales = np.maximum(np.abs(dense).max(axis=1), 1e-9) * np.float32(_STEP)
    return np.rint(dense / scales[:, None]).astype(np.int8), scales.astype(np.float32)
