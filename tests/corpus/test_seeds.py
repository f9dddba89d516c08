"""The five documents that ship with the product: each trap of each file, on the file itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from rag.corpus.script import search_key
from rag.schema import Chunk, Document, Metadata

Seed = Callable[[str], Document]

ALL = ["changzhi", "governance", "suining", "wenzhou-governance", "wenzhou-government"]


def removed(document: Document, kind: str) -> list[str]:
    return [document.text[span.start : span.end].strip() for span in document.furniture if span.kind == kind]


def kinds(document: Document) -> Counter[str]:
    return Counter(span.kind for span in document.furniture if span.kind != "blank")


def headings(document: Document, level: int) -> list[str]:
    return [section.heading for section in document.sections if section.level == level]


def chunk_with(document: Document, words: str) -> Chunk:
    return next(chunk for chunk in document.chunks if words in chunk.text)


def numbers(labels: Iterable[str]) -> list[str]:
    return [label.strip("()、. ") for label in labels]


@pytest.mark.parametrize("name", ALL)
def test_every_character_is_in_a_chunk_or_reported(seed: Seed, check: Callable[[Document], None], name: str) -> None:
    check(seed(name))


@pytest.mark.parametrize("name", ALL)
def test_chunks_are_neither_tiny_nor_long(seed: Seed, name: str) -> None:
    lengths = sorted(len(chunk.text) for chunk in seed(name).chunks)
    assert lengths[0] >= 50
    assert lengths[-1] <= 450
    assert 170 <= sum(lengths) / len(lengths) <= 320


# --- wenzhou-governance-decision-2020.txt -------------------------------------------------------------------


def test_wenzhou_decision_metadata(seed: Seed) -> None:
    assert seed("wenzhou-governance").metadata == Metadata(
        title="中共溫州市委關於高水平推進市域治理現代化的決定",
        issuer="中國共產黨溫州市第十二屆委員會第九次全體會議",
        published="2020-01-06",
        region="溫州",
        script="hant",
        origin="中國網",
    )


def test_wenzhou_decision_web_header_and_footer_are_removed(seed: Seed) -> None:
    document = seed("wenzhou-governance")
    assert kinds(document) == {"web header": 1, "site footer": 14}
    assert removed(document, "web header") == ["2020年01月06日17:30 來源:中國網"]
    assert removed(document, "site footer") == document.text.splitlines()[-14:]
    assert document.chunks[-1].text.endswith("落地見效。(來源:溫州發布)")


def test_wenzhou_decision_outline(seed: Seed) -> None:
    document = seed("wenzhou-governance")
    assert headings(document, 1) == [
        "一、高水平推進市域治理現代化的總體要求",
        "二、高水平推進市域治理現代化的主要任務",
        "三、高水平推進市域治理現代化的組織保障",
    ]
    tasks = document.sections[next(s.index for s in document.sections if s.label == "二、")]
    groups = [section for section in document.sections if section.parent == tasks.index]
    assert numbers(group.label for group in groups) == list("一二三四五六")
    items = [[s.label for s in document.sections if s.parent == group.index] for group in groups]
    assert items == [[f"{n}." for n in range(1, count + 1)] for count in (4, 5, 5, 5, 6, 4)]


def test_wenzhou_decision_goals_head_the_paragraph_below_them(seed: Seed) -> None:
    document = seed("wenzhou-governance")
    goals = [section for section in document.sections if section.label == "——"]
    assert len(goals) == 6
    assert {document.sections[goal.parent or 0].heading for goal in goals} == {"(三)主要目標"}
    chunk = chunk_with(document, "72%")
    assert chunk.path[-1] == "——市域統籌能力明顯提升"
    assert "城市化率" in chunk.text


def test_wenzhou_decision_is_matched_in_simplified_and_cited_in_traditional(seed: Seed) -> None:
    document = seed("wenzhou-governance")
    key = search_key(document.text)
    for question in ("到2035年", "着力", "显著增强", "干部", "标准", "联系"):
        assert search_key(question) in key
    assert "二O三五年" in document.text
    assert "著力" in document.text


# --- suining-governance-decision-2019.txt -------------------------------------------------------------------


def test_suining_metadata_and_source_note(seed: Seed) -> None:
    document = seed("suining")
    assert document.metadata == Metadata(
        title="中共遂宁市委关于推进城乡治理制度创新和能力建设、加快社会治理现代化的决定",
        issuer="中国共产党遂宁市第七届委员会第九次全体会议",
        issued="2019-12-25",
        region="遂宁",
        script="hans",
        origin="遂宁新闻网",
    )
    assert kinds(document) == {"source note": 1}
    assert removed(document, "source note") == ["(摘自遂宁新闻网)"]
    assert document.chunks[0].text.startswith("(2019年12月25日中国共产党遂宁市第七届委员会第九次全体会议通过)")


def test_suining_items_run_on_across_chapters(seed: Seed) -> None:
    document = seed("suining")
    chapters = [section for section in document.sections if section.level == 1]
    assert numbers(chapter.label for chapter in chapters) == list("一二三四五六")
    items = [section for section in document.sections if section.level == 2]
    tens = ["", "十", "二十"]
    expected = [tens[n // 10] + ("" if n % 10 == 0 else "一二三四五六七八九"[n % 10 - 1]) for n in range(1, 25)]
    assert numbers(item.label for item in items) == expected
    assert [sum(item.parent == chapter.index for item in items) for chapter in chapters] == [3, 5, 3, 4, 5, 4]


def test_suining_unnumbered_paragraphs_inherit_their_heading(seed: Seed) -> None:
    document = seed("suining")
    of_item = [chunk for chunk in document.chunks if chunk.path[1:2] == ("(九)全力打造一流营商新环境",)]
    assert len(of_item) >= 3
    assert sum("(九)" in chunk.text for chunk in of_item) == 1


def test_suining_substituted_name_is_left_as_it_is(seed: Seed) -> None:
    document = seed("suining")
    assert document.text.count("东方体育") == 6
    assert sum(chunk.text.count("东方体育") for chunk in document.chunks) == 6
    assert "东方体育" in search_key("东方体育")


# --- governance-modernisation-compilation.txt ---------------------------------------------------------------


def test_compilation_furniture(seed: Seed) -> None:
    document = seed("governance")
    assert kinds(document) == {
        "repeated title": 2,
        "title": 1,
        "web header": 2,
        "table of contents": 1,
        "site footer": 3,
    }
    assert removed(document, "site footer") == ["查看更多", "相关文章", "您可能关注的文档"]
    [table] = removed(document, "table of contents")
    assert table.startswith("目 录 一、意见决定 关于推进治理体系和治理能力 现代化的实施意见")
    assert table.endswith("治理体系治理能力现代化会议讲话 3")
    assert len(table) < 1500


def test_compilation_is_split_into_its_31_articles_in_six_groups(seed: Seed) -> None:
    document = seed("governance")
    assert headings(document, 1) == [
        "一、意见决定",
        "二、经验交流",
        "三、调研报告",
        "四、理论文章",
        "五、经验信息",
        "六、领导讲话",
    ]
    groups = [section for section in document.sections if section.level == 1]
    articles = [[s for s in document.sections if s.parent == group.index] for group in groups]
    assert [len(group) for group in articles] == [2, 10, 3, 5, 8, 3]
    [table] = removed(document, "table of contents")
    listed = "".join(
        re.sub("[一二三四五六]、(意见决定|经验交流|调研报告|理论文章|经验信息|领导讲话)", "", table).split()
    )
    assert listed == "目录" + "".join("".join(article.heading.split()) for group in articles for article in group)


def test_compilation_title_is_in_every_chunk(seed: Seed) -> None:
    document = seed("governance")
    assert all(len(chunk.path) >= 2 for chunk in document.chunks)
    for section in document.sections:
        if section.level == 2:
            first = next(chunk for chunk in document.chunks if chunk.start >= section.start)
            assert "".join(first.text.split()).startswith("".join(section.heading.split()))


def test_compilation_title_in_running_text_opens_no_article(seed: Seed) -> None:
    document = seed("governance")
    title = "加快推进市域社会治理现代化"
    assert document.text.count(title) > 2
    [article] = [section for section in document.sections if section.heading == title]
    assert article.path[0] == "五、经验信息"


def test_compilation_inline_headings(seed: Seed) -> None:
    document = seed("governance")
    decision = next(s for s in document.sections if s.heading == "关于提升治理体系和治理能力现代化水平的决定")
    chapters = [section for section in document.sections if section.parent == decision.index]
    assert [chapter.label for chapter in chapters] == ["一、", "二、", "三、"]
    indices = {chapter.index for chapter in chapters}
    assert [s.label for s in document.sections if s.parent in indices] == [str(n) for n in range(1, 21)]
    glued = next(s for s in document.sections if s.heading.startswith("14紧扣"))
    assert not document.text[glued.start - 1].isspace()


def test_compilation_page_breaks_are_ignored_when_matching_and_kept_when_citing(seed: Seed) -> None:
    document = seed("governance")
    assert "服务 型政府" in document.text
    assert any("服务 型政府" in chunk.text for chunk in document.chunks)
    assert search_key("人民满意的服务型政府") in search_key(document.text)


def test_compilation_lost_decimal_points_and_bullets_are_left(seed: Seed) -> None:
    document = seed("governance")
    text = "".join(chunk.text for chunk in document.chunks)
    for words in ("增长 06%", "•"):
        assert text.count(words) == document.text.count(words) > 0


# --- wenzhou-government-improvement-plan-2018.txt -----------------------------------------------------------


def test_wenzhou_plan_metadata(seed: Seed) -> None:
    assert seed("wenzhou-government").metadata == Metadata(
        title="温州市人民政府关于印发政府“两强三提高”建设实施方案(2018-2022年)的通知",
        issuer="温州市人民政府",
        number="温政发〔2018〕14号",
        issued="2018-06-20",
        published="2018-07-04",
        region="温州",
        script="hans",
        origin="www.0798ci.com",
    )


def test_wenzhou_plan_furniture(seed: Seed) -> None:
    document = seed("wenzhou-government")
    assert kinds(document) == {"repeated title": 1, "web header": 1, "site footer": 4}
    assert [line.split()[0] for line in removed(document, "site footer")] == [
        "郑州外资企业服务中心微信公众号",
        "扫描二维码",
        "本文链接://www.0798ci.com/rule/36962.html",
        "本文关键词:",
    ]
    assert document.chunks[-1].text.endswith("附件:政府“两强三提高”建设实施方案重点任务清单.doc")
    assert not any("\n\n" in chunk.text or "\n\u00a0" in chunk.text for chunk in document.chunks)


def test_wenzhou_plan_outline(seed: Seed) -> None:
    document = seed("wenzhou-government")
    assert headings(document, 1) == ["一、总体目标要求", "二、主要工作任务", "三、工作保障措施"]
    groups = [section for section in document.sections if section.level == 2]
    assert numbers(group.label for group in groups) == [*"一二三四五六七八九十", *"一二三四"]
    items = [[s.label for s in document.sections if s.parent == group.index] for group in groups]
    counts = (5, 4, 5, 5, 5, 3, 4, 2, 4, 4, 0, 0, 0, 0)
    assert items == [[f"{n}." for n in range(1, count + 1)] for count in counts]


def test_wenzhou_plan_angle_brackets_are_text(seed: Seed) -> None:
    document = seed("wenzhou-government")
    text = "".join(chunk.text for chunk in document.chunks)
    assert text.count("党委<党组>") == document.text.count("党委<党组>") == 5
    assert document.text.count("‹") == text.count("‹")


def test_wenzhou_plan_responsibility_stays_with_its_item(seed: Seed) -> None:
    document = seed("wenzhou-government")
    chunk = chunk_with(document, "4.健全行政问责工作机制")
    assert chunk.path[-1] == "4.健全行政问责工作机制"
    assert chunk.text.endswith("(责任单位:市政府办公室、市法制办)")
    assert chunk_with(document, "1.加强政治建设").text.endswith("(市政府党组,市政府各部门党委<党组>)")


# --- changzhi-governance-work-plan.txt ----------------------------------------------------------------------


def test_changzhi_metadata(seed: Seed) -> None:
    assert seed("changzhi").metadata == Metadata(
        title="长治市“十四五”政府治理体系和治理能力现代化专项规划工作方案",
        region="长治",
        script="hans",
        origin="第一文库网",
    )


def test_changzhi_slice_numbers_are_removed_and_lines_joined_with_nothing(seed: Seed) -> None:
    document = seed("changzhi")
    assert kinds(document) == {"web header": 1, "slice number": 16}
    assert removed(document, "slice number") == [f"{n}、" for n in range(1, 17)]
    chunk = chunk_with(document, "建立健全部门联席会议制度。")
    assert document.text[chunk.start : chunk.end].count("联席会\n6、议制度") == 1
    assert "工作。\n11、" not in "".join(chunk.text for chunk in document.chunks)


def test_changzhi_damaged_items_are_read(seed: Seed) -> None:
    document = seed("changzhi")
    assert headings(document, 1) == ["一、指导思想", "二、基本原则", "三、目标任务"]
    items = [section.label for section in document.sections if section.level == 2]
    assert items == ["(-)", "(二)", "()", "(四)", "(五)", *(f"{n} ." for n in range(1, 11)), "I1", "12 ."]


def test_changzhi_damage_is_cited_as_it_stands(seed: Seed) -> None:
    text = "".join(chunk.text for chunk in seed("changzhi").chunks)
    assert "(20232025年)" in text
    assert "I1持续加强基层组织建设" in text


def test_changzhi_stops_inside_item_12(seed: Seed) -> None:
    document = seed("changzhi")
    assert document.sections[-1].label == "12 ."
    assert document.chunks[-1].section == document.sections[-1].index
    assert not document.text.rstrip().endswith(("。", ")"))
