from __future__ import annotations

import pytest

from rag.corpus.document import parse_document
from rag.corpus.loading import LoadedText

SLICE = "各乡镇要落实河长职责,定期巡河,发现问题及时处置,做到守水有责、管水担责、护水尽责,推动水环境质量持续改善"


def kept(text: str, *, markdown: bool = False) -> str:
    """What the chunks of ``text`` hold, one a line."""
    return "\n".join(
        chunk.text for chunk in parse_document(LoadedText(text, "utf-8", markdown=markdown), source="a").chunks
    )


def removed(text: str, *, markdown: bool = False) -> list[tuple[str, str]]:
    """Kind and words of what was taken out of ``text``, white space aside."""
    furniture = parse_document(LoadedText(text, "utf-8", markdown=markdown), source="a").furniture
    return [(span.kind, text[span.start : span.end].strip()) for span in furniture if span.kind != "blank"]


BODY = "为推进河湖治理，制定本方案。\n一、目标\n水质达标。\n二、措施\n清理岸线。\n"


@pytest.mark.parametrize(
    "line",
    [
        "2021年11月23日09:05 來源:中國新聞網",
        "2021年1月3日 9:05 来源：新华网",
        "2019-08-15 10:20:33",
        "时间：2019-08-15 10:20:33",
        "浏览量:  1024   时间:2018-07-04 05:07:32",
        "发布时间：2019-08-15 来源：县政府办",
        "来源：县政府网站 作者：张三 浏览次数：25",
        "当前位置：首页 > 政务公开 > 规划计划",
        "《某县河湖治理工作方案.docx》由会员分享,可在线阅读,"
        "更多相关《某县河湖治理工作方案.docx(6页珍藏版)》请在某某文库网上搜索。",
        "声明：本站资料由用户上传，如有侵权请联系本站。",
        "文档介绍",
    ],
)
def test_the_lines_a_site_puts_above_a_document_are_removed(line: str) -> None:
    assert removed(f"{line}\n{BODY}") == [("web header", line)]
    assert kept(f"{line}\n{BODY}") == kept(BODY)


@pytest.mark.parametrize(
    "line",
    [
        "2021年11月23日，县政府召开会议，研究部署河湖治理工作。",
        "来源于农业的污染应当控制。",
        "时间安排从三月到五月。",
        "(2019年12月25日某县第十届人民代表大会第九次会议通过)",
        "县政府办公室2021年11月23日印发",
        "时间：2021年11月23日上午9:00",
    ],
)
def test_a_line_of_the_document_that_begins_alike_is_kept(line: str) -> None:
    assert removed(f"{line}\n{BODY}") == []


FOOTER = (
    "微信公众号：某某之声\n扫描二维码 关注我们\n电话：(010)1234567\n电子信箱：\n"
    "editor@example.com\n本文链接：//www.example.com/rule/1.html\n本文关键词: 温州市\n"
    "Copyright 2021 某某网 版权所有\n"
)


def test_the_lines_a_site_puts_below_a_document_are_removed() -> None:
    assert removed(BODY + "\n\n" + FOOTER) == [("site footer", line) for line in FOOTER.splitlines()]
    assert kept(BODY + FOOTER) == kept(BODY)


@pytest.mark.parametrize(
    "line",
    [
        "通过微信公众号和二维码推广巡河成果。",
        "三、开通微信公众号，扫码举报",
        "附件：二维码申领流程",
        "来源追溯和责任认定",
    ],
)
def test_a_last_line_about_the_documents_own_matters_is_kept(line: str) -> None:
    assert removed(BODY + line) == []
    assert kept(BODY + line).endswith(line)


def test_footer_lines_in_the_middle_are_kept() -> None:
    text = BODY + "微信公众号：某某之声\n三、附则\n本方案自印发之日起施行。\n"
    assert removed(text) == []
    assert "微信公众号：某某之声" in kept(text)


def test_a_notice_keeps_its_own_telephone_number() -> None:
    text = BODY + "联系人：李四\n联系电话：0577-88881234\n电子邮箱：water@example.gov.cn\n"
    assert removed(text) == []
    assert kept(text).endswith("联系人：李四\n联系电话：0577-88881234\n电子邮箱：water@example.gov.cn")


