"""What a question asks for: its content words, the kind of value it wants, and how long an answer may be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rag.corpus.numerals import parse_numeral
from rag.corpus.places import find_places
from rag.corpus.romanised import romanised_spans
from rag.corpus.script import detect_script, search_key
from rag.index.terms import terms
from rag.schema import Script

Kind = Literal["list", "compare", "fact"]
Value = Literal["number", "time", "unit", "name"]

# Words that ask, point or connect, and say nothing about the topic. Single characters that also occur inside content
# words (会 in 社会, 能 in 能力) are left to the scoring, which ignores pairs with them that the corpus does not know.
_FUNCTION = re.compile(
    "什么时候|什么|甚么|怎么样|怎么|怎样|如何|为什么|为何|哪一|哪些|哪几|哪个|哪里|哪儿|哪家|哪天|哪年|哪|多少|几个|几项|几种|几大|几|"
    "谁|何时|是否|有没有|能不能|可不可以|分别|各自|请问|请|列出|列举|说明|介绍|一下|告诉我|里面|当中|其中|关于|根据|按照|一共|总共|"
    "叫做|称为|[的了吗呢啊吧么这那它也都就还又才]|"
    r"\b(?:what|which|who|when|where|how|many|much|does|do|did|is|are|was|were|the|a|an|of|to|for|in|on|by|at|and|or|it|its|"
    r"that|this|with|from|according|will|be)\b"
)
PARTICLES = frozenset("是在把被让将和与及或为由到要会能有从对以各做叫")
"""Characters that stand between content words; a pair with one of them is no word unless the corpus has it."""

_LIST = re.compile(
    r"哪些|哪几|哪[两三四五六七八九十]|列出|列举|有哪|包括什么|几句话|几个方面|分成|"
    r"[二三四五六七八九十][个大项类条]“?.{0,6}(是什么|有哪)|\b(list|what are)\b"
)
_COMPARE = re.compile(
    r"各自|各(有|是|靠|承诺|推|规定|补助|达到|要|为|占|设)|分别|相比|区别|差别|差异|不同|异同|对比|比较|[哪谁]个?更|"
    r"\b(compar(e[ds]?|ing|ison)|differ(s|ences?|ent from)?|versus|vs|respectively|both)\b"
)
_VALUES: tuple[tuple[Value, re.Pattern[str]], ...] = (
    ("time", re.compile(r"什么时候|何时|哪(一)?[年天日月]|几[年月日号]|多久|最晚|期限|\b(when|what (date|year))\b")),
    ("number", re.compile(r"多少|几|百分之|比例|率是|\b(how (many|much)|what (rate|percentage|share))\b")),
    ("unit", re.compile(r"谁|哪(些|个|几个)?(部门|单位|机构|局)|负责|牵头|\b(who|whom)\b")),
    ("name", re.compile(r"叫什么|名称|名字|什么名|品牌|口号|代号|哪(个|份|部|项|所|条)|\b(name|called)\b")),
)
_LIMITS: dict[Kind, int] = {"fact": 150, "list": 380, "compare": 380}


# What is asked for: the members of the list are likely to end like it, 海外版、温商版 where 哪些版本 is asked.
_SOUGHT = re.compile(
    r"哪(?:些|(?:几|[两二三四五六七八九十]+)(?:个|类|项|种|条|大|份|方面)?)[“\"]?([\u4e00-\u9fff]{1,12})(?:[”\"]的?([\u4e00-\u9fff]{1,12}))?"
)
_NO_NOUN = frozenset({"方面", "部门", "单位", "内容", "个", "类", "项", "种", "条", "级", "句", "句话", "负责", "牵头"})
_NAMED_THERE = re.compile('《[^》]*》|“[^”]*”|"[^"]*"|「[^」]*」|『[^』]*』|\\([^()]*\\)|（[^（）]*）')
_QUOTED = re.compile('[“"《「『]([^”"》」』]{2,30})[”"》」』]')
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=年|\D|$)")
_COUNT = re.compile(r"([一二两三四五六七八九十]{1,3}|(?<![\d.])\d{1,2})(?:大|个|项|条|类|种|句|方面|点|座|级|步)")
_UNIT = re.compile(
    r"(?:多少|几)(?:个)?(亿元|万元|万人|万户|万名|亿|万|元|天|年|月|小时|分钟|人|名|户|家|%|公里|亩|平方米|吨)"
)


_OFFICE = "书记|市长|县长|区长|省长|局长|厅长|部长|主任|主席|院长|校长|mayor|secretary|governor|director"
# Who holds an office, not which body is responsible.
_PERSON = re.compile(
    rf"({_OFFICE})的?(?:叫什么名字?|是谁|是哪一?位|姓名|名字|姓什么)|谁是.{{0,10}}?({_OFFICE})|谁(?:担任|当).{{0,4}}?([省市县区]长)"
    rf"|\bwho\b.{{0,40}}?\b({_OFFICE})\b"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart.

    ``key`` is the search key and ``terms`` what is left of it without asking words; ``quoted`` are the phrases it puts
    in quotation marks, ``places`` and ``years`` those it names, ``count`` how many things it asks for, ``unit`` what
    its number counts, ``office`` whose holder it wants named, ``sought`` the noun of which it asks for several.
    """

    text: str
    key: str
    terms: tuple[str, ...]
    kind: Kind
    value: Value | None
    script: Script
    quoted: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    count: int | None = None
    unit: str | None = None
    office: str | None = None
    sought: str | None = None

    @property
    def limit(self) -> int:
        """How long the answer may be, in characters: short, longer where several things are asked for."""
        return _LIMITS["fact" if self.kind == "list" and self.count is None else self.kind]


