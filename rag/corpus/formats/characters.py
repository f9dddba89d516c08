"""Characters of a parsed format as they are written in plain text: only what hides an outline is changed.

Invisible characters are dropped (soft hyphen, zero width, direction marks, control characters), no-break spaces become
spaces, and the vertical forms of punctuation become the ordinary ones. Everything else stays as it stands in the file.
"""

from __future__ import annotations

import re

_VERTICAL = dict(
    zip(
        "︐︑︒︓︔︕︖︗︘︙︰︱︲︳︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈",
        "，、。：；！？〖〗…：—–_（）｛｝〔〕【】《》〈〉「」『』［］",
        strict=True,
    )
)
_CHANGED = str.maketrans(
    {**_VERTICAL, "\u00a0": " ", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}
)
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_BREAK = re.compile(r"\r\n?")


def plain(text: str) -> str:
    """``text`` as described above, its line breaks all line feeds."""
    return _DROPPED.sub("", _BREAK.sub("\n", text)).translate(_CHANGED)
