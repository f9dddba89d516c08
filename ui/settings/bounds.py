"""What a setting may be, as the settings themselves describe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from rag.settings import LLMSettings, Settings


@dataclass(frozen=True, slots=True)
class Bounds:
    """From ``least`` to ``most``, both included; with ``above``, ``least`` is not."""

    least: float
    most: float
    above: bool

    def holds(self, value: float) -> bool:
        """Whether ``value`` is within."""
        return self.least <= value <= self.most and not (self.above and value == self.least)


def bounds(name: str) -> Bounds:
    """The bounds of the setting ``name``, a number."""
    metadata = described(name).metadata
    found = {key: getattr(each, key) for each in metadata for key in ("ge", "gt", "le") if hasattr(each, key)}
    return Bounds(found.get("ge", found.get("gt", 0)), found["le"], "gt" in found)


def default(name: str) -> Any:
    """What the setting ``name`` is when nobody sets it."""
    return described(name).default


def described(name: str) -> FieldInfo:
    """The setting ``name`` (``k``, ``llm.model``)."""
    inner = name.removeprefix("llm.")
    return (LLMSettings if inner != name else Settings).model_fields[inner]
