"""ZIP archives of documents: what is in one, within bounds, and the bytes of one member. Nothing is ever unpacked."""

from __future__ import annotations

import hashlib
import lzma
import re
import stat
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from rag.corpus.formats.registry import SUFFIXES
from rag.corpus.loading import check_content
from rag.corpus.passing_over import is_clutter, unread
from rag.corpus.sidecar import MAX_SIDECAR_BYTES, SIDECAR, parse_sidecar
from rag.errors import ConfigurationError, DocumentError, DocumentNotFoundError, DocumentSizeError
from rag.schema import Failure, Skipped

ARCHIVES = frozenset({".zip"})
"""File name endings of archives, in lower case."""

_ENCRYPTED, _UTF8 = 0x1, 0x800
_UNICODE_NAME = 0x7075  # the extra field in which Info-ZIP and 7-Zip keep a name in UTF-8
_RATIO, _SUSPICIOUS = 300, 1_000_000  # text is packed 3 to 20 times; a member this much smaller is made to be a bomb
_BLOCK = 1 << 20
_OUTSIDE = re.compile("/|[A-Za-z]:")
_DAMAGED = BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Of an archive: most ``entries``, most ``total_bytes`` packed and unpacked, most ``max_bytes`` of a member."""

    entries: int = 5000
    total_bytes: int = 500_000_000
    max_bytes: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """A document in an archive: its ``name`` there, its bytes' number and hash, its entry in the sidecar there."""

    name: str
    size: int
    sha256: str
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in an archive: documents, and what is none. Paths of ``failed`` and ``skipped`` begin with its own."""

    members: tuple[Member, ...] = ()
    failed: tuple[Failure, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def is_archive(path: Path) -> bool:
    """Whether ``path`` is named like an archive."""
    return path.suffix.lower() in ARCHIVES


def archive_of(path: Path) -> tuple[Path, str] | None:
    """The archive that ``path`` leads into, and the name of the member there; ``None`` when it leads to a file."""
    for above in path.parents:
        if is_archive(above):
            return (above, path.relative_to(above).as_posix()) if above.is_file() else None
    return None


def list_archive(path: Path, *, limits: ArchiveLimits) -> Contents:
    """What is in the archive ``path``; every document in it is unpacked once, for its hash, and thrown away.

    Raises:
        DocumentError: it is damaged, encrypted, or beyond ``limits``; the message says which.
    """
    with _opened(path, limits.total_bytes) as archive:
        infos = archive.infolist()
        _check_size(path, infos, limits)
        listing = _Listing(path, archive, limits)
        for info in infos:
            listing.take(info)
        return listing.contents()


def read_member(path: Path, name: str, max_bytes: int) -> bytes:
    """The bytes of the member ``name`` of the archive ``path``.

    Raises:
        DocumentError: there is none, or it is damaged, encrypted, empty or larger than ``max_bytes``.
    """
    with _opened(path, None) as archive:
        info = next((info for info in archive.infolist() if _name(info) == name), None)
        if info is None:
            raise DocumentNotFoundError(f"{path} holds no {name}. Ingest the archive again.")
        _check_member(info, name, max_bytes)
        with archive.open(info) as stream:
            data = stream.read(max_bytes + 1)
    return check_content(data, name=name)


class _Listing:
    """What was found in an archive so far."""

    def __init__(self, path: Path, archive: ZipFile, limits: ArchiveLimits) -> None:
        self._path, self._archive, self._limits = path, archive, limits
        self._found: dict[str, tuple[int, str]] = {}
        self._sidecars: dict[str, Mapping[str, Mapping[str, Any]] | ConfigurationError] = {}
        self._failed: list[Failure] = []
        self._skipped: list[Skipped] = []
        self._unread: Counter[str] = Counter()

    def take(self, info: ZipInfo) -> None:
        """Note what ``info`` is."""
        name = _name(info)
        if name.endswith("/") or is_clutter(PurePosixPath(name)):
            return
        if _OUTSIDE.match(name) or ".." in PurePosixPath(name).parts:
            self._skip(name, "its name leads out of the archive. Rename it there.")
        elif stat.S_ISLNK(info.external_attr >> 16):
            self._skip(name, "it is a link. Pack the file that it leads to.")
        elif PurePosixPath(name).name == SIDECAR:
            self._sidecars[str(PurePosixPath(name).parent)] = self._sidecar(info, name)
        elif is_archive(Path(name)):
            self._skip(name, "an archive in an archive is not read. Unpack it, or pack its files with the others.")
        elif PurePosixPath(name).suffix.lower() not in SUFFIXES:
            self._unread[PurePosixPath(name).suffix.lower()] += 1
        elif name in self._found:
            self._skip(name, "there is another file of this name before it in the archive. Rename one of them.")
        else:
            self._hash(info, name)

    def contents(self) -> Contents:
        """All of it, in the order of the archive."""
        members, failed = [], []
        for name, (size, sha256) in self._found.items():
            entries = self._sidecars.get(str(PurePosixPath(name).parent), {})
            if isinstance(entries, ConfigurationError):
                failed.append(Failure(str(self._path / name), str(entries)))
            elif not (entry := dict(entries.get(PurePosixPath(name).name, {}))).pop("skip", False):
                members.append(Member(name, size, sha256, entry))
        if self._unread:
            self._skipped.append(Skipped(str(self._path), unread(self._unread)))
        return Contents(tuple(members), (*self._failed, *failed), tuple(self._skipped))

    def _hash(self, info: ZipInfo, name: str) -> None:
        try:
            _check_member(info, name, self._limits.max_bytes)
            with self._archive.open(info) as stream:
                self._found[name] = info.file_size, _sha256(stream)
        except DocumentError as error:
            self._failed.append(Failure(str(self._path / name), str(error)))
        except _DAMAGED as error:
            self._failed.append(Failure(str(self._path / name), f"{name} is damaged: {error}. Pack the archive again."))

    def _sidecar(self, info: ZipInfo, name: str) -> Mapping[str, Mapping[str, Any]] | ConfigurationError:
        where = self._path / name
        if info.file_size > MAX_SIDECAR_BYTES or info.flag_bits & _ENCRYPTED:
            return ConfigurationError(f"{where} is too large or encrypted. Mend or remove it.")
        try:
            return parse_sidecar(self._archive.read(info).decode("utf-8"), name=where)
        except ConfigurationError as error:
            return error
        except _DAMAGED as error:
            return ConfigurationError(f"{where} is damaged or not UTF-8: {error}. Mend or remove it.")

    def _skip(self, name: str, reason: str) -> None:
        self._skipped.append(Skipped(f"{self._path}/{name}", reason))


@contextmanager
def _opened(path: Path, max_bytes: int | None) -> Iterator[ZipFile]:
    try:
        if max_bytes is not None and (size := path.stat().st_size) > max_bytes:
            raise DocumentSizeError(
                f"{path.name} has {size / 1e6:.1f} MB, more than the limit of {max_bytes / 1e6:g} MB for an archive. "
                "Split it, or raise RAG_INGEST__ARCHIVE_MB."
            )
        with ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise DocumentNotFoundError(f"cannot read {path}: {error.strerror}. Check its permissions.") from error
    except _DAMAGED as error:
        raise DocumentError(f"{path.name} is no ZIP archive, or damaged: {error}. Pack it again.") from error


def _check_size(path: Path, infos: list[ZipInfo], limits: ArchiveLimits) -> None:
    if len(infos) > limits.entries:
        raise DocumentSizeError(
            f"{path.name} holds {len(infos):,} files, more than the limit of {limits.entries:,}. "
            "Split it, or raise RAG_INGEST__ARCHIVE_FILES."
        )
    total = sum(info.file_size for info in infos)
    if total > limits.total_bytes:
        raise DocumentSizeError(
            f"{path.name} unpacks to {total / 1e6:,.0f} MB, more than the limit of {limits.total_bytes / 1e6:g} MB. "
            "Split it, or raise RAG_INGEST__ARCHIVE_MB."
        )


def _check_member(info: ZipInfo, name: str, max_bytes: int) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise DocumentError(f"{name} is encrypted. Unpack the archive with its password, and ingest what was in it.")
    if info.file_size > max_bytes:
        raise DocumentSizeError(
            f"{name} has {info.file_size / 1e6:.1f} MB, more than the limit of {max_bytes / 1e6:g} MB. "
            "Split it, or raise RAG_MAX_FILE_MB."
        )
    if info.file_size > max(_SUSPICIOUS, _RATIO * info.compress_size):
        raise DocumentSizeError(
            f"{name} unpacks to more than {_RATIO} times its size, as no text does. Unpack it yourself if it is sound."
        )


def _sha256(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _name(info: ZipInfo) -> str:
    """The member's name with ``/`` between its folders: as marked in UTF-8, else as UTF-8 or GB18030 if it is valid."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        raw = name.encode("cp437")
        name = _unicode_name(info, raw) or _decoded(raw)
    return name.partition("\0")[0].replace("\\", "/")


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def _unicode_name(info: ZipInfo, raw: bytes) -> str | None:
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_NAME and len(body) > 5 and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw):
            return _decoded(body[5:])
    return None
