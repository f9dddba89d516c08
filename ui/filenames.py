"""Names of files from elsewhere, made safe to keep and to send."""

from __future__ import annotations

import re
from unicodedata import category, normalize
from urllib.parse import quote

MOST_BYTES = 200  # file systems take 255

_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)")  # what Windows takes for devices
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, direction and zero-width characters, half surrogates


def safe_name(name: str) -> str:
    """The last part of ``name`` as a plain visible file name of at most 200 bytes; empty when nothing is left."""
    last = re.split(r"[/\\]", normalize("NFC", name))[-1]
    visible = "".join(character for character in last if category(character) not in _HIDDEN)
    plain = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ")
    plain = f"_{plain}" if _DEVICE.match(plain) else plain
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = plain, "", ""
    room = MOST_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + dot + ending


def disposition(kind: str, name: str) -> str:
    """``Content-Disposition`` of the ``kind`` inline or attachment for a file called ``name``, as RFC 6266 wants it."""
    safe = safe_name(name) or "file"
    plain = re.sub(r"[^A-Za-z0-9.-]+", "_", safe)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
