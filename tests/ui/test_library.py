from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from string import Formatter
from urllib.parse import unquote

import pytest

from rag.corpus.formats.registry import SUFFIXES
from rag.errors import DocumentNotFoundError
from rag.schema import Document, DocumentInfo, Furniture, Metadata, Script, Section
from tests.ui.fragments import PAYLOADS, Fragment, shows
from ui.library import details, progress, render
from ui.library.adding import Left
from ui.library.ingesting import Job
from ui.library.listing import COLUMNS, coverage, found, ordered
from ui.library.removed import Removed, RemovedDocuments
from ui.library.words import EN, HANS, HANT, WORDS, Words
from ui.links import address

BROKEN = (Left("in/b.pdf", "save it"),)


def info(
    source: str = "a.txt",
    *,
    title: str | None = None,
    issuer: str | None = None,
    number: str | None = None,
    issued: str | None = None,
    published: str | None = None,
    script: Script = "hans",
    characters: int = 1000,
) -> DocumentInfo:
    metadata = Metadata(title, issuer, number, issued, published, None, script)
    shares = (characters * 9 // 10, characters // 10)
    return DocumentInfo(
        source, f"/files/{source}", metadata, "utf-8", "f" * 64, characters, *shares, 3, 7, "2026-01-02T03:04:05+00:00"
    )


def document(
    heading: str = "一、目标", text: str = "网页页头\n一、目标\n（一）办事\n正文。\n", kind: str = "web header"
) -> Document:
    start = text.index("\n") + 1
    sections = (
        Section(0, None, 1, "一、", heading, start, len(text), (heading,)),
        Section(1, 0, 2, "（一）", heading, start + 5, len(text), (heading, heading)),
    )
    furniture = (Furniture(0, start - 1, kind), Furniture(start - 1, start, "blank"))
    return Document("a.txt", text, "utf-8", "f" * 64, Metadata(title=heading), sections, (), furniture)


# --- which documents, in which order


@pytest.mark.parametrize(
    ("words", "sources"),
    [
        ("", ["a.txt", "b.txt", "c.md"]),
        ("臨水", ["b.txt"]),
        ("临水", ["b.txt"]),
        ("數字政府", ["a.txt"]),
        ("青山市人民政府", ["a.txt"]),
        ("青政发[2021]７号", []),
        ("２０２１", ["a.txt"]),
        ("B.TXT", ["b.txt"]),
        ("办法 临水", ["b.txt"]),
        ("办法 青山", []),
        (".md", ["c.md"]),
    ],
)
def test_the_filter_reads_title_source_issuer_and_number_in_either_script(words: str, sources: list[str]) -> None:
    documents = [
        info("a.txt", title="数字政府方案", issuer="青山市人民政府", number="青政发〔2021〕7号"),
        info("b.txt", title="臨水縣老年助餐服務辦法"),
        info("c.md"),
    ]
    assert [each.source for each in found(documents, words)] == sources


@pytest.mark.parametrize(
    ("column", "ascending", "descending"),
    [
        ("title", "bca", "acb"),
        ("issuer", "abc", "bac"),
        ("number", "abc", "abc"),
        ("date", "bac", "abc"),
        ("script", "acb", "cab"),
        ("characters", "cab", "bac"),
        ("chunks", "abc", "abc"),
        ("coverage", "abc", "abc"),
        ("ingested", "abc", "abc"),
    ],
)
def test_every_column_sorts_both_ways_and_what_is_unknown_comes_last(
    column: str, ascending: str, descending: str
) -> None:
    documents = [
        info("a", title="乙", issuer="二部", issued="2020-01-01", script="hans", characters=2000),
        info("b", title="丙丙", issuer="一部", published="2019-05", script="unknown", characters=30_000),
        info("c", title="一", script="hant", characters=100),
    ]
    names = "".join(each.source for each in ordered(documents, column, descending=False))
    assert (names, "".join(each.source for each in ordered(documents, column, descending=True))) == (
        ascending,
        descending,
    )


def test_titles_are_in_the_order_of_their_pinyin() -> None:
    titles = ["中共", "關於", "温州", "青山", "办法", "长治", "Act", "关于"]
    found_titles = [
        each.metadata.title for each in ordered([info(title=title) for title in titles], "title", descending=False)
    ]
    assert found_titles == ["Act", "办法", "长治", "關於", "关于", "青山", "温州", "中共"]


def test_coverage_never_exceeds_the_file() -> None:
    odd = replace(info(characters=100), chunk_characters=90, furniture_characters=30)
    assert coverage(odd) == (0.9, pytest.approx(0.1))
    assert coverage(replace(odd, characters=0, chunk_characters=0, furniture_characters=0)) == (0.0, 0.0)


# --- what is shown


def test_a_row_says_what_is_known_and_leaves_the_rest_open() -> None:
    known = info(
        title="办法", issuer="县民政局", number="1号", published="2020-01-06", script="hant", characters=12_345
    )
    row = Fragment(render.rows([known], "hans", admin=True))
    assert row.text == "办法a.txt县民政局1号2020-01-06繁12,3457 100%2026-01-02"
    assert row.values("href") == ["#/library/a.txt"]
    assert row.values("data-sure") == [HANS.sure.format(title="办法")]
    unknown = Fragment(render.rows([info(script="unknown")], "hans", admin=False))
    assert unknown.text == "a.txt————1,0007 100%2026-01-02"
    assert "data-do" not in unknown.attributes


def test_the_headings_say_by_what_the_table_is_sorted() -> None:
    table = Fragment(render.table("<tr></tr>", render.Order("date", descending=True), "hans"))
    assert table.values("data-column") == list(COLUMNS)
    assert table.values("aria-sort") == ["descending" if column == "date" else "none" for column in COLUMNS]


def test_an_empty_table_says_why() -> None:
    assert shows(render.table("", render.Order("title"), "hans"), HANS.nothing)
    assert shows(render.empty("hans", admin=True), f"{HANS.empty_title}{HANS.empty_admin}")
    assert shows(render.empty("hans", admin=False), f"{HANS.empty_title}{HANS.empty}")


def test_only_who_may_add_files_gets_a_place_for_them() -> None:
    offered = Fragment(render.view("hans", offer=render.Offer(20, 500, first=True)))
    assert offered.values("accept") == [",".join(sorted({*SUFFIXES, ".zip"}))]
    assert all(text in offered.text for text in (HANS.choose, "每份不超过 20 MB", "ZIP，不超过 500 MB", HANS.first))
    assert HANS.first not in render.view("hans", offer=render.Offer(20, 500))
    assert "file" not in Fragment(render.view("hans", offer=None)).values("type")


def test_the_count_and_the_next_page() -> None:
    assert render.count(5_000, 5_000, "hans") == "5,000 份"
    assert render.count(3, 5_000, "en") == "3 of 5,000"
    assert render.count(0, 0, "hans") == ""
    assert Fragment(render.more(4_900, "hans")).text == "再显示 100 份"
    assert Fragment(render.more(7, "hans")).text == "再显示 7 份"
    assert render.more(0, "hans") == ""


def test_a_document_shows_its_outline_and_what_was_left_out() -> None:
    page = Fragment(details.page(document(), info(title="办法"), "hans", admin=False))
    opens = [(at["data-start"], at["data-end"]) for _, at in page.elements if at.get("data-do") == "library.read"]
    assert opens == [("0", "0"), ("5", "9"), ("10", "15"), ("0", "4")]  # the whole, two headings, the header
    assert page.values("aria-expanded") == ["true"]
    assert "网页页头 1 处 · 4 字第 1 行 · 第 1 字网页页头空白 1 处 · 1 字" in page.text
    assert "ffffffffffff" in page.text


def test_only_administrators_see_where_the_file_is_and_can_remove_it() -> None:
    everyone = details.page(document(), info(), "hans", admin=False)
    assert not shows(everyone, "/files/a.txt")
    assert "library.remove" not in everyone
    admin = details.page(document(), info(), "hans", admin=True)
    assert shows(admin, "/files/a.txt")
    assert "library.remove" in admin


def test_a_long_outline_starts_folded_and_a_long_list_is_cut() -> None:
    one = document()
    sections = (one.sections[0], *(replace(one.sections[1], index=number) for number in range(1, 60)))
    furniture = tuple(Furniture(number, number + 1, "slice number") for number in range(250))
    page = Fragment(details.page(replace(one, sections=sections, furniture=furniture), info(), "hans", admin=False))
    assert page.values("aria-expanded") == ["false"]
    assert len([at for at in page.values("title") if at == HANS.open_there]) == 200
    assert "另外 50 处" in page.text


def test_a_document_without_outline_or_furniture_says_so() -> None:
    page = details.page(replace(document(), sections=(), furniture=()), info(), "hans", admin=False)
    assert shows(page, HANS.no_outline)
    assert shows(page, HANS.no_furniture)


def test_a_place_is_a_line_and_a_character() -> None:
    text = "一\n二\n三微信公众号"
    left_out = replace(document(), text=text, sections=(), furniture=(Furniture(5, len(text), "site footer"),))
    assert "第 3 行 · 第 6 字微信公众号" in Fragment(details.page(left_out, info(), "hans", admin=False)).text


@pytest.mark.parametrize(
    ("job", "text", "value"),
    [
        (Job(1, None, "a.txt"), "a.txt排队中", None),
        (Job(1, None, "a.txt", "preparing"), "a.txt第一次使用，正在准备向量模型……", [("", "")]),
        (Job(1, None, "a.txt", "embedding", 64, 1280), "a.txt正在建索引：64 / 1,280 段", [("64", "1280")]),
        (Job(1, None, "a.txt", "added", total=4, source="a.txt"), "a.txt已入库 · 4 段", None),
        (Job(1, None, "a.txt", "failed", reason="save it"), "a.txtsave it没有入库", None),
        (Job(1, None, "a.zip", "reading", 0, 1), "a.zip正在读取……", [("", "")]),
        (Job(1, None, "a.zip", "reading", 64, 1280), "a.zip正在读取：64 / 1,280 份", [("64", "1280")]),
        (
            Job(1, None, "a.zip", "updated", counts={"added": 1200, "removed": 1}),
            "a.zip新增 1,200 份 · 移除 1 份",
            None,
        ),
        (
            Job(1, None, "a.zip", "added", counts={"added": 1}, failed=BROKEN, skipped=(Left("", "no format"),)),
            "a.zip新增 1 份1 份没有入库 · 略过 1 项in/b.pdf save itno format",
            None,
        ),
        (Job(1, None, "a.zip", "failed", failed=BROKEN), "a.zip没有入库1 份没有入库in/b.pdf save it", None),
        (Job(1, None, "a.zip", "failed"), f"a.zip{HANS.nothing_read}没有入库", None),
    ],
)
def test_each_file_says_where_it_stands(job: Job, text: str, value: list[tuple[str, str]] | None) -> None:
    shown = Fragment(progress.jobs([job], "hans"))
    bars = [(at.get("value", ""), at.get("max", "")) for tag, at in shown.elements if tag == "progress"]
    assert (shown.text, bars) == (text, value or [])


def test_the_end_is_said_once_all_files_are_through() -> None:
    files = [Job(1, None, "a", "added"), Job(2, None, "b", "failed"), Job(3, None, "c", "waiting")]
    assert progress.said(files, "hans") == ""
    assert progress.said(files[:2], "hans") == "入库完成 1 份，失败 1 份。"
    assert progress.said(files[:1], "en") == "1 added."
    archive = Job(4, None, "d.zip", "updated", counts={"added": 3, "unchanged": 2, "removed": 1}, failed=BROKEN)
    assert progress.said([*files[:2], archive], "hans") == "入库完成 6 份，失败 2 份。"
    assert progress.said([], "hans") == progress.jobs([], "hans") == ""


def test_many_reasons_take_a_click_and_the_most_are_counted() -> None:
    few = tuple(Left(f"{number}.pdf", f"{number}.pdf is empty.") for number in range(5))
    for failed, opened, items in ((few, True, 5), (few * 2, False, 10), (few * 50, False, 201)):
        shown = Fragment(progress.jobs([Job(1, None, "a.zip", "failed", failed=failed)], "hans"))
        assert [("open" in at, at["data-job"]) for tag, at in shown.elements if tag == "details"] == [(opened, "1")]
        assert shown.tags.count("li") == items + 1
    assert shown.text.endswith("另外 50 项")
    assert "0.pdf 0.pdf" not in shown.text


# --- what can be put back


def test_the_newest_fifty_of_each_visitor_can_be_put_back() -> None:
    kept = RemovedDocuments()
    ids = [kept.keep(document(text=f"{number}\n一、目标\n"), None) for number in range(52)]
    other = kept.keep(document(), "li")
    assert [each.id for each in kept.of(None, ids)] == ids[2:]
    assert kept.get(None, ids[-1]).text.startswith("51")
    assert kept.get("li", other) == document()
    for owner, gone in ((None, ids[1]), (None, other), ("li", ids[-1])):
        with pytest.raises(DocumentNotFoundError, match="can no longer be put back"):
            kept.get(owner, gone)
    kept.forget(None, ids[-1])
    assert [each.id for each in kept.of(None, ids)] == ids[2:-1]


def test_of_very_large_documents_only_the_last_is_kept() -> None:
    kept = RemovedDocuments()
    ids = [kept.keep(document(text="页头\n" + "字" * 30_000_000), None) for _ in range(2)]
    assert [each.id for each in kept.of(None, ids)] == ids[1:]


# --- foreign text


def pages(text: str) -> Iterator[str]:
    """Everywhere that the library shows ``text``, which somebody else has written."""
    hostile = replace(info(text, title=text, issuer=text, number=text, issued=text), encoding=text, path=text)
    named = replace(hostile, metadata=replace(hostile.metadata, region=text, origin=text, published=text))
    yield render.rows([hostile, info(text)], "hans", admin=True)
    yield details.page(document(text, f"{text}页头\n正文{text}\n", kind=text), named, "en", admin=True)
    yield render.removed([Removed("1", document(text))], "hans")
    yield progress.jobs([Job(1, None, text, "added", source=text), Job(2, None, text, "failed", reason=text)], "hans")
    left = (Left(text, f"why {text}"), Left("", text))
    yield progress.jobs([Job(1, None, text, "added", counts={"added": 1}, failed=left, skipped=left)], "en")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_foreign_text_is_text_everywhere(payload: str) -> None:
    for hostile, harmless in zip(pages(payload), pages("无害"), strict=True):
        ours = [(tag, sorted(attributes)) for tag, attributes in Fragment(harmless).elements]
        assert [(tag, sorted(attributes)) for tag, attributes in Fragment(hostile).elements if tag != "br"] == ours
        assert Fragment(hostile).others == []
        assert shows(hostile, payload)


@pytest.mark.parametrize("source", [*PAYLOADS, "a/b c.txt", "100%.txt", "\u202etxt.md", "a\u200bb.txt", "第1#2?.txt"])
def test_the_name_in_an_address_is_the_name(source: str) -> None:
    (link,) = Fragment(render.rows([info(source, title="题")], "hans", admin=False)).values("href")
    assert link == address(source)
    assert unquote(link.removeprefix("#/library/")) == source
    assert link.count("/") == 2  # a name is one part of the address, whatever is in it


def test_long_names_are_shown_whole() -> None:
    title, source = "关于" + "很长的标题" * 40, "名" * 190 + ".txt"
    assert shows(render.rows([info(source, title=title)], "hans", admin=True), title)
    assert shows(render.rows([info(source, title=title)], "hans", admin=True), source)


# --- words


def test_every_language_has_every_word_with_the_same_blanks() -> None:
    def fields(text: str) -> list[str]:
        return sorted({field for _, field, _, _ in Formatter().parse(text) if field})

    def blanks(words: Words) -> dict[str, object]:
        return {
            name: fields(value) if isinstance(value, str) else sorted(value)
            for name in Words.__slots__
            for value in [getattr(words, name)]
        }

    assert blanks(HANS) == blanks(HANT) == blanks(EN)
    assert all(getattr(words, name) for words in WORDS.values() for name in Words.__slots__)
