from __future__ import annotations

import pytest

from rag.corpus.document import parse_document
from rag.corpus.loading import LoadedText
from rag.corpus.metadata import apply_overrides
from rag.errors import ConfigurationError
from rag.schema import Metadata

BODY = "第一条 为了规范管理，制定本条例。\n第二条 本条例自2031年1月1日起施行。\n"


def metadata(text: str, *, markdown: bool = False) -> Metadata:
    return parse_document(LoadedText(text, "utf-8", markdown=markdown), source="a").metadata


@pytest.mark.parametrize(
    ("name", "head", "issued", "published"),
    [
        ("治理条例(2019-04-02).md", "", "2019-04-02", None),
        ("laws/治理条例（2019-04-02）.txt", "", "2019-04-02", None),
        ("治理条例(2019-04-02).md", "（2018年3月1日通过）\n", "2018-03-01", None),
        ("治理条例(2019-04-02).md", "时间:2018-07-04 05:07:32\n", None, "2018-07-04"),
        ("治理条例 2019-04-02.md", "", None, None),
        ("治理条例(20190402).md", "", None, None),
    ],
)
def test_the_date_of_a_file_name_counts_when_the_text_has_none(
    name: str, head: str, issued: str | None, published: str | None
) -> None:
    found = parse_document(f"治理条例\n{head}{BODY}", source=name).metadata
    assert (found.issued, found.published) == (issued, published)


def test_a_notice() -> None:
    text = (
        "宁波市人民政府关于印发河湖治理方案的通知\n浏览量:3  时间:2021-07-04 05:07:32\n"
        "甬政发〔2021〕9号\n各区县(市):\n现将方案印发给你们。\n"
        "宁波市人民政府\n2021年6月20日\n一、目标\n水清。\n"
    )
    assert metadata(text) == Metadata(
        title="宁波市人民政府关于印发河湖治理方案的通知",
        issuer="宁波市人民政府",
        number="甬政发〔2021〕9号",
        issued="2021-06-20",
        published="2021-07-04",
        region="宁波",
        script="hans",
    )


def test_a_law_with_its_history() -> None:
    text = (
        "# 苏州市湿地保护条例\n\n2011年10月27日 苏州市第十四届人民代表大会常务委员会第三十次会议通过\n\n"
        "2018年8月29日 苏州市第十六届人民代表大会常务委员会第十四次会议通过并经"
        "2018年9月21日江苏省第十三届人民代表大会常务委员会第五次会议批准的"
        "《关于修改〈苏州市国土绿化条例〉等十三件地方性法规的决定》修正\n\n2019年1月1日 施行\n\n" + BODY
    )
    assert metadata(text, markdown=True) == Metadata(
        title="苏州市湿地保护条例",
        issuer="苏州市第十四届人民代表大会常务委员会",
        issued="2018-09-21",
        region="苏州",
        script="hans",
    )


@pytest.mark.parametrize(
    ("lines", "issued"),
    [
        ("2001年2月10日通过 2003年4月18日修正  2017年1月20日第五次会议修订", "2017-01-20"),
        ("（二〇〇九年三月五日县人民代表大会通过）", "2009-03-05"),
        ("(2019年12月25日全体会议通过，自2020年2月1日起施行)", "2019-12-25"),
        ("1984年1月7日 国务院\n中央军委发布", "1984-01-07"),
        ("2021年1月24日 国务院令第736号公布\n2021年3月1日 施行", "2021-01-24"),
        ("2021年6月20日", "2021-06-20"),
        ("民國110年6月20日", None),
        ("2021年3月1日 施行", None),
        ("2020年3月，县政府发布了新规划，全面推进。", None),
        ("", None),
    ],
)
def test_issued_is_the_last_date_on_which_the_text_was_passed_or_amended(lines: str, issued: str | None) -> None:
    assert metadata(f"某县湿地保护条例\n{lines}\n{BODY}").issued == issued


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("温政发〔2018〕14号", "温政发〔2018〕14号"),
        ("府办发[2020]3号", "府办发[2020]3号"),
        ("法释（2023）2号", "法释（2023）2号"),
        ("国务院令第 736 号", "国务院令第 736 号"),
        ("2002年8月3日 中华人民共和国国务院令第三百五十八号公布", "中华人民共和国国务院令第三百五十八号"),
        ("按照县政发〔2019〕7号文件的安排，结合我县实际制定本方案。", None),
    ],
)
def test_a_number_stands_on_a_line_of_its_own(line: str, number: str | None) -> None:
    assert metadata(f"某县湿地保护条例\n{line}\n{BODY}").number == number


