"""The settings as the browser may see them: the one place where secrets are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rag.setting_names import leaves
from rag.settings import LLMSettings, Origin, Settings
from ui.settings.providers import ADDRESSED, KINDS, Kind, kind_of

PLAIN = (
    *("k", "strictness", "reader", "min_confidence", "max_file_mb"),
    *("llm.temperature", "llm.max_tokens", "llm.context_tokens", "llm.timeout_s"),
    *("llm.fallback", "llm.flag_unsupported", "llm.prompt"),
)
"""Settings that are shown as they are."""
_FREE = ("default", "saved")


@dataclass(frozen=True, slots=True)
class Fixed:
    """Why a setting cannot be changed here: where it has been decided; ``name`` is the variable, where it is one.

    ``with_key``: it is the address that a fixed key is for.
    """

    origin: Origin
    name: str
    with_key: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of the settings; ``values`` and ``fixed`` by setting, ``address`` without its secrets."""

    kind: Kind
    model: str
    address: str
    has_key: bool
    values: Mapping[str, Any]
    fixed: Mapping[str, Fixed]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The providers that can be chosen with the address as it is, where that cannot be changed."""
        if "llm.base_url" not in self.fixed:
            return KINDS
        usable = ADDRESSED if self.address else tuple(each for each in KINDS if each != "server")
        return tuple(each for each in KINDS if each in usable or each == self.kind)


def shown(settings: Settings) -> Shown:
    """``settings`` without what is secret in them."""
    llm = settings.llm
    kind, model = kind_of(llm.model, llm.base_url)
    found = dict(leaves(settings))
    return Shown(
        kind,
        model,
        address=without_secrets(llm.base_url or ""),
        has_key=llm.api_key is not None or llm.api_key_file is not None,
        values={name: found[name] for name in PLAIN},
        fixed=_fixed(settings),
    )


def without_secrets(address: str) -> str:
    """``address`` without what an address may hold beside the place: user, password, query and fragment."""
    try:
        parts = urlsplit(address)
        place = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return f"{parts.scheme}://{place}{parts.path}" if place else ""


def _fixed(settings: Settings) -> dict[str, Fixed]:
    origins = settings.origins()
    fixed = {
        name: Fixed(origin, _variable(name, settings.llm)) for name, origin in origins.items() if origin not in _FREE
    }
    if "llm.api_key" in fixed and "llm.base_url" not in fixed:
        # Whoever could change the address could have the administrator's key sent to themselves.
        key = fixed["llm.api_key"]
        fixed["llm.base_url"] = Fixed(key.origin, key.name, with_key=True)
    return fixed


def _variable(name: str, llm: LLMSettings) -> str:
    if name == "llm.api_key" and llm.api_key is None:
        name = "llm.api_key_file"
    return f"RAG_{name.replace('.', '__')}".upper()
