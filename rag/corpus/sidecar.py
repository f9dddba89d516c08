"""``metadata.yaml``: what a folder's owner knows of its documents that their text does not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.errors import ConfigurationError

SIDECAR = "metadata.yaml"


def read_sidecar(folder: Path) -> dict[str, dict[str, Any]]:
    """The entries of ``folder``'s sidecar by file name; empty if it has none. ``skip: true``: not a document.

    Raises:
        ConfigurationError: the file is not YAML, or not a mapping from file names to mappings.
    """
    path = folder / SIDECAR
    if not path.is_file():
        return {}
    import yaml

    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=_text_loader())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid YAML: {error}. Mend or remove it.") from error
    if entries is None:
        return {}
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise ConfigurationError(
            f"{path}: expected file names, each with its fields below it, e.g. 'a.txt: {{title: …}}'."
        )
    return {str(name): dict(entry) for name, entry in entries.items()}


def _text_loader() -> Any:
    """A safe YAML loader that leaves dates as the text they are (2018-06-20 stays a string)."""
    import yaml

    class TextLoader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own class attribute
            first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    return TextLoader
