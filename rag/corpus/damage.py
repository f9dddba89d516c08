"""Signs that a text lost characters on its way: scanned, copied out of a PDF, or decoded wrongly."""

from __future__ import annotations

import re

_DAMAGED = re.compile(
    r"(?<![\d.,])0\d{1,2}\s?[%％]"  # 增长 06%: a lost decimal point
    r"|(?<!\d)(?:19|20)\d{2}(?:19|20)\d{2}年"  # 20232025年: a lost dash
    r"|[(（]\s*[)）]"  # ()坚持: a lost number
    r"|(?<![A-Za-z])[Il]\d(?![A-Za-z])"  # I1 for 11
    r"|\ufffd|[□■]{1,3}(?=[\u4e00-\u9fff])"
)


def looks_damaged(text: str) -> bool:
    """Whether ``text`` holds what only damage explains; such words are quoted as they are, and marked."""
    return _DAMAGED.search(text) is not None
