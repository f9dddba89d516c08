from __future__ import annotations

import pytest

from rag.corpus.document import parse_document
from rag.corpus.loading import LoadedText


def outline(text: str, *, markdown: bool = False) -> list[str]:
    """Headings of ``text``, indented by level."""
    sections = parse_document(LoadedText(text, "utf-8", markdown=markdown), source="a").sections
    return ["  " * (section.level - 1) + section.heading for section in sections]


def owners(text: str) -> list[tuple[str, ...]]:
    """The path of each chunk's section."""
    document = parse_document(text, source="a", chunk_chars=2000)
    return [() if chunk.section is None else document.sections[chunk.section].path for chunk in document.chunks]


def test_parts_chapters_sections_and_articles_nest() -> None:
    text = (
        "第一编 总则\n第一分编 通则\n第一章 基本规定\n第一节 目的\n第一条 为了保护湿地，"
        "制定本法。\n第二条 本法适用于滩涂。\n"
        "第二节 范围\n第三条 范围由县级以上人民政府公布。\n第二章 管理\n"
        "第四条 管理机构负责巡护。\n第二编 分则\n第一章 处罚\n"
        "第五条 违反本法的，处以罚款。\n附则\n第六条 本法自公布之日起施行。\n"
    )
    assert outline(text) == [
        "第一编 总则",
        "  第一分编 通则",
        "    第一章 基本规定",
        "      第一节 目的",
        "        第一条",
        "        第二条",
        "      第二节 范围",
        "        第三条",
        "    第二章 管理",
        "      第四条",
        "第二编 分则",
        "  第一章 处罚",
        "    第五条",
        "  附则",
        "    第六条",
    ]


def test_the_headings_of_official_notices_nest_and_numbering_restarts_under_each_parent() -> None:
    text = (
        "一、总体要求\n(一)指导思想\n坚持系统治理。\n(二)工作目标\n明年建成。\n二、主要任务\n"
        "(一)改善水质\n1.截污纳管\n完成管网改造。\n"
        "2.清淤疏浚\n(1)干流\n分段清淤。\n(2)支流\n同步清淤。\n(二)修复岸线\n1.植绿\n种树。\n"
        "三、保障措施\n①组织\n成立专班。\n②资金\n列入预算。\n"
    )
    assert outline(text) == [
        "一、总体要求",
        "  (一)指导思想",
        "  (二)工作目标",
        "二、主要任务",
        "  (一)改善水质",
        "    1.截污纳管",
        "    2.清淤疏浚",
        "      (1)干流",
        "      (2)支流",
        "  (二)修复岸线",
        "    1.植绿",
        "三、保障措施",
        "  ①组织",
        "  ②资金",
    ]


def test_headings_in_traditional_characters() -> None:
    text = (
        "壹、總則\n第一條 為促進地方自治，制定本條例。\n第 2 條 主管機關為市政府。\n"
        "第 2-1 條 前條事項得委任區公所。\n第三條 本條例所稱里，指鄰以上之組織。\n"
        "貳、組織\n第四條 里置里長一人。\n附則\n第五條 本條例自公布日施行。\n"
    )
    assert outline(text) == [
        "壹、總則",
        "  第一條",
        "  第 2 條",
        "  第 2-1 條",
        "  第三條",
        "貳、組織",
        "  第四條",
        "附則",
        "  第五條",
    ]


def test_articles_inserted_later_follow_the_one_they_are_named_after() -> None:
    text = "第七条 甲事项。\n第七条之一 乙事项。\n第七条之二 丙事项。\n第八条 丁事项。\n"
    assert outline(text) == ["第七条", "第七条之一", "第七条之二", "第八条"]


@pytest.mark.parametrize(
    "line",
    [
        "第三条所称的从业人员，是指受雇的人员。",
        "第三条规定的事项由区政府办理。",
        "第五条第二款所列情形除外。",
        "第三条、第四条的规定不适用于个人。",
        "第三条和第五条另有规定的从其规定。",
        "第三条（二）项的情形除外。",
        "第三條所稱之從業人員，指受僱之人員。",
        "第二章的规定适用于前款情形。",
    ],
)
def test_a_cross_reference_at_the_start_of_a_line_is_no_heading(line: str) -> None:
    text = f"第一章 总则\n第一条 为了规范用工，制定本办法。\n第二条 本办法所称用工按照\n{line}\n第三条 用工应当备案。\n"
    assert outline(text) == ["第一章 总则", "  第一条", "  第二条", "  第三条"]


def test_a_cross_reference_in_running_text_is_no_heading() -> None:
    text = (
        "第一条 依照第二条的规定办理。第二条、第四章另有规定的除外。\n"
        "第二条 违反第一条、第三条规定的，依照第四章处理。\n"
    )
    assert outline(text) == ["第一条", "第二条"]


def test_articles_may_be_written_without_a_space_when_their_number_is_the_next() -> None:
    text = (
        "第一条为了加强管理，制定本办法。\n第二条本办法适用于本县。\n第三条规划由县政府编制。\n第九条本办法不适用。\n"
    )
    assert outline(text) == ["第一条", "第二条", "第三条"]


