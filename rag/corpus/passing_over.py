"""Files in a folder or an archive that are no documents: which nobody misses, and how the others are told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

_CLUTTER = frozenset({"thumbs.db", "desktop.ini", "__macosx", "$recycle.bin"})
_UNFINISHED = frozenset({".tmp", ".part", ".crdownload", ".partial"})
_MOST = 12


def is_clutter(path: PurePath) -> bool:
    """Whether a program left ``path`` for itself: hidden, a lock of an open Office file, an unfinished download."""
    return any(_clutter(part) for part in path.parts) or path.suffix.lower() in _UNFINISHED


def unread(endings: Mapping[str, int]) -> str:
    """How many files have endings that are not read: ``12 files of formats that are not read: .exe (10), .dwg (2)``."""
    ranked = sorted(endings.items(), key=lambda each: (-each[1], each[0]))
    shown = [f"{ending or 'no ending'} ({count})" for ending, count in ranked[:_MOST]]
    more = [f"{len(ranked) - _MOST} more endings"] if len(ranked) > _MOST else []
    total = sum(endings.values())
    files, formats = ("file", "a format that is") if total == 1 else ("files", "formats that are")
    return f"{total} {files} of {formats} not read: {', '.join([*shown, *more])}"


def _clutter(name: str) -> bool:
    return (name.startswith((".", "~$")) and name not in (".", "..")) or name.lower() in _CLUTTER
