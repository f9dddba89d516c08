"""What in a passage speaks against a sentence: each check is exact, cheap and names what it found instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.answer.amounts import number_problems
from rag.answer.basis import basis_problems
from rag.answer.compared import Compared, Problem
from rag.answer.order import order_problems
from rag.answer.polarity import english_problems, polarity_problems
from rag.answer.quantities import find_quantities
from rag.corpus.places import find_places

_PUNCTUATION = re.compile(r"[\W_]+")
_LEVEL = re.compile("全[国省市县区州镇乡村]|我国|中国|各[省市县区]")
_OPPOSITES = (
    "前后 内外 上下 增减 东西南北 左右 高低 多少 大小 早晚 新旧 首末 开关停 加减 升降 进出 买卖 公私 城乡 男女 有无 "
    "强弱 长短 快慢 省市县区乡镇村国 年月日周季 老幼 初高 正副 主次 甲乙丙丁 胜负 盈亏 收支 供需 借贷 生死 迟早 先后 "
    "始终 同异 美英法德日俄"
)
_BESIDE = 3  # tokens; 县 is no opposite of 区 in 县(市、区)
_OPPOSITE = {
    char: frozenset("".join(group for group in _OPPOSITES.split() if char in group)) - {char}
    for char in set(_OPPOSITES) - {" "}
}


def find_problems(compared: Compared) -> Iterator[Problem]:
    """Everything that speaks against the sentence, the plainest first."""
    yield from quotation_problems(compared)
    yield from place_problems(compared)
    yield from number_problems(compared)
    if compared.claims.english:
        yield from english_problems(compared)
    else:
        yield from basis_problems(compared)
        yield from opposite_problems(compared)
        yield from polarity_problems(compared)
        yield from order_problems(compared)


def quotation_problems(compared: Compared) -> Iterator[Problem]:
    """Quoted words must stand there as they are, the title of a document at least in the same order."""
    bare = _bare(compared.around).replace("中华人民共和国", "")
    for quoted in compared.claims.quotations:
        wanted = _bare(quoted).replace("中华人民共和国", "")
        if wanted not in bare and _bare(_valued(quoted)) not in _bare(_valued(compared.around)):
            yield Problem("quotation", quoted)
    for title in compared.claims.titles:
        wanted = _bare(title).replace("中华人民共和国", "")
        if wanted not in bare and not _in_order(wanted, _bare(compared.frame)):
            yield Problem("name", f"《{title}》", compared.frame.split("\n")[0])


def place_problems(compared: Compared) -> Iterator[Problem]:
    """A place that is named must be one the passage or its document speaks of."""
    there = find_places(compared.around)
    for place in compared.claims.places:
        if place not in compared.around and place not in there:
            yield Problem("place", place, "、".join(there))


def opposite_problems(compared: Compared) -> Iterator[Problem]:
    """No word may stand where the passage has its opposite, and 全国 is not 全省."""
    reading, there, place = compared.claims.reading, compared.source.reading, compared.alignment.place
    levels = _LEVEL.findall(compared.around)
    for level in set(_LEVEL.findall(reading.key)) - set(levels):
        if level.startswith("各") and level[1:] in compared.around and not any(each[0] == "各" for each in levels):
            continue
        if levels or level == "全国":
            yield Problem("place", level, "、".join(dict.fromkeys(levels)))
    for at, token in enumerate(reading.tokens):
        if place[at] is not None or token.text not in _OPPOSITE:
            continue
        beside = [(at - 1, 1), (at + 1, -1)]
        for other, step in beside:
            position = place[other] if 0 <= other < len(place) else None
            if position is None or position < 0 or not 0 <= position + step < len(there.tokens):
                continue
            opposite = there.tokens[position + step].text
            near = there.tokens[max(0, position - _BESIDE) : position + _BESIDE + 1]
            if opposite in _OPPOSITE[token.text] and not any(each.text == token.text for each in near):
                yield Problem("words", token.text, opposite)
                break


def _valued(key: str) -> str:
    """``key`` with its numbers by value: 十五分钟 and 15分钟 are the same words."""
    pieces, end = [], 0
    for number in find_quantities(key):
        pieces += [key[end : number.start], f"{number.value:g}{number.unit}{number.bound}"]
        end = number.end
    return "".join([*pieces, key[end:]])


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", text)


def _in_order(wanted: str, text: str) -> bool:
    position = 0
    for char in wanted:
        position = text.find(char, position) + 1
        if not position:
            return False
    return True
