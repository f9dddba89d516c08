"""Numbers of a text by value: 二千元 is 2000元, 百分之七十二 is 72%, 1.2万 is 12000, and 三个 is 3个 but not 三天."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from rag.corpus.numerals import parse_numeral

NumberKind = Literal["number", "date", "percentage", "money"]
Bound = Literal["", "least", "most"]

_DIGITS = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN_DIGITS = "[一二三四五六七八九十百千两零〇]"
_SCALES = {"万亿": 1e12, "亿": 1e8, "万": 1e4, "千": 1e3, "百": 1e2}
_DURATION = {
    "个工作日": "workday",
    "工作日": "workday",
    "日": "day",
    "天": "day",
    "小时": "hour",
    "分钟": "minute",
    "个月": "months",
    "周": "week",
    "星期": "week",
    "周岁": "age",
    "岁": "age",
    "年": "years",
    "季度": "quarter",
    "世纪": "century",
}
_MEASURE = {
    "倍": "times",
    "百分点": "point",
    "个百分点": "point",
    "公里": "km",
    "千米": "km",
    "海里": "nmi",
    "米": "m",
    "毫米": "mm",
}
_MEASURE |= {"亩": "mu", "吨": "ton", "平方米": "m2", "平方公里": "km2", "公顷": "ha", "°c": "degree", "℃": "degree"}
_MONEY = {"元": "yuan", "美元": "dollar", "欧元": "euro", "日元": "yen", "港元": "hkd"}
# Words that count without saying what; 三个, 三名 and 3 are the same number of whatever follows.
_COUNTERS = (
    "个 项 名 家 条 次 种 类 户 所 座 级 届 批 章 件 份 步 层 张 位 支 部 场 期 处 例 只 辆 台 套 门 集 轮 人次 人 款 "
    "卷 大 强 号 度 点 篇 节 艘 架 棵 省 市 县 区 镇 村 州 国 位数 方面 阶段 时 分 秒 枚 本 口 对 队 组 排 代 世 页 行 "
    "站 封 首 幅 栋 间 道 起 笔 颗 头 匹 股 席 票 局 战 胜 负 平 字 句 段 片 块 根 楼 营 师 军 团 连"
)
_UNITS = {**_DURATION, **_MEASURE, **_MONEY, **dict.fromkeys(_COUNTERS.split(), "")}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_BEFORE_LEAST = (
    r"不(?:得|能|应|可|会|要)?(?:低于|少于|小于|早于)|至少|最少|最低|超过|高于|多于|大于|逾|满|at least|over|more than"
)
_BEFORE_MOST = (
    r"不(?:得|能|应|可|会|要)?(?:超过|高于|多于|大于|晚于|超)|最多|至多|最高|低于|少于|小于|不足|未满|不满|"
    r"up to|at most|no more than|less than"
)
_FRACTION = rf"(?P<below>{_HAN_DIGITS}+|\d+)分之(?P<above>{_HAN_DIGITS}+|\d+)"
_PLAIN = rf"(?P<digits>(?<![a-z\d.]){_DIGITS})|(?P<han>{_HAN_DIGITS}+(?:点{_HAN_DIGITS}+)?)"
_PATTERN = re.compile(
    rf"(?P<most>{_BEFORE_MOST})?(?P<least>{_BEFORE_LEAST})?\s?(?P<ordinal>第)?"
    rf"(?:(?P<half>一半|半数)|(?P<over>(?<![\d/.])\d{{1,2}})/(?P<under>[1-9]\d?(?![\d/.]))|(?P<demi>半(?=[天日年]|个月|小时))|{_FRACTION}|{_PLAIN})"
    r"(?P<scale>万亿|亿|万|(?<=\d)[千百])?(?P<vague>[多余])?\s?"
    rf"(?P<unit>%|成(?![立为员果功本都效])|percent\b|(?:days?|years?|months?)\b|{_UNIT})?"
    r"(?P<tenth>(?<=成)[一二三四五六七八九](?=以|的|左|[,。;、]|$))?(?P<after>以上|以下|以内|之内|内)?"
)
_ENGLISH_UNITS = {"percent": "%"} | dict.fromkeys(["day", "days"], "日")
_ENGLISH_UNITS |= dict.fromkeys(["month", "months"], "个月") | dict.fromkeys(["year", "years"], "年")
_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{1,2})-(\d{1,2})(?!\d)")
_RANGE_YEARS = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=\s?[-—–~至到]\s?(?:19|20)\d{2}年)")
_PLAN = re.compile("(?:十[一二三四五六七]|[七八九])五")  # 十四五 is a plan, not fifteen


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a search key at ``start:end``, with its words before and after that bound it.

    ``unit`` is one word for units that mean the same, empty for mere counters (个, 名) and ``bare`` numbers; ``bound``
    says whether it is the least or the most.
    """

    kind: NumberKind
    value: float
    unit: str
    bound: Bound
    text: str
    start: int
    end: int
    bare: bool = False

    def same_value(self, other: Quantity) -> bool:
        """Whether both are the same number of the same thing, as far as units tell."""
        near = abs(self.value - other.value) <= 1e-9 * max(abs(self.value), 1.0)
        return near and self.comparable(other)

    def comparable(self, other: Quantity) -> bool:
        """Whether both measure the same; a bare number may measure anything."""
        if "" in (self.unit, other.unit) and {self.kind, other.kind} <= {"number"} and self.bare != other.bare:
            return True
        return self.kind == other.kind and self.unit == other.unit


