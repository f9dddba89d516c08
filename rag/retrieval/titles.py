"""Titles as they are compared: what a document may be called, and how well a name fits."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.corpus.places import find_places

_RULES = "法典?|条例|规定|办法|细则|规则|规程|准则"
_PAPERS = "决定|意见|方案|解释|制度|通知|规划|纲要|计划|公告|通告|报告|批复|汇编|决议|指南|要点|总结"
_ORDINAL = r"(?:[一二三四五六七八九十\d]+)?"
KIND = re.compile(f"(?:{_RULES}|{_PAPERS}){_ORDINAL}$")
# Rules are called by their whole name; other papers also by what they are (温州方案).
PAPER = re.compile(f"(?:{_PAPERS}){_ORDINAL}$")
EDITION = r"\((?:(?:19|20)\d{2}|[^()]*(?:年|修订|修正|修改|试行|暂行|版)[^()]*)\)"
_FORWARDED = re.compile(r"(?:印发|发布|公布)(.+)的通知$")
_BOUNDARY = re.compile(
    r"(?:[省市区县州盟旗]|政府|委|大会|会|法院|检察院|[部局厅]|办公室|国务院|关于|印发|实施|推进|的|^)$"
)
_BEFORE_TITLE = re.compile(r"(?:[问据照按看是在和与跟对的下里从把查询释了明知道讲说读依从及或]|^)$")
_PLACE = re.compile("[省市区县州盟旗]$")
_LONG_ENOUGH = 7


def core(words: str) -> str:
    """Letters and digits only, without what titles have or leave away at will."""
    return re.sub(r"[\W_]", "", words).replace("中华人民共和国", "").replace("人民政府", "政府")


@lru_cache(maxsize=4096)
def forms(title: str) -> tuple[str, ...]:
    """What a document of this ``title`` may be called: also without its edition, or what a notice forwards alone."""
    names = [title]
    if forwarded := _FORWARDED.search(title):
        names.append(forwarded[1])
    names += [re.sub(f"{EDITION}$", "", name) for name in names]
    return tuple(dict.fromkeys(filter(None, map(core, names))))


def fit(wanted: str, form: str) -> int:
    """0: the title itself; 1, 2: its end, behind an office or place, or behind other words; 3: inside it; 9: not."""
    if form == wanted:
        return 0
    if form.endswith(wanted):
        if _BOUNDARY.search(form[: -len(wanted)]):
            return 1
        return 9 if wanted.endswith("法") or len(wanted) < 4 else 2
    return 3 if len(wanted) >= 4 and wanted in form and not KIND.search(wanted) else 9


def begins(before: str, form: str) -> bool:
    """Whether a title of this ``form`` may begin where ``before`` ends, and is not the rule of another place."""
    if _PLACE.search(before) or (find_places(before[-8:]) and not find_places(form[:8])):
        return False
    return len(form) >= _LONG_ENOUGH or bool(_BEFORE_TITLE.search(before))
