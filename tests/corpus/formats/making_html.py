"""Web pages as Chinese government sites have them around a golden document; and what on them is the site's."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.corpus.formats.golden import Golden, Item, sentence, words

NAVIGATION = words("网站首页 政务公开 政务服务 互动交流 数据开放 走进我市 机构职能 领导之窗")
FOOTER = (
    "主办单位：某某市人民政府办公室",
    "网站标识码：3303000001",
    "浙ICP备05000001号",
    "浙公网安备 33030202000001号",
)
RELATED = ("关于印发信息化建设规划的通知", "关于公布年度重点项目名单的通知", "某某市召开全市工作会议部署明年任务")
BAR = (
    "【字体：<a href=#>大</a> <a href=#>中</a> <a href=#>小</a>】 "
    "<a href='javascript:window.print()'>打印本页</a> <a href=#>关闭窗口</a>"
)


def links(texts: tuple[str, ...] | list[str]) -> str:
    return "<ul>" + "".join(f"<li><a href='/a/{at}.html'>{text}</a></li>" for at, text in enumerate(texts)) + "</ul>"


def table(item: Item, *, header: str = "td") -> str:
    first, *rest = item.rows
    cells = "".join(f"<{header}>{text}</{header}>" for text in first)
    rows = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in rest)
    return f"<table border=1><tr>{cells}</tr>{rows}</table>"


def body(golden: Golden, *, heading: Callable[[Item], str], paragraph: str = "<p>　　{}</p>") -> str:
    pieces = []
    for item in golden.items:
        if item.rows:
            pieces.append(table(item))
        elif item.level:
            pieces.append(heading(item))
        else:
            pieces.append(paragraph.format(item.text))
    return "\n".join(pieces)


def tagged(item: Item) -> str:
    return f"<h{item.level + 1}>{item.printed}</h{item.level + 1}>"


def strong(item: Item) -> str:
    return f"<p>　　<strong>{item.printed}</strong></p>"


def head(golden: Golden, charset: str = "utf-8", meta: str = "") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{golden.title}_某某市人民政府</title>{meta}'
        "<style>p{color:red}</style><script>var 脚本='不是正文。不是正文，绝对不是正文的内容。';</script></head>"
    )


def portal(golden: Golden) -> str:
    """A present-day portal: divs with telling classes, an info table above, headings marked."""
    meta = f'<meta name="ArticleTitle" content="{golden.title}"><meta name="PubDate" content="2020-03-01 09:00">'
    return (
        head(golden, meta=meta)
        + f'<body><div class="header"><a class="logo" href="/">某某市人民政府</a><div class="nav">'
        f'{links(NAVIGATION)}</div></div><div class="container">'
        "<div class='crumbs'>当前位置：<a href=/>首页</a> &gt; <a href=/zc>政策文件</a></div>"
        "<table class='xxgk'><tr><td>索引号：</td><td>001008003/2020-00001</td>"
        "<td>发文机关：</td><td>某某市人民政府</td></tr>"
        "<tr><td>发文字号：</td><td>某政发〔2020〕1号</td><td>成文日期：</td><td>2020年2月28日</td></tr></table>"
        f'<h1>{golden.title}</h1><div class="tool">{BAR}</div>'
        f'<div id="zoom" class="TRS_Editor">{body(golden, heading=tagged)}</div>'
        "<div class='share'>分享到：<a href=#>微信</a> <a href=#>微博</a></div>"
        f'<div class="related"><h3>相关文件</h3>{links(RELATED)}</div></div>'
        f'<div class="footer">{"".join(f"<p>{line}</p>" for line in FOOTER)}</div></body></html>'
    )


def tables_only(golden: Golden) -> str:
    """A page of 2005: tables within tables, no classes, fonts."""
    cells = "".join(f"<td><a href=#><font color=white>{text}</font></a></td>" for text in NAVIGATION)
    return (
        head(golden, "gb2312")
        + f"<body><table width=1000><tr><td><table><tr>{cells}</tr></table></td></tr><tr><td><table><tr>"
        f"<td width=200><table>{''.join(f'<tr><td><a href=#>{text}</a></td></tr>' for text in RELATED)}</table></td>"
        f"<td><table><tr><td align=center><b>{golden.title}</b></td></tr><tr><td align=center>{BAR}</td></tr>"
        f"<tr><td><font size=3>{body(golden, heading=strong)}</font></td></tr></table></td></tr></table></td></tr>"
        f"<tr><td align=center>{'<br>'.join(FOOTER)}</td></tr></table></body></html>"
    )


def breaks_only(golden: Golden) -> str:
    """The whole text in one element, its paragraphs parted by <br>."""
    text = body(golden, heading=lambda item: f"<b>{item.printed}</b><br>", paragraph="　　{}<br><br>")
    return (
        head(golden)
        + f'<body><div id="top">{links(NAVIGATION)}</div><div class="w1000"><p class="bt">{golden.title}</p>'
        f'<div class="ly">{BAR}</div><div class="nr">{text}</div></div>'
        f'<div id="bottom">{"<br>".join(FOOTER)}</div></body></html>'
    )


def unnamed(golden: Golden) -> str:
    """No telling class anywhere; short closing lines, attachments, teasers with sentences beside the text."""
    rng = random.Random(golden.title)
    teasers = "".join(f"<div><a href=#>{sentence(rng)[:30]}……</a></div>" for _ in range(4))
    return (
        head(golden) + f'<body><div class="a1">{links(NAVIGATION)}</div><div class="b1"><div class="c1">{teasers}</div>'
        '<div class="c2">'
        f"<h1>{golden.title}</h1><div>{BAR}</div><div><div>各县（市、区）人民政府：</div>"
        f"{body(golden, heading=strong, paragraph='<div>　　{}</div>')}"
        "<div>某某市人民政府</div><div>2020年2月28日</div></div>"
        "<div>附件：<a href='/f/1.doc'>1.责任清单.doc</a><br><a href='/f/2.xls'>2.指标表.xls</a></div></div></div>"
        f"<div class='d1'>{' | '.join(FOOTER)}</div></body></html>"
    )


def sections(golden: Golden) -> str:
    """From an editor that nests sections and spans, in an article, with page furniture in its own elements."""
    text = body(golden, heading=tagged, paragraph="<section><section><p><span>{}</span></p></section></section>")
    return (
        head(golden) + f"<body><header><nav>{links(NAVIGATION)}</nav></header><main><article>"
        f"<header><h1>{golden.title}</h1></header>{text}</article><aside><h2>热点推荐</h2>{links(RELATED)}</aside></main><footer>{'<br>'.join(FOOTER)}</footer></body></html>"
    )


def from_word(golden: Golden) -> str:
    """Saved by Word as a web page: hard line breaks within the text, no site around it."""
    wrapped = body(
        golden,
        heading=tagged,
        paragraph="<p class=MsoNormal><span lang=ZH-CN style='font-size:16.0pt'>{}<o:p></o:p></span></p>",
    )
    wrapped = re.sub(r"(?<=>)([^<]{40})([^<]{5,})", r"\1\n\2", wrapped)
    return (
        head(golden, "gb2312")
        + f"<body lang=ZH-CN><div class=WordSection1><p class=MsoTitle>{golden.title}</p>{wrapped}</div></body></html>"
    )


PAGES = {
    "portal": portal,
    "tables_only": tables_only,
    "breaks_only": breaks_only,
    "unnamed": unnamed,
    "sections": sections,
    "from_word": from_word,
}
"""The kinds of page by name."""
BESIDE = {"unnamed": ("各县（市、区）人民政府：", "某某市人民政府", "2020年2月28日", "责任清单.doc", "指标表.xls")}
"""What else on a page is the document's own."""
SITE = (*NAVIGATION, *FOOTER, *RELATED, "打印本页", "关闭窗口", "热点推荐", "分享到", "当前位置", "脚本")
"""Texts of the site; none of them belongs to the document."""


def page(golden: Golden, kind: str) -> bytes:
    text = PAGES[kind](golden)
    return text.encode("gb18030" if "gb2312" in text[:200] else "utf-8")
