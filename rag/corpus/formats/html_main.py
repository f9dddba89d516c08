"""Which blocks of a page are its main text, and which belong to the site around it.

Nothing is dropped: a block is the site's only where something speaks for it (its element, its class, that it is mostly
links, a phrase such as 打印), and what holds most of the prose never is. So a text is not lost where a page is unusual;
at worst some of the site is read with it. Readability-style extractors keep the best part of a page, and lose the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from rag.corpus.formats.html_blocks import Block, Node, Page

_MAIN_SHARE = 0.9  # of the page's prose that the main part holds
_SITE_SHARE = 0.25  # of the page's prose that an element may hold whose class is that of navigation
_NAVIGATION_TAGS = ("nav", "footer", "aside", "form", "menu", "dialog")
_NAVIGATION_ROLES = re.compile(r"\b(?:navigation|banner|contentinfo|search|complementary)\b")
_NAVIGATION = re.compile(
    r"""(?:^|[\s_\-\d])(?:
        nav\w* | (?:top|main|sub|side|left|right)?-?menu\w* | bread-?crumbs? | crumbs? | foot(?:er)?\w* | copyright\w*
      | side-?bar\w* | aside | share\w* | tool-?bar\w* | tools? | print\w* | relat(?:ed|ive)\w* | recommend\w* | hot\w*
      | friend\w*links? | links? | pager | pag(?:e|ing|ination)-?(?:nav|bar|list)?
      | search\w* | log-?in\w* | banner\w*
      | logo\w* | qr-?code\w* | erweima | ewm | weizhi | position | dqwz | cur(?:rent)?-?(?:path|pos\w*|location)
      | location | fenxiang | daohang | topbar | top-?nav | bottom\w* | ad(?:s|vert\w*)? | comment\w*
      | (?:pre|next|prev)-?(?:next|page|article)? | bshare\w* | bdshare\w* | social\w* | accessib\w* | wza
      | ranking | rank | fontsize | font-size | wzfx | dyym | gbck
    )(?=$|[\s_\-\d])""",
    re.VERBOSE,
)
_CONTENT = re.compile(
    r"""(?:^|\s)(?:
        zoom | zoomcon | trs_editor | trs_ueditor | ucap-content | pages_content | article-?con(?:tent)?
      | vsb_content\w*
      | v_news_content | wp_articlecontent | artibody | articlebody | article_content | news_?con(?:tent)?
      | main-?content | detail-?content | info-?content | xxgk_content | content-?text | bt-content | conttext
      | post-content | entry-content
    )(?=$|\s)""",
    re.VERBOSE,
)
_PROSE = re.compile("[。；！？]|[，、].{15}")
_SHORTEST_PROSE = 12
_LONGEST_PHRASE = 250
_PHRASES = re.compile(
    r"""打印(?:本页|本文|文章|页面)? | 关闭(?:窗口|本页)? | 收藏(?:本页)? | 分享(?:到|至)?
      | 返回(?:顶部|列表|首页|上一页)? | 列印 | 關閉 | 友善列印 | 字[号体號體] | 我要纠错 | 纠错 | 扫一扫.{0,20}
      | 微信 | 微博 | 朋友圈
      | 无障碍(?:浏览|阅读)? | 复制链接 | 回到[顶頂](?:部|端) | 下载(?:本文|全文) | 保存(?:本页)? | QQ空间? | 网站地图
      | 联系我们 | 关于我们
      | (?<!\w)[大中小]+(?!\w)""",
    re.VERBOSE,
)
_BETWEEN = re.compile(r"[\s【】\[\]（）()|｜·:：>]+")
_LINE = re.compile(
    r"""(?:
        您?(?:现在)?(?:当前|當前|所在|的)?(?:的)?(?:位置|栏目)\s*[:：] | [首主]页\s*[>＞»/\-]
      | (?:上|下)一[篇条則则]\s*[:：]? | (?:版权|版權)所有 | 主办(?:单位)?\s*[:：]
      | 承办(?:单位)?\s*[:：] | 网站标识码 | 技术支持\s*[:：]
      | (?:浏览|阅读|点击)(?:次数|量|数)\s*[:：] | 扫[一码描] | .{0,40}ICP备 | .{0,30}公网安备 | Copyright | ©
    ).{0,200}""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ATTACHMENT = re.compile("附\\s*[件表]|相关文档|文件下载|解读")
