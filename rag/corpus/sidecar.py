"""``metadata.yaml``: what a folder's owner knows of its documents that their text does not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.errors import ConfigurationError

SIDECAR = "metadata.yaml"
MAX_SIDECAR_BYTES = 5_000_000


def read_sidecar(folder: Path) -> dict[str, dict[str, Any]]:
    """The entries of ``folder``'s sidecar by file name; empty if it has none. ``skip: true``: not a document.

    Raises:
        ConfigurationError: the file is not YAML, or not a mapping from file names to mappings.
    """
    path = folder / SIDECAR
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > MAX_SIDECAR_BYTES:
            raise _invalid(path, f"it has more than {MAX_SIDECAR_BYTES / 1e6:g} MB")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(path, error) from error
    return parse_sidecar(text, name=path)


def parse_sidecar(text: str, *, name: str | Path) -> dict[str, dict[str, Any]]:
    """The entries of the sidecar ``text``, which messages call ``name``; raises as ``read_sidecar``."""
    import yaml

    try:
        entries = yaml.load(text, Loader=_text_loader())
    except (yaml.YAMLError, RecursionError) as error:
        raise _invalid(name, error) from error
    if entries is None:
        return {}
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise ConfigurationError(
            f"{name}: expected file names, each with its fields below it, e.g. 'a.txt: {{title: …}}'."
        )
    # Aliases of YAML nest in few bytes what takes for ever to go through; no field is a list or a mapping anyway.
    for file, key, value in ((file, key, value) for file, entry in entries.items() for key, value in entry.items()):
        if isinstance(value, dict | list | set | tuple):
            raise ConfigurationError(f"{name}, {file}: {key} is a {type(value).__name__}, not text. Put it in quotes.")
    return {str(file): dict(entry) for file, entry in entries.items()}


def _invalid(name: str | Path, error: object) -> ConfigurationError:
    return ConfigurationError(f"{name} is not valid YAML: {error}. Mend or remove it.")


def _text_loader() -> Any:
    """A safe YAML loader that leaves dates as the text they are (2018-06-20 stays a string)."""
    import yaml

    class TextLoader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own class attribute
            first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    return TextLoader
