"""Documents that come with the cases get an index of their own, kept for the next run; the user's is never touched."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evals.datasets import Dataset
from rag.chatbot import Chatbot
from rag.errors import EmptyIndexError, IndexMismatchError, StorageError
from rag.schema import Progress
from rag.settings import Settings

_LONGEST_NAME = 80


def open_corpus(dataset: Dataset, settings: Settings, *, progress: Callable[[Progress], None] | None = None) -> Chatbot:
    """A chatbot on the documents of ``dataset``, which are ingested first if need be, or else on the user's index.

    The index of the documents is in ``<home>/evals/<hash of documents and settings>``, with the model of ``home``.

    Raises:
        EmptyIndexError: the user's index is asked for and empty. StorageError: ``home`` cannot be written.
    """
    if not dataset.documents:
        bot = Chatbot.open(settings)
        if not bot.documents():
            raise EmptyIndexError(f"no documents at {settings.state}. Run `rag ingest` on those the cases ask about.")
        return bot
    folder = settings.state / "evals" / _fingerprint(dataset.documents, settings)
    try:
        _write(dataset.documents, folder / "documents")
        home = _home(folder / "home", settings.state / "models")
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror}. Free space, or set RAG_HOME.") from error
    bot = Chatbot.open(settings.model_copy(update={"home": home}))
    try:
        bot.ingest([folder / "documents"], progress=progress)
    except IndexMismatchError:  # left by an earlier version
        bot.verify(repair=True, progress=progress)
        bot.ingest([folder / "documents"], progress=progress)
    return bot


def file_names(names: Sequence[str]) -> list[str]:
    """A file name for each of ``names``, in their order: safe on every system, all different even without case."""
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        stem = re.sub(r"[^\w.-]", "_", name)[:_LONGEST_NAME].strip(".") or "document"
        free, number = stem, 1
        while free.lower() in taken:
            number += 1
            free = f"{stem}-{number}"
        taken.add(free.lower())
        found.append(f"{free}.txt")
    return found


def _fingerprint(documents: Mapping[str, str], settings: Settings) -> str:
    parts = [settings.embedding_model, str(settings.chunk_chars)]
    parts += [f"{name}\0{documents[name]}" for name in sorted(documents)]
    return hashlib.sha256("\1".join(parts).encode()).hexdigest()[:16]


def _write(documents: Mapping[str, str], folder: Path) -> None:
    """The documents as files; a folder that is there is whole, since it gets its name last."""
    if folder.is_dir():
        return
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, text in documents.items():
        (partial / name).write_text(text, encoding="utf-8", newline="")
    partial.rename(folder)


def _home(home: Path, models: Path) -> Path:
    """``home`` with the models of the user's home in it; where links are not allowed, they are built once more."""
    home.mkdir(parents=True, exist_ok=True)
    models.mkdir(parents=True, exist_ok=True)
    link = home / "models"
    if not link.exists():
        try:
            link.symlink_to(models, target_is_directory=True)
        except OSError:
            return home
    return home
