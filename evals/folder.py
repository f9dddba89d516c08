"""The documents of a folder, read as an ingest reads them, without an index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.corpus.document import ReadLimits, read_document
from rag.errors import DocumentError
from rag.index.discovery import Sidecars, find_files
from rag.schema import Document, Failure


def document_files(folder: Path) -> list[tuple[Path, str]]:
    """Path and source name of every document in ``folder``, sorted by name; what the sidecar skips is left out.

    Raises:
        DocumentNotFoundError: no such folder. DocumentError: no document in it.
        ConfigurationError: a sidecar cannot be read.
    """
    sidecars = Sidecars()
    files = [file for file in find_files([folder]).files if not sidecars.entry(file.path).get("skip")]
    if not files:
        raise DocumentError(f"every document in {folder} is skipped by its metadata.yaml. Name another folder.")
    return sorted(((file.path, file.name) for file in files), key=lambda pair: pair[1])


def read_folder(
    folder: Path, *, progress: Callable[[int, int], None] | None = None
) -> tuple[list[Document], list[Failure]]:
    """The documents of ``folder``, sorted by source, and files that cannot be read; errors as ``document_files``."""
    sidecars, files = Sidecars(), document_files(folder)
    documents, failures = [], []
    for number, (path, name) in enumerate(files, 1):
        overrides = {key: value for key, value in sidecars.entry(path).items() if key != "skip"}
        try:
            documents.append(read_document(path, source=name, limits=ReadLimits(), overrides=overrides))
        except DocumentError as error:
            failures.append(Failure(str(path), str(error)))
        if progress:
            progress(number, len(files))
    return documents, failures
