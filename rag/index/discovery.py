"""Which files an ingest is about, what they will be called, and what their sidecar says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rag.corpus.formats.registry import SUFFIXES
from rag.corpus.sidecar import read_sidecar
from rag.errors import DocumentError, DocumentNotFoundError
from rag.schema import Failure


@dataclass(frozen=True, slots=True)
class File:
    """A file to ingest: ``path`` as it was found, ``real`` absolute and without links, ``name`` inside its folder."""

    path: Path
    real: Path
    name: str

    def names(self) -> Iterator[str]:
        """Source names to try: ``name``, then each time with one more of the folders above."""
        yield self.name
        above = self.real.parts[1 : -len(Path(self.name).parts)]
        for start in reversed(range(len(above))):
            yield "/".join((*above[start:], self.name))


@dataclass(frozen=True, slots=True)
class Found:
    """The files, the folders they were looked for in, and the folders among those that cannot be listed."""

    files: tuple[File, ...]
    folders: tuple[Path, ...]
    unreadable: tuple[Failure, ...]

    def covers(self, path: Path) -> bool:
        """Whether a document at ``path`` would have been found."""
        within = any(path.is_relative_to(folder) for folder in self.folders)
        return within and not any(path.is_relative_to(failure.path) for failure in self.unreadable)


class Sidecars:
    """The entries of ``metadata.yaml``, each folder's read once."""

    def __init__(self) -> None:
        self._read = cache(read_sidecar)

    def entry(self, path: Path) -> Mapping[str, Any]:
        """What the sidecar beside ``path`` says of it. ``ConfigurationError`` when the sidecar cannot be read."""
        return self._read(path.parent).get(path.name, {})


def find_files(paths: Iterable[Path]) -> Found:
    """The files at ``paths``: a file is taken as it is; of a folder, every document that is not hidden.

    Raises:
        DocumentNotFoundError: there is nothing at a path.
        DocumentError: a folder holds no document.
    """
    wanted = list(paths)
    for path in wanted:
        if not path.exists():
            raise DocumentNotFoundError(f"no such file or folder: {path}. Check the path; nothing was changed.")
    files: dict[Path, File] = {}
    unreadable: list[Failure] = []
    for path in wanted:
        inside = list(_walk(path, unreadable)) if path.is_dir() else [File(path, path.resolve(), path.name)]
        if not inside and not unreadable:
            kinds = " or ".join(sorted(SUFFIXES))
            raise DocumentError(f"no {kinds} file in the folder {path}. Name another folder; nothing was changed.")
        for file in inside:
            files.setdefault(file.real, file)
    folders = tuple(path.resolve() for path in wanted if path.is_dir())
    return Found(tuple(files.values()), folders, tuple(unreadable))


def _walk(folder: Path, unreadable: list[Failure]) -> Iterator[File]:
    def note(error: OSError) -> None:
        reason = f"cannot list the folder: {error.strerror}. Check its permissions."
        unreadable.append(Failure(str(Path(error.filename).resolve()), reason))

    for root, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.suffix.lower() in SUFFIXES:
                yield File(path, path.resolve(), path.relative_to(folder).as_posix())
