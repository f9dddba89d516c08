from __future__ import annotations

import pytest

from rag.corpus.formats.html import load
from rag.corpus.formats.mht import load as load_mht
from rag.errors import DocumentError, DocumentSizeError, EncodingError
from rag.schema import Heading, Metadata
from tests.corpus.formats.golden import Golden, chunk_text, heading_recall, make, parsed, text_recall
from tests.corpus.formats.goldens import GOLDENS
from tests.corpus.formats.making_html import BESIDE, PAGES, SITE, page, portal


def kept(html: str) -> str:
    """What of a page is not marked as the site's."""
    loaded = load(html.encode(), name="a.html")
    text, position = "", 0
    for span in loaded.layout.furniture:
        text, position = text + loaded.text[position : span.start], span.end
    return text + loaded.text[position:]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", PAGES)
def test_the_main_text_of_a_page_comes_back_and_nothing_of_its_site(kind: str, seed: int) -> None:
    golden = make(seed)
    document = parsed(load(page(golden, kind), name="a.html"), "a.html")
    chunks = chunk_text(document)
    assert text_recall(golden, chunks) == 1.0
    assert [text for text in BESIDE.get(kind, ()) if text not in chunks] == []
    assert [text for text in SITE if text in chunks] == []
    assert document.metadata.title == golden.title
    assert heading_recall(golden, document) == 1.0


def test_the_site_stays_in_the_text_as_furniture() -> None:
    loaded = load(page(make(1), "portal"), name="a.html")
    assert {span.kind for span in loaded.layout.furniture} == {"navigation"}
    site = "".join(loaded.text[span.start : span.end] for span in loaded.layout.furniture)
    assert all(text in site for text in ("网站首页", "打印本页", "相关文件", "浙公网安备"))
    assert "脚本" not in loaded.text


def test_what_a_page_says_of_its_document() -> None:
    golden = make(1)
    metadata = load(page(golden, "portal"), name="a.html").metadata
    assert metadata == Metadata(
        title=golden.title,
        issuer="某某市人民政府",
        number="某政发〔2020〕1号",
        issued="2020-02-28",
        published="2020-03-01",
    )


@pytest.mark.parametrize(
    ("head", "metadata"),
    [
        ('<meta name="ContentSource" content="市政府办公室">', Metadata(origin="市政府办公室")),
        ('<meta property="article:published_time" content="2019-05-06T08:00:00">', Metadata(published="2019-05-06")),
        ('<meta name="PubDate" content="not a date">', Metadata()),
        ('<meta name="ArticleTitle" content="关于治理的通知">', Metadata(title="关于治理的通知")),
        ("<title>关于治理的通知_某某市人民政府</title>", Metadata(title="关于治理的通知")),
        (
            "<title>关于治理的通知 - 某局 - 某某市人民政府</title><h2>关于治理的通知</h2>",
            Metadata(title="关于治理的通知"),
        ),
        ("<title>首页</title>", Metadata()),
    ],
)
def test_meta_tags(head: str, metadata: Metadata) -> None:
    assert load(f"<html>{head}<p>正文一句话。</p>".encode(), name="a.html").metadata == metadata


def test_the_table_above_a_document_tells_in_any_form() -> None:
    listed = (
        "<ul><li>发文机关：某某市应急管理局</li><li>文　　号：某应急〔2021〕9号</li><li>成文日期：2021-03-04</li></ul>"
    )
    metadata = load(f"<html><body>{listed}<p>正文。</p>".encode(), name="a.html").metadata
    assert metadata == Metadata(issuer="某某市应急管理局", number="某应急〔2021〕9号", issued="2021-03-04")


@pytest.mark.parametrize(
    ("text", "encoding", "stated", "found"),
    [
        ("推进市域治理", "gb18030", "gb2312", "gb18030"),
        ("推進市域治理", "big5", "big5", "big5hkscs"),
        ("推进市域治理", "utf-8", "gb2312", "utf-8"),
        ("推进市域治理", "utf-8", "utf-16", "utf-8"),
        ("推进市域治理", "utf-16", "utf-8", "utf-16"),
        ("推进市域治理", "utf-8", "no-such-charset", "utf-8"),
    ],
)
def test_the_stated_encoding_counts_where_the_bytes_bear_it_out(
    text: str, encoding: str, stated: str, found: str
) -> None:
    html = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={stated}"></head><p>{text}</p>'
    loaded = load(html.encode(encoding), name="a.html")
    assert (loaded.text, loaded.encoding) == (f"{text}\n", found)


def test_a_broken_byte_costs_one_character_where_the_encoding_is_stated() -> None:
    data = portal(make(1)).replace("utf-8", "gb2312").encode("gb18030")
    at = data.rindex("。".encode("gb18030"))
    loaded = load(data[:at] + b"\xff" + data[at:], name="a.html")
    assert (loaded.encoding, loaded.text.count("\ufffd")) == ("gb18030", 1)


