"""Values of ours as JSON sees them: the same for ``--json`` and over HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any


def plain(value: Any) -> Any:
    """``value`` as dictionaries, lists and plain values; an exception as ``{"error": {"type": …, "message": …}}``."""
    if isinstance(value, Exception):
        return error(type(value).__name__, str(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def error(kind: str, message: str) -> dict[str, dict[str, str]]:
    """What went wrong, as it is told to programs."""
    return {"error": {"type": kind, "message": message}}
