"""Whether the files of a Tantivy index are as they were written: each ends with a checksum of itself."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_MAGIC = 1337  # ends the footer: https://docs.rs/tantivy/latest/src/tantivy/directory/footer.rs.html
_BLOCK = 1 << 20


def damaged_files(folder: Path) -> list[str]:
    """The names of the files in use in ``folder`` that do not fit their checksums; ``OSError`` when it is not there."""
    return [file.name for file in _files(folder) if not _is_sound(file)]


def _files(folder: Path) -> Iterator[Path]:
    """What the index is made of; a killed process leaves others, which the next one removes."""
    for segment in json.loads((folder / "meta.json").read_bytes())["segments"]:
        name = str(segment["segment_id"]).replace("-", "")
        deletes: dict[str, Any] = segment.get("deletes") or {}
        for file in sorted(folder.glob(f"{name}.*")):
            if file.suffix != ".del" or file.name == f"{name}.{deletes.get('opstamp')}.del":
                yield file


def _is_sound(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 8))
        end = file.read()
        if len(end) < 8:
            return False
        length, magic = struct.unpack("<II", end)
        body = size - 8 - length
        if magic != _MAGIC or body < 0:
            return False
        file.seek(body)
        try:
            expected = json.loads(file.read(length))["crc"]
        except (ValueError, KeyError, TypeError):
            return False
        file.seek(0)
        found = 0
        while body > 0 and (block := file.read(min(_BLOCK, body))):
            found, body = zlib.crc32(block, found), body - len(block)
    return bool(found == expected)
