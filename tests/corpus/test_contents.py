from __future__ import annotations

import pytest

from rag.corpus.contents import find_contents
from rag.corpus.document import parse_document
from rag.corpus.loading import LoadedText
from rag.schema import Document

TITLES = [
    "城市更新工作情况的报告",
    "老旧小区改造 试点经验",
    "关于 数字政府建设的思考",
    "加快推进数字政府建设",
    "专题会议讲话 1",
    "专题会议讲话 2",
]
GROUPS = {0: "一、工作报告", 2: "二、理论文章", 4: "三、领导讲话"}


def article(title: str) -> str:
    return (
        f"{title.replace(' ', '')} 近年来，我市持续推进{title[-4:]}。"
        "加快推进数字政府建设是重点，要加快推进数字政府建设。 "
        "一、基本情况 全市共有二十个 小区。 二、主要做法 一是建章立制。二是督促落实。 "
    )


def compilation(separator: str, *, grouped: bool, page: str = "") -> str:
    table = []
    for index, title in enumerate(TITLES):
        if grouped and index in GROUPS:
            table.append(GROUPS[index])
        table.append(title + page.format(index * 7 + 3))
    body = ("\n" if separator == "\n" else " ").join(article(title) for title in TITLES)
    return f"城市工作资料6篇汇编{separator}目 录{separator}{separator.join(table)}{separator}{body}"


def packed(text: str) -> str:
    return "".join(text.split())


def articles(document: Document) -> list[str]:
    """Paths, without white space, of the sections that have 一、基本情况 under them."""
    parents = [section.parent for section in document.sections if section.heading.startswith("一、基本情况")]
    return [packed(" › ".join(document.sections[parent].path)) for parent in parents if parent is not None]


@pytest.mark.parametrize("separator", [" ", "\n"], ids=["one line", "lines"])
@pytest.mark.parametrize("page", ["", "........{}", " …… {}", "……{}", "\t{}", "·····{}"])
def test_every_article_of_a_compilation_is_a_part_with_its_title(separator: str, page: str) -> None:
    document = parse_document(compilation(separator, grouped=False, page=page), source="a")
    assert articles(document) == [packed(title) for title in TITLES]
    assert [chunk for chunk in document.chunks if not chunk.path] == []


@pytest.mark.parametrize("separator", [" ", "\n"], ids=["one line", "lines"])
def test_groups_of_the_table_stand_above_their_articles(separator: str) -> None:
    document = parse_document(compilation(separator, grouped=True, page="……{}"), source="a")
    groups = [GROUPS[max(start for start in GROUPS if start <= index)] for index in range(len(TITLES))]
    assert articles(document) == [f"{group}›{packed(title)}" for group, title in zip(groups, TITLES, strict=True)]


@pytest.mark.parametrize("grouped", [True, False])
def test_the_table_is_furniture_and_its_title_line_too(grouped: bool) -> None:
    text = compilation("\n", grouped=grouped, page="........{}")
    document = parse_document(text, source="a")
    [table] = [span for span in document.furniture if span.kind == "table of contents"]
    assert text[table.start :].startswith("目 录\n")
    assert text[table.end :].startswith("城市更新工作情况的报告 近年来")
    assert not any("......" in chunk.text for chunk in document.chunks)


def test_a_title_in_running_text_opens_no_article() -> None:
    document = parse_document(compilation(" ", grouped=False), source="a")
    [section] = [section for section in document.sections if section.heading == "加快推进数字政府建设"]
    assert document.text[section.start :].startswith("加快推进数字政府建设 近年来，我市持续")


def test_titles_are_found_after_an_article_that_ends_without_a_full_point() -> None:
    text = compilation("\n", grouped=False).replace("二是督促落实。 ", "二是督促落实 (2020年5月)\n")
    assert articles(parse_document(text, source="a")) == [packed(title) for title in TITLES]


@pytest.mark.parametrize("page", ["", "……{}", " {}"])
def test_the_table_of_a_single_document_is_only_furniture(page: str) -> None:
    entries = ["第一章　总则", "第二章　业主", "第一节 业主大会", "第二节 业主委员会", "第三章　附则"]
    text = (
        "某市物业管理条例\n目　录\n"
        + "".join(entry + page.format(n) + "\n" for n, entry in enumerate(entries, start=1))
        + "第一章　总则\n"
        "第一条　为了规范物业管理活动，制定本条例。\n第二章　业主\n第一节 业主大会\n第二条　业主大会由全体业主组成。\n"
        "第二节 业主委员会\n第三条　业主委员会执行业主大会的决定。\n第三章　附则\n第四条　本条例自公布之日起施行。\n"
    )
    document = parse_document(text, source="a")
    assert [section.path for section in document.sections if "条" in section.label] == [
        ("第一章　总则", "第一条"),
        ("第二章　业主", "第一节 业主大会", "第二条"),
        ("第二章　业主", "第二节 业主委员会", "第三条"),
        ("第三章　附则", "第四条"),
    ]
    assert [
        text[span.start : span.end].split()[0] for span in document.furniture if span.kind == "table of contents"
    ] == ["目"]


def test_the_table_of_a_plan_is_only_furniture() -> None:
    text = (
        "某县十四五规划\n目录\n一、总体要求\n(一)指导思想\n(二)发展目标\n二、主要任务\n"
        "三、保障措施\n一、总体要求\n谋划全局。\n(一)指导思想\n坚持创新。\n"
        "(二)发展目标\n持续增长。\n二、主要任务\n抓好落实。\n三、保障措施\n加强领导。\n"
    )
    document = parse_document(text, source="a")
    assert [section.heading for section in document.sections] == [
        "一、总体要求",
        "(一)指导思想",
        "(二)发展目标",
        "二、主要任务",
        "三、保障措施",
    ]
    assert "谋划全局。" in document.chunks[0].text


def test_a_table_that_nothing_announces_is_furniture_too() -> None:
    table = "## 第一章 总 则\n\n## 第二章 管理\n\n### 第一节 取水\n\n## 第三章 附 则\n\n"
    body = (
        "## 第一章 总 则\n\n第一条 甲。\n\n## 第二章 管理\n\n### 第一节 取水\n\n"
        "第二条 乙。\n\n## 第三章 附 则\n\n第三条 丙。\n"
    )
    document = parse_document(LoadedText(f"# 某市节水条例\n\n{table}{body}", "utf-8", markdown=True), source="a")
    assert [section.path for section in document.sections if "条" in section.label] == [
        ("第一章 总 则", "第一条"),
        ("第二章 管理", "第一节 取水", "第二条"),
        ("第三章 附 则", "第三条"),
    ]
    [found] = [span for span in document.furniture if span.kind == "table of contents"]
    assert document.text[found.start : found.end] == table


def test_headings_without_text_are_no_table_when_none_comes_again() -> None:
    assert find_contents("第一编 总则\n第一章 规定\n第一节 目的\n第二节 范围\n第一条 甲。\n") is None


@pytest.mark.parametrize(
    "text",
    [
        "某县权责清单。 目录 管理办法应当公布。管理办法由县政府制定。",
        "一、总则\n目录 由县政府公布。\n目录内事项应当办理。二、附则\n目录内事项每年调整。\n",
        "目 录",
        "目录\n",
        "目录\n第一章\n第二章\n",
        "本目录自公布之日起施行。",
    ],
)
def test_a_catalogue_in_the_text_is_no_table_of_contents(text: str) -> None:
    assert find_contents(text) is None