def test_a_chapter_may_be_written_without_a_space() -> None:
    text = "第一章总则\n第一条 甲。\n第二章规划与建设\n第二条 乙。\n第三章中介机构\n第三条 丙。\n"
    assert outline(text) == ["第一章总则", "  第一条", "第二章规划与建设", "  第二条", "第三章中介机构", "  第三条"]


def test_a_named_article_keeps_its_name() -> None:
    text = "第一条 【立法目的】 为了保护文物，制定本办法。\n第二条（适用范围）\n本办法适用于本市。\n"
    assert outline(text) == ["第一条 【立法目的】", "第二条（适用范围）"]


def test_numbered_lines_inside_an_article_are_list_items() -> None:
    text = (
        "第一条 有下列情形之一的，不予登记：\n（一）材料不全的；\n（二）超过期限的；\n"
        "1.首次；\n2.再次。\n第二条 登记免费。\n"
    )
    assert outline(text) == ["第一条", "第二条"]


def test_short_numbered_lines_after_a_colon_are_list_items() -> None:
    text = "一、申报材料\n申请人应当提交：\n1.身份证明；\n2.住所证明；\n3.登记表。\n二、办理时限\n五个工作日。\n"
    assert outline(text) == ["一、申报材料", "二、办理时限"]


def test_headings_inside_a_line_are_found_after_the_end_of_a_sentence_when_their_number_is_next() -> None:
    text = (
        "某县工作方案为了推进工作,制定本方案。一、指导思想坚持改革创新,服务群众。"
        "二、基本原则(一)坚持依法办事。依法决策。"
        "(二)坚持公开透明。按照第一条和一、二类标准公开。三、重点工作1.完善制度。建立清单。2.强化监督。每年检查3次。"
    )
    assert outline(text) == [
        "一、指导思想",
        "二、基本原则",
        "  (一)坚持依法办事",
        "  (二)坚持公开透明",
        "三、重点工作",
        "  1.完善制度",
        "  2.强化监督",
    ]


def test_a_heading_may_follow_the_text_without_a_space_or_a_full_point() -> None:
    text = (
        "关于河湖的报告 一、基本现状 全市有河流九条。1严格管控岸线。划定红线。2加快治理水体。"
        "消除黑臭。二、下步打算 继续努力。"
    )
    assert outline(text) == ["一、基本现状", "  1严格管控岸线", "  2加快治理水体", "二、下步打算 继续努力"]


def test_a_page_break_inside_a_heading_does_not_end_it() -> None:
    text = (
        "关于河湖的报告 一、全面体现人民当家 作主的重要标志 要坚持人民至上,依靠人民。"
        " 二、强化政治引领 夯实基础 坚持党的全面领导,广泛凝聚各方合力。"
        "坚持人民至上,依靠人民群众,形成共建共治共享的良好局面,不断开创工作的新境界。"
    )
    assert outline(text) == ["一、全面体现人民当家 作主的重要标志", "二、强化政治引领 夯实基础"]


@pytest.mark.parametrize(
    "counted", ["3个专项小组", "3月底前", "3年行动", "3名专员", "3万亩林地", "3%的比例", "3.5公里"]
)
def test_a_number_that_counts_something_is_no_heading(counted: str) -> None:
    text = f"一、任务\n1.造林。全面推进。\n2.护林。落实责任。{counted}完成。\n3.用林。适度利用。\n"
    assert outline(text) == ["一、任务", "  1.造林", "  2.护林", "  3.用林"]


def test_numbering_may_run_on_across_chapters() -> None:
    text = (
        "一、机制\n(一)联席会议。每月召开。\n(二)信息共享。每周通报。\n二、队伍\n(三)培训。"
        "每季一次。\n(四)考核。每年一次。\n"
    )
    assert outline(text) == ["一、机制", "  (一)联席会议", "  (二)信息共享", "二、队伍", "  (三)培训", "  (四)考核"]


def test_article_numbering_runs_on_across_chapters() -> None:
    text = "第一章 甲\n第一条 一。\n第二条 二。\n第二章 乙\n第三条 三。\n"
    assert outline(text) == ["第一章 甲", "  第一条", "  第二条", "第二章 乙", "  第三条"]


def test_what_a_scanner_did_to_a_number_is_read_as_the_next_number() -> None:
    text = (
        "一、原则\n(-)便民。方便群众。\n(二)高效。限时办结。\n()公开。全程公开。\n(四)廉洁。接受监督。\n二、任务\n"
        + "".join(f"{n} .办理第{n}类事项。逐项落实。(责任单位:第{n}科)" for n in range(1, 11))
        + "I1建立窗口,统一受理。(责任单位:大厅)12 .推行网办。全程网办。"
    )
    assert outline(text) == [
        "一、原则",
        "  (-)便民",
        "  (二)高效",
        "  ()公开",
        "  (四)廉洁",
        "二、任务",
        *(f"  {n} .办理第{n}类事项" for n in range(1, 11)),
        "  I1建立窗口,统一受理",
        "  12 .推行网办",
    ]


