"""Numbers, percentages, time limits and years turned into questions.

Chinese asks where the answer stands: 办结率达到98% becomes 办结率达到百分之多少, so a clause turns into a question by
putting the question word in the place of the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.draft_text import Draft, Statement, balanced, broken, either, han
from rag.corpus.numerals import NUMERAL

_LONGEST = 64  # characters of a question's clauses
_SHORTEST = 10  # Han characters beside the value that say what it is the value of
_WHOLE = 16  # Han characters from which a clause is taken to make sense without the one before

_MASKED = re.compile(r"“[^”]*”|《[^》]*》|〔[^〕]*〕|「[^」]*」|『[^』]*』|\([^)]*\)|（[^）]*）|\"[^\"]*\"")
_CLAUSE_END = re.compile(r"[，,；;：:。！？!?]")
_COUNTED = (
    "个百分点|個百分點|[万萬]?[亿億]元|[万萬]?元|个工作日|個工作日|工作日|个月|個月|小时|小時|分钟|分鐘|平方米|平方公里|公里|周岁|周歲"
    "|岁|歲|天|倍|[万萬]人|[万萬]户|户|戶|名|人次|人|家|篇|件|项|項|次|部|个|個|处|處|座|所|辆|輛|亩|畝|公顷|公頃|吨|噸|米"
)
_MEASURED = (
    "个工作日|個工作日|工作日|个月|個月|周岁|周歲|岁|歲|日|天|小时|小時|分钟|分鐘|年|平方米|公里|米|[万萬]?元|人|名|倍"
)
_VALUE = re.compile(
    rf"""
      (?<![\d.])(?P<percent>[1-9]\d?(?:\.\d+)?|100|0\.\d+)\s*[%％]
    | 百分之(?P<in_words>[{NUMERAL}]+)
    | (?<![\d.\-－—～~A-Za-z第{NUMERAL}])
      (?P<number>[1-9][\d,]*(?:\.\d+)?)\s*(?:[多余餘])?(?P<unit>{_COUNTED})(?![级級届結结])
    | (?<![第\d百千万亿萬億{NUMERAL}])(?P<cn>[{NUMERAL}]+)(?P<cn_unit>{_MEASURED})
      (?![级級届代]|大?(?:行动|行動|规划|規劃|计划|計劃|方案|整治|治理|提升|结构|結構|来|來|间|間|以来|度))
    """,
    re.VERBOSE,
)
_RANGE_BEFORE = re.compile(rf"[\d%％元人个個日年{NUMERAL}]\s*[-－—～~至到]\s*$|[\d{NUMERAL}][^，。]?$|以上\s*$")
_RANGE_AFTER = re.compile(rf"\s*(?:[-－—～~至到]\s*)?[\d{NUMERAL}]|以上[\d{NUMERAL}]+[^，。；、]{{1,6}}以下")
_LEAST = re.compile("(?:至少|不少于|不少於|不低于|最多|不超过|不超過|以上).{0,8}$")
_LIMIT = re.compile("以?[内內前]|之[内內前后後]")
_BY_THEN = re.compile("(?:力[争爭])?[到至在于於].{2,8}")

_YEAR = re.compile(
    rf"(?<![\d\-－—～~至{NUMERAL}])(?P<year>20\d\d|二[〇○零OO0][{NUMERAL}]{{2}})\s*年"
    rf"(?P<after>年?底前|底|前|末|起)?(?![\-－—～~至度]|\s*\d|[{NUMERAL}]+月)"
)
_AIM = re.compile(r"(?:[到至在于於]|争取|爭取)\s*$")

_DEPENDENT = re.compile(
    "[其该該并並且但而及或的等则則还還也又均再即如仍这這此限就]|以及|同时|同時|对此|對此|上述|由此|因此|否则|否則"
)
_SUBJECTLESS = re.compile(
    "[在自于於未已经經對对為为按向使让讓达達将將]|力争|力爭|实现|實現|确保|確保|最多|最少|至少|不少于|不少於|不足|超过|超過"
    "|每年|一般|应当|應當|可以|不得|必须|必須"
)
_VAGUE = re.compile(
    r"前[款条條项項]|上款|上述|本[条條款项項](?!例)|第.{1,3}[款项項]|下列|如下|有前|我们|我們|\d{3,}\s*[%％](?<!100%)"
)


def values(statement: Statement) -> Iterator[Draft]:
    """A draft for each number with a unit or percentage in ``statement`` that can be asked for."""
    text = statement.text
    if statement.item or not balanced(text) or re.search("[罚罰]款", text):
        return
    masked = _masked(text)
    for match in _VALUE.finditer(masked):
        word = _question_word(match, masked)
        if word is None or _RANGE_BEFORE.search(masked[: match.start()]) or _RANGE_AFTER.match(masked[match.end() :]):
            continue
        limit = bool(match["cn_unit"] or match["unit"]) and bool(_LIMIT.match(text[match.end() :]))
        about = "左右" if text[match.end() :].startswith("左右") else ""  # one does not ask for 多少个左右
        body = _asked(text, masked, (match.start(), match.end() + len(about)), word)
        if body:
            value = re.sub(r"\s", "", match[0])
            kind = "limit" if limit and re.search("[日天月时時分年]", value) else "number"
            yield Draft(kind, body, value + about, (either(value),), (text,), statement.start, _weight(body))  # type: ignore[arg-type]


def years(statement: Statement) -> Iterator[Draft]:
    """A draft for the only year in ``statement``, if it is the year something is due."""
    text = statement.text
    masked = _masked(text)
    found = list(_YEAR.finditer(masked))
    if len(found) != 1 or statement.item or not balanced(text):
        return
    (match,) = found
    before, after = masked[: match.start()], match["after"] or ""
    aimed = _AIM.search(before)
    if not aimed and not after:
        return
    word = ("" if aimed else "从" if after == "起" else "在") + "哪一年" + after
    body = _asked(text, masked, match.span(), word)
    if body:
        value = match["year"] + "年"
        yield Draft("date", body, value, (either(value),), (text,), statement.start, _weight(body) - 0.2)


def _question_word(match: re.Match[str], text: str) -> str | None:
    """What stands in for the value; ``None`` where it is none to ask for (一次, 1个, 两名)."""
    if match["percent"] or match["in_words"]:
        # 办结率98% has no verb to ask after; 办结率达到98% has.
        return ("达到" if re.search("[率例重]$", text[: match.start()].rstrip()) else "") + "百分之多少"
    least = bool(_LEAST.search(text[: match.start()]))
    if match["number"]:
        single = match["number"] == "1" and not least
        small = len(match["number"]) == 1 and re.fullmatch("[个個项項次名家篇部处處所件]", match["unit"])
        return None if single else ("几" if small else "多少") + match["unit"]
    single = match["cn"] in ("一", "两", "兩", "十", "百", "千", "万") and not least
    return None if single and match["cn_unit"] not in ("个月", "個月", "日") else "多少" + match["cn_unit"]


def _asked(text: str, masked: str, span: tuple[int, int], word: str) -> str | None:
    """The clauses around ``span`` with ``word`` in its place; ``None`` where they would make no sense alone."""
    ends = [match.end() for match in _CLAUSE_END.finditer(masked)]
    stop = _stop(text, ends, span[1])
    begin = _begin(text, [0, *(end for end in ends if end <= span[0])], span[0], stop)
    body = (text[begin : span[0]].rstrip() + word + text[span[1] : stop]).strip(" 　，,、；;：:。")
    left = han(body) - han(word)
    poor = left < _SHORTEST or len(body) > _LONGEST or not balanced(body) or broken(body) or _VAGUE.search(body)
    if poor or _DEPENDENT.match(body) or (begin and (_SUBJECTLESS.match(body) or span[0] - begin < 2)):
        return None
    return body


def _stop(text: str, ends: list[int], end: int) -> int:
    """Where the clause with the value ends; the next one where it only says when (…三十日内，到2035年，…的，)."""
    after = [place - 1 for place in ends if place > end] + [len(text)] * 2
    clause = max((place for place in ends if place <= end), default=0)
    by_then = end == after[0] and _BY_THEN.fullmatch(text[clause:end])
    when = by_then or _LIMIT.fullmatch(text[end : after[0]].strip()) or text[: after[0]].endswith("的")
    return after[1] if when and text[after[0] : after[0] + 1] in ("，", ",") else after[0]


def _begin(text: str, starts: list[int], start: int, stop: int) -> int:
    """Where the question starts: with the value's clause, or further ahead until that has a subject."""
    begin = starts[-1]
    for place in reversed(starts):
        if stop - place > _LONGEST:
            break
        begin = place
        rest = text[place:start]
        if han(text[place:stop]) >= _WHOLE and not _DEPENDENT.match(rest) and not _SUBJECTLESS.match(rest):
            break
    return begin


def _masked(text: str) -> str:
    """``text`` with names and asides blanked: what 《…2018-2022年》 and “三个代表” count is not asked for."""
    return _MASKED.sub(lambda match: "□" * len(match[0]), text)


def _weight(body: str) -> float:
    """Questions of middle length read best; several clauses or other values in one read worse."""
    return 1.2 - abs(len(body) - 32) / 80 - 0.15 * len(_CLAUSE_END.findall(body)) - 0.15 * len(re.findall(r"\d+", body))
