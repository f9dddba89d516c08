"""Models that are built once into a folder, each file's hash beside it in a manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ModelError, StorageError

MANIFEST_FILE = "manifest.json"

Report = Callable[[str], None]
Version = tuple[int, int, int, int]


def version_of(file: Path) -> Version:
    """What tells ``file`` from any other and from its own later state, whatever path leads to it."""
    state = file.stat()
    return state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to build a model: ``write`` puts ``files`` into a folder, telling what it does.

    ``name`` is what messages call it; ``about`` goes into the manifest.
    """

    name: str
    files: tuple[str, ...]
    about: Mapping[str, Any]
    write: Callable[[Path, Report], None]


def ensure(
    folder: Path, recipe: Recipe, *, progress: Report | None = None, before: Callable[[], object] | None = None
) -> None:
    """Build the model into ``folder`` unless it is there; verify it if it is.

    ``before`` is called before anything is written for a build, to raise what would make it fail.

    Raises:
        ModelError: what it is built from, or what was built earlier, is damaged.
        StorageError: ``folder`` cannot be written.
    """
    try:
        built = folder.exists()
    except OSError as error:
        raise _unwritable(folder, recipe, error) from error
    if built:
        verify(folder, recipe)
    else:
        if before:
            before()
        _build(folder, recipe, progress or _silent)


def verify(folder: Path, recipe: Recipe) -> None:
    """Compare every file of the built model with its hash (0.1 s); ``ModelError`` names one that differs."""
    manifest = folder / MANIFEST_FILE
    try:
        expected = json.loads(manifest.read_text("utf-8"))["files"]
        hashes = {name: str(expected[name]["sha256"]) for name in recipe.files}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(manifest, recipe, f"cannot be read ({type(error).__name__}: {error})") from error
    for name, known in hashes.items():
        try:
            found = sha256(folder / name)
        except OSError as error:
            raise _damaged(folder / name, recipe, f"cannot be read ({error})") from error
        if found != known:
            raise _damaged(folder / name, recipe, f"is damaged: sha256 {found[:12]}…, expected {known[:12]}…")


def sha256(file: Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _damaged(file: Path, recipe: Recipe, what: str) -> ModelError:
    return ModelError(f"the {recipe.name}'s file {file} {what}. Delete {file.parent}; the next use builds it anew.")


def _unwritable(folder: Path, recipe: Recipe, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write the {recipe.name} to {folder}: {error}. Make that folder writable, or set RAG_HOME to another."
    )


def _build(folder: Path, recipe: Recipe, report: Report) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            recipe.write(fresh, report)
            files = {
                name: {"bytes": (fresh / name).stat().st_size, "sha256": sha256(fresh / name)} for name in recipe.files
            }
            manifest = json.dumps({**recipe.about, "files": files}, indent=2)
            (fresh / MANIFEST_FILE).write_text(manifest + "\n", "utf-8")
            _move(fresh, folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise _unwritable(folder, recipe, error) from error


def _move(fresh: Path, folder: Path) -> None:
    fresh.chmod(0o755)  # mkdtemp makes it private; the model is not
    try:
        fresh.rename(folder)
    except OSError:
        if not folder.exists():  # else another process built it meanwhile
            raise


def _silent(_: str) -> None:
    return None
