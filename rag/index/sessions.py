"""onnxruntime sessions of models that take padded rows of token ids.

Each run has one thread, and several runs go on at once: threads that share each operation of one run wait for each
other, which cost a fifth of the speed on two idle cores, and half or more beside other work.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

from rag.index.built import Version, version_of

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]

_PAD = 1
_MOST_THREADS = 8


# A model takes about 150 MB, and several threads may use a session at once: those that want the same model share it.
_open: WeakValueDictionary[Version, InferenceSession] = WeakValueDictionary()
_opening = threading.Lock()


def open_session(file: Path) -> InferenceSession:
    """The model in ``file``, loaded once for all who hold it; a run uses the thread that calls it."""
    from onnxruntime import InferenceSession, SessionOptions

    version = version_of(file)
    with _opening:
        session = _open.get(version)
        if session is None:
            options = SessionOptions()
            options.intra_op_num_threads = 1
            session = InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
            _open[version] = session
        return session


def run_padded(
    session: InferenceSession, tokens: Sequence[Sequence[int]], outputs: list[str]
) -> list[npt.NDArray[Any]]:
    """The ``outputs`` for rows of token ids, each row padded to the longest."""
    size = (len(tokens), max(len(ids) for ids in tokens))
    input_ids, mask = np.full(size, _PAD, np.int64), np.zeros(size, np.int32)
    for row, ids in enumerate(tokens):
        input_ids[row, : len(ids)] = ids
        mask[row, : len(ids)] = 1
    given: list[npt.NDArray[Any]] = session.run(outputs, {"input_ids": input_ids, "attention_mask": mask})
    return given


def cores() -> int:
    """How many threads to work with: the cores this process may use, where the system tells, eight at most."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(mine, _MOST_THREADS)