@pytest.mark.parametrize("note", ["(摘自某县新闻网)", "（来源：某县发布）", "来源：某县人民政府网站", "(轉自某縣日報)"])
def test_the_note_that_names_the_source_is_removed_and_reported(note: str) -> None:
    assert removed(BODY + note) == [("source note", note)]


def test_a_title_said_again_is_removed_where_it_says_no_more() -> None:
    text = "《某县人民政府关于河湖治理的通知》\n浏览量：3\n某县人民政府关于河湖治理的通知\n某政发〔2020〕3号\n" + BODY
    assert removed(text) == [("repeated title", "《某县人民政府关于河湖治理的通知》"), ("web header", "浏览量：3")]


def test_a_title_is_not_said_again_by_its_issuers_signature() -> None:
    text = (
        "某省某市人民政府办公室关于印发方案的通知\n各县区：\n现印发给你们。\n某省某市人民政府办公室\n2020年3月5日\n"
        + BODY
    )
    assert removed(text) == []
    assert parse_document(text, source="a").metadata.title == "某省某市人民政府办公室关于印发方案的通知"


def sliced(text: str, every: int) -> str:
    """``text`` as a document-sharing site shows it."""
    starts = range(0, len(text), every)
    return "\n".join(f"{number}、{text[start : start + every]}" for number, start in enumerate(starts, start=1))


@pytest.mark.parametrize("every", [120, 257, 300, 500])
def test_slice_numbers_are_removed_and_the_lines_joined_with_nothing(every: int) -> None:
    whole = "某县河湖长制工作方案。" + "".join(f"{SLICE}({n}类)。" for n in range(60))
    assert kept(sliced(whole, every)).replace("\n", "") == whole
    count = len(range(0, len(whole), every))
    assert removed(sliced(whole, every)) == [("slice number", f"{n}、") for n in range(1, count + 1)]


def test_slice_numbers_are_removed_where_blank_lines_stand_between() -> None:
    whole = "某县河湖长制工作方案。" + "".join(f"{SLICE}({n}类)。" for n in range(60))
    assert kept(sliced(whole, 300).replace("\n", "\r\n\r\n")).replace("\n", "") == whole


def test_a_number_that_is_not_the_next_slice_is_text() -> None:
    whole = "".join(f"{SLICE}({n}类)。" for n in range(40))
    text = sliced(whole, 300).replace("\n3、", "\n33、", 1)
    assert "33、" in kept(text)


@pytest.mark.parametrize(
    "items",
    [
        ["身份证", "户口本", "申请表", "照片"],  # no full points
        ["提交申请；", "受理审查；", "公示；", "发证。"],
        [f"{SLICE * 4}。"] * 4,  # long items, each a sentence
        ["县政府办公室牵头,各乡镇配合", "县水利局牵头", "县财政局牵头", "县审计局牵头"],
    ],
)
def test_a_genuine_numbered_list_keeps_its_numbers(items: list[str]) -> None:
    text = "办理材料如下\n" + "".join(f"{n}、{item}\n" for n, item in enumerate(items, start=1))
    assert removed(text) == []
    assert all(f"{n}、{item}" in kept(text) for n, item in enumerate(items, start=1))


def test_angle_brackets_are_text() -> None:
    text = "一、责任\n市政府各部门党委<党组>、乡镇‹街道›负责，<b>粗体</b>，3<5。<!-- 不是注释 -->\n二、期限\n年底。\n"
    assert removed(text) == []
    assert "党委<党组>、乡镇‹街道›负责，<b>粗体</b>，3<5。<!-- 不是注释 -->" in kept(text)


def test_padding_and_blank_lines_are_removed_and_one_line_break_stays() -> None:
    text = "\n\n\u00a0\u00a0第一段。\u3000 \r\n\r\n \u00a0\r\n\u3000\u3000第二段  有空格。\t\n\n"
    assert kept(text) == "第一段。\n第二段  有空格。"


def test_markdown_marks_are_removed_from_markdown_only() -> None:
    text = "# 某市规定\n\n<!-- INFO\nEND -->\n\n## 第一章 总则\n\n第一条 甲。\n"
    assert removed(text, markdown=True) == [
        ("markup", "#"),
        ("title", "某市规定"),
        ("markup", "<!-- INFO\nEND -->"),
        ("markup", "##"),
    ]
    assert removed(text) == []


def test_an_unfinished_comment_is_text() -> None:
    assert kept("甲。<!-- 乙。", markdown=True) == "甲。<!-- 乙。"
