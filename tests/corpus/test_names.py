from __future__ import annotations

import pytest

from rag.corpus.names import issuer_key, number_key, region_key, work_key


@pytest.mark.parametrize(
    "number",
    [
        "温政发〔2018〕14号",
        "溫政發〔2018〕14號",
        "温政发[2018]14号",
        "温政发【２０１８】第１４号",
        "温政发（2018） 14 号",
    ],
)
def test_a_number_in_any_spelling(number: str) -> None:
    assert number_key(number) == "温政发(2018)14号"


def test_numbers_that_differ() -> None:
    assert number_key("温政发〔2018〕4号") != number_key("温政发〔2018〕14号")


@pytest.mark.parametrize(
    ("issuer", "key"),
    [
        ("温州市人民政府", "温州市政府"),
        ("中國共產黨溫州市第十二屆委員會第九次全體會議", "中共温州市委"),
        ("中共温州市委", "中共温州市委"),
        ("第八届全国人民代表大会常务委员会", "全国人大常委会"),
    ],
)
def test_an_office_in_its_short_form(issuer: str, key: str) -> None:
    assert issuer_key(issuer) == key


@pytest.mark.parametrize(
    ("region", "key"),
    [("溫州市", "温州"), ("温州", "温州"), ("广西壮族自治区", "广西壮族"), ("沙市", "沙市"), ("市", "市"), ("", "")],
)
def test_a_place_without_its_kind(region: str, key: str) -> None:
    assert region_key(region) == key


@pytest.mark.parametrize(
    ("title", "work"),
    [
        ("中华人民共和国公司法", "公司法"),
        ("《中华人民共和国公司法》（2018年修正）", "公司法"),
        ("公司法（2018）", "公司法"),
        ("公司法2018修正版", "公司法"),
        ("中華人民共和國公司法（試行）", "公司法"),
        ("上海市住宅物业管理规定(2010-12-23)", "上海市住宅物业管理规定"),
        ("上海市住宅物业管理规定（2010年12月23日修订）", "上海市住宅物业管理规定"),
        ("规定（一）（2022年修正）", "规定(一)"),
        ("温州市人民政府关于印发《人才住房办法（试行）》的通知", "温州市人民政府关于印发人才住房办法"),
        ("民法典", "民法典"),
        ("任免国家机关工作人员条例", "任免国家机关工作人员条例"),
        ("实施方案（2018年修订）", "实施方案"),
        ("实施方案（2018年）", None),
        ("实施方案(2018-2022年)", None),
        ("关于修改《公司法》的决定", None),
        ("刑法修正案（十）", None),
        ("关于做好春节放假工作的通知", None),
        ("2019年政府工作报告", None),
        ("网格化治理的经验做法", None),
        ("公司法（修订草案）", None),
        ("", None),
    ],
)
def test_what_all_versions_are_called(title: str, work: str | None) -> None:
    assert work_key(title) == work
