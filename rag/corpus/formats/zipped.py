"""ZIP files that may be hostile: sizes are looked at before anything is unpacked, names before anything is believed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rag.errors import DocumentError, DocumentSizeError

_FOREIGN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
)
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SMALL = 1_000_000  # bytes below which a high ratio harms nobody
_LINK = 0o120000


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """``members``: how many; ``total``: bytes unpacked; ``ratio``: unpacked to packed size of a large member."""

    members: int = 10_000
    total: int = 200_000_000
    ratio: int = 500


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside: ``name`` with forward slashes; ``size`` in bytes, unpacked, as declared.

    ``safe``: its name stays inside the folder it would be unpacked to, and it is no link.
    """

    name: str
    size: int
    safe: bool


class Zip:
    """The files inside a ZIP file. Made by ``open_zip``."""

    def __init__(self, file: zipfile.ZipFile, name: str, limits: ZipLimits) -> None:
        self._file = file
        self._name = name
        self._left = limits.total
        self._limits = limits
        infos = [info for info in file.infolist() if not info.filename.endswith("/")]
        self.members = tuple(Member(_named(info), info.file_size, _is_safe(info)) for info in infos)
        self._infos = dict(zip((member.name for member in self.members), infos, strict=True))
        self._lowered = {name.lower(): name for name in self._infos}

    @property
    def names(self) -> tuple[str, ...]:
        """Of the safe members, in the order of the file."""
        return tuple(member.name for member in self.members if member.safe)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._lowered

    def read(self, name: str, *, limit: int = 100_000_000) -> bytes:
        """The unpacked bytes of the member ``name`` (the case of letters does not matter).

        Raises:
            DocumentError: there is no such member, it is damaged or encrypted.
            DocumentSizeError: it is larger than ``limit``, packed too densely to be honest, or the total is used up.
        """
        info = self._infos.get(self._lowered.get(name.lower(), ""))
        if info is None:
            raise DocumentError(
                f"{self._name} is damaged: it holds no {name}. Save it again in the program it is from."
            )
        self._check(info, limit)
        with _translated(self._name), self._file.open(info) as stream:
            data = stream.read(info.file_size + 1)
        self._left -= len(data)
        return data

    def _check(self, info: zipfile.ZipInfo, limit: int) -> None:
        if info.flag_bits & 1:
            raise DocumentError(f"{self._name} is encrypted. Save it without a password.")
        if info.compress_type not in _PLAIN:
            raise DocumentError(
                f"{self._name} is packed in a way that is not read. Pack it again as an ordinary ZIP file."
            )
        dense = info.file_size > _SMALL and info.file_size > self._limits.ratio * max(1, info.compress_size)
        if dense or info.file_size > min(limit, self._left):
            raise DocumentSizeError(
                f"{self._name} unpacks to more than is read ({info.file_size / 1e6:.0f} MB in {info.filename[:80]}). "
                "Split it."
            )


def open_zip(data: bytes, *, name: str, limits: ZipLimits = ZipLimits()) -> Zip:
    """The ZIP file ``data``, of which nothing is unpacked yet; ``name`` is for messages.

    Raises:
        DocumentError: it is no ZIP file, or damaged.
        DocumentSizeError: it declares more members or bytes than ``limits``.
    """
    with _translated(name):
        file = zipfile.ZipFile(io.BytesIO(data))
    infos = file.infolist()
    total = sum(info.file_size for info in infos)
    if len(infos) > limits.members or total > limits.total:
        raise DocumentSizeError(
            f"{name} unpacks to {len(infos):,} files with {total / 1e6:,.0f} MB, more than the limit of "
            f"{limits.members:,} files with {limits.total / 1e6:,.0f} MB. Split it."
        )
    return Zip(file, name, limits)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except _FOREIGN as error:
        raise DocumentError(
            f"{name} is damaged ({error}). Save it again, or fetch it again from where it came."
        ) from error


def _named(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _is_safe(info: zipfile.ZipInfo) -> bool:
    name = _named(info)
    climbs = name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0] or "\0" in name
    return not climbs and (info.external_attr >> 16) & 0o170000 != _LINK