_MOST_LINKS = 0.6
_FEW_LINKS = 3
NAVIGATION = "navigation"


def site_blocks(page: Page, title: int | None) -> frozenset[int]:
    """Indices of the blocks that belong to the site; ``title`` is that of the block with the document's title."""
    weighed = _Weighed(page)
    main = weighed.main()
    found: set[int] = set()
    end = 0  # of what was found: nodes within it need not be looked at
    for node in page.nodes[1:]:
        if node.last > max(end, node.first) and weighed.is_site(node, main):
            found.update(range(node.first, node.last))
            end = node.last
    for index, block in enumerate(page.blocks):
        if _is_phrase(block) and index != title:
            found.add(index)
    found.update(_above(page.blocks, main, title))
    found.discard(-1 if title is None else title)
    return frozenset(found) if len(found) < len(page.blocks) else frozenset()


class _Weighed:
    """How much of the page's prose, text and links lies in each node."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._prose = list(accumulate((_prose(block) for block in page.blocks), initial=0))
        self._links = list(accumulate((block.links for block in page.blocks), initial=0))
        self._length = list(accumulate((len(block.text) for block in page.blocks), initial=0))
        self._attached = list(accumulate((_is_attachment(block) for block in page.blocks), initial=0))

    def main(self) -> Node:
        """The innermost node that holds nearly all prose; a leaf is none, as its neighbours may be short paragraphs."""
        nodes = self._page.nodes
        known = [node for node in nodes if _CONTENT.search(node.marks) and self._share(node) >= _MAIN_SHARE / 2]
        if known:
            return known[0]
        best = nodes[0]
        for index, node in enumerate(nodes):
            inner = index + 1 < len(nodes) and nodes[index + 1].parent == index and node.last - node.first > 1
            if (
                inner
                and node.tag not in ("ul", "ol", "li", "table", "tbody", "tr")
                and self._share(node) >= _MAIN_SHARE
            ):
                best = node
        return best

    def is_site(self, node: Node, main: Node) -> bool:
        """Whether something speaks for it that the node is the site's."""
        if node.first <= main.first and node.last >= main.last:
            return False
        inside = main.first <= node.first and node.last <= main.last
        share = self._share(node)
        if node.tag in _NAVIGATION_TAGS or _NAVIGATION_ROLES.search(node.marks) or _NAVIGATION.search(node.marks):
            return share <= (_SITE_SHARE / 5 if inside else _SITE_SHARE) and not self._attaches(node)
        return not inside and self._is_links(node)

    def _share(self, node: Node) -> float:
        total = self._prose[-1]
        return (self._prose[node.last] - self._prose[node.first]) / total if total else 0.0

    def _is_links(self, node: Node) -> bool:
        length = self._length[node.last] - self._length[node.first]
        links = self._links[node.last] - self._links[node.first]
        return links >= _MOST_LINKS * length and not self._attaches(node)

    def _attaches(self, node: Node) -> bool:
        """Whether it lists files or annexes, which belong to the document."""
        return self._attached[node.last] > self._attached[node.first]


def _above(blocks: Sequence[Block], main: Node, title: int | None) -> Iterator[int]:
    """What stands above both the title and the main part: the site's name, the date of today."""
    if title is None:
        return
    for index in range(min(title, main.first)):
        if not blocks[index].table and not _prose(blocks[index]):
            yield index


def _prose(block: Block) -> int:
    """Characters of running text."""
    if block.table or len(block.text) < _SHORTEST_PROSE or not _PROSE.search(block.text):
        return 0
    own = len(block.text) - block.links
    return own if own > block.links and not _LINE.match(block.text) else 0


def _is_attachment(block: Block) -> bool:
    return block.attached or bool(_ATTACHMENT.match(block.text))


def _is_phrase(block: Block) -> bool:
    """Whether the block consists of what a page's buttons say, or is a line that only sites have."""
    if len(block.text) > _LONGEST_PHRASE:
        return False
    return not _BETWEEN.sub("", _PHRASES.sub("", block.text)) or bool(_LINE.fullmatch(block.text))
