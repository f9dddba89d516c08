"""Ingest on Ray: files are parsed in tasks and texts embedded by actors, on this machine or a cluster.

Whoever started it stays the only one that writes, in the same order: a worker that is lost loses no document. Ray
starts it anew and repeats what it was doing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.corpus.archive import ArchiveLimits, archive_of
from rag.corpus.document import ReadLimits
from rag.corpus.isolation import WorkerLimits, Workers
from rag.corpus.loading import read_bytes
from rag.errors import ConfigurationError, DocumentError, MissingDependencyError, ModelError, PolicyRagError
from rag.index.embeddings import Kind, Vectors, create_embeddings, embed_passages
from rag.index.reading import FileReader
from rag.schema import Document

_BATCH_TEXTS = 32
_RETRIES = 3  # of a file, when the process that reads it is lost
# Of one core: each embeds and parses, and the sum must be less than one for either to get its turn.
_EMBEDS, _PARSES = {"num_cpus": 0.75}, {"num_cpus": 0.2}


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: limits of the text, of archives and of the process."""

    limits: ReadLimits
    archives: ArchiveLimits
    process: WorkerLimits


@dataclass(frozen=True, slots=True)
class Engine:
    """What an ingest does elsewhere: ``read`` a file, and what ``embeddings`` does."""

    read: Callable[..., Document]
    embeddings: Embeddings
    workers: int


@contextmanager
def ray_engine(reading: Reading, here: FileReader, model: str, *, home: Path, workers: int | None) -> Iterator[Engine]:
    """Ray, on the cluster that ``RAY_ADDRESS`` names or else started on this machine, with so many ``workers``.

    Without a number, as many as there are cores. ``here`` reads what is inside archives.

    Raises:
        MissingDependencyError: Ray is not installed. ConfigurationError: the cluster cannot be reached.
    """
    ray = _ray()
    started = not ray.is_initialized()
    if started:
        _start(ray, workers)
    try:
        count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        embedder = ray.remote(**_EMBEDS, max_restarts=-1, max_task_retries=-1)(_Embedder)
        actors = [embedder.remote(model, str(home)) for _ in range(count)]
        parse = ray.remote(**_PARSES, max_retries=_RETRIES)(_parse)
        yield Engine(_Reader(ray, parse, reading, here), RayEmbeddings(ray, actors), count)
    finally:
        if started:
            ray.shutdown()


class RayEmbeddings(Embeddings):
    """The model of the ``actors``, which share the texts; ``ModelError`` when they cannot have it."""

    def __init__(self, ray: Any, actors: Sequence[Any]) -> None:
        self._ray = ray
        self._actors = actors
        self.workers = len(actors)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a passage."""
        vectors: list[list[float]] = self.embed_array(texts, kind="passage").tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        raise NotImplementedError("questions are not embedded while documents are")

    def embed_array(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """One vector a text, fp32 (n, dimensions), in order."""
        assert kind == "passage"
        size = max(1, min(_BATCH_TEXTS, -(-len(texts) // self.workers)))
        parts = [list(texts[start : start + size]) for start in range(0, len(texts), size)]
        # Who is done first gets the next: texts differ in length, and machines in speed.
        free, found = list(self._actors), dict[int, Vectors]()
        pending: dict[Any, tuple[int, Any]] = {}
        for number, part in enumerate(parts):
            if not free:
                free.append(self._next(pending, found))
            actor = free.pop()
            pending[actor.embed.remote(part)] = number, actor
        while pending:
            self._next(pending, found)
        return np.concatenate([found[number] for number in range(len(parts))])

    def _next(self, pending: dict[Any, tuple[int, Any]], found: dict[int, Vectors]) -> Any:
        (done,), _ = self._ray.wait(list(pending), num_returns=1)
        number, actor = pending.pop(done)
        found[number] = _own(_get(self._ray, done, ModelError))
        return actor


class _Reader:
    """Reads a file's bytes here and has them parsed elsewhere, where the file need not be."""

    def __init__(self, ray: Any, parse: Any, reading: Reading, here: FileReader) -> None:
        self._ray = ray
        self._parse = parse
        self._reading = reading
        self._here = here

    def __call__(self, path: Path, *, source: str, overrides: Mapping[str, Any]) -> Document:
        if archive_of(path) is not None:
            return self._here(path, source=source, overrides=overrides)
        data = read_bytes(path, max_bytes=self._reading.limits.max_bytes)
        done = self._parse.remote(self._reading, data, path.name, source, dict(overrides))
        document: Document = _own(_get(self._ray, done, DocumentError))
        return document


class _Embedder:
    """An actor with a model of its own, which uses one core."""

    def __init__(self, model: str, home: str) -> None:
        self._embeddings = create_embeddings(model, home=Path(home), threads=1)

    def embed(self, texts: list[str]) -> Vectors | PolicyRagError:
        """One vector a passage, or why there is none."""
        try:
            return embed_passages(self._embeddings, texts)
        except PolicyRagError as error:
            return error


def _parse(reading: Reading, data: bytes, name: str, source: str, overrides: dict[str, Any]) -> Any:
    """The document in ``data``, or why it cannot be read: bounded as on one machine."""
    with TemporaryDirectory(prefix="policy-rag-") as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        try:
            return _reader(reading)(path, source=source, overrides=overrides)
        except PolicyRagError as error:
            return error


@cache
def _reader(reading: Reading) -> FileReader:
    return FileReader(reading.limits, Workers(reading.process), reading.archives)


def _own(found: Any) -> Any:
    if isinstance(found, PolicyRagError):
        raise found
    return found


def _get(ray: Any, done: Any, kind: type[PolicyRagError]) -> Any:
    try:
        return ray.get(done)
    except ray.exceptions.RayError as error:
        reason = str(error).strip().splitlines()[-1]
        raise kind(f"Ray could not do its part: {reason}. Look at its workers, then try again.") from error


def _ray() -> Any:
    try:
        return import_module("ray")
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "ingest on Ray needs the package ray. Run `pip install 'policy-rag[scale]'`."
        ) from error


def _start(ray: Any, workers: int | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reports to its makers otherwise
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # it warns of a coming change
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if not os.environ.get("RAY_ADDRESS"):
        options |= {"num_cpus": workers, "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    try:
        ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        with suppress(RuntimeError):
            ray.shutdown()
        raise ConfigurationError(f"cannot start or reach Ray: {error}. Check RAY_ADDRESS, or unset it.") from error
