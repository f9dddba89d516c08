"""Where the data folders shipped with the product are, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parent


def shipped(name: Literal["prompts", "seeds"]) -> Path:
    """The folder ``name``: beside ``rag/`` in a checkout, under ``rag/_data`` in an installed wheel."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
