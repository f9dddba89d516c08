"""Finding furniture: what web sites, scanners and uploaders put around and into a document's own words.

Nothing is deleted. Each finder returns spans of the original with a kind, so that a reader can see what was left out.
Patterns describe a kind of site, never one file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rag.corpus.clean import CleanText, merge
from rag.corpus.contents import Contents
from rag.corpus.script import search_key
from rag.schema import Furniture

_HEAD_LINES = 16
_TITLE_LINES = 4
_LONGEST_FOOTER_LINE = 80
_SLICE_RUN = 3
_SLICE_LENGTH = 100

_HEADER = re.compile(
    r"""^(
        \d{4}年\d{1,2}月\d{1,2}日\s*\d{1,2}:\d{2}.{0,60}            # 2020年01月06日17:30 來源:中國網
      | (\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?\s*)?\d{1,2}:\d{2}(:\d{2})?   # a bare time stamp
      | (浏览量|瀏覽量|浏览次数|阅读|点击数|点击量|访问量|字号|字体|来源|來源|作者|责任编辑)[:：].{0,80}
      | (发布时间|发布日期|发文时间)[:：].{0,80} | 时间[:：]\s*\d{4}[-/.].{0,60}   # not 时间：5月6日上午, a meeting's
      | .{0,20}(浏览量|浏览次数|点击数|阅读次数)\s*[:：].{0,80}
      | (首页|当前位置|您(现在)?的位置).{0,80}
      | .{0,120}由会员分享.{0,200} | .{0,200}请在.{2,20}(文库|文档网?|下载网?)网?上搜索.{0,20}
      | (申明|声明|免责声明|特别声明|郑重声明)\S{0,4}\s*[:：].{0,200}(本站|用户上传|版权).{0,100}
      | (文档介绍|文档简介|内容简介|文档分类|相关文档|相关文章|下载文档|收藏|打印|关闭窗口)
      | (分享到|【打印】).{0,20}
    )$""",
    re.VERBOSE,
)
_SITE = re.compile(
    r"""
      微信公[众眾][号號] | 二[维維][码碼] | [扫掃][码碼] | [关關]注我[们們] | [欢歡]迎[关關]注 | [Cc]opyright | ©
      | 版[权權]所有 | [Aa]ll\s+[Rr]ights\s+[Rr]eserved | ICP备 | 公网安备
      | 本文(链接|关键词|地址|标签)\s*[:：] | ^(https?:)?//\S+$
      | ^(上一[篇条页]|下一[篇条页]|相关(文章|阅读|链接|文档)|您可能(关注|感兴趣).{0,10})
      | ^(查看更多|猜你喜欢|热门推荐|返回(顶部|列表))
      | ^(打印|关闭|收藏|分享)(本页|窗口|到)?$
    """,
    re.VERBOSE,
)
_COPYRIGHT = re.compile("[Cc]opyright|©|版[权權]所有|ICP备|公网安备")
# A document may end with a sentence or an item about its own 微信公众号 or 二维码.
_OWN_WORDS = re.compile(
    r"^(第|[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}\s?[.．、]|附件)|[。；;]$"
)
# A notice may end with its own telephone number: such lines are furniture only beside lines that no document has.
_CONTACT = re.compile(
    r"""
      (电话|電話|传真|傳真|热线|邮编|郵編|地址|网址|網址|信箱|邮箱|邮件|郵箱|郵件|E-?mail|客服|QQ)\s*[:：]
      | ^[\w.+-]+@[\w-]+(\.[\w-]+)+$ | ^(责任)?(编辑|編輯|校对|审核)\s*[:：]
    """,
    re.VERBOSE,
)
_SOURCE_NOTE = re.compile(
    r"^[(（【\[]?\s*((摘自|摘编自|转自|轉自|转载自)\s*[:：]?|(来源|來源|原载|稿源)\s*[:：])\s*[^,，。;；]{2,40}?[)）】\]]?$"
)
_SLICE = re.compile(r"(\d{1,4})、")
_CLOSING = "》」』”)）"
_SENTENCE_END = "。！？!?;；:：”"
_MARKUP = re.compile(r"<!--(?:(?!<!--)[\s\S])*?-->|^#{1,6}[ \t]+", re.MULTILINE)
_WHITE = re.compile("[\\s\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str  # stripped


def find_furniture(
    text: str, *, contents: Contents | None, markdown: bool, headings: Collection[int] = ()
) -> list[Furniture]:
    """Everything in ``text`` that is not the document's own words, sorted, without overlaps.

    ``headings``: where the format marks headings, which are no repeated titles, however often they come.

    Kinds: ``web header``, ``site footer``, ``source note``, ``slice number``, ``repeated title``, ``table of
    contents``, ``markup`` (Markdown only) and ``blank`` (padding and empty lines; one line break is kept).
    """
    lines = [line for line in _lines(text) if line.text]
    footer = list(_footer(lines))
    head = lines[: min(_HEAD_LINES, len(lines) - len(footer))]
    titles = [span for span in _repeated_titles(text, head, contents) if span.start not in headings]
    found = [*footer, *_slices(text), *titles]
    found += [Furniture(line.start, line.end, "web header") for line in head if _HEADER.match(line.text)]
    if markdown:
        found += [Furniture(*match.span(), "markup") for match in _MARKUP.finditer(text)]
    if contents:
        found.append(Furniture(contents.start, contents.end, "table of contents"))
    kept = merge(found)
    return merge([*kept, *_blanks(text, kept)])


def _lines(text: str) -> Iterator[_Line]:
    for match in re.finditer(r"[^\r\n]+", text):
        yield _Line(match.start(), match.end(), match[0].strip())


def _blanks(text: str, found: list[Furniture]) -> Iterator[Furniture]:
    """Padding and empty lines in what ``found`` leaves over."""
    clean = CleanText(text, found)
    for match in _WHITE.finditer(clean.text):
        for blank in _padding(match, len(clean.text)):
            start, end = clean.original_span(*blank)
            for gap_start, gap_end in [*clean.gaps(start, end), (end, end)]:
                yield Furniture(start, gap_start, "blank")
                start = gap_end


def _padding(white: re.Match[str], length: int) -> list[tuple[int, int]]:
    """What a run of white space can lose: all of it around the text, all but the first line break within."""
    start, end = white.span()
    if start == 0 or end == length:
        return [(start, end)]
    line_break = white.string.find("\n", start, end)
    if line_break < 0:
        return []
    return [span for span in ((start, line_break), (line_break + 1, end)) if span[0] < span[1]]


def _slices(text: str) -> list[Furniture]:
    """Slice numbers of document-sharing sites: long lines that begin with the next number and break off mid-sentence.

    The items of a numbered list may lack a full stop too, but such items are short.
    """
    lines = [line for line in _lines(text) if line.text]
    run: list[Furniture] = []
    broken = 0
    for previous, line in zip([None, *lines], lines, strict=False):
        match = _SLICE.match(text, line.start, line.end)
        if not match or int(match[1]) != len(run) + 1:
            continue
        joins = previous is not None and run and run[-1].end > previous.start
        start = previous.end if previous is not None and joins else line.start
        broken += bool(previous is not None and joins and _breaks_off(previous))
        run.append(Furniture(start, match.end(), "slice number"))
    genuine = len(run) >= _SLICE_RUN and broken * 2 > len(run) - 1
    return run if genuine else []


def _breaks_off(line: _Line) -> bool:
    return len(line.text) >= _SLICE_LENGTH and line.text[-1] not in _SENTENCE_END


def _repeated_titles(text: str, head: list[_Line], contents: Contents | None) -> Iterator[Furniture]:
    """Lines that only say again what a later line of the head (or the line of the table of contents) says."""
    keys = [search_key(line.text[:400]) for line in head]
    for index, (line, key) in enumerate(zip(head[:_TITLE_LINES], keys, strict=False)):
        later = keys[index + 1 :]
        if line.text[-1] not in _SENTENCE_END and any(_says_again(key, other) for other in later):
            yield Furniture(line.start, line.end, "repeated title")
    if contents:
        line_start = text.rfind("\n", 0, contents.start) + 1
        title = search_key(text[line_start : contents.start])
        if title and any(_says_again(title, key) for key in keys):
            yield Furniture(line_start, contents.start, "repeated title")


def _says_again(key: str, other: str) -> bool:
    """Whether ``other`` is ``key``, perhaps without the number before it; a signature is only its beginning."""
    return len(other) >= 8 and len(key) - len(other) <= 25 and key.rstrip(_CLOSING).endswith(other.rstrip(_CLOSING))


def _footer(lines: list[_Line]) -> list[Furniture]:
    """The last lines, as far as they are a site's own or name the source; contact lines only beside a site's."""
    block: list[tuple[_Line, re.Pattern[str]]] = []
    for line in reversed(lines):
        own = _OWN_WORDS.search(line.text) and not _COPYRIGHT.search(line.text)
        kinds = () if own or len(line.text) > _LONGEST_FOOTER_LINE else (_SOURCE_NOTE, _SITE, _CONTACT)
        kind = next((pattern for pattern in kinds if pattern.search(line.text)), None)
        if kind is None:
            break
        block.append((line, kind))
    if not any(kind is _SITE for _, kind in block):
        while block and block[-1][1] is _CONTACT:
            block.pop()
    names = {_SOURCE_NOTE: "source note", _SITE: "site footer", _CONTACT: "site footer"}
    return [Furniture(line.start, line.end, names[kind]) for line, kind in block]
