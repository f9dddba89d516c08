"""Enumerations turned into questions: (一)…(二)…, 一是…二是…, headings, names with a count, responsible units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evals.draft_text import Draft, balanced, bare, broken, han, quoted
from rag.corpus.numerals import NUMERAL
from rag.schema import Document, Section

_LEAST, _MOST = 3, 9
_LONGEST = 360  # letters of an answer; a correct one may have 400
_LONGEST_KEY = 20
_COUNT = "零一二三四五六七八九十"

_NOUN = (
    "条件|條件|情形|行为|行為|职责|職責|内容|內容|事项|事項|材料|资料|資料|文件|措施|要求|原则|原則|方式|义务|義務|权利|權利|权限|任务|任務"
    "|工作|信息|制度|机构|机关|機關|设施|設施|活动|活動|方面|途径|途徑|项目|項目|人员|人員|区域|區域|种类|功能|标准|程序|职权|職權|对象"
    "|場所|场所|費用|费用|载体|情况|情況|证明|单位|物品|车辆"
)
_INTRODUCTION = re.compile(
    rf"(?P<before>[^。；;\n：:]{{0,60}}?)(?:下列|以下)(?:[{NUMERAL}\d]+[个個项項种種类類])?"
    rf"(?P<noun>[^。；;\n：:，,]{{0,10}}?(?:{_NOUN}))(?P<one>之一)?(?P<rest>的?[，,]?[^。；;\n：:]{{0,40}})$"
)
_ITEM = re.compile(r"[(（](?P<number>[一二三四五六七八九十]{1,3})[)）]\s*(?P<text>[^\n；;。]*)")
_POINT = re.compile(r"(?P<number>[一二三四五六七八九十])是(?!否)(?P<text>[^。；;，,\n]{4,60})(?=[。；;，,])")
_RESPONSIBLE = re.compile(
    r"[（(](?:责任|責任|牵头|牽頭)(?:单位|單位)[:：](?P<units>(?:[^()（）]|[(（][^()（）]*[)）])+)[)）]"
)
_VAGUE_UNIT = re.compile("(?:市|县|省|区)?[级直]?(?:各)?(?:有关|相关|其他).*|.{1,2}")
_NAMED = re.compile(
    r"(?P<items>[^，,。；;：:“”\n、]{2,12}(?:、[^，,。；;：:“”\n、]{2,10})+)(?:等)?“(?P<name>(?P<count>[三四五六七八九])[^”]{2,6})”"
)
_LEAD_IN = re.compile("[在以]|通过|结合|按照|围绕|根据|针对|对于|随着|為|为|通過|結合|圍繞|根據")
_LEVEL = re.compile("(?:层面|方面|層面)$")


def lists(document: Document) -> Iterator[Draft]:
    """Every draft about an enumeration that ``document`` holds."""
    parents = {section.parent for section in document.sections}
    for section in document.sections:
        if section.index in parents:
            yield from _headings(document, section)
        else:
            text = document.text[section.start : section.end]
            yield from _introduced(section, text)
            yield from _points(section, text)
            yield from _named(section, text)
            yield from _responsible(section, text)


def item_key(item: str) -> str | None:
    """The words of ``item`` an answer has to hold: its first clause; of a long one, a quoted term or its end."""
    clauses = [clause for clause in re.split("[，,；;：:。]", re.sub(r"\s", "", item)) if not _LEAD_IN.match(clause)]
    clause = clauses[0] if clauses else ""
    if len(clause) > _LONGEST_KEY:
        term, tail = re.search("“([^”]{4,12})”", clause), clause.rsplit("的", 1)[-1]
        clause = term[1] if term else tail
        return clause if 5 <= len(clause) <= _LONGEST_KEY and balanced(clause) else None
    return clause if len(clause) >= 2 and balanced(clause) else None


def _introduced(section: Section, text: str) -> Iterator[Draft]:
    """应当具备下列条件：(一)…；(二)… asks 应当具备哪些条件."""
    for colon in re.finditer(r"[：:]\s*(?=[(（]一[)）])", text):
        line = bare(re.split(r"[。；;\n]", text[: colon.start()])[-1])
        introduction = _INTRODUCTION.fullmatch(line)
        asked = _which(introduction) if introduction else None
        if asked:
            yield from _draft(asked, _items(text[colon.end() :]), section.start + colon.start(), 1.2)


def _which(match: re.Match[str]) -> str | None:
    before, noun, rest = match["before"].strip(), match["noun"], match["rest"].strip()
    if (
        not balanced(before)
        or re.match("[其该該并且但]|前款", before)
        or re.search("前款|前条|第.{1,3}款|[和及与與或]$", before)
    ):
        return None
    if match["one"] and rest[:1] == "的":
        rest = rest.lstrip("的，,")
        return None if "罚" in rest or han(rest) < 3 else f"{re.sub('有$', '', before)}有哪些{noun}之一的，{rest}"
    return f"{before}哪些{noun}{rest}" if han(before) >= 4 and han(rest) <= 12 and rest[:1] != "的" else None


def _items(text: str) -> list[str]:
    """The texts of (一), (二) … as far as they count on."""
    items: list[str] = []
    for match in _ITEM.finditer(text):
        if len(items) == len(_COUNT) - 1 or match["number"] != _COUNT[len(items) + 1]:
            break
        if text[match.end() : match.end() + 1] not in ("；", ";", "。"):
            return []  # the line ends, the item does not
        items.append(match["text"].strip(" 　，,"))
    return items


def _points(section: Section, text: str) -> Iterator[Draft]:
    """一是…二是…三是… asks for the points, by the section's heading."""
    found = list(_POINT.finditer(text))
    numbers = "".join(match["number"] for match in found)
    heading = _LEVEL.sub("", _heading(section))
    counted = _LEAST <= len(found) <= _MOST and numbers == _COUNT[1 : len(found) + 1]
    if heading and section.label and counted and not any(_LEAD_IN.match(match["text"]) for match in found):
        asked = f"{{name}}在{quoted(heading)}方面讲了哪{_COUNT[len(found)]}点"
        yield from _draft(asked, [match["text"].strip() for match in found], section.start, 1.0)