def test_brackets_in_a_sentence_are_no_scanned_number() -> None:
    text = "一、原则\n函数f()返回结果。()为空。区间为(-)。\n二、目标\n完成。\n"
    assert outline(text) == ["一、原则", "二、目标"]


def test_a_dash_line_of_its_own_heads_the_paragraph_below_and_a_long_one_is_an_item() -> None:
    goal = (
        "到二〇三〇年，全县森林覆盖率达到百分之六十五，湿地保护率达到百分之五十，自然岸线保有率不降低，水质全部达标。"
    )
    text = f"一、目标\n——生态更加优美。\n{goal}\n——生活更加富裕。\n{goal}\n二、措施\n——{goal}\n——{goal}\n"
    assert outline(text) == ["一、目标", "  ——生态更加优美", "  ——生活更加富裕", "二、措施"]


def test_first_second_third_lists_open_no_sections() -> None:
    text = (
        "一、做法\n一是建章立制。二是挂图作战。三是跟踪问效。其一，定人。其二，定责。\n"
        "一要学，二要做。\n二、成效\n明显。\n"
    )
    assert outline(text) == ["一、做法", "二、成效"]


def test_annexes_stand_beside_the_chapters() -> None:
    text = "第一章 总则\n第一条 甲。\n附件1\n登记表样式。\n附件2：\n目录。\n附录\n说明。\n"
    assert outline(text) == ["第一章 总则", "  第一条", "附件1", "附件2：", "附录"]


def test_a_sentence_that_begins_like_an_annex_is_text() -> None:
    text = "一、范围\n附件由县政府另行公布，随时更新。\n二、期限\n三年。\n"
    assert outline(text) == ["一、范围", "二、期限"]


def test_unnumbered_paragraphs_inherit_the_heading_above_them() -> None:
    text = "开头的话。\n一、总则\n(一)目的。为了发展。\n这一段没有编号。\n这一段也没有。\n(二)范围。全县。\n"
    assert owners(text) == [(), ("一、总则", "(一)目的"), ("一、总则", "(二)范围")]


def test_a_section_ends_before_the_next_one() -> None:
    text = "一、甲\n正文甲。\n(一)子\n正文子。\n二、乙\n正文乙。\n"
    sections = parse_document(text, source="a").sections
    assert [(s.heading, s.parent, s.level, text[s.start : s.end]) for s in sections] == [
        ("一、甲", None, 1, "一、甲\n正文甲。\n(一)子\n正文子。\n"),
        ("(一)子", 0, 2, "(一)子\n正文子。\n"),
        ("二、乙", None, 1, "二、乙\n正文乙。"),
    ]


def test_a_heading_longer_than_a_line_of_text_is_cut_at_its_first_clause() -> None:
    text = (
        "一、要求\n(一)各有关单位要于八月底前制定本方案的落实计划,细化目标、任务和责任主体,"
        "并按照年度向县政府报告推进落实的情况以备查验。责任到人。\n"
    )
    assert outline(text) == ["一、要求", "  (一)各有关单位要于八月底前制定本方案的落实计划…"]


def test_markdown_headings_open_sections_and_chapters_keep_their_rank() -> None:
    text = (
        "# 某市供水条例\n\n## 序言\n\n城市供水关系民生。\n\n## 第一章 总则\n\n第一条 为了供水，制定本条例。\n\n"
        "## 第一节 水源\n\n第二条 水源应当保护。\n\n## 附表\n\n名录。\n"
    )
    assert outline(text, markdown=True) == ["序言", "第一章 总则", "  第一条", "  第一节 水源", "    第二条", "附表"]


def test_markdown_headings_without_numbers_nest_by_their_level() -> None:
    text = "# 手册\n\n## 申请\n\n先申请。\n\n### 材料\n\n两份。\n\n### 时间\n\n三天。\n\n## 受理\n\n后受理。\n"
    assert outline(text, markdown=True) == ["申请", "  材料", "  时间", "受理"]


def test_markdown_headings_without_numbers_nest_by_their_level_among_chapters_too() -> None:
    text = (
        "# 法典\n\n# 物权编\n\n通过。\n\n## 第一分编 通则\n\n### 第一章 规定\n\n#### 定义\n\n"
        "第一条 甲。\n\n#### 范围\n\n第二条 乙。\n\n"
        "### 第二章 登记\n\n第三条 丙。\n"
    )
    assert outline(text, markdown=True) == [
        "物权编",
        "  第一分编 通则",
        "    第一章 规定",
        "      定义",
        "        第一条",
        "      范围",
        "        第二条",
        "    第二章 登记",
        "      第三条",
    ]


def test_a_number_sign_is_text_in_a_plain_file() -> None:
    assert outline("## 申请\n先申请。\n") == []
