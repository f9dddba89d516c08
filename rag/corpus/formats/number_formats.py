"""Numbers and dates of spreadsheets as people see them: 15.5% and 2020年1月, not 0.155 and 43831.

Reads the format codes of ECMA-376, part 1, 18.8.31. Colours, conditions and fill characters are left out.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"',
    35: '上午/下午h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"', 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"',
    55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
"""Codes of the formats that a workbook names by number only, as a Chinese Excel shows them."""

_TOKEN = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM/PM|A/P|上午/下午|y+|m+|d+|h+|s+|a+|general|[0#?.,]+|[Ee][+-]|.', re.IGNORECASE
)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = "一二三四五六日"
_DATES = (0, 2_958_466)  # serial numbers of 1900 … 9999
_LONGEST_CODE = 200
_MOST_PLACES = 30


def shown(number: float, code: str, *, from_1904: bool = False) -> str:
    """``number`` in the format ``code``; ``from_1904``: days count from 1904 as in old Macintosh files."""
    code = code[:_LONGEST_CODE]
    if number != number or number in (float("inf"), float("-inf")):
        return ""
    tokens = _section(code, number)
    if _is_date(tokens):
        return _moment(number + (1462 if from_1904 else 0), tokens)
    if not any(token[0] in "0#?." for token in tokens):
        plain = not tokens or any(token == "@" or token.lower() == "general" for token in tokens)
        return general(number) if plain else "".join(map(_literal, tokens)).strip()
    signed = number < 0 and code.count(";") == 0
    return ("-" if signed else "") + _numeric(abs(number), tokens)


def general(number: float) -> str:
    """``number`` without a format: as short as it can be written, whole numbers without a point."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    text = f"{number:.12g}"
    if "e" in text and 1e-9 < abs(number) < 1e18:
        text = f"{number:.15f}".rstrip("0").rstrip(".") if abs(number) < 1 else f"{number:.0f}"
    return text


@lru_cache(maxsize=1000)
def _tokens(section: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(section))


def _section(code: str, number: float) -> tuple[str, ...]:
    """The part of the format that is for numbers of this sign."""
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)
    if number < 0 and len(sections) > 1:
        return _tokens(sections[1])
    if number == 0 and len(sections) > 2:
        return _tokens(sections[2])
    return _tokens(sections[0])


def _is_date(tokens: tuple[str, ...]) -> bool:
    if any(token.lower() == "general" for token in tokens):
        return False
    return any(token[0].lower() in "ymdhs" or token.lower() in ("aaa", "aaaa") for token in tokens) or any(
        _ELAPSED.fullmatch(token) for token in tokens
    )


def _moment(number: float, tokens: tuple[str, ...]) -> str:
    elapsed = any(_ELAPSED.fullmatch(token) for token in tokens)
    if not _DATES[0] <= number < _DATES[1]:
        return general(number)
    # Day 60 is a 29 February 1900 that never was; what counts from 1899-12-30 is right after it.
    day_one = datetime(1899, 12, 30) if number >= 60 else datetime(1899, 12, 31)
    moment = day_one + timedelta(seconds=round(number * 86_400))
    half = any(token in ("AM/PM", "A/P", "上午/下午", "am/pm") for token in tokens)
    written, clock = "", False
    for at, token in enumerate(tokens):
        kind = token[0].lower()
        if elapsed and _ELAPSED.fullmatch(token):
            written += str(int(number * {"h": 24, "m": 1440, "s": 86_400}[token[1].lower()] + 1e-6))
            clock = True
        elif kind in "ymdhsa" and token.isascii() and token.isalpha():
            minutes = kind == "m" and (clock or _before_seconds(tokens[at + 1 :]))
            written += _part(kind, len(token), moment, minutes=minutes, half=half)
            clock = kind == "h" or (clock and kind not in "yd" and not minutes)
        elif token in ("AM/PM", "am/pm", "A/P"):
            written += "AM" if moment.hour < 12 else "PM"
        elif token == "上午/下午":
            written += "上午" if moment.hour < 12 else "下午"
        elif not re.fullmatch("[0#?.,]+", token) or token == ".":
            written += _literal(token)
    return written.strip().rstrip(".;@")


def _before_seconds(following: tuple[str, ...]) -> bool:
    letters = (token[0].lower() for token in following if token[0].lower() in "ymdhs")
    return next(letters, "") == "s"


def _part(kind: str, length: int, moment: datetime, *, minutes: bool, half: bool) -> str:
    if kind == "y":
        return f"{moment.year:04}" if length > 2 else f"{moment.year % 100:02}"
    if kind == "m" and not minutes and length > 2:
        return _MONTHS[moment.month - 1]
    if kind == "a" or (kind == "d" and length > 2):
        return ("星期" if length > 3 else "") + _WEEKDAYS[moment.weekday()]
    hour = (moment.hour - 1) % 12 + 1 if half else moment.hour
    number = {"m": moment.minute if minutes else moment.month, "d": moment.day, "h": hour, "s": moment.second}[kind]
    return f"{number:02}" if length > 1 else str(number)


def _numeric(number: float, tokens: tuple[str, ...]) -> str:
    pattern = "".join(token for token in tokens if token[0] in "0#?.,")
    if any(token in ("E+", "E-", "e+", "e-") for token in tokens) or "/" in tokens:
        return general(number)
    whole, _, decimals = pattern.partition(".")
    scaled = number * 100 ** tokens.count("%") / 1000 ** (len(pattern) - len(pattern.rstrip(",")))
    least, most = (sum(char in signs for char in decimals) for signs in ("0", "0#?"))
    comma = "," if "," in whole.rstrip(",") else ""
    places = min(most, _MOST_PLACES)
    text = f"{_rounded(scaled, places):{comma}.{places}f}"
    if most > least and "." in text:
        text = text[: len(text) - (most - least)] + text[len(text) - (most - least) :].rstrip("0")
        text = text.rstrip(".")
    integer, point, fraction = text.partition(".")
    text = integer.zfill(min(whole.count("0"), _MOST_PLACES)) + point + fraction
    written, done = "", False
    for token in tokens:
        if token[0] in "0#?.,":
            written += "" if done else text
            done = True
        else:
            written += _literal(token)
    return written.strip()


def _rounded(number: float, places: int) -> Decimal:
    """Half away from zero and by the decimal digits, as spreadsheets round."""
    exact = Decimal(f"{number:.15g}")
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if number < 1e15 else exact


def _literal(token: str) -> str:
    if token[0] == '"':
        return token.strip('"')
    if token[0] == "\\":
        return token[1:]
    currency = _CURRENCY.fullmatch(token)
    if currency:
        return currency[1]
    return "" if token[0] in "_*[" or token in ("@", ";") else token
