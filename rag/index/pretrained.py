"""Models by hub name or folder: local files first, foreign errors in our words."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rag.errors import MissingDependencyError, ModelError

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Role:
    """What a model is for, and what its error messages name as the next step.

    ``noun`` is what to call it; ``otherwise`` completes "copy it here, and …"; ``packages`` is what pip installs.
    """

    noun: str
    otherwise: str
    packages: str


def load_pretrained(name: str, load: Callable[[str, bool], Model], role: Role) -> Model:
    """The model ``name``, a hub name or a folder, as ``load(name or folder, local_files_only)`` makes it.

    A hub name that is not cached is downloaded; of one that is cached, the hub is not asked: with no network that takes
    minutes to fail.

    Raises:
        ModelError: there is no such folder, or it holds no usable model (``load`` may say so by a ``ValueError``).
        MissingDependencyError: a package that the model needs is not installed.
    """
    path = Path(name).expanduser()
    hub_name = re.fullmatch(r"[\w-][\w.-]*(/[\w.-]+)?", name)
    if not name.strip() or not (path.is_dir() or hub_name):
        raise ModelError(f"no such {role.noun} folder: {name!r}. {_how_to_get(role)}")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from huggingface_hub.errors import HfHubHTTPError
        from safetensors import SafetensorError
    except ImportError as error:
        raise _missing(name, role, error) from error
    try:
        return load(str(path), True) if path.is_dir() else _cached_or_downloaded(name, load)
    except ImportError as error:
        raise _missing(name, role, error) from error
    except (OSError, ValueError, RuntimeError, LookupError, TypeError, HfHubHTTPError, SafetensorError) as error:
        raise ModelError(f"cannot load the {role.noun} {name}: {reason(error)}. {_how_to_get(role)}") from error


def reason(error: Exception) -> str:
    """The first line of what a foreign ``error`` says, without the full stop."""
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def _cached_or_downloaded(name: str, load: Callable[[str, bool], Model]) -> Model:
    try:
        return load(name, True)
    except OSError:
        return load(name, False)


def _missing(name: str, role: Role, error: ImportError) -> MissingDependencyError:
    return MissingDependencyError(
        f"the {role.noun} {name} needs another package: {error}. Run: pip install {role.packages}"
    )


def _how_to_get(role: Role) -> str:
    return (
        "Check the name; without a network, download the model's folder on a machine that has one (hf download NAME "
        f"--local-dir FOLDER), copy it here, and {role.otherwise}."
    )
