"""What a document says of itself: title, issuer, number, dates, region. What it does not say stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import PurePath
from typing import Any

from rag.corpus.numerals import NUMERAL, fold_digits
from rag.corpus.script import HAN, detect_script
from rag.errors import ConfigurationError
from rag.schema import Metadata

_HEAD_CHARS = 3000
_HEAD_LINES = 40
_FIRST_SECTION = re.compile(r"\s*(第[一1壹]\s?[条條章编編]|[一壹]、|[(（]一[)）])")
_LONGEST_TITLE = 80
_LONGEST_NOTE = 120
_KINDS = (
    "决定|決定|意见|意見|方案|办法|辦法|条例|條例|规定|規定|通知|规划|規劃|纲要|綱要|细则|細則|计划|計劃|公告|通告|报告|報告|"
    "批复|批復|解释|解釋|汇编|彙編|法|决议|決議|指南|标准|標準|要点|要點|总结|總結|制度|规则|規則"
)
_TITLE = re.compile(rf"^[^。；;]*({_KINDS})([(（][^()（）]*[)）])?$")
_NUMBER = re.compile(rf"[{HAN}]{{1,10}}\s?[〔\[【(（](?:19|20)\d{{2}}[〕\]】)）]\s?(?:第\s?)?\d{{1,5}}\s?[号號]")
_ORDER = re.compile(rf"[{HAN}]{{2,30}}令第\s?[\d{HAN}]{{1,6}}\s?[号號]")
_DATE = re.compile(r"((?:19|20)\d{2})年(\d{1,2})月(?:(\d{1,2})日)?")
_ISO_DATE = re.compile(r"((?:19|20)\d{2})[-/.](\d{1,2})[-/.](\d{1,2})")
_ENACTED = re.compile("通过|通過|修正|修订|修訂|修改|公布|发布|發布|批准|印发|印發")
_SAID = re.compile(f"{_ENACTED.pattern}|施行|实施|實施")
_DATED = re.compile(r"[(（]?(?:根据|根據)?(?:19|20)\d{2}年\d{1,2}月\d{1,2}日(?![,，、])")
_LONGEST_DATED = 1000
_ISSUER_BEFORE_ABOUT = re.compile(
    rf"^(.{{2,40}}?(?:政府|委员会|委員會|办公室|辦公室|[{HAN}]局|[{HAN}]厅|[{HAN}]部|法院|检察院|市委|省委|县委|區委|区委|党组))[关關][于於]"
)
_ADOPTED_BY = re.compile(rf"日\s*([{HAN}]{{4,60}}?)(?:第[{NUMERAL}\d]+次(?:全体|全體)?(?:会议|會議)?)?(?:通过|通過)")
_REGION = re.compile(
    rf"^(?:中共|中国共产党|中國共產黨)?([{HAN}]{{2,8}}?)"
    r"(?:经济特区|經濟特區|自治[区區州县縣]|市(?![域场場容])|省|县|縣|州|盟|"
    rf"(?<![社小地园園街校灾災牧林矿礦域库庫发發验驗护護片])[区區])(?=[{HAN}“])"
)
_NO_REGION = re.compile(
    "中华|中華|中国人|中國人|国家|國家|最高|全国|全國|国务院|國務院|"
    "[关關][于於]|[我本各全][国國省市县縣区區]|加快|推[进進]|加[强強]"
)
_PARTY_BODY = re.compile(rf"^[{HAN}]*(?:中国共产党|中國共產黨)[{HAN}]{{2,8}}?[市省县縣区區]第")
_DATED_NAME = re.compile(rf"[(（]{_ISO_DATE.pattern}[)）]$")
_UPLOADED_AS = re.compile(r"^《([^》\n]{4,80})\.(?:docx?|pdf|txt|wps)》由会员分享")
_NAMED_SOURCE = re.compile(r"(?:(?:来源|來源)\s*[:：]|(?:摘自|转自|轉自)\s*[:：]?)\s*([^\s)）】,，。]{2,30})")


def find_metadata(clean: str, original: str, *, markdown: bool, name: str = "") -> Metadata:
    """Metadata read from the head of the ``clean`` text and the furniture around it in the ``original``.

    A date in brackets at the end of the file ``name`` (``公司法(2018-10-26).md``) counts when the text has none.
    """
    lines = _head(clean)
    title = _title(lines, original, markdown=markdown)
    issuer = _issuer(title, lines)
    issued, published = _issued(lines), _published(original)
    dated = _DATED_NAME.search(PurePath(name).stem)
    if dated and not issued and not published:
        issued = _iso(dated)
    return Metadata(
        title=title,
        issuer=issuer,
        number=_number(lines),
        issued=issued,
        published=published,
        region=_region(title, issuer, lines),
        script=detect_script(clean[:20_000]),
        origin=_origin(original),
    )


def _head(clean: str) -> list[str]:
    """The lines above the first section."""
    lines = []
    for line in clean[:_HEAD_CHARS].splitlines()[:_HEAD_LINES]:
        if _FIRST_SECTION.match(line):
            break
        lines.append(line.strip())
    return [line for line in lines if line]


def apply_overrides(metadata: Metadata, overrides: Mapping[str, Any], *, name: str) -> Metadata:
    """``metadata`` corrected by a sidecar entry.

    Raises:
        ConfigurationError: the entry for ``name`` has a key that is no metadata field, or a value that is no text.
    """
    known = {field.name for field in fields(Metadata)}
    values = {key: value for key, value in overrides.items() if key != "encoding"}
    for key, value in values.items():
        if key not in known:
            raise ConfigurationError(
                f"metadata.yaml, {name}: unknown key {key!r}. Known: {', '.join(sorted(known))}, encoding, skip."
            )
        if value is not None and not isinstance(value, str):
            raise ConfigurationError(f"metadata.yaml, {name}: {key} = {value!r} is not text. Put it in quotes.")
    return replace(metadata, **values)


def _title(lines: list[str], original: str, *, markdown: bool) -> str | None:
    if markdown:
        heading = re.search(r"(?m)^#\s+(.+?)\s*$", original[:_HEAD_CHARS])
        if heading:
            return heading[1].replace("\u3000", " ").strip()
    uploaded = _UPLOADED_AS.match(original.lstrip())
    if uploaded and lines and lines[0].startswith(uploaded[1]):
        return uploaded[1]
    for line in lines[:3]:
        if len(line) <= _LONGEST_TITLE and _TITLE.match(line) and not line.startswith(("(", "（")):
            return line
    return None


def _number(lines: list[str]) -> str | None:
    """A document number on a line of its own; one inside a sentence belongs to another document."""
    for line in lines:
        for pattern in (_NUMBER, _ORDER):
            match = pattern.search(line)
            if match and len(line) - len(match[0]) <= (20 if pattern is _ORDER else 4):
                return re.sub(r"^(?:\d+日|日)", "", match[0])
    return None


def _issued(lines: list[str]) -> str | None:
    """The last date on which the head says the text was passed, published or amended, or a date on its own line."""
    dates = []
    for line, following in pairwise([*map(fold_digits, lines), ""]):
        wrapped = _DATED.match(line) and not _DATE.fullmatch(line) and not _SAID.search(line)
        folded = line + following if wrapped and not _DATED.match(following) else line
        if len(folded) > _LONGEST_DATED or not (_DATED.match(folded) or _is_note(folded)):
            continue
        found = list(_DATE.finditer(folded))
        if len(found) == 1 and found[0][0] == folded:
            dates.append(_iso(found[0]))
        ends = [match.start() for match in found[1:]] + [len(folded)]
        for match, end in zip(found, ends, strict=False):
            said = folded[match.end() : end]
            if _ENACTED.search(said) and not said.startswith("起"):
                dates.append(_iso(match))
    return max(dates, default=None)


def _is_note(line: str) -> bool:
    return len(line) <= _LONGEST_NOTE and not re.search("[,，。;；]", line)


def _published(original: str) -> str | None:
    """The date a web page gives in its own header line."""
    for line in original[:_HEAD_CHARS].splitlines():
        match = _DATE.match(line.strip()) or re.search(rf"(?:时间|日期)\s*[:：]\s*{_ISO_DATE.pattern}", line)
        if match and re.search(r"\d{1,2}:\d{2}", line):
            return _iso(match)
    return None


def _issuer(title: str | None, lines: list[str]) -> str | None:
    match = _ISSUER_BEFORE_ABOUT.match(title or "")
    if match:
        return match[1]
    for line in lines:
        adopted = _ADOPTED_BY.search(line)
        if adopted and len(line) <= _LONGEST_NOTE:
            return adopted[1]
    return None


def _region(title: str | None, issuer: str | None, lines: list[str]) -> str | None:
    """The place a title, an issuer or an opening 「中国共产党…市第…届委员会」 begins with."""
    opening = lines[0] if lines and _PARTY_BODY.match(lines[0]) else None
    for words in (title, issuer, opening):
        match = _REGION.match(words) if words and not _NO_REGION.match(words) else None
        if match:
            return match[1]
    return None


def _origin(original: str) -> str | None:
    head, tail = original[:200], original[-200:]
    match = _NAMED_SOURCE.search(head) or _NAMED_SOURCE.search(tail)
    return match[1] if match else None


def _iso(match: re.Match[str]) -> str:
    year, month, day = match.groups()[:3]
    return f"{year}-{int(month):02}" + (f"-{int(day):02}" if day else "")
