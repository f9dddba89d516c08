"""The manifest: what an index was built with, so that it is never searched with something else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.errors import IndexMismatchError, StorageError
from rag.index.catalog import Catalog
from rag.index.texts import TEXTS_VERSION

_REBUILD = "Run `rag verify --repair` to rebuild the index from the catalogue (no file is needed)"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything an index depends on. ``embedding`` is the fingerprint of the model, ``texts`` of what is searched."""

    embedding: str
    chunk_chars: int
    chunker: int
    texts: int = TEXTS_VERSION


def load(path: Path) -> Manifest | None:
    """The manifest in the file ``path``, ``None`` when there is none; ``StorageError`` when it is damaged."""
    try:
        return Manifest(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise StorageError(f"the manifest {path} cannot be read: {error}. {_REBUILD}.") from error


def save(manifest: Manifest, path: Path) -> None:
    """Write ``manifest`` to the file ``path``, whole or not at all."""
    fresh = path.with_suffix(".new")
    try:
        fresh.write_text(json.dumps(asdict(manifest), indent=2) + "\n", "utf-8")
        fresh.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error}. Make its folder writable or set RAG_HOME.") from error


class InFile:
    """The manifest of an index in a folder, in the file ``path`` beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Manifest | None:
        """The manifest, ``None`` when there is none; ``StorageError`` when it is damaged."""
        return load(self._path)

    def save(self, manifest: Manifest) -> None:
        """Keep ``manifest``."""
        save(manifest, self._path)

    def forget(self) -> None:
        """Keep none."""
        self._path.unlink(missing_ok=True)


class InCatalog:
    """The manifest of an index that several machines share, in its ``catalog``."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def load(self) -> Manifest | None:
        """The manifest, ``None`` when there is none; ``StorageError`` when another version wrote it."""
        found = self._catalog.manifest()
        try:
            return None if found is None else Manifest(**found)
        except TypeError as error:
            raise StorageError(f"the manifest in {self._catalog.name} cannot be read: {error}. {_REBUILD}.") from error

    def save(self, manifest: Manifest) -> None:
        """Keep ``manifest``."""
        self._catalog.keep_manifest(asdict(manifest))

    def forget(self) -> None:
        """Keep none."""
        self._catalog.keep_manifest(None)


def check(found: Manifest | None, expected: Manifest) -> None:
    """Raise ``IndexMismatchError``, naming each difference and the command that rebuilds, unless both are equal."""
    if found is None:
        raise IndexMismatchError(f"the index was not finished: its manifest is missing. {_REBUILD}.")
    wanted = asdict(expected)
    differences = [
        f"{name} {value!r}, now {wanted[name]!r}" for name, value in asdict(found).items() if value != wanted[name]
    ]
    if differences:
        raise IndexMismatchError(
            f"the index was built with {'; '.join(differences)}. {_REBUILD}, or go back to the earlier settings."
        )
