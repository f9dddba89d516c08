"""The file in ``RAG_HOME`` that keeps the settings made in the web UI: read, and written whole or not at all."""

from __future__ import annotations

import errno
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.errors import ConfigurationError, StorageError
from rag.private import write_private

SAVED_FILE = "settings.toml"
_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)
_HEAD = "# Written by the web UI, and read before rag.toml and the RAG_* environment, which overrule it.\n"


def read(home: Path) -> dict[str, Any]:
    """What is in the file under ``home``, tables as dictionaries; nothing when there is none.

    Raises:
        ConfigurationError: it cannot be read, or is no TOML.
    """
    path = home / SAVED_FILE
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _NOWHERE:
            return {}
        raise ConfigurationError(f"cannot read {path}: {error}. Mend that line, or delete the file.") from error


def write(home: Path, values: Mapping[str, Any]) -> None:
    """Put ``values`` (strings, numbers, truth values, and tables of them) in its place, for the user's eyes alone.

    Raises:
        StorageError: the folder cannot be written.
    """
    text = _HEAD + "".join(f"{line}\n" for line in _lines(values))
    try:
        write_private(home / SAVED_FILE, text.encode("utf-8"))
    except OSError as error:
        raise StorageError(f"cannot save settings in {home}: {error}. Make it writable or set RAG_HOME.") from error


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    """``values`` as TOML: what is no table first, for a table has no end but the next one."""
    for name, value in values.items():
        if not isinstance(value, Mapping):
            # A JSON string is a basic string of TOML, but for one character.
            yield f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield f"\n[{name}]"
            yield from _lines(value)
