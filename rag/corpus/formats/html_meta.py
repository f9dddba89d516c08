"""What a page says of its document: in its meta tags, and in the table of 索引号, 发文机关 and 发文字号 above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rag.corpus.formats.html_blocks import Block
from rag.corpus.formats.xml import Element
from rag.corpus.script import HAN
from rag.schema import Metadata

_TITLES = ("articletitle", "og:title", "dc.title", "citation_title", "title")
_PUBLISHED = (
    "pubdate",
    "publishdate",
    "article:published_time",
    "dc.date",
    "releasedate",
    "firstpublishedtime",
    "date",
)
_ORIGINS = ("contentsource", "source", "article:author")
_LABELS = {
    "title": "标题|標題|名称|名稱|文件名称|文件名稱|信息名称|公文标题",
    "issuer": "发文机关|發文機關|发布机构|發布機構|发文单位|發文單位|制发机关|制定机关|印发机关|发布单位|发布机关",
    "number": "发文字号|發文字號|文号|文號|文件编号|文件字号|发文文号",
    "issued": "成文日期|成文时间|发文日期|發文日期|发文时间|生成日期|印发日期|签发日期",
    "published": "发布日期|發布日期|发布时间|公开日期|公布日期|公开时间",
}
_LABEL = re.compile("|".join(f"(?P<{field}>{words})" for field, words in _LABELS.items()))
_PAIR = re.compile(
    rf"(?:^|[；;|\s])\s*([{HAN}](?:[{HAN}\s]{{1,8}})[{HAN}])\s*[\]】]?\s*[:：]\s*([^；;|\n]{{1,120}}?)"
    rf"(?=$|\s?[；;|\n]|\s{{2,}}|\s[{HAN}\s]{{2,8}}[:：])"
)
_NUMBER = re.compile(
    rf"[{HAN}A-Za-z]{{1,20}}\s?[〔\[【(（﹝](?:19|20)\d\d[〕\]】)）﹞]\s?(?:第\s?)?\d{{1,5}}\s?[号號]"
    rf"|[{HAN}]{{2,30}}令\s?第?\s?[\d{HAN}]{{1,6}}\s?[号號]"
)
_DATE = re.compile(r"((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
_SITE_SUFFIX = re.compile(r"\s*[-_—|｜–]+\s*[^-_—|｜–]*$")
_HEAD_BLOCKS = 60
_LONGEST_ROW = 2_000
_LONGEST_TITLE = 150
_LONGEST_NAMED = 500
_LONGEST_ISSUER = 60
_SHORTEST_TITLE = 4


def page_metadata(root: Element, blocks: Sequence[Block]) -> Metadata:
    """The metadata the page states; the title of ``<title>`` is not among them, see ``find_title``."""
    tags = _meta_tags(root)
    listed = _listed(blocks[:_HEAD_BLOCKS])
    number = _NUMBER.search(listed.get("number", ""))
    issuer = listed.get("issuer", "")
    return Metadata(
        title=_title(_first(tags, _TITLES[:1]) or listed.get("title", "")),
        issuer=issuer if 2 <= len(issuer) <= _LONGEST_ISSUER else None,
        number=number[0] if number else None,
        issued=_date(listed.get("issued", "")),
        published=_date(_first(tags, _PUBLISHED)) or _date(listed.get("published", "")),
        origin=_first(tags, _ORIGINS)[:_LONGEST_ISSUER] or None,
    )


def find_title(root: Element, blocks: Sequence[Block], stated: str | None) -> tuple[str | None, int | None]:
    """The document's title and the block that holds it, if one does.

    ``stated`` by the page decides; else a heading that ``<title>`` begins with, the only outermost heading, or
    ``<title>`` itself without the name of the site.
    """
    named = _key(next((words for each in root.iter("title") if (words := "".join(each.itertext()))), ""))
    named = (named or _key(_first(_meta_tags(root), _TITLES[1:])))[:_LONGEST_NAMED]
    headings = [(index, block) for index, block in enumerate(blocks) if 0 < block.level <= 3]
    if stated is None:
        within = [
            index for index, block in headings if len(_key(block.text)) >= _SHORTEST_TITLE and _key(block.text) in named
        ]
        outermost = [index for index, block in headings if block.level == 1 and not block.links]
        found = within[:1] or (outermost if len(outermost) == 1 else [])
        if found:
            return _title(" ".join(blocks[found[0]].text.split())), found[0]
    title = stated or _title(_SITE_SUFFIX.sub("", named) or named)
    if title is None:
        return None, None
    return title, _block_of(title, blocks)


def _block_of(title: str, blocks: Sequence[Block]) -> int | None:
    """The block that says the title and little else; a heading rather than the breadcrumbs above it."""
    key = _key(title)
    same = [i for i, block in enumerate(blocks) if not block.table and _key(block.text) == key]
    marked = [i for i in same if blocks[i].level]
    if marked or same:
        return (marked or same)[0]
    return next((i for i, block in enumerate(blocks) if block.level and _key(block.text).startswith(key)), None)


def _meta_tags(root: Element) -> dict[str, str]:
    tags: dict[str, str] = {}
    for each in root.iter("meta"):
        name = (each.get("name") or each.get("property") or "").strip().lower()
        content = " ".join((each.get("content") or "").split())
        if name and content:
            tags.setdefault(name, content)
    return tags


def _first(tags: Mapping[str, str], names: Iterable[str]) -> str:
    return next((tags[name] for name in names if tags.get(name)), "")


def _listed(blocks: Iterable[Block]) -> dict[str, str]:
    """Values beside known labels, by the field of ``Metadata`` they belong to; the first of each counts."""
    found: dict[str, str] = {}
    for block in blocks:
        for match in _PAIR.finditer(block.text[:_LONGEST_ROW]):
            label = _LABEL.fullmatch(re.sub(r"\s+", "", match[1]))
            if label and label.lastgroup and match[2].strip():
                found.setdefault(label.lastgroup, match[2].strip())
    return found


def _title(text: str) -> str | None:
    text = text.strip()
    return text if _SHORTEST_TITLE <= len(text) <= _LONGEST_TITLE else None


def _key(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def _date(text: str) -> str | None:
    match = _DATE.search(text)
    if not match or not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31):
        return None
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
