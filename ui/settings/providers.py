"""A language model as the form asks for it: who provides it, and its name there."""

from __future__ import annotations

from typing import Literal, TypeGuard, get_args

Kind = Literal["none", "server", "openai", "anthropic", "deepseek", "ollama", "other", "gguf"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NAMED: tuple[Kind, ...] = ("openai", "anthropic", "deepseek", "ollama")
KEYED: tuple[Kind, ...] = ("server", "openai", "anthropic", "deepseek", "other")
ADDRESSED: tuple[Kind, ...] = ("server", "ollama")
"""Where an address can be given: to no other is a key of the environment sent that belongs elsewhere."""


def is_kind(value: str) -> TypeGuard[Kind]:
    """Whether ``value`` is one of ``KINDS``."""
    return value in KINDS


def kind_of(model: str | None, address: str | None) -> tuple[Kind, str]:
    """Who answers under ``llm.model`` and ``llm.base_url``, and the model's name there (a path for ``gguf``)."""
    if model is None:
        return "none", ""
    prefix, _, name = model.partition(":")
    if prefix == "gguf":
        return "gguf", name
    if model.endswith(".gguf"):
        return "gguf", model
    if address and prefix == "openai":
        return "server", name
    for kind in NAMED:
        if prefix == kind and name:
            return kind, name
    return ("server" if address else "other"), model


def model_of(kind: Kind, name: str) -> str | None:
    """``llm.model`` for the model ``name`` of ``kind``."""
    if kind == "none":
        return None
    if kind == "server":
        # A server may call its model what would otherwise name a provider.
        return name if kind_of(name, "http://server") == ("server", name) else f"openai:{name}"
    return name if kind == "other" else f"{kind}:{name}"


def fits(kind: Kind, name: str) -> bool:
    """Whether ``name`` can be said of ``kind`` in the settings."""
    if kind == "other":
        provider, _, rest = name.partition(":")
        return bool(provider and rest)
    return kind_of(model_of(kind, name), "http://server" if kind == "server" else None) == (kind, name)
