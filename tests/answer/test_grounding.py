from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings

from rag.answer.compared import Problem
from rag.answer.grounding import Support, SupportChecker
from rag.answer.prepared import Evidence
from rag.index.bundled_model import model_folder
from rag.index.embeddings import BundledEmbeddings
from rag.schema import Verdict

PLAN = Evidence(
    "到二〇二五年，全市网上可办率力争达到百分之九十八，平均跑动次数降到0.3次以下。"
    "企业应当在三十日内向市大数据局报告；市财政局不得收取费用，可以委托第三方评估。"
    "2022年底前由市大数据局建成统一政务云平台，2023年底前由市档案局建成数据目录。部分街道先行试点“一网通办”。",
    title="青山市数字政府建设方案",
    region="青山",
)
OTHER = Evidence("到2025年，全市网上可办率力争达到90%。", title="台州市数字政府建设方案", region="台州")


class NoModel(Embeddings):
    """Embeddings that must not be asked."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        raise AssertionError(texts)

    def embed_query(self, text: str) -> list[float]:
        raise AssertionError(text)


@pytest.fixture(scope="module")
def checker() -> SupportChecker:
    return SupportChecker(NoModel())


def kinds(support: Support) -> set[str]:
    return {problem.kind for problem in support.problems}


@pytest.mark.parametrize(
    "sentence",
    [
        "到二〇二五年，全市网上可办率力争达到百分之九十八，",
        "到2025年，全市网上可办率力争达到98%。",
        "到2025年，全市網上可辦率力爭達到98％。",
        "网上可办率的目标是到2025年达到98%。",
        "《青山市数字政府建设方案》提出，2022年底前由市大数据局建成统一政务云平台。[1]",
        "- 企业应当在30天内向市大数据局报告。[2][3]",
        "市财政局不得收取费用。",
        "市財政局不能收取費用。",
        "部分街道先行试点“一网通办”。",
    ],
)
def test_what_the_passage_says_in_whatever_style_is_supported(checker: SupportChecker, sentence: str) -> None:
    support = checker.check(sentence, [OTHER, PLAN])
    assert (support.verdict, support.passage, support.problems) == ("supported", 1, ())


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("到2025年，全市网上可办率力争达到89%。", "percentage"),
        ("到2035年，全市网上可办率力争达到98%。", "date"),
        ("到2025年，宁波网上可办率力争达到98%。", "place"),
        ("企业应当在30个工作日内向市大数据局报告。", "number"),
        ("2023年底前由市大数据局建成统一政务云平台。", "date"),
        ("市财政局可以收取费用。", "obligation"),
        ("市财政局应当委托第三方评估。", "obligation"),
        ("到2025年，全市网上可办率确保达到98%。", "obligation"),
        ("市财政局收取费用。", "negation"),
        ("市大数据局应当在三十日内向企业报告。", "order"),
        ("全部街道先行试点“一网通办”。", "words"),
        ("部分街道先行试点“一窗受理”。", "quotation"),
        ("《台州市数字政府建设方案》提出，企业应当在三十日内向市大数据局报告。", "name"),
    ],
)
def test_one_thing_changed_is_found_and_named(checker: SupportChecker, sentence: str, kind: str) -> None:
    support = checker.check(sentence, [PLAN])
    assert support.verdict == "unsupported"
    assert kind in kinds(support)


@pytest.mark.parametrize(
    ("text", "false", "true"),
    [
        ("稻农补贴为每户三百元。", "稻农补贴为每人三百元。", "稻农可获每户300元补贴。"),
        ("停车费为五元/小时。", "停车费为每天五元。", "停车费为每小时5元。"),
        ("馆长巡查库房，每周至少一次。", "馆长每月至少巡查库房一次。", "馆长每周至少巡查库房一次。"),
        ("完成改造的，给予单位5万元奖励。", "完成改造的，给予职工5万元奖励。", "完成改造的，给予单位50000元奖励。"),
        ("年内所有渡口实现视频监控。", "年内部分渡口实现视频监控。", "年内全部渡口实现视频监控。"),
        ("到2026年基本实现垃圾分类。", "到2026年全面实现垃圾分类。", "2026年基本实现垃圾分类。"),
        ("谋划建设“临湖书院”。", "已经建成“临湖书院”。", "计划建设“临湖书院”。"),
        ("船员取得证书后方可上船。", "船员先上船，再取得证书。", "船员先取得证书，再上船。"),
        (
            "农场聘用常驻技师的，奖励农场八千元。临时技师每年工作不少于十天。",
            "农场聘用临时技师的，奖励农场八千元。",
            "农场聘用常驻技师的，奖励农场8000元。",
        ),
    ],
)
def test_whom_how_often_how_far_and_when(checker: SupportChecker, text: str, false: str, true: str) -> None:
    verdicts = [support.verdict == "supported" for support in checker.check_all([false, true], [Evidence(text)])]
    assert verdicts == [False, True]


def test_a_year_of_the_title_is_not_the_year_of_a_task(checker: SupportChecker) -> None:
    plan = Evidence("到2020年，渡口实现视频监控。", title="松江渡口整治规划(2018-2022年)")
    sentences = ["到2022年，渡口实现视频监控。", "到2020年，渡口实现视频监控。"]
    assert [each.verdict for each in checker.check_all(sentences, [plan])] == ["unsupported", "supported"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2016年人口为185,525人。", "2016年人口约为18.55万人。"),
        ("建设“十五分钟健身圈”。", "建设“15分钟健身圈”。"),
        ("税率由省、自治区人民政府提出，报全国人大常委会备案。", "税率由各省、自治区人民政府提出。"),
        ("县（市、区）人民政府设立专项资金。", "县人民政府设立专项资金。"),
    ],
)
def test_another_way_of_writing_it_contradicts_nothing(checker: SupportChecker, text: str, sentence: str) -> None:
    assert checker.check(sentence, [Evidence(text)]).problems == ()


def test_words_that_only_moved_leave_a_doubt(checker: SupportChecker) -> None:
    text = "松江船厂下属的松江航运在2007年以两亿元（时值约三千万美元）的代价取得云岭港务10%股权。"
    support = checker.check("松江船厂下属的松江航运在2007年取得云岭港务10%股权。", [Evidence(text)])
    assert (support.verdict, {problem.sure for problem in support.problems}) == ("partly", {False})


def test_what_is_said_of_another_place_does_not_support(checker: SupportChecker) -> None:
    wenzhou = Evidence("一般企业投资项目审批最多80天。", title="溫州市优化营商环境方案", region="溫州")
    changzhi = Evidence("一般企业投资项目审批最多100天。", title="长治市优化营商环境方案", region="长治")
    sentences = ["温州的一般企业投资项目审批最多80天。", "长治的一般企业投资项目审批最多80天。"]
    verdicts = [support.verdict for support in checker.check_all(sentences, [changzhi, wenzhou])]
    assert verdicts == ["supported", "unsupported"]


def test_a_problem_names_what_is_claimed_and_what_is_there(checker: SupportChecker) -> None:
    support = checker.check("到2025年，全市网上可办率力争达到89%。", [PLAN])
    assert support.problems == (Problem("percentage", "89%", "98%"),)
    assert PLAN.text[support.start : support.end].startswith("到二〇二五年")


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("2022年底前由市大数据局建成统一政务云平台，并奖励前十名企业家。", "unsupported"),
        ("企业应当在三十日内向市大数据局报告，逾期的列入失信名单。", "partly"),
        ("鲸鱼在深海里睡觉。", "unsupported"),
    ],
)
def test_more_than_the_passage_says_is_not_supported(checker: SupportChecker, sentence: str, verdict: Verdict) -> None:
    assert checker.check(sentence, [PLAN]).verdict == verdict


def test_a_verbatim_sentence_gives_its_span(checker: SupportChecker) -> None:
    sentence = "市财政局不得收取费用，"
    start = PLAN.text.index(sentence)
    expected = Support("supported", 0, start, start + len(sentence), 1.0)
    assert checker.check(sentence, [PLAN]) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("不得收取费用。", "收取费用。"), ("不得销售、使用烟花。", "使用烟花。"), ("增长2.5%的企业。", "5%的企业。")],
)
def test_the_end_of_a_sentence_alone_may_say_something_else(checker: SupportChecker, text: str, sentence: str) -> None:
    assert checker.check(sentence, [Evidence(text)]).verdict == "unsupported"


def test_without_passages_or_words_nothing_is_supported(checker: SupportChecker) -> None:
    nothing = Support("unsupported", None, 0, 0, 0.0)
    assert checker.check_all(["任何事情。", "[1]"], []) == [nothing, nothing]
    assert checker.check("[1]", [PLAN]) == nothing
    assert checker.check_all([], [PLAN]) == []


def test_many_sentences_get_the_verdicts_they_get_alone(checker: SupportChecker) -> None:
    sentences = ["市财政局不得收取费用。", "市财政局可以收取费用。", "部分街道先行试点“一网通办”。"]
    alone = [checker.check(sentence, [PLAN, OTHER]) for sentence in sentences]
    assert checker.check_all(sentences, [PLAN, OTHER]) == alone
    assert checker.check_pairs([(sentence, [PLAN, OTHER]) for sentence in sentences]) == alone
    assert [support.verdict for support in alone] == ["supported", "unsupported", "supported"]


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("Enterprises must report to the municipal big data bureau within 30 days.", "supported"),
        ("Enterprises must report to the municipal big data bureau within 60 days.", "unsupported"),
        ("Enterprises in Ningbo must report to the municipal big data bureau within 30 days.", "unsupported"),
        ("Whales sleep in the deep sea.", "unsupported"),
    ],
)
def test_english_sentences_compare_by_numbers_places_and_meaning(
    model_home: Path, sentence: str, verdict: Verdict
) -> None:
    checker = SupportChecker(BundledEmbeddings(model_folder(model_home)))
    assert checker.check(sentence, [PLAN, OTHER]).verdict == verdict


def test_meaning_alone_makes_no_more_than_partly(model_home: Path) -> None:
    checker = SupportChecker(BundledEmbeddings(model_folder(model_home)))
    evidence = Evidence("毗连区的外部界限由国务院公布。企业应当公示菜价。")
    assert checker.check("Enterprises shall publicly display the prices of dishes.", [evidence]).verdict != "supported"