def _headings(document: Document, section: Section) -> Iterator[Draft]:
    """A section asks for the headings of its sub-sections."""
    children = [child for child in document.sections if child.parent == section.index]
    names, heading = [_heading(child) for child in children], _heading(section)
    there = all(name and name in document.text[c.start : c.end] for name, c in zip(names, children, strict=True))
    if heading and section.label and there and _LEAST <= len(names) <= _MOST and max(map(len, names)) > 4:
        asked = f"{{name}}的{quoted(heading)}部分包括哪{_COUNT[len(names)]}个方面"
        yield from _draft(asked, names, section.start, 0.9)


def _named(section: Section, text: str) -> Iterator[Draft]:
    """诗廉、书廉、莲廉、盐廉、助廉“五廉一体” asks what the five are."""
    for match in _NAMED.finditer(text):
        items = match["items"].split("、")
        length = len(items[1])
        # Nothing parts the first item from the words before it, so all must be of one length.
        same = all(len(item) == length for item in items[1:]) and len(items[0]) >= length
        if same and len(items) == _COUNT.index(match["count"]) and not broken(match[0]):
            keys = (items[0][-length:], *items[1:])
            asked = f"{quoted(match['name'])}具体指什么"
            yield Draft(
                "list", asked, "、".join(keys), keys, (match[0],), section.start + match.start(), 1.3, listed=True
            )


def _responsible(section: Section, text: str) -> Iterator[Draft]:
    """(责任单位:…) at the end of a section asks who is responsible for what its heading says."""
    found = list(_RESPONSIBLE.finditer(text))
    heading = _LEVEL.sub("", _heading(section))
    if len(found) != 1 or not heading:
        return
    named, lead, _ = re.split("(牵头|牽頭|$)", found[0]["units"], maxsplit=1)
    units = [unit.strip() for unit in re.split("[、,，;；]", named) if unit.strip()]
    keys = tuple(re.sub("[<＜].*", "", unit) for unit in units if not _VAGUE_UNIT.fullmatch(unit))
    if keys and len(units) <= _MOST and max(map(len, units)) <= 24:
        which = "哪些单位" if len(units) > 1 else "哪个单位"
        asked = f"{quoted(heading)}这项工作由{which}{lead or '负责'}"
        quote, listed = found[0][0], len(keys) > 2
        yield Draft("unit", asked, "、".join(units), keys, (quote,), section.start, 1.1, listed=listed)


def _draft(question: str, items: Sequence[str], start: int, weight: float) -> Iterator[Draft]:
    """A list draft, where every item (but one about anything else) has a key of its own."""
    kept = [item for item in items if not re.search("其他|其它", item)]
    keys = [key for item in kept if (key := item_key(item))]
    whole = "；".join(items)
    fits = len(kept) >= _LEAST and len(items) <= _MOST and len(whole) <= _LONGEST and len(question) <= 80
    if fits and len(set(keys)) == len(kept) and balanced(whole) and not broken(whole) and not broken(question):
        yield Draft("list", question, whole, tuple(keys), tuple(kept), start, weight, listed=True)


def _heading(section: Section) -> str:
    """The section's heading without its number; empty where it has none, or is cut short."""
    heading = bare(section.heading.removeprefix(section.label)).strip(" 　。：:")
    return heading if 2 <= len(heading) <= 40 and balanced(heading) and not heading.endswith("…") else ""
