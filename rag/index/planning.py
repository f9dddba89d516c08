"""What an ingest has to do with each file: names, what is known of it, and whether it is a document that was moved."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Literal

from rag.corpus.archive import archive_of
from rag.corpus.loading import open_file
from rag.errors import ConfigurationError, DocumentError
from rag.index.catalog import State
from rag.index.discovery import File, Found, Sidecars

Kind = Literal["added", "updated", "unchanged", "moved", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done with ``file``: read it as ``source`` unless it is unchanged, or failed for ``reason``.

    ``mark`` is the hash of its ``overrides``. ``relocated``: it is known by another path; ``before``: the path and the
    state of the document of another name that it was.
    """

    kind: Kind
    file: File
    source: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    mark: str = ""
    relocated: bool = False
    before: tuple[str, State] | None = None
    reason: str = ""


class Plan:
    """Decides on the files of ``found`` one after another, given what is ``known`` by path.

    Of those not ``changed`` (paths without links; ``None``: any may be) the content is not looked at.
    """

    def __init__(self, known: Mapping[str, State], found: Found, changed: Collection[Path] | None = None) -> None:
        self._known = known
        self._found = found
        self._changed = changed
        self._paths = {state.source: path for path, state in known.items()}
        self._seen: set[str] = set()
        self._sidecars = Sidecars()

    def steps(self) -> Iterator[Step | None]:
        """What to do with each file, in order; ``None`` where there is nothing to say."""
        return map(self._step, self._found.files)

    def left(self) -> dict[str, str]:
        """The known documents that would have been found and were not: their sources by their paths."""
        return {
            path: state.source
            for path, state in self._known.items()
            if path not in self._seen and self._paths[state.source] == path and self._found.covers(Path(path))
        }

    def _step(self, file: File) -> Step | None:
        path = str(file.real)
        if self._changed is not None and not self._touched(file.real):
            return self._unchanged(file, path) if path in self._known else None
        try:
            overrides = dict(self._sidecars.entry(file))
            if overrides.pop("skip", False):
                return None
            self._seen.add(path)
            return self._decide(file, path, overrides)
        except (DocumentError, ConfigurationError) as error:
            self._seen.add(path)
            return Step("failed", file, reason=str(error))

    def _touched(self, real: Path) -> bool:
        assert self._changed is not None
        inside = archive_of(real)
        return (real if inside is None else inside[0]) in self._changed

    def _unchanged(self, file: File, path: str) -> Step:
        self._seen.add(path)
        return Step("unchanged", file, self._known[path].source)

    def _decide(self, file: File, path: str, overrides: Mapping[str, Any]) -> Step:
        mark = _fingerprint(overrides)
        source, known, before = self._identify(file, path)
        relocated = known is not None and self._paths[source] != path
        self._paths[source] = path
        kind: Kind = "moved" if before else "updated" if known else "added"
        if known and known.overrides == mark and known.sha256 == _hash(file):
            kind = "unchanged"
        return Step(kind, file, source, overrides, mark, relocated, before)

    def _identify(self, file: File, path: str) -> tuple[str, State | None, tuple[str, State] | None]:
        """The source name, what is indexed under it, and what the document was before under another name.

        A name is kept, and goes with a file that is elsewhere now.
        """
        if path in self._known:
            return self._known[path].source, self._known[path], None
        for name in file.names():
            owner = self._paths.get(name)
            if owner is None or owner == path:
                return name, None, self._was(file)
            if owner not in self._seen and self._is_gone(owner):
                return name, self._known[owner], None
        raise DocumentError(f"no free name for {path}: every one is taken. Remove one with `rag remove`.")

    def _was(self, file: File) -> tuple[str, State] | None:
        """The path and state of a document with the content of the new ``file``, whose own file has vanished."""
        if not self._vanished:
            return None
        paths = self._vanished.get(_hash(file))
        if not paths:
            return None
        path = paths.pop(0)
        return path, self._known[path]

    @cached_property
    def _vanished(self) -> dict[str, list[str]]:
        """By their hash, the paths of documents whose files would have been found and are not there."""
        vanished = defaultdict(list)
        present = {str(file.real) for file in self._found.files}
        for path, state in self._known.items():
            if path not in present and self._found.covers(Path(path)) and _absent(Path(path)):
                vanished[state.sha256].append(path)
        return vanished

    def _is_gone(self, owner: str) -> bool:
        path = Path(owner)
        # What is in an archive that was not looked into is as it was.
        return _absent(path) and (archive_of(path) is None or self._found.covers(path))


def _absent(path: Path) -> bool:
    """Whether there is surely no file at ``path``; one in an archive is no file."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _fingerprint(overrides: Mapping[str, Any]) -> str:
    if not overrides:
        return ""
    return sha256(json.dumps(overrides, sort_keys=True, default=str).encode()).hexdigest()


def _hash(file: File) -> str:
    if file.member is not None:
        return file.member.sha256
    with open_file(file.path) as opened:
        return file_digest(opened, "sha256").hexdigest()
