"""From what was filled in to settings: fields checked, what is fixed refused, keys kept where they belong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr

from rag.errors import ConfigurationError
from rag.setting_names import leaves, nested
from rag.settings import LLMSettings, Settings
from ui.calls import Arguments, flag, text
from ui.settings.bounds import bounds, default, described
from ui.settings.fields import figure, reason
from ui.settings.providers import ADDRESSED, KEYED, Kind, fits, is_kind, model_of
from ui.settings.shown import Shown, shown
from ui.settings.words import Words

WHOLE = ("k", "llm.max_tokens", "llm.context_tokens")
NUMBERS = (*WHOLE, "max_file_mb", "llm.temperature", "llm.timeout_s")
FLAGS = ("reader", "llm.fallback")
CHOICES = ("strictness", "llm.flag_unsupported")
_FIELD = {"llm.model": "model"}
"""Settings that are asked for by a field of another name."""
_LINE = re.compile(r"^setting (\S+) = .*?: ([^:]+)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to change, by setting; ``errors`` by field: nothing may be changed while there are any."""

    changes: Mapping[str, Any]
    errors: Mapping[str, str]


def wanted(values: Arguments, settings: Settings, words: Words) -> Wanted:
    """What ``values``, fields by name, change in ``settings``; fields that are absent change nothing."""
    seen, errors = shown(settings), dict[str, str]()
    found = {**_numbers(values, words, errors), **_chosen(values, words, errors)}
    found |= _model(_Reading(values, settings.llm, seen, words, errors))
    current = dict(leaves(settings))
    changes = {name: value for name, value in found.items() if value != current[name]}
    for name in changes.keys() & seen.fixed.keys():
        errors[_FIELD.get(name, name)] = reason(seen.fixed[name], words)
    if not errors:
        errors |= _refused(settings, changes)
    return Wanted(changes, errors)


def number_error(name: str, written: str, words: Words) -> dict[str, str]:
    """What is wrong with ``written`` as the number ``name``, by its name; nothing where it can be that."""
    allowed = bounds(name)
    try:
        if allowed.holds((int if name in WHOLE else float)(written)):
            return {}
    except ValueError:
        pass
    return {name: words.between.format(least=figure(allowed.least), most=figure(allowed.most))}


def _numbers(values: Arguments, words: Words, errors: dict[str, str]) -> dict[str, Any]:
    """The numbers that are given; an empty field is the default."""
    found: dict[str, Any] = {}
    for name in (name for name in NUMBERS if name in values):
        written = text(values, name, longest=40).strip() or str(default(name))
        if wrong := number_error(name, written, words):
            errors |= wrong
        else:
            found[name] = (int if name in WHOLE else float)(written)
    return found


def _chosen(values: Arguments, words: Words, errors: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: flag(values, name) for name in FLAGS if name in values}
    for name in CHOICES:
        if name in values:
            found[name] = text(values, name)
            if found[name] not in get_args(described(name).annotation):
                errors[name] = words.bad_choice
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is read, against what it is checked, and the errors found so far."""

    values: Arguments
    llm: LLMSettings
    seen: Shown
    words: Words
    errors: dict[str, str]


def _model(reading: _Reading) -> dict[str, str | SecretStr | None]:
    """Model, address and key, which only make sense together."""
    values, llm, seen = reading.values, reading.llm, reading.seen
    kind, model = _named(reading)
    address = _address(reading, kind)
    found: dict[str, str | SecretStr | None] = {"llm.model": model, "llm.base_url": address}
    if key := text(values, "llm.api_key", longest=1000).strip() if "llm.api_key" in values else "":
        return {**found, "llm.api_key": SecretStr(key)}
    if "llm.api_key" in seen.fixed or llm.api_key is None:
        return found
    if flag(values, "forget_key") or kind not in KEYED:
        return {**found, "llm.api_key": None}
    if (kind, address) != (seen.kind, llm.base_url):
        reading.errors.setdefault("llm.api_key", reading.words.key_again)
    return found


def _named(reading: _Reading) -> tuple[Kind, str | None]:
    """Who is to answer, and ``llm.model`` for it."""
    values, llm, seen, words = reading.values, reading.llm, reading.seen, reading.words
    if "provider" not in values:
        return seen.kind, llm.model
    kind = text(values, "provider")
    if not is_kind(kind) or kind not in seen.kinds:
        reading.errors["provider"] = words.bad_choice
        return seen.kind, llm.model
    field = "file" if kind == "gguf" else "model"
    name = "" if kind == "none" else text(values, field).strip()
    if (kind, name) == (seen.kind, seen.model):
        return kind, llm.model
    if kind != "none" and not (name and fits(kind, name)):
        unfit = words.other_help if kind == "other" else words.bad_name
        reading.errors[field] = unfit if name else words.required
    return kind, model_of(kind, name)


def _address(reading: _Reading, kind: Kind) -> str | None:
    """``llm.base_url`` for ``kind``: as given where it is asked for, else what it was."""
    values, llm, seen = reading.values, reading.llm, reading.seen
    if kind not in ADDRESSED and "llm.base_url" not in seen.fixed:
        return llm.base_url if kind == seen.kind else None
    if kind not in ADDRESSED or "llm.base_url" not in values:
        return llm.base_url
    given = text(values, "llm.base_url").strip()
    if not given and kind == "server":
        reading.errors["llm.base_url"] = reading.words.required
    elif given == seen.address:
        return llm.base_url
    elif given and not _is_address(given):
        reading.errors["llm.base_url"] = reading.words.bad_address
    return given or None


def _is_address(written: str) -> bool:
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and not re.search(r"\s", written)


def _refused(settings: Settings, changes: Mapping[str, Any]) -> dict[str, str]:
    """What the settings themselves say against ``changes``, by field."""
    try:
        settings.changed(**nested(changes))
    except ConfigurationError as error:
        lines = [_LINE.match(line) for line in str(error).splitlines()]
        found = {match[1]: match[2] for match in lines if match}
        return {_FIELD.get(name, name): message for name, message in found.items()} or {"provider": str(error)}
    return {}