def test_without_any_sign_of_the_encoding_a_page_is_refused() -> None:
    with pytest.raises(EncodingError, match=r"^a\.html "):
        load("<html><p>größer</p>".encode("latin-1"), name="a.html")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>甲<script>乙</script><style>丙</style><noscript>丁</noscript>戊</p>", "甲戊\n"),
        (
            "<p>甲<span style='display: none'>乙</span>丙<i hidden>丁</i></p><p style='visibility:hidden'>戊</p>",
            "甲丙\n",
        ),
        ("<p>甲<!-- 乙 -->丙</p><textarea>丁</textarea><select><option>戊</select>", "甲丙\n"),
        ("<p>推进\n治理\n the  plan\n now</p>", "推进治理 the plan now\n"),
        ("<p>&nbsp;&nbsp;甲&shy;乙&#8203;丙&nbsp;丁</p>", "甲乙丙 丁\n"),
        ("<p>第一条︐甲︑乙︒﹁丙﹂︵丁︶</p>", "第一条，甲、乙。「丙」（丁）\n"),
        ("甲<br>乙<div>丙<b>丁</b></div>戊<p>己", "甲\n乙\n丙丁\n戊\n己\n"),
        ("<pre>甲\n  乙</pre>", "甲\n乙\n"),
        ("<ul><li>甲<li>乙</ul><dl><dt>丙<dd>丁</dl>", "甲\n乙\n丙\n丁\n"),
        ("<p>&lt;甲&gt; &amp; 乙</p>", "<甲> & 乙\n"),
    ],
)
def test_what_is_seen_is_read(body: str, text: str) -> None:
    assert load(f"<html><body>{body}".encode(), name="a.html").text == text


def test_headings_are_those_of_the_page_and_long_ones_are_text() -> None:
    loaded = load(f"<h2>总则</h2><p>甲。</p><h3>{'治理，' * 60}</h3><p>乙。</p><h2>附则</h2>".encode(), name="a.html")
    start = loaded.text.index("附则")
    assert loaded.layout.headings == (Heading(0, 2, 2), Heading(start, start + 2, 2))


def test_tables_of_data_are_rows_and_tables_for_looks_are_not() -> None:
    data = (
        "<table><caption>表1</caption><thead><tr><th>任务<th>单位</thead>"
        "<tr><td rowspan=2>网格<td>甲局<tr><td><a href=x>乙局</a></table>"
    )
    assert kept(data) == "表1\n任务：网格 | 单位：甲局\n任务：网格 | 单位：乙局\n"
    looks = f"<table><tr><td>{'正文一句话。' * 200}</td><td>旁边</td></tr></table>"
    assert kept(looks).splitlines() == ["正文一句话。" * 200, "旁边"]


def test_a_long_text_in_an_element_named_like_navigation_is_kept() -> None:
    words = "".join(f"<p>第{n}段，各县区人民政府应当健全网格化服务体系。</p>" for n in range(9))
    assert kept(f"<body><div class='nav-content'>{words}</div>").count("健全网格化") == 9
    assert kept("<body><nav><a href=x>首页</a></nav>") == "首页\n"  # nothing else is on the page


def test_attachments_and_short_closing_lines_are_kept() -> None:
    html = (
        "<body><div><div><p>各单位：</p><p>现将有关事项通知如下，请遵照执行。</p></div><div><p>某某局</p></div></div>"
        "<div class='relate'><a href='/x.docx'>1.申报表.docx</a></div><div><a href='/y'>附件2</a></div>"
    )
    assert kept(html).split() == ["各单位：", "现将有关事项通知如下，请遵照执行。", "某某局", "1.申报表.docx", "附件2"]


def test_a_saved_page_with_its_pictures() -> None:
    [(name, data)] = GOLDENS["mht"]()
    whole = make(3)
    golden = Golden(whole.title, whole.items[:8])
    loaded = load_mht(data, name=name)
    assert (text_recall(golden, loaded.text), loaded.metadata.title) == (1.0, golden.title)
    header = b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert load_mht(header + "<p>治理</p>".encode("gb18030"), name="a.mht").text == "治理\n"
    with pytest.raises(DocumentError, match=r"^a\.mht holds no web page"):
        load_mht(b"MIME-Version: 1.0\r\n\r\ntext", name="a.mht")


def test_a_page_that_nests_too_deeply_is_told_and_one_that_nests_deeply_is_read() -> None:
    assert load(f"<body>{'<div>' * 1500}深处{'</div>' * 1500}<p>之后".encode(), name="a.html").text == "深处\n之后\n"
    with pytest.raises(DocumentError, match=r"^a\.html nests its elements"):
        load(f"<body>{'<div>' * 100_000}深处".encode(), name="a.html")


@pytest.mark.parametrize("html", ["<html></html>", "<html><script>var a</script>", " <!-- a -->", "<p> </p>"])
def test_a_page_without_text_is_told(html: str) -> None:
    with pytest.raises((DocumentSizeError, DocumentError), match=r"^a\.html holds no text"):
        load(html.encode(), name="a.html")
