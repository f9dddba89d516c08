"""Chinese numerals and the digit styles of official documents (二〇三五年, 二O三五年, 百分之七十二, 第十二條)."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": 0, "○": 0, "O": 0, "o": 0, "两": 2, "兩": 2}
_DIGITS |= {c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_DIGITS |= {"貳": 2, "參": 3, "叄": 3, "参": 3, "陸": 6}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}

NUMERAL = "〇零○一二三四五六七八九十百千两兩"
"""Characters of a Chinese numeral, for use inside a regular expression class."""

_YEAR_DIGIT = "[〇零○Oo0一二三四五六七八九]"
_YEAR = re.compile(rf"(?<![{NUMERAL}])[一二]{_YEAR_DIGIT}{{3}}(?=年(?![级級]))")
_MONTH_DAY = re.compile(r"(?<=\d年)(元|[一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?")
_PERCENT = re.compile(rf"百分之([{NUMERAL}]+)(?:点([{NUMERAL}]+))?")
_ORDINAL = re.compile(rf"第([{NUMERAL}]+)(?=[条條款项項章节節编編分届屆次号號期批])")


def parse_numeral(text: str) -> int | None:
    """Value of a Chinese or Arabic numeral (二十四 and 24 are 24, 二〇三五 is 2035), ``None`` if it is none."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = current = 0
    for char in text:
        if char in _UNITS:
            total += (current or 1) * _UNITS[char]
            current = 0
        else:
            current = _DIGITS[char]
    return total + current


def fold_digits(text: str) -> str:
    """``text`` with years, dates, percentages and ordinals in Arabic digits; for search keys, lengths change."""
    text = _YEAR.sub(lambda m: str(parse_numeral(m[0].replace("0", "〇"))), text)
    text = _MONTH_DAY.sub(_fold_month_day, text)
    text = _PERCENT.sub(_fold_percent, text)
    return _ORDINAL.sub(lambda m: f"第{parse_numeral(m[1])}", text)


def _fold_month_day(match: re.Match[str]) -> str:
    month = "1" if match[1] == "元" else str(parse_numeral(match[1]))
    return f"{month}月" + (f"{parse_numeral(match[2])}日" if match[2] else "")


def _fold_percent(match: re.Match[str]) -> str:
    decimals = "".join(str(parse_numeral(c)) for c in match[2]) if match[2] else ""
    return f"{parse_numeral(match[1])}{'.' + decimals if decimals else ''}%"