@pytest.mark.parametrize(
    ("title", "region"),
    [
        ("杭州市城市更新条例", "杭州"),
        ("浙江省实施《中华人民共和国水法》办法", "浙江"),
        ("广西壮族自治区乡村振兴条例", "广西壮族"),
        ("深圳经济特区绿色金融条例", "深圳"),
        ("中共嘉兴市委关于加强基层治理的决定", "嘉兴"),
        ("臺北市政府資訊公開辦法", "臺北"),
        ("本溪市水污染防治条例", "本溪"),
        ("北京市东城区街道办事处工作规则", "北京"),
        ("中华人民共和国城市维护建设税法", None),
        ("最高人民法院关于适用公司法的规定", None),
        ("关于市人民政府向市人民代表大会报告工作的规定", None),
        ("城市道路管理条例", None),
        ("农村社区建设规划", None),
        ("加快推进市域社会治理现代化实施方案", None),
        ("推进市场监管改革工作方案", None),
        ("全国年节及纪念日放假办法", None),
        ("我市数字政府建设方案", None),
    ],
)
def test_region(title: str, region: str | None) -> None:
    assert metadata(f"{title}\n{BODY}").region == region


@pytest.mark.parametrize(
    ("title", "issuer"),
    [
        ("绍兴市人民政府关于印发方案的通知", "绍兴市人民政府"),
        ("绍兴市人民政府办公室关于印发方案的通知", "绍兴市人民政府办公室"),
        ("最高人民法院关于适用公司法的规定", "最高人民法院"),
        ("中共绍兴市委关于基层治理的决定", "中共绍兴市委"),
        ("绍兴市湿地保护条例", None),
    ],
)
def test_issuer(title: str, issuer: str | None) -> None:
    assert metadata(f"{title}\n{BODY}").issuer == issuer


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (f"2020年01月06日17:30 來源:中國網\n{BODY}", "中國網"),
        (f"2020年01月06日17:30 来源：新华网\n{BODY}", "新华网"),
        (f"{BODY}(摘自绍兴新闻网)", "绍兴新闻网"),
        (f"{BODY}（转自：绍兴日报）", "绍兴日报"),
        (f"{BODY}申请人应当提交收入来源证明。", None),
    ],
)
def test_origin(text: str, origin: str | None) -> None:
    assert metadata(text).origin == origin


def test_what_the_text_does_not_say_is_unknown() -> None:
    assert metadata("一、目标\n水清。\n二、措施\n截污。\n") == Metadata(script="hans")


def test_a_sidecar_entry_adds_and_corrects() -> None:
    found = Metadata(title="甲", region="乙", script="hans")
    overrides = {"title": "丙", "issued": "2020-01-01", "region": None, "encoding": "gbk"}
    assert apply_overrides(found, overrides, name="a.txt") == Metadata(title="丙", issued="2020-01-01", script="hans")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"titel": "甲"}, r"metadata\.yaml, a\.txt: unknown key 'titel'\. Known: .*title"),
        ({"issued": 2020}, r"metadata\.yaml, a\.txt: issued = 2020 is not text\. Put it in quotes"),
    ],
)
def test_a_sidecar_entry_that_makes_no_sense_is_refused(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        apply_overrides(Metadata(), overrides, name="a.txt")
