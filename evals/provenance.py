"""What a report was made with: corpus, settings, packages, prompts, commit."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import rag
from rag.resources import shipped
from rag.schema import DocumentInfo
from rag.settings import Settings

_PACKAGES = ("chromadb", "numpy", "onnxruntime", "OpenCC", "pytrec-eval-terrier", "tantivy", "tokenizers")
_OF_THIS_MACHINE = {"home", "database", "ui_host", "ui_port"}


def corpus_hash(documents: Iterable[DocumentInfo]) -> str:
    """SHA-256 over the name and the SHA-256 of every document."""
    lines = sorted(f"{info.source}\0{info.sha256}\n" for info in documents)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def settings_told(settings: Settings) -> dict[str, Any]:
    """The settings that can change an answer; none that belong to this machine."""
    return settings.model_dump(mode="json", exclude=_OF_THIS_MACHINE)


def versions() -> dict[str, str]:
    """Versions of policy-rag, of Python and of the packages that retrieval rests on."""
    found = {"policy-rag": rag.__version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def prompts() -> dict[str, str]:
    """Name (with its version) and SHA-256, first 12 digits, of every prompt file."""
    files = sorted(shipped("prompts").glob("*.yaml"))
    return {file.stem: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files}


def commit() -> str | None:
    """The commit of the checkout this runs from, ``-dirty`` after it when files differ; ``None`` outside of one."""
    root = Path(__file__).parent.parent
    if not (root / ".git").exists():
        return None
    try:
        head = _git(root, "rev-parse", "HEAD")
        return f"{head}-dirty" if _git(root, "status", "--porcelain", "--untracked-files=no") else head
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()
