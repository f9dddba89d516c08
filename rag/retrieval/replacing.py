"""A follow-up that names another place, year or office, put into the question it follows: 那遂宁呢, 那2035年呢.

Positions count characters of the text as asked; it is compared character by character, in one script and width.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.corpus.places import place_spans
from rag.corpus.romanised import in_latin
from rag.corpus.script import HAN, detect_script, to_simplified

_LEAD = re.compile(
    r"^(?:(?:那么?(?!曲)|再|还有|另外|然后|而)[,、]?"
    r"|(?:(?:and|but|so|then|ok(?:ay)?)\b[, ]*)*(?:(?:what|how) about\b ?)?(?:for\b ?)?)"
)
_END = re.compile(r"[\s?!。.,,]*(?:呢|吗|啊)?[\s?!。.,,]*$")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(年)?([底末初]|(?:之|以)?前)?")
_OF_A_PAPER = re.compile(r"年?(?:[市省]?(?:政府|市委)?的?|版的?)(?:方案|决定|规划|意见|通知|办法|报告|计划|条例|版)")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_WRITTEN_YEAR = re.compile("[〇零一二三四五六七八九]{4}(?=年)")
_SUFFIX = re.compile("[市省县区州](?!域|区|场|民|级|直|属)")
# A place the list does not have is one by its last character, unless that makes a common noun.
_PLACELIKE = re.compile(rf"(?![城社市新园片景学牧林郊小校全各本该])[{HAN}]{{2,3}}(?<![城社新园片景学校])[市县区省镇乡]")
_OFFICE = re.compile(
    rf"(?:(?<=[市省县区州由让请向与和、,的])|^)(?:[市省县区])?((?:(?![由让请向与和对在的市省县区州])[{HAN}]){{2,7}}?(?:局|委员会|委|厅|办公室|部门|法院|检察院|银行))"
)
_BETWEEN = re.compile(r"[跟和与同对向给]$")
_COMPARES = re.compile(r"比|不同|区别|差别|差异|异同|相同|一样|\b(?:compare|differ|than|versus)")
_TOGETHER = re.compile("共建|共同|共享|合作|联合|联动|对接|协同|携手|结对|帮扶")
_ASKS = re.compile("什么|哪|怎|如何|多少|几|谁|何时|吗|是否|有没有")
_GENERIC = re.compile(
    r"怎么(?:样|做|规定|说|要求|安排|办|定)|怎样|如何(?:规定|要求)?|情况|方面|多少|什么|截至|又|要|是|会|也|则|的|到|在|至|年|市|那边|做"
    r"|\b(?:in|for|by|at|of|to|the|year|city|how|does|do|did|is|it|this|that|so|what|about|same|then|s)\b|[\s'’,]"
)
_QUANTITY = re.compile("(?:率|数|量|额|值|比例|目标|标准|时间|时限|期限|面积|经费|资金|投资|收入|人口|补助|补贴|天数)$")
_PREDICATE = re.compile(
    r"(?:是|达到|要达到|有|要有)?(?:多少|几)[^,。?]{0,4}[?。]*$|是什么[?。]*$|有(?:什么|哪些)(?:要求|规定|目标|措施|举措|做法|安排)?[?。]*$"
    r"|(?:是?怎么|是?怎样|是?如何)(?:规定|要求|建设|做|办|样|安排)?的?[?。]*$"
    r"|由(?:谁|哪[个些](?:部门|单位))(?:负责|管理|牵头|承担)?[?。]*$"
    r"|(?:要|应|需|在|到)*(?:什么时候|何时|哪年|哪一年)(?:之?前)?(?:完成|实现|建成|开始|实施|结束)?[?。]*$"
)
# Something else that is asked of the same thing: 什么时候完成, 由谁负责, 要花多少钱.
_ASKED_ANEW = re.compile(
    r"(?:那么?[,、]?)?(?:(?:它|这|此|该|那)[个些项]?(?:工作|任务|事)?的?)?"
    r"(?P<asked>(?:又|都|具体|最晚|最迟|应该|应当|应|需要|需|会|要|能|可以|计划|预计|大概|一共|总共|到底|花|用|投入|安排|是|在|有|由)*"
    rf"(?:(?:什么时候|何时|谁|多久|怎样|怎么|如何|哪一?[年天])[{HAN}]{{0,6}}|(?:多少|几|哪[个些]|什么)[{HAN}]{{1,6}}))"
    r"[?。呢\s]*"
)
_OF_YEAR = re.compile(r"的?(?:[到在至])?(?:19|20)\d{2}年[底末前]?的?")


@dataclass(frozen=True, slots=True)
class _Named:
    """A name in a text: ``text[start:end]`` with its suffix, ``bare`` the end without it, ``name`` what it means."""

    start: int
    bare: int
    end: int
    name: str

    def at(self, offset: int) -> _Named:
        """The same name in a text that goes on before."""
        return _Named(self.start + offset, self.bare + offset, self.end + offset, self.name)


def substituted(topic: str, follow_up: str) -> str | None:
    """``topic`` with the place, year, office or subject of ``follow_up`` in it; ``None`` if both must be read."""
    key = _aligned(follow_up)
    lead, end = _LEAD.match(key), _END.search(key)
    start, stop = (lead.end() if lead else 0), (end.start() if end else len(key))
    places = [each.at(start) for each in _places(key[start:stop])]
    if _COMPARES.search(key) or len(places) > 1:
        return None
    if places and _BETWEEN.search(key[start : places[0].start]):
        return _in_relation(topic, follow_up[start:], key[start:stop], follow_up[places[0].start : places[0].end])
    years = list(_YEAR.finditer(key, start))
    subject = _rest(key, start, stop, [(each.start, each.end) for each in places] + [each.span() for each in years])
    if not places and not years:
        return _asked_anew(topic, follow_up, key) or _with_office(topic, follow_up, subject)
    known = not subject or subject in _aligned(topic)
    if not known and (not places or _ASKS.search(subject) or not re.search(f"[{HAN}]", subject)):
        if places and _PREDICATE.fullmatch(subject):
            return _with_predicate(topic, follow_up, places[0], _as_said(follow_up, subject))
        return _on_its_own(follow_up, start) if places else None
    result: str | None = topic
    if not known:
        result = _with_subject(topic, _as_said(follow_up, subject), follow_up[places[0].start : places[0].end])
    elif places:
        result = _with_place(topic, follow_up, places[0], subject)
    if result and years:
        result = _with_year(result, years[-1])
    return result if result != topic else None


def _in_relation(topic: str, said: str, key: str, place: str) -> str | None:
    """那跟台州要做什么: the place whose question it was, with the follow-up; 跟台州呢: in place of the other one."""
    own = _places(_aligned(topic))
    if not own or own[0].name in key:
        return None
    if _ASKS.search(key) and re.search("[要有是做建搞办定会能]", key):
        return topic[own[0].start : own[0].end] + said
    return topic[: own[1].start] + place + topic[own[1].end :] if len({each.name for each in own}) == 2 else None


def _asked_anew(topic: str, follow_up: str, key: str) -> str | None:
    """那什么时候完成: what the topic speaks of, and what is asked of it now."""
    predicate, anew = _PREDICATE.search(_aligned(topic)), _ASKED_ANEW.fullmatch(key)
    if predicate is None or anew is None or not predicate.start():
        return None
    return f"{topic[: predicate.start()]}{follow_up[anew.start('asked') : anew.end('asked')].rstrip('呢')}？"


def _with_office(topic: str, follow_up: str, subject: str) -> str | None:
    """``topic`` with another office, or with a place by its suffix."""
    key = _aligned(topic)
    said = _as_said(follow_up, subject)
    places = _places(key)
    if _PLACELIKE.fullmatch(subject):
        return topic[: places[0].start] + said + topic[places[0].end :] if len(places) == 1 else None
    named = _OFFICE.fullmatch(subject)
    offices = list(_OFFICE.finditer(key, places[0].end if places else 0))
    if not named or len(offices) != 1:
        return None
    # 市民政局 gives way to 市财政局, 财政局 only to what follows 市.
    begin = offices[0].start(1) if len(named[0]) == len(named[1]) else offices[0].start()
    return topic[:begin] + said + topic[offices[0].end() :]


def _with_place(topic: str, follow_up: str, named: _Named, subject: str = "") -> str | None:
    key = _aligned(topic)
    own = _places(key)
    names = list(dict.fromkeys(each.name for each in own))
    if not own:
        of = "的" if subject and key.startswith(subject) else ""
        return follow_up[named.start : named.end] + of + topic if detect_script(topic) != "en" else None
    if names == [named.name] or len(names) > 2 or (len(names) == 2 and not _TOGETHER.search(key)):
        return None
    replaced = topic
    for each in reversed([each for each in own if each.name == names[-1]]):
        start, end, said = each.start, each.end, _written(topic, follow_up, named)
        if named.end == named.bare and topic[each.bare : each.end] == "市":
            end = each.bare
        if title := next((m for m in re.finditer("《[^》]*》", topic) if m.start() < start < m.end()), None):
            start, end = title.span()  # a title that the other place may not have
        replaced = replaced[:start] + said + replaced[end:]
    return replaced


def _with_predicate(topic: str, follow_up: str, named: _Named, said: str) -> str | None:
    """那遂宁由谁负责: what the topic speaks of, in the other place, and what is asked of it now."""
    predicate, moved = _PREDICATE.search(_aligned(topic)), _with_place(topic, follow_up, named)
    return f"{moved[: predicate.start() - len(topic)]}{said}？" if moved and predicate else None


def _with_year(topic: str, year: re.Match[str]) -> str | None:
    key = _aligned(topic)
    every = list(_YEAR.finditer(key))
    own = [each for each in every if not _OF_A_PAPER.match(key, each.end(1))]
    if len({each[1] for each in own}) > 1 or (every and not own):
        return None
    if not own:
        if detect_script(topic) == "en":
            return None
        places = _places(key)
        start = places[0].end if places else 0
        return f"{topic[:start]}{year[1]}年{year[3] or ''}{topic[start:]}"
    for each in reversed(own):
        end = each.end() if year[3] else each.end(1)
        said = f"{year[1]}年{year[3]}" if year[3] else year[1]
        topic = topic[: each.start()] + said + topic[end:]
    return topic


def _with_subject(topic: str, subject: str, place: str) -> str:
    """What the topic asks, of another thing in another place: 遂宁到2025年的经济总量是多少."""
    key = _aligned(topic)
    predicate, own = _PREDICATE.search(key), _places(key)
    year = _OF_YEAR.match(key, own[0].end) if own else None
    when = f"{year[0].strip('的')}的" if year else "的"
    how = "怎麼樣？" if detect_script(topic) == "hant" else "怎么样？"
    fits = predicate and (_QUANTITY.search(_aligned(subject)) or not re.search("多少|几", predicate[0]))
    return place + when + subject + (topic[predicate.start() :] if predicate and fits else how)


def _on_its_own(follow_up: str, start: int) -> str:
    """A follow-up that is a question of its own, without the word that led over to it."""
    if detect_script(follow_up) != "en":
        return follow_up[start:]
    said = follow_up[start:]
    asks = re.match(r"(?i)(?:what|how|who|when|where|which|why|does|do|is|are|did|can)\b", said)
    return said[0].upper() + said[1:] if asks else f"What about {said}"


def _rest(key: str, start: int, stop: int, taken: Sequence[tuple[int, int]]) -> str:
    """What ``key[start:stop]`` says beyond the spans ``taken`` and words that could stand in any question."""
    said = "".join(
        char if not any(first <= start + at < last for first, last in taken) else " "
        for at, char in enumerate(key[start:stop])
    )
    words = said.strip(" 的在对,、到至截")
    words = re.sub(r"^'s ", "", words)
    return words if _GENERIC.sub("", words) else ""


def _as_said(text: str, words: str) -> str:
    """The ``words`` of the aligned text as they stand in ``text``."""
    start = _aligned(text).find(words)
    return text[start : start + len(words)] if start >= 0 else words


def _written(topic: str, follow_up: str, named: _Named) -> str:
    """The place in the language of the topic."""
    said = follow_up[named.start : named.end]
    if said.isascii() == (detect_script(topic) == "en"):
        return said
    return in_latin(named.name) if detect_script(topic) == "en" else named.name


def _places(key: str) -> list[_Named]:
    found = []
    for start, end, name in place_spans(key):
        suffix = _SUFFIX.match(key, end)
        found.append(_Named(start, end, suffix.end() if suffix else end, name))
    return found


@lru_cache(maxsize=4096)
def _character(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char).lower()
    plain = to_simplified(plain) if len(plain) == 1 else plain
    return plain if len(plain) == 1 else char


def _aligned(text: str) -> str:
    """``text`` in one script, width and case, of the same length."""
    folded = "".join(map(_character, text))
    return _WRITTEN_YEAR.sub(lambda match: match[0].translate(_DIGITS), folded)
