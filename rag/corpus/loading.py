"""Files to text: size limits, and encodings that are detected, never guessed in silence."""

from __future__ import annotations

import os
from codecs import getincrementaldecoder
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from pathlib import Path
from stat import S_ISREG

from rag.errors import DocumentNotFoundError, DocumentSizeError, EncodingError
from rag.schema import Layout, Metadata

_ENCODINGS = ("utf_8", "gb18030", "big5", "big5hkscs", "utf_16", "utf_16_le", "utf_16_be")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 200_000  # bytes the detector looks at
_RIVALS = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
_PLAUSIBLE = 0.9  # least share of everyday characters; texts of the seeds have 0.98 from 12 characters up
_MARGIN = 0.2  # by which every other reading must be worse; Korean and Latin texts fall below it


@dataclass(frozen=True, slots=True)
class LoadedText:
    """A file's characters as they stand in it (line breaks included, byte order mark left out).

    ``encoding``, ``layout`` as in ``Document``; ``metadata`` is what the format says of it besides its text.
    ``unread`` says in words which parts could not be read, and what to do about it.
    """

    text: str
    encoding: str
    layout: Layout = Layout()
    metadata: Metadata = Metadata()
    markdown: bool = False
    unread: tuple[str, ...] = ()


def read_bytes(path: Path, *, max_bytes: int) -> bytes:
    """The bytes of ``path``.

    Raises:
        DocumentNotFoundError: it does not exist or may not be read.
        DocumentSizeError: it is empty, or larger than ``max_bytes``.
    """
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            data = b"" if size > max_bytes else file.read(max_bytes + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if max(size, len(data)) > max_bytes:
        raise DocumentSizeError(
            f"{path.name} has {size / 1e6:.1f} MB, more than the limit of {max_bytes / 1e6:g} MB. "
            "Split it, or raise RAG_MAX_FILE_MB."
        )
    return check_content(data, name=path.name)


def check_content(data: bytes, *, name: str) -> bytes:
    """``data``; ``DocumentSizeError`` when there is nothing but white space in it."""
    if not data.strip():
        raise DocumentSizeError(f"{name} is empty ({len(data)} bytes). Remove it, or save its text again.")
    return data


def open_file(path: Path) -> BufferedReader:
    """The file ``path``, open for reading.

    Raises:
        DocumentNotFoundError: it does not exist, may not be read, or is a folder, a pipe or a device.
    """
    try:
        file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - whoever asks closes it
    except OSError as error:
        raise _unreadable(path, error) from error
    if S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise DocumentNotFoundError(f"{path} is no regular file. Save what it gives as a file first.")


def _without_waiting(path: str, flags: int) -> int:
    """Open ``path`` at once, even a pipe that nobody writes to."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _unreadable(path: Path, error: OSError) -> DocumentNotFoundError:
    return DocumentNotFoundError(f"cannot read {path}: {error.strerror}. Check the path and its permissions.")


def decode(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """``data`` as text, in ``encoding`` if given, else in the one its bytes can be shown to be in.

    A byte order mark or valid UTF-8 decides; otherwise charset-normalizer must find one of UTF-16, GB18030 and Big5,
    and the text must then consist of everyday characters while no other of these readings does.

    Raises:
        EncodingError: binary data, or bytes that are valid in none of these; the message says how to name the encoding.
    """
    if encoding is None:
        encoding = next((known for bom, known in _BOMS if data.startswith(bom)), None) or _detect(data, name)
    try:
        text = data.decode(encoding)
    except (ValueError, LookupError) as error:
        raise EncodingError(
            f"{name} is not valid {encoding}: {error}. Save it as UTF-8, or name its encoding in metadata.yaml."
        ) from error
    if "\0" in text:
        raise EncodingError(f"{name} looks like binary data (it holds NUL characters). Convert it to plain text first.")
    return LoadedText(text.removeprefix("\ufeff"), encoding)


def _detect(data: bytes, name: str) -> str:
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=list(_ENCODINGS)).best()
    encoding = "utf-8" if best is None else best.encoding.replace("_", "-")
    shares = {rival: _everyday_share(sample, rival) for rival in _RIVALS}
    found = shares.pop("big5hkscs" if encoding == "big5" else encoding, 0.0)
    if found < _PLAUSIBLE or found - max(shares.values()) < _MARGIN:
        raise EncodingError(
            f"{name} is not text in UTF-8, UTF-16, GB18030 or Big5 (or too short or damaged to tell). "
            "Save it as UTF-8, or name its encoding in metadata.yaml."
        )
    return encoding


def _everyday_share(sample: bytes, encoding: str) -> float:
    """Share of everyday characters among those of ``sample``, read in ``encoding``, that are not ASCII."""
    try:
        text = getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return 0.0
    wide = [char for char in text if char > "\x7f"]
    return sum(map(is_everyday, wide)) / max(1, len(wide))


@cache
def is_everyday(char: str) -> bool:
    """Whether ``char`` is among the punctuation or on the first, frequent, level of GB 2312 or Big5."""
    gb, big5 = char.encode("gb2312", "ignore")[:1], char.encode("big5", "ignore")[:1]
    return b"\xa1" <= gb <= b"\xa3" or b"\xb0" <= gb <= b"\xd7" or b"\xa1" <= big5 <= b"\xc6" or char == "\u00a0"
