"""What laws and decisions say in set phrases, turned into questions: fines, dates, definitions, responsible units."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.draft_text import Draft, Statement, balanced, broken, either, han, quoted
from rag.corpus.numerals import NUMERAL

_LONGEST = 70  # characters of a question
_AMOUNT = rf"(?:百分之[{NUMERAL}]+|[{NUMERAL}\d.]+[万萬]?[元倍])"
_FINE = re.compile(rf"处(?:以)?(?P<value>[^，。；、（）]{{0,12}}?(?:{_AMOUNT}以上)?{_AMOUNT}以下)的?罚款")
_CONDUCT = re.compile(r"(?:违反(?:本|《)[^，]{1,40}[，,])?(?P<conduct>.{8,60}?)的[，,]")
_NO_CONDUCT = re.compile(
    "逾期|拒不|情节|货值|构成|造成|有前|.*(?:之一|的[，,]|货值|上述|前款|违法所得|违反.*第.+条.*规定$)"
)
_WHOM = re.compile("对(?P<whom>[^，。；、]{2,20})$")

ADOPTED = "{name}是哪一天通过的"
"""The question for the day a document was adopted; a document that was revised has several."""

_DATE = rf"(?:\d{{4}}|[{NUMERAL}]{{4}})\s*年\s*[{NUMERAL}\d]+\s*月\s*[{NUMERAL}\d]+\s*日"
_EFFECT = re.compile(
    rf"(?:本[^，。；]{{1,4}}|《[^》]+》)自\s*(?P<date>{_DATE})\s*起\s*(?:施行|实施|實施|生效|执行|執行)"
)
_ADOPTED = re.compile(rf"[（(]?(?P<date>{_DATE})\s*[^，。；]{{6,60}}?(?P<how>通过|通過)[）)]?$")

_DEFINITION = re.compile(
    r"(?:本[^，。；]{1,4})?所[称稱](?:的)?(?P<term>[^，,；。]{2,18}?)[，,]?\s*是?指(?P<meaning>[^，。][^。]{7,140})。$"
)
_GENERIC = re.compile(
    ".{0,3}(?:活动|行为|单位|个人|工作|场所|人员|其他|组织|情形|区域|范围|事项|部门|公民|法人|材料|物品|规定|设施|产品)"
)

_ORGAN = (
    "部门|部門|机关|機關|局|委|委员会|委員會|办公室|辦公室|政府|办|辦|厅|廳|法院|检察院|檢察院|机构|機構"
    "|书记|書記|大队|支队|管理处"
)
_BY = re.compile(
    rf"由(?P<unit>[^，,。；;、“”()（）《》由]{{2,22}}?(?:{_ORGAN}))(?P<does>负责|負責|牵头|牽頭|主管|组织|核发|颁发|審批|审批"
    "|批准|责令|会同|商(?=国务院|有关|同级|省|市)|制定|统一|确定|依法|给予|公布)"
)
_IN_CHARGE = re.compile(
    rf"(?P<unit>[^，,。；;、“”()（）《》]{{2,24}}?(?:{_ORGAN}))(?P<does>负责|負責|主管|统一负责)"
    "(?P<what>[^，,。；;]{6,50})(?<!机构)(?<!部门)(?=[，,。；;]|$)"
)
_WHO = "哪个部门"
_NOT_A_UNIT = re.compile(
    "(?:其|该|該|上述|前款|有关|有關|相关|相關|各自|同级|所在|原|此|一个|他们|上级|依法)|.*(?:会同|由|应当|或者)"
)
_NO_TASK = re.compile(
    "(?:其|该|該|并|并且|前款|上述|对|构成|但|具体办法|逾期|拒不|情节)"
    "|.*(?:前款|下列|前条|第.{1,3}款|各自|上述|违反治安|治安管理行为)"
)


def fines(statement: Statement) -> Iterator[Draft]:
    """What an offence costs."""
    text = statement.text
    conduct, found = _CONDUCT.match(text), list(_FINE.finditer(text))
    if not conduct or len(found) != 1 or statement.item:
        return
    (fine,), what = found, conduct["conduct"]
    if _NO_CONDUCT.match(what) or not balanced(what) or broken(what):
        return
    whom = _WHOM.search(text[conduct.end() : fine.start()])
    keys = tuple(either(amount) for amount in re.findall(_AMOUNT, fine["value"]))
    asked = f"{what}的，{whom[0] if whom else ''}可以处多少罚款"
    yield Draft("fine", asked, f"{fine['value']}罚款", keys, (text,), statement.start, 1.3)


def dates(statement: Statement) -> Iterator[Draft]:
    """When the document takes effect, or was adopted."""
    text = statement.text
    for pattern, asked in ((_EFFECT, "{name}从什么时候起施行"), (_ADOPTED, ADOPTED)):
        if match := pattern.match(text):
            value = re.sub(r"\s", "", match["date"])
            yield Draft("date", asked, value, (value,), (text,), statement.start, 0.9)


def definitions(statement: Statement) -> Iterator[Draft]:
    """What the document means by a term."""
    match = _DEFINITION.match(statement.text)
    if not match or not balanced(match["term"]) or not balanced(match["meaning"]) or broken(match["meaning"]):
        return
    pieces = (_piece(piece) for piece in re.split("[、，,；]|以及|或者|和", match["meaning"]))
    fit = [piece for piece in pieces if 3 <= len(piece) <= 12 and not _GENERIC.fullmatch(piece)]
    keys = tuple(dict.fromkeys(piece for piece in fit if piece not in match["term"]))
    if keys:
        asked = f"{{name}}所称的{quoted(match['term'].strip('“”'))}是指什么"
        yield Draft("definition", asked, match["meaning"], keys[:3], (statement.text,), statement.start, 1.0)


def units(statement: Statement) -> Iterator[Draft]:
    """Which unit does, or is in charge of, something."""
    text = statement.text
    if statement.item:
        return
    charge, by = _IN_CHARGE.match(text), _BY.search(text)
    if charge and not by:
        unit, asked = charge["unit"], f"{_WHO}{charge['does']}{charge['what'].strip()}"
    elif by:
        unit, before = by["unit"], re.split("[；;。]", text[: by.start()])[-1].strip()
        joint = by["does"] in ("会同", "商")  # what they do together may stand behind a comma
        after = re.match(r"[^。；;]*" if joint else r"[^，,。；;]*", text[by.end() :])
        asked = f"{before}由{_WHO}{by['does']}{after[0] if after else ''}"
        if han(before) < 6 or before.count("，") + before.count(",") > 2:
            return
    else:
        return
    poor = len(asked) > _LONGEST or not balanced(asked) or broken(asked) or _NO_TASK.match(asked)
    if not poor and not _NOT_A_UNIT.match(unit):
        asked = asked.replace(_WHO, "谁" if unit.endswith(("政府", "书记")) else _WHO)
        yield Draft("unit", asked, unit, (re.sub(r"\s", "", unit),), (text,), statement.start, 1.0)


def _piece(text: str) -> str:
    """A part of a definition without what joins it to the others; of a long one, what follows its last 的."""
    text = re.sub("^(?:及|或|与|包括|通过|利用|为|在)|等$|的$", "", text.strip())
    return text.rsplit("的", 1)[1] if len(text) > 12 and "的" in text else text
