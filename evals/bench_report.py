"""What a benchmark found: figures by name for each corpus, ours and the baseline's, and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rag.errors import StorageError

VERSION = 1
_PACKAGES = ("chromadb", "onnxruntime", "tantivy", "torch", "sentence-transformers", "langchain-chroma")

Figures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Run:
    """Figures for one corpus, by name with their unit; ``None``: not known here. ``baseline`` may be empty."""

    corpus: str
    documents: int
    ours: Figures
    baseline: Figures

    def rows(self) -> Iterator[tuple[str, float | None, float | None, float | None]]:
        """Name, our figure, the baseline's, and ours divided by it, where there are both."""
        for name in dict.fromkeys([*self.ours, *self.baseline]):
            mine, other = self.ours.get(name), self.baseline.get(name)
            yield name, mine, other, mine / other if mine is not None and other else None


@dataclass(frozen=True, slots=True)
class Bench:
    """The runs of one benchmark, when and on what machine they were made, and with which packages."""

    created: str
    machine: Mapping[str, str | int]
    versions: Mapping[str, str]
    runs: tuple[Run, ...]

    def to_json(self) -> str:
        """The whole as a JSON object; each run with its ``ratios`` as well."""
        found: dict[str, Any] = {"version": VERSION, **asdict(self)}
        for run, values in zip(self.runs, found["runs"], strict=True):
            values["ratios"] = {name: ratio for name, *_, ratio in run.rows() if ratio is not None}
        return json.dumps(found, ensure_ascii=False, indent=1)


def bench_of(runs: tuple[Run, ...]) -> Bench:
    """``runs`` with the present time, machine and versions."""
    machine: dict[str, str | int] = {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "python": platform.python_version(),
    }
    return Bench(datetime.now(UTC).isoformat(timespec="seconds"), machine, dict(_versions()), runs)


def save(text: str, path: Path) -> None:
    """Write ``text`` to ``path``, with the folders above; ``StorageError`` when that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}. Name another file.") from error


def _versions() -> Iterator[tuple[str, str]]:
    for package in ("policy-rag", *_PACKAGES):
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue
