"""Numbers and dates of English sentences, rewritten as Chinese ones are written, so that both compare by value."""

from __future__ import annotations

import re

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {name: value for value, name in enumerate(f"{_ONES} eighteen nineteen".split(), start=1)}
_VALUES |= {name: 10 * value for value, name in enumerate(_TENS.split(), start=2)}
_NAMES = "|".join(sorted(_VALUES, key=len, reverse=True))
_WORDED = re.compile(rf"\b(?:({'|'.join(_TENS.split())})-)?({_NAMES})\b")
_JANUARY_ON = "january february march april may june july august september october november december"
_MONTHS = {name: number for number, name in enumerate(_JANUARY_ON.split(), start=1)}
_MONTH = re.compile(rf"\b(?:(\d{{1,2}}) )?({'|'.join(_MONTHS)})\b(?: (\d{{1,2}})\b(?!\d))?")
_LARGE = re.compile(r"(\d+(?:\.\d+)?) (million|billion)")
_MAY = re.compile(r"(?<!\d )\bmay\b(?! \d)")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)\b")
_WORKDAY = re.compile(r"(\d+) (?:working|business) days?")


def english_numbers(key: str) -> str:
    """An English search key with ``6月20日`` for june 20, 12 for twelve and 5个工作日 for five working days."""
    key = _WORDED.sub(lambda m: str((_VALUES[m[1]] if m[1] else 0) + _VALUES[m[2]]), key)
    key = _LARGE.sub(lambda m: f"{float(m[1]) * (100 if m[2] == 'million' else 100_000):g}万", key)
    key = _ORDINAL.sub(r"\1", _MAY.sub("can", key))
    return _WORKDAY.sub(r"\1个工作日", _MONTH.sub(_month, key))


def _month(match: re.Match[str]) -> str:
    day = match[1] or match[3]
    return f" {_MONTHS[match[2]]}月" + (f"{day}日" if day else "")
