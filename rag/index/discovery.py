"""Which files an ingest is about, what they will be called, and what their sidecar says."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rag.corpus.archive import Contents, Member, is_archive
from rag.corpus.formats.registry import SAVE_AS, SUFFIXES
from rag.corpus.passing_over import is_clutter, unread
from rag.corpus.sidecar import SIDECAR, read_sidecar
from rag.errors import DocumentError, DocumentNotFoundError
from rag.schema import Failure, Skipped


@dataclass(frozen=True, slots=True)
class File:
    """A file to ingest: ``path`` as it was found, ``real`` absolute and without links, ``name`` inside its folder.

    ``member`` says what is known of it if it is in an archive.
    """

    path: Path
    real: Path
    name: str
    member: Member | None = None

    def names(self) -> Iterator[str]:
        """Source names to try: ``name``, then each time with one more of the folders above."""
        yield self.name
        above = self.real.parts[1 : -len(Path(self.name).parts)]
        for start in reversed(range(len(above))):
            yield "/".join((*above[start:], self.name))


@dataclass(frozen=True, slots=True)
class Found:
    """The files, the places they were looked for in, what in these cannot be read, and what was passed over.

    ``kept`` are archives that were not looked into.
    """

    files: tuple[File, ...]
    folders: tuple[Path, ...]
    unreadable: tuple[Failure, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    kept: tuple[Path, ...] = ()

    def covers(self, path: Path) -> bool:
        """Whether a document at ``path`` would have been found."""
        within = any(path.is_relative_to(folder) for folder in self.folders)
        left_out = [*(Path(failure.path) for failure in self.unreadable), *self.kept]
        return within and not any(path.is_relative_to(place) for place in left_out)


class Sidecars:
    """The entries of ``metadata.yaml``, each folder's read once."""

    def __init__(self) -> None:
        self._read = cache(read_sidecar)

    def entry(self, file: File) -> Mapping[str, Any]:
        """What the sidecar beside ``file`` says of it. ``ConfigurationError`` when the sidecar cannot be read."""
        if file.member is not None:
            return file.member.overrides
        return self._read(file.path.parent).get(file.path.name, {})


def find_files(paths: Iterable[Path], *, empty: bool = False) -> Found:
    """The files at ``paths``: a file is taken as it is; of a folder, every document and archive that is not hidden.

    No link is followed out of a folder.

    Raises:
        DocumentNotFoundError: there is nothing at a path.
        DocumentError: a folder holds no document, unless it may be ``empty``: then it counts as not looked into, for
            it may be a disk that is not there.
    """
    wanted = list(paths)
    for path in wanted:
        if not os.path.exists(path):  # noqa: PTH110 - which gives no error where a folder above is closed
            raise DocumentNotFoundError(f"no such file or folder: {path}. Check the path; nothing was changed.")
    files: dict[Path, File] = {}
    unreadable: list[Failure] = []
    skipped: list[Skipped] = []
    folders: list[Path] = []
    for path in wanted:
        walk = _Walk(path.resolve(), path)
        inside = walk.files() if path.is_dir() else [File(path, path.resolve(), path.name)]
        if not inside and not walk.unreadable and not empty:
            raise DocumentError(
                f"no document in the folder {path} (those are read: {SAVE_AS}). Name another; nothing was changed."
            )
        if path.is_dir() and not inside and not walk.unreadable:
            walk.skipped.append(Skipped(str(path), "no document is in it; what was in it before stays until one is."))
        elif path.is_dir():
            folders.append(walk.root)
        for file in inside:
            files.setdefault(file.real, file)
        unreadable += walk.unreadable
        skipped += walk.passed_over()
    return Found(tuple(files.values()), tuple(folders), tuple(unreadable), tuple(dict.fromkeys(skipped)))


def with_members(found: Found, list_archive: Callable[[Path], Contents], wanted: Callable[[Path], bool]) -> Found:
    """``found`` with what is in its archives in their place; those not ``wanted`` are kept as they are.

    An archive that cannot be read is told among the unreadable: what was in it stays as it is.
    """
    if not any(is_archive(file.real) for file in found.files):
        return found
    files: list[File] = []
    kept: list[Path] = []
    unreadable, skipped, folders = list(found.unreadable), list(found.skipped), list(found.folders)
    for file in found.files:
        if not is_archive(file.real):
            files.append(file)
        elif not wanted(file.real):
            kept.append(file.real)
        else:
            folders.append(file.real)
            try:
                contents = list_archive(file.real)
            except DocumentError as error:
                unreadable.append(Failure(str(file.real), str(error)))
                continue
            files += [_inside(file, member) for member in contents.members]
            unreadable += contents.failed
            skipped += contents.skipped
    return Found(tuple(files), tuple(folders), tuple(unreadable), tuple(skipped), tuple(kept))


def _inside(archive: File, member: Member) -> File:
    return File(archive.path / member.name, archive.real / member.name, f"{archive.name}/{member.name}", member)


@dataclass
class _Walk:
    """What is in the folder ``root`` (``shown``: as it was named)."""

    root: Path
    shown: Path
    unreadable: list[Failure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)

    def files(self) -> list[File]:
        """The documents and archives, each folder's in the order of their names."""
        return list(self._files())

    def passed_over(self) -> list[Skipped]:
        """What was not taken, the files of other formats in one line."""
        others = [Skipped(str(self.shown), unread(self.unread))] if self.unread else []
        return [*self.skipped, *others]

    def _files(self) -> Iterator[File]:
        for root, folders, names in os.walk(self.shown, onerror=self._note):
            folders[:] = sorted(name for name in folders if self._enters(Path(root, name)))
            for name in sorted(names):
                path = Path(root, name)
                if not is_clutter(Path(name)) and name != SIDECAR and self._takes(path):
                    yield File(path, path.resolve(), path.relative_to(self.shown).as_posix())

    def _enters(self, folder: Path) -> bool:
        if is_clutter(Path(folder.name)):
            return False
        if folder.is_symlink():  # os.walk does not follow it; what it leads to inside is found there
            self._leads_inside(folder)
            return False
        return True

    def _takes(self, path: Path) -> bool:
        suffix = path.suffix.lower()
        if path.is_symlink() and not self._leads_inside(path):
            return False
        try:
            mode = path.stat().st_mode
        except OSError:
            return suffix in SUFFIXES  # reading it tells what is wrong
        if not stat.S_ISREG(mode):
            self._skip(path, "it is no file but a pipe, a socket or a device.")
        elif suffix in SUFFIXES or is_archive(path):
            return True
        else:
            self.unread[suffix] += 1
        return False

    def _leads_inside(self, link: Path) -> bool:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # Python 3.11 and 3.12 raise RuntimeError for a loop
            self._skip(link, "it is a link that leads nowhere.")
            return False
        if target.is_relative_to(self.root):
            return True
        self._skip(link, f"it is a link out of the folder, to {target}. Name that too if it is to be read.")
        return False

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Skipped(str(path), reason))

    def _note(self, error: OSError) -> None:
        reason = f"cannot list the folder: {error.strerror}. Check its permissions."
        self.unreadable.append(Failure(str(Path(error.filename).resolve()), reason))
