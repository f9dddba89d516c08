"""Text of an answer made inert: nothing in it is hidden, is Markdown or HTML that fetches, or leads elsewhere."""

from __future__ import annotations

import re

from rag.corpus.script import HAN

# Control, zero-width, direction and filler characters, variation selectors, and tags, which can carry whole sentences.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_LINKED = re.compile(r"!?\[([^\[\]\n]{0,200})\]\(\s*(?:<[^<>\n]{0,400}>|(?:[^()\n]|\([^()\n]{0,100}\)){0,400})\)")
_LEFT_OF_A_LINK = re.compile(r"!\[|\]\([^)\n]*\)?")
_TAG = re.compile(
    r"<(script|style)\b.*?(?:</\1\s*>|$)"
    rf"|</?[A-Za-z{HAN}][A-Za-z0-9{HAN}-]{{0,20}}(?:\s[^<>\n]{{0,400}})?/?>|<\|[^<>\n]{{0,40}}\|>|<!--|-->"
    r"|</?(?:img|image|a|script|style|iframe|svg|link|object|embed|video|audio|form|input|meta|base)\b[^<>\n]{0,400}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|(?<![a-z0-9.-])www\.|(?<![\w/])//(?=[\w-]+\.)"
    r"|(?<![a-z])(?:javascript|vbscript|file):(?=\S)|(?<![a-z])data:(?=[a-z]+/))"
    r"[!#-&*-;=?-~]*",  # ASCII without space, quotes, round and angle brackets
    re.IGNORECASE,
)
_EXCLAIMED = re.compile(r"!+(?=\s*$)")
_MARKUP = re.compile(r"\*\*|__(?=\S)|(?<=\S)__|`+|^\s*>+\s*|~~")


def without_hidden(text: str) -> str:
    """``text`` without characters that do not show."""
    return _HIDDEN.sub("", text)


def inert(text: str, *, evidence: str = "") -> str:
    """``text`` as plain words: what a link or an image shows without where it leads, nothing hidden, no tags.

    Addresses go too, but one that stands in ``evidence``, the words of a document, is a fact of it and stays as text.
    ``text`` is one sentence or one line; what is already plain comes back as it is.
    """
    shown, before = without_hidden(text), None
    known = set(_ADDRESS.findall(evidence)) if _ADDRESS.search(shown) else ()
    while before != shown:  # what is taken out may join what stood around it
        before = shown
        shown, linked = _LINKED.subn(r"\1", shown)
        if linked:
            continue
        shown = _TAG.sub("", _LEFT_OF_A_LINK.sub("", shown))
        shown = _ADDRESS.sub(lambda found: found[0] if found[0] in known else "", shown)
    # With the mark of a citation after it, it would begin an image.
    return _EXCLAIMED.sub("！" if re.search(f"[{HAN}]", shown) else ".", shown)


def plain(text: str, *, evidence: str = "") -> str:
    """``inert`` text, also without the emphasis and quoting of Markdown."""
    return inert(_MARKUP.sub("", without_hidden(text)), evidence=evidence).strip()