def find_quantities(key: str) -> Iterator[Quantity]:
    """The numbers of a search key, in order; single Han numerals only where a unit or counter follows them."""
    key = _plain_dates(key)
    for match in _PATTERN.finditer(key):
        found = _quantity(key, match)
        if found is not None:
            yield found


def _plain_dates(key: str) -> str:
    """``key`` of the same length, with 2018-06-20 and 2018-2022年 as if every part had its unit."""
    return _RANGE_YEARS.sub(lambda m: m[1], _ISO_DATE.sub(r"\1年\2月\3", key))


def _quantity(key: str, match: re.Match[str]) -> Quantity | None:
    value = _value(match)
    unit = _ENGLISH_UNITS.get(match["unit"], match["unit"] or "")
    if value is None or _idiom(key, match, value, unit):
        return None
    if unit in ("%", "成") or match["half"] or match["below"] or match["over"]:
        kind, name, value = "percentage", "", value / {"%": 100, "成": 10}.get(unit, 1)
        value += (parse_numeral(match["tenth"] or "") or 0) / 100
    elif unit in _MONEY:
        kind, name = "money", _MONEY[unit]
    elif match["ordinal"]:
        kind, name = "number", f"第{unit}"
    elif part := _part_of_date(key, match, value, unit):
        kind, name = "date", part
    else:
        kind, name = "number", _UNITS.get(unit, "")
    span = match.start(), match.end()
    return Quantity(cast("NumberKind", kind), value, name, _bound(match), match.group(), *span, not unit)


def _part_of_date(key: str, match: re.Match[str], value: float, unit: str) -> str | None:
    """``year``, ``month`` or ``monthday`` where the number is one; 5年, 6个月 and 30日内 are durations."""
    before = key[: match.start("digits") if match["digits"] else match.start("han")]
    if unit in ("日", "号", "") and before.endswith("月") and value <= 31:
        return "monthday"
    if not unit and value <= 12 and key.startswith("月", match.end()):
        return "month"
    if not match["digits"] or match["scale"]:
        return None
    named, plain = unit == "年" and value >= 100, not unit and 1900 <= value < 2100 and len(match["digits"]) == 4
    return "year" if named or plain else None


def _value(match: re.Match[str]) -> float | None:
    if match["half"] or match["demi"]:
        return 0.5
    if match["below"]:
        below, above = parse_numeral(match["below"]), parse_numeral(match["above"])
        return above / below if below and above is not None else None
    if match["over"]:
        return float(match["over"]) / float(match["under"])
    if match["digits"]:
        value: float | None = float(match["digits"].replace(",", ""))
    else:
        whole, _, decimals = match["han"].partition("点")
        parsed = parse_numeral(whole)
        value = None if parsed is None else float(parsed)
        if value is not None and decimals:
            value += float(f"0.{''.join(str(parse_numeral(c)) for c in decimals)}")
    return value * _SCALES.get(match["scale"] or "", 1) if value is not None else None


def _idiom(key: str, match: re.Match[str], value: float, unit: str) -> bool:
    """Whether a Han numeral only looks like a number: 一个, 统一, 十四五, 百姓."""
    if not match["han"] or match["scale"] or match["ordinal"]:
        return False
    if _PLAN.fullmatch(match["han"]):
        return True
    if not unit and key.startswith("月", match.end()):
        return False
    if not unit:
        tens = re.fullmatch("[一二三四五六七八九]?[十百千].*", match["han"])
        return (
            not (tens and len(match["han"]) > 1 and set(match["han"]) & set("十百千")) or key[match.end() :][:1] == "五"
        )
    if match["least"] or match["most"]:
        return False
    if value == 1 and unit not in _MONEY and unit not in _DURATION and unit not in _MEASURE:
        return True
    before = key[: match.start("han")][-1:]
    return before in set("统唯之同专万单进第") and value == 1


def _bound(match: re.Match[str]) -> Bound:
    if match["most"] or match["after"] in ("以下", "以内", "之内", "内"):
        return "most"
    return "least" if match["least"] or match["after"] == "以上" or match["vague"] else ""
