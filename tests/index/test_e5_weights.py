from __future__ import annotations

import struct

import numpy as np
import pytest

from rag.index.e5_weights import Shape, parse

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁州"]
SCORES = [0.0, 0.0, 0.0, 0.0, -3.5]
SHAPE = Shape(hidden=32, layers=1, heads=2, ffn=64, vocabulary=6, positions=8, types=2, epsilon=0.5)
ROWS = np.array([np.arange(32) % 16 - 8, 7 - np.arange(32) % 16], np.float32)  # two rows of 4-bit values


def q4_0(row: np.ndarray, scale: float) -> bytes:
    nibbles = (row + 8).astype(np.uint8)
    return struct.pack("<e", scale) + bytes(nibbles[:16] | nibbles[16:] << 4)


def model_file() -> bytes:
    blob = "".join(PIECES).encode()
    offsets = [0, *np.cumsum([len(piece.encode()) for piece in PIECES]).tolist()]
    head = struct.pack("<4sI7ifi", b"E5S1", 1, 32, 1, 2, 64, 6, 8, 2, 0.5, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    head += struct.pack("<6I5f", *offsets, *SCORES) + blob
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xFF01, 1, 0x21) + struct.pack("<i", 2)
    tensors = {"v": (0, 3, struct.pack("<3f", 1.5, -2, 0.25)), "w": (1, 64, q4_0(ROWS[0], 0.5) + q4_0(ROWS[1], 2))}
    size = len(head) + sum(struct.calcsize("<H") + len(name) + struct.calcsize("<BIQQ") for name in tensors)
    directory = body = b""
    for name, (kind, count, content) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, size + len(body), len(content))
        body += content
    return head + directory + body


def test_header_vocabulary_and_tensors() -> None:
    weights = parse(model_file())
    assert weights.shape == SHAPE
    assert weights.pieces == list(zip(PIECES, SCORES, strict=True))
    assert (weights.bos, weights.eos, weights.pad, weights.unk) == (0, 2, 1, 3)
    assert weights.vector("v").tolist() == [1.5, -2, 0.25]
    assert weights.matrix("w", 32).dense().tolist() == (ROWS * [[0.5], [2]]).tolist()


def test_a_tensor_of_the_other_type_is_refused() -> None:
    weights = parse(model_file())
    with pytest.raises(ValueError, match="tensor w has data type 1, not fp32"):
        weights.vector("w")
    with pytest.raises(ValueError, match="tensor v has data type 0, not Q4_0"):
        weights.matrix("v", 32)


@pytest.mark.parametrize("length", [0, 10, 50, 90, 140, 170])
def test_a_file_that_ends_early_is_refused(length: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - NumPy words some of them
        parse(model_file()[:length])


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format b'GGUF' version 1"):
        parse(b"GGUF" + model_file()[4:])