def analyse(text: str) -> Question:
    """What ``text`` asks for, from its words alone."""
    key = search_key(text)
    content = _FUNCTION.sub(" ", key)
    counted = _COUNT.search(key)
    count = parse_numeral(counted[1]) if counted else None
    unit = _UNIT.search(key)
    places = tuple(find_places(key))
    person = _PERSON.search(key)
    return Question(
        text=text,
        key=key,
        terms=tuple(dict.fromkeys(terms(content))),
        kind=_kind(key, count),
        value=next((name for name, pattern in _VALUES if pattern.search(key)), None),
        script=_script(text),
        quoted=tuple(_QUOTED.findall(key)),
        places=places,
        years=years_in(key),
        count=count,
        unit=unit[1] if unit else None,
        office=next(filter(None, person.groups())) if person else None,
        sought=_sought(key),
    )


def years_in(key: str) -> tuple[str, ...]:
    """The years that a search key names, in order, each once."""
    return tuple(dict.fromkeys(_YEAR.findall(key)))


def as_written(question: Question, places: Iterable[str]) -> tuple[str, ...]:
    """The ``places`` (as in ``question.places``) as the question writes them: Wenzhou, where it says so."""
    written: dict[str, str] = {}
    for start, end, place in romanised_spans(question.text.lower()):
        written.setdefault(place, question.text[start:end])
    return tuple(place if place in question.key else written.get(place, place) for place in places)


def _script(text: str) -> Script:
    """The script of the asker's own words: an English question may name a Chinese title."""
    own = detect_script(_NAMED_THERE.sub(" ", text))
    return own if own == "en" and len(re.findall("[A-Za-z]{2,}", text)) > 1 else detect_script(text)


def _sought(key: str) -> str | None:
    """The last two characters of the noun: 产品 of 哪些面向百姓的信用产品."""
    found = _SOUGHT.search(key)
    nouns = re.split("的|[和与在要让把被是有由].*", found[2] or found[1]) if found else []
    noun = next((each[-2:] for each in reversed(nouns) if each), None)
    return None if noun in _NO_NOUN else noun


def _kind(key: str, count: int | None) -> Kind:
    if _COMPARE.search(key):
        return "compare"
    # Two things fit into a sentence: only from three on is a longer answer needed.
    return "list" if _LIST.search(key) and (count is None or count > 2) else "fact"
