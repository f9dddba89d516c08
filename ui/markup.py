"""Foreign text as HTML: every character of it shows, and none of it is markup.

All ASCII punctuation and all control characters of a foreign text (document, title, file name, question, error) are
written as character references or left out, so nothing in it can become a tag, an attribute, a template, Markdown, a
link or a request, whatever component shows it.
"""

from __future__ import annotations

import re

EXCERPT_CHARS = 120

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def escape(text: str) -> str:
    """``text`` as HTML that shows exactly its visible characters; line ends become ``<br>``."""
    return preformatted(text).replace("\n", "<br>")


def preformatted(text: str) -> str:
    """As ``escape``, but line ends stay: for attributes, text areas and wherever white space is kept."""
    visible = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _PUNCTUATION.sub(lambda match: f"&#{ord(match.group())};", visible)


def excerpt(text: str) -> str:
    """The beginning of ``text`` on one line, not escaped."""
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT_CHARS else flat[:EXCERPT_CHARS].rstrip() + "……"
