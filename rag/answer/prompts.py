"""Prompt files: YAML with ``$variables``, one file a prompt and version, never edited once released."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from rag.errors import PromptError
from rag.resources import shipped
from rag.schema import Script

Message = tuple[str, str]
"""Role (``system``, ``user`` or ``assistant``) and text."""

LANGUAGE: Mapping[Script, str] = {"hans": "简体中文", "hant": "繁體中文", "en": "English", "unknown": "简体中文"}
"""How a prompt names the asker's script, its ``$language``."""

MISSING: Mapping[Script, str] = {
    "hans": "资料未提及",
    "hant": "資料未提及",
    "en": "The documents do not say",
    "unknown": "资料未提及",
}
"""What a model is told to begin a line with that says what the passages lack, the ``$missing`` of ``answer``."""

_KEYS = {"description", "system", "user", "defaults"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as its file has it; ``name`` is what an ``Answer`` made with it is stamped with."""

    name: str
    description: str
    system: str
    user: str
    defaults: Mapping[str, str]

    @property
    def variables(self) -> frozenset[str]:
        """Every name that ``system`` and ``user`` put a value in for."""
        return frozenset(Template(self.system).get_identifiers()) | frozenset(Template(self.user).get_identifiers())

    def render(self, **values: str) -> list[Message]:
        """The messages with ``values`` put in, which are not searched for variables themselves.

        Raises:
            PromptError: a variable has neither a value nor a default; all that have none are named.
        """
        given = {**self.defaults, **values}
        if missing := sorted(self.variables - given.keys()):
            raise PromptError(f"prompt {self.name} needs {', '.join(missing)}: give a value, or a default in its file.")
        parts = (("system", self.system), ("user", self.user))
        return [(role, Template(text).substitute(given).strip()) for role, text in parts if text.strip()]


def load_prompt(name: str, *, uses: Iterable[str] = ()) -> Prompt:
    """The prompt ``name``: a shipped one (``answer.v1``), or a file of yours by its path (``my/answer.yaml``).

    One of yours is named after its file and content (``answer@1a2b3c4d``), so that an answer tells which wording it
    came from. ``uses`` are variables that it cannot do without.

    Raises:
        PromptError: there is no such prompt, or the file is not what a prompt is.
    """
    own = name.endswith((".yaml", ".yml"))
    path = Path(name).expanduser() if own else shipped("prompts") / f"{name}.yaml"
    try:
        content = path.read_bytes()
        parsed = yaml.safe_load(content.decode("utf-8"))
    except OSError as error:
        raise PromptError(f"no prompt {name!r}. {_known()}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise PromptError(f"prompt {name} is no YAML in UTF-8: {error}. Mend the file.") from error
    stamp = f"{path.stem}@{hashlib.sha256(content).hexdigest()[:8]}" if own else name
    prompt = _parse(stamp, parsed)
    if unused := sorted(set(uses) - prompt.variables):
        raise PromptError(f"prompt {name} never uses {', '.join('$' + each for each in unused)}. Put it in.")
    return prompt


def _known() -> str:
    names = sorted(path.stem for path in shipped("prompts").glob("*.yaml"))
    return f"Shipped: {', '.join(names)}; or give the path of a .yaml file."


def _parse(name: str, parsed: Any) -> Prompt:
    if not isinstance(parsed, dict):
        raise PromptError(f"prompt {name} is no table of {', '.join(sorted(_KEYS))}. Mend the file.")
    if unknown := sorted(str(key) for key in parsed.keys() - _KEYS):
        raise PromptError(f"prompt {name} has unknown keys: {', '.join(unknown)}. Known: {', '.join(sorted(_KEYS))}.")
    texts = {key: parsed.get(key, "") for key in ("description", "system", "user")}
    defaults = parsed.get("defaults") or {}
    wrong = [key for key, text in texts.items() if not isinstance(text, str)]
    if not isinstance(defaults, dict) or not all(isinstance(value, str) for value in defaults.values()):
        wrong.append("defaults")
    if wrong:
        raise PromptError(f"prompt {name}: {', '.join(wrong)} must be text. Put it in quotation marks.")
    if not texts["user"].strip():
        raise PromptError(f"prompt {name} has no user text. Add one.")
    prompt = Prompt(name, **texts, defaults=defaults)
    if broken := [key for key in ("system", "user") if not Template(texts[key]).is_valid()]:
        raise PromptError(f"prompt {name}: a $ in {', '.join(broken)} begins no variable. Write $$ for a dollar sign.")
    if unused := sorted(str(key) for key in defaults.keys() - prompt.variables):
        raise PromptError(f"prompt {name} has defaults for what it never uses: {', '.join(unused)}. Take them out.")
    return prompt
