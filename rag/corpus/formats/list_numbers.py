"""Numbers as word processors print them before paragraphs: 十一, 一百零一, 壹, 甲, 子, ①, xi, k.

Names of the formats are those of ECMA-376, part 1, 17.18.59 (ST_NumberFormat).
"""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "〇一二三四五六七八九"
_LEGAL_SIMPLIFIED = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_ROMAN = {1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v"}
_ROMAN |= {4: "iv", 1: "i"}
_LARGEST = 9_999
_SERIES = {
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "ideographEnclosedCircle": "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉",
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
}


def list_number(value: int, style: str) -> str:
    """``value`` in the number format ``style``; in Arabic digits where the format has no sign for it."""
    series = _SERIES.get(style)
    if series is not None:
        return series[value - 1] if 1 <= value <= len(series) else str(value)
    write = _STYLES.get(style)
    return write(value) if write is not None and 0 < value <= _LARGEST else str(value)


def _counted(value: int) -> str:
    """一, 十, 十一, 二十, 一百零一."""
    written = _with_units(value, _DIGITS.replace("〇", "零"), "十百千")
    return written.removeprefix("一") if written.startswith("一十") else written


def _counted_to_hundred(value: int) -> str:
    """As counted up to 99, digit by digit above (一〇〇)."""
    return _counted(value) if value < 100 else _by_digit(value)


def _by_digit(value: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(value))


def _with_units(value: int, digits: str, units: str) -> str:
    written, gap = "", False
    for power, digit in zip(range(len(str(value)) - 1, -1, -1), map(int, str(value)), strict=True):
        if digit:
            written += ("" if not gap else digits[0]) + digits[digit] + (units[power - 1] if power else "")
        gap = not digit and bool(written)
    return written


def _roman(value: int) -> str:
    written = ""
    for worth, sign in _ROMAN.items():
        count, value = divmod(value, worth)
        written += sign * count
    return written


def _letters(value: int) -> str:
    """A … z, then aa, bb: the letter is repeated."""
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def _full_width(value: int) -> str:
    return str(value).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})


_STYLES: dict[str, Callable[[int], str]] = {
    "chineseCounting": _counted_to_hundred,
    "taiwaneseCounting": _counted_to_hundred,
    "chineseCountingThousand": _counted,
    "taiwaneseCountingThousand": _counted,
    "japaneseCounting": _counted,
    "ideographDigital": _by_digit,
    "taiwaneseDigital": _by_digit,
    "japaneseDigitalTenThousand": _by_digit,
    "chineseLegalSimplified": lambda value: _with_units(value, _LEGAL_SIMPLIFIED, "拾佰仟"),
    "ideographLegalTraditional": lambda value: _with_units(value, _LEGAL_TRADITIONAL, "拾佰仟"),
    "japaneseLegal": lambda value: _with_units(value, _LEGAL_TRADITIONAL, "拾佰仟"),
    "decimalZero": "{:02}".format,
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
    "lowerLetter": _letters,
    "upperLetter": lambda value: _letters(value).upper(),
}
