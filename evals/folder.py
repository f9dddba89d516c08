"""The documents of a folder, read as an ingest reads them, without an index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.corpus.document import ReadLimits, read_document
from rag.errors import DocumentError
from rag.index.discovery import File, Sidecars, find_files, with_members
from rag.index.reading import list_archive_here
from rag.schema import Document, Failure


def document_files(folder: Path) -> list[tuple[Path, str]]:
    """Path and source name of every document in ``folder``, sorted by name; what the sidecar skips is left out.

    Raises:
        DocumentNotFoundError: no such folder. DocumentError: no document in it.
        ConfigurationError: a sidecar cannot be read.
    """
    return [(file.path, file.name) for file, _ in _entries(folder)]


def read_folder(
    folder: Path, *, progress: Callable[[int, int], None] | None = None
) -> tuple[list[Document], list[Failure]]:
    """The documents of ``folder``, sorted by source, and files that cannot be read; errors as ``document_files``."""
    files = _entries(folder)
    documents, failures = [], []
    for number, (file, overrides) in enumerate(files, 1):
        try:
            documents.append(read_document(file.path, source=file.name, limits=ReadLimits(), overrides=overrides))
        except DocumentError as error:
            failures.append(Failure(str(file.path), str(error)))
        if progress:
            progress(number, len(files))
    return documents, failures


def _entries(folder: Path) -> list[tuple[File, dict[str, Any]]]:
    """The files, those in archives too, with what the sidecars say of them."""
    sidecars = Sidecars()
    found = with_members(find_files([folder]), list_archive_here, lambda _: True)
    entries = [(file, dict(sidecars.entry(file))) for file in found.files]
    wanted = [(file, entry) for file, entry in entries if not entry.pop("skip", False)]
    if not wanted:
        raise DocumentError(f"every document in {folder} is skipped by its metadata.yaml. Name another folder.")
    return sorted(wanted, key=lambda each: each[0].name)
