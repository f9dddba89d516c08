"""What documents, places and offices are called, in the form in which names are compared."""

from __future__ import annotations

import re

from rag.corpus.script import search_key

_BRACKETS = str.maketrans("〔〕[]【】", "()()()")
_SITTING = re.compile(r"第\d+[届次](?:全体会议|全体|会议)?")
_SHORT = (
    ("中华人民共和国", ""),
    ("中国共产党", "中共"),
    ("人民代表大会", "人大"),
    ("常务委员会", "常委会"),
    ("人民政府", "政府"),
    ("委员会", "委"),
)
_UNIT = re.compile(r"(?<=..)(?:自治[区州县旗]|特别行政区|[省市县区州盟旗])$")

_DAY = r"(?:19|20)\d{2}(?:[-./]\d{1,2}[-./]\d{1,2}|年\d{1,2}月\d{1,2}日)"
_YEAR = r"(?:19|20)\d{2}年?"
_EDITION = r"(?:修订|修正|修改|试行|暂行|公布|发布|施行|最新)(?:文本|版|本)?|版|本"
# What follows a title when an edition is meant; a bare year says so of rules alone: 方案(2018年) is a year's plan.
_SUFFIX = re.compile(
    rf"(?:\((?:{_DAY}|(?:{_DAY}|{_YEAR})?(?:{_EDITION})|(?<=[法例定则程释]\(){_YEAR})\)"
    rf"|{_DAY}|(?:{_YEAR})?(?:修订|修正|试行)(?:文本|版|本)?|(?<=[法例定则程释]){_YEAR}|{_YEAR}[版本])$"
)
_NORMATIVE = re.compile(
    r"((?<![做看说想写方用])法|法典|条例|规定|办法|决定|细则|规则|规程|意见|方案|解释|章程|制度|准则|规范|标准|预案|守则|通则)"
    r"(?:\([\d一二三四五六七八九十]+\))?$"
)
# Decisions and opinions about a single matter: the next one of the same name does not replace it.
_SINGLE = re.compile(r"修改|废止|任免|任命|免去|批准|召开|接受|撤销|征求意见|审[查议]意见|反馈意见|草案")
_FORWARDED = re.compile(r"^(.*(?:印发|发布|公布))(.+)的通知$")


def number_key(number: str) -> str:
    """A document number as a search key with one kind of brackets, without 第 and spaces.

    温政发〔2018〕14号, 溫政發［2018］第14號 and 温政发【2018】14号 have the same one.
    """
    return re.sub(r"第|\s", "", search_key(number)).translate(_BRACKETS)


def issuer_key(issuer: str) -> str:
    """An office as a search key in its short form, without the number of its term and sitting."""
    key = _SITTING.sub("", search_key(issuer))
    for long, short in _SHORT:
        key = key.replace(long, short)
    return key


def region_key(region: str) -> str:
    """A place as a search key without 省, 市, 县, 自治区 …, so that 溫州市 and 温州 have the same one."""
    return _UNIT.sub("", search_key(region))


def work_key(title: str) -> str | None:
    """What all versions of a law, rule or plan are called; ``None`` for documents that do not replace each other.

    中华人民共和国公司法(2018修正) and 公司法 have the same one; reports, notices and amendments have none.
    """
    key = re.sub('[《》〈〉<>“”"]', "", search_key(title).translate(_BRACKETS)).replace("中华人民共和国", "")
    lead = ""
    if forwarded := _FORWARDED.match(key):
        lead, key = forwarded.groups()
    while (shorter := _SUFFIX.sub("", key)) != key:
        key = shorter
    kind = _NORMATIVE.search(key)
    if not kind or (kind[1] in ("决定", "意见") and _SINGLE.search(key)):
        return None
    return lead + key
