"""Settings by name, those of a table after its name and a dot: which there are, what is wrong with one, some apart."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo

from rag.errors import ConfigurationError

_SECRET = ("llm.api_key", "database.url", "chroma.token", "api.token")  # never told, not even in an error


def names(cls: type[BaseModel]) -> set[str]:
    """Every setting, and every table: ``k``, ``llm``, ``llm.model``."""
    found = set(cls.model_fields)
    for name, field in cls.model_fields.items():
        if (table := _table(field)) is not None:
            found |= {f"{name}.{inner}" for inner in names(table)}
    return found


def leaves(found: Mapping[str, Any] | BaseModel) -> Iterator[tuple[str, Any]]:
    """The settings in ``found`` by name, with their values; no tables."""
    for name, value in dict(found).items():
        if isinstance(value, Mapping | BaseModel):
            yield from ((f"{name}.{inner}", each) for inner, each in leaves(value))
        else:
            yield name, value


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The opposite of ``leaves``: tables as dictionaries."""
    tables: dict[str, Any] = {}
    for name, value in values.items():
        table, _, inner = name.partition(".")
        if inner:
            tables.setdefault(table, {})[inner] = value
        else:
            tables[name] = value
    return tables


def checked(cls: type[BaseModel], allowed: Collection[str], found: Mapping[str, Any]) -> BaseModel:
    """``found``, which may hold only the settings of ``cls`` with the ``allowed`` names; set is what it holds.

    Raises:
        ConfigurationError: another name, or a value that ``cls`` does not take.
    """
    shape = _only(cls, frozenset(allowed))
    try:
        return shape.model_validate(dict(found))
    except ValidationError as error:
        raise ConfigurationError(explain(shape, error)) from error


def explain(cls: type[BaseModel], error: ValidationError) -> str:
    """What is wrong, a line for each setting, with its value unless that is a secret."""
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            table = key.rpartition(".")[0]
            known = {name for name in names(cls) if name.rpartition(".")[0] == table}
            lines.append(f"unknown setting {key!r}. {suggest(key, known)}")
        else:
            value = "…" if key in _SECRET else repr(problem["input"])
            lines.append(f"setting {key} = {value}: {problem['msg']}. Change it or leave it away.")
    return "\n".join(lines)


def suggest(name: str, known: set[str]) -> str:
    """Which of ``known`` may be meant by ``name``."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(known))}."


@cache
def _only(cls: type[BaseModel], allowed: frozenset[str]) -> type[BaseModel]:
    """A model with some settings of ``cls``, within the same bounds."""
    fields: dict[str, Any] = {}
    for name, field in cls.model_fields.items():
        inner = frozenset(each.partition(".")[2] for each in allowed if each.startswith(f"{name}."))
        if name in allowed:
            fields[name] = (field.annotation, field)
        elif inner and (table := _table(field)) is not None:
            part = _only(table, inner)
            fields[name] = (part, part())
    shape = ConfigDict(extra="forbid", protected_namespaces=(), hide_input_in_errors=True)
    made: type[BaseModel] = create_model(cls.__name__, __config__=shape, **fields)
    return made


def _table(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
