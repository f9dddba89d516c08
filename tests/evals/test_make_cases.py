"""Drafted cases: what each rule makes of a sentence, which documents are held out, and that the drafts can be run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.cli import app
from evals.datasets import Case, Evidence, check_evidence, read_cases
from evals.draft_lists import item_key, lists
from evals.draft_rules import dates, definitions, fines, units
from evals.draft_text import Draft, Statement, bare, either, name_of
from evals.draft_values import values, years
from evals.folder import read_folder
from evals.make_cases import draft_cases, drafts_of, held_out_file, make_cases, write_drafts
from rag import Chatbot
from rag.corpus.document import parse_document
from rag.errors import DocumentError, DocumentNotFoundError, StorageError

SEEDS = Path(__file__).parent.parent.parent / "seeds"


def asked(rule: Callable[[Statement], Iterator[Draft]], text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    drafts = list(rule(Statement(text, 0, item=False)))
    assert all(draft.quotes == (text,) for draft in drafts)
    return [(draft.question, draft.answer, draft.keys) for draft in drafts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "力爭到2025年全市城市化率達72%以上,中心城區首位度大幅增強。",
            [("力爭到2025年全市城市化率達百分之多少以上", "72%", ("72%",))],
        ),
        ("建立信用档案，基本覆盖全部机构，实现公务人员建档率100%。", [
            ("基本覆盖全部机构，实现公务人员建档率达到百分之多少", "100%", ("100%",)),
        ]),
        (
            "市新闻出版部门应当自受理申请之日起二十日内，作出批准或者不予批准的决定。",
            [
                (
                    "市新闻出版部门应当自受理申请之日起多少日内，作出批准或者不予批准的决定",
                    "二十日",
                    ("二十日|20日",),
                )
            ],
        ),
        ("市政府每年确定10个左右重点课题，由各部门协同研究。", [
            ("市政府每年确定多少个重点课题", "10个左右", ("10个",)),
        ]),
        ("将公共服务方面 48 部热线全部纳入民情热线统一管理。", [
            ("将公共服务方面多少部热线全部纳入民情热线统一管理", "48部", ("48部",)),
        ]),
        ("机关基层党组织每年至少集中开展1次廉政专题学习。", [
            ("机关基层党组织每年至少集中开展几次廉政专题学习", "1次", ("1次",)),
        ]),
    ],
)  # fmt: skip
def test_a_value_is_asked_for_where_it_stands(text: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert asked(values, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "各级党组织要深入学习贯彻党的十九届四中全会精神，增强“四个意识”。",
        "人均耕地超过一亩的地区，每平方米的税额为八元至四十元。",
        "扎实开展安全生产专项整治三年行动，落实各方面的责任。",
        "根据《政府建设方案(2018-2022年)》和第三十三条的规定，做好各项工作。",
        "在街道下设1个办公室和多个专项工作组，由办公室统筹协调。",
        "初中以下学历者在全部农业从业人员中占比高达917%。",
        "违反本条例规定的，由公安机关责令改正，处一千元以上五千元以下罚款。",
        "其中不少于三十日的应当向社会公开征求意见建议。",
        "（未闭合的括号里有50个工作日的办理时限和其他规定。",
    ],
)
def test_what_is_no_value_to_ask_for(text: str) -> None:
    assert asked(values, text) == []


def test_a_list_item_is_not_asked_about_alone() -> None:
    text = "有不少于五十平方米的固定经营场所和完整的管理制度；"
    assert [draft.answer for draft in values(Statement(text, 0, item=False))] == ["五十平方米"]
    assert list(values(Statement(text, 0, item=True))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018年底前全面建立乡镇综合信息指挥室。", [("在哪一年底前全面建立乡镇综合信息指挥室", "2018年", ("2018年",))]),
        ("到2020年，政务服务事项全部实现掌上办理。", [
            ("到哪一年，政务服务事项全部实现掌上办理", "2020年", ("2020年",)),
        ]),
        (
            "到二O三五年,各方面制度更加完善更加成熟。",
            [("到哪一年,各方面制度更加完善更加成熟", "二O三五年", ("二O三五年|2035年",))],
        ),
        ("2018年起政府文件数量、会议数量原则上不得增加。", [
            ("从哪一年起政府文件数量、会议数量原则上不得增加", "2018年", ("2018年",)),
        ]),
        ("2018年我市认真落实了上级的各项决策和部署。", []),
        ("到2021年取得明显成效，到2035年基本实现社会治理现代化。", []),
    ],
)  # fmt: skip
def test_years_by_which_something_is_due(text: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert asked(years, text) == expected


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        (
            fines,
            "违反本条例第九条规定，未经许可擅自从事出版物批发业务的，由出版部门责令停止，处五千元以上三万元以下的罚款。",
            [
                (
                    "未经许可擅自从事出版物批发业务的，可以处多少罚款",
                    "五千元以上三万元以下罚款",
                    ("五千元|5000元", "三万元|3万元"),
                )
            ],
        ),
        (fines, "情节严重的，由市场监管部门吊销许可证，并处五万元以下罚款。", []),
        (dates, "本条例自2019年1月1日起施行。", [("{name}从什么时候起施行", "2019年1月1日", ("2019年1月1日",))]),
        (
            dates,
            "(2019年12月25日中国共产党遂宁市第七届委员会第九次全体会议通过)",
            [("{name}是哪一天通过的", "2019年12月25日", ("2019年12月25日",))],
        ),
        (dates, "企业自2019年1月1日起施行新的标准。", []),
        (
            definitions,
            "本条例所称出版物，是指图书、报纸、音像制品、电子出版物等。",
            [("{name}所称的“出版物”是指什么", "图书、报纸、音像制品、电子出版物等", ("音像制品", "电子出版物"))],
        ),
        (definitions, "出版物是指向社会公开发行的图书和报纸等等的东西。", []),
        (
            units,
            "布图设计的登记工作由国务院知识产权行政部门负责。",
            [("布图设计的登记工作由哪个部门负责", "国务院知识产权行政部门", ("国务院知识产权行政部门",))],
        ),
        (
            units,
            "就业困难人员的认定办法由设区的市人民政府制定。",
            [("就业困难人员的认定办法由谁制定", "设区的市人民政府", ("设区的市人民政府",))],
        ),
        (
            units,
            "市城市绿化行政主管部门负责全市的城市绿化工作。",
            [("哪个部门负责全市的城市绿化工作", "市城市绿化行政主管部门", ("市城市绿化行政主管部门",))],
        ),
        (units, "有关部门负责各自职责范围内的城市绿化工作。", []),
        (units, "构成违反治安管理行为的，由公安机关依法给予处罚。", []),
    ],
)  # fmt: skip
def test_set_phrases(
    rule: Callable[[Statement], Iterator[Draft]], text: str, expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert asked(rule, text) == expected


def test_enumerations_of_a_law() -> None:
    law = parse_document(
        "青山市出版物管理条例\n第一条 为了加强管理，制定本条例。\n第二条 从事批发业务的单位应当具备下列条件：\n"
        "（一）已完成市场主体登记；\n（二）有固定的经营场所；\n（三）有健全的管理制度；\n（四）法律规定的其他条件。\n"
        "第三条 有下列情形之一的，不予许可：\n（一）材料不全；\n（二）未按时申请；\n第四条 本条例自公布之日起施行。\n",
        source="law.txt",
    )
    assert [(draft.question, draft.answer, draft.keys, draft.quotes) for draft in lists(law)] == [
        (
            "从事批发业务的单位应当具备哪些条件",
            "已完成市场主体登记；有固定的经营场所；有健全的管理制度；法律规定的其他条件",
            ("已完成市场主体登记", "有固定的经营场所", "有健全的管理制度"),
            ("已完成市场主体登记", "有固定的经营场所", "有健全的管理制度"),
        )
    ]


def test_enumerations_of_a_policy() -> None:
    policy = parse_document(
        "青山市数字政府建设方案\n一、基本原则\n（一）坚持统筹规划。全市一张网。\n（二）坚持开放共享。数据多跑路。\n"
        "（三）坚持安全可控。守住底线。\n二、重点任务\n1.建设政务云平台。一是迁移部门系统；二是统一运维标准；"
        "三是开展安全测评。形成诗廉、书廉、莲廉“三廉一体”格局。（责任单位：市大数据局、市财政局，市级有关部门）\n",
        source="policy.txt",
    )
    assert [(draft.kind, draft.question, draft.answer, draft.keys) for draft in lists(policy)] == [
        (
            "list",
            "{name}的“基本原则”部分包括哪三个方面",
            "坚持统筹规划；坚持开放共享；坚持安全可控",
            ("坚持统筹规划", "坚持开放共享", "坚持安全可控"),
        ),
        (
            "list",
            "{name}在“建设政务云平台”方面讲了哪三点",
            "迁移部门系统；统一运维标准；开展安全测评",
            ("迁移部门系统", "统一运维标准", "开展安全测评"),
        ),
        ("list", "“三廉一体”具体指什么", "诗廉、书廉、莲廉", ("诗廉", "书廉", "莲廉")),
        (
            "unit",
            "“建设政务云平台”这项工作由哪些单位负责",
            "市大数据局、市财政局、市级有关部门",
            ("市大数据局", "市财政局"),
        ),
    ]


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ("有固定的经营场所，面积合计不少于五十平方米", "有固定的经营场所"),
        ("在执业活动中，人格尊严不受侵犯", "人格尊严不受侵犯"),
        ("有与拟从事活动相适应的并且经主管部门考核合格的专业技术人员", "专业技术人员"),
        ("由收养人所在单位出具的本人婚姻状况和抚养教育能力等情况的证明", None),
    ],
)
def test_the_key_of_a_list_item(item: str, key: str | None) -> None:
    assert item_key(item) == key


@pytest.mark.parametrize(
    ("value", "key"),
    [("98%", "98%"), ("五元", "五元|5元"), ("百分之二十", "百分之二十|20%"), ("两年", "两年|2年"), ("48 部", "48部")],
)
def test_a_key_has_both_kinds_of_digits(value: str, key: str) -> None:
    assert either(value) == key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第七条 从事批发", "从事批发"),
        ("（二）1.加强建设", "加强建设"),
        ("一是加强", "加强"),
        ("2018年实现", "2018年实现"),
        ("3个部门", "3个部门"),
    ],
)
def test_markers_are_taken_off(text: str, expected: str) -> None:
    assert bare(text) == expected


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("青山市气象条例", "《青山市气象条例》"),
        ("青山市人民政府关于印发数字政府建设方案的通知", "青山市《数字政府建设方案》"),
        ("青山市实施《气象法》办法", "《青山市实施〈气象法〉办法》"),
    ],
)
def test_how_a_question_names_a_document(title: str, name: str) -> None:
    assert name_of(parse_document("正文。", source="a.txt", overrides={"title": title})) == name


FIRST = "青山市气象条例\n第一条 气象灾害预警信息由市气象局统一发布。\n第二条 每个乡镇至少设立3个自动气象观测站点。\n"
SECOND = "臨水縣老年助餐服務辦法\n第一條 老年人到助餐點用餐的，每餐補助五元，按月發放到人。\n"
THIRD = "东河县环境规定\n第一条 排污单位的监测记录应当至少保存五年备查。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "mine"
    path.mkdir()
    for name, text in {"气象.txt": FIRST, "助餐.txt": SECOND, "环境.txt": THIRD}.items():
        (path / name).write_text(text, encoding="utf-8")
    (path / "空.txt").write_text("", encoding="utf-8")
    return path


def test_every_case_quotes_its_file_and_one_document_is_held_out(folder: Path) -> None:
    drafts = make_cases(folder, seed=2)
    (source,) = drafts.held_out
    assert [failure.path for failure in drafts.failures] == [str(folder / "空.txt")]
    assert [case.id for case in drafts.cases] == [f"draft-{n:04}" for n in range(1, len(drafts.cases) + 1)]
    answerable = [case for case in drafts.cases if case.answerable]
    evidence = [item for case in answerable for item in case.evidence]
    assert {item.source for item in evidence} == {"气象.txt", "助餐.txt", "环境.txt"} - {source}
    assert [item for item in evidence if item.quote not in (folder / item.source).read_text(encoding="utf-8")] == []
    unanswerable = [case for case in drafts.cases if not case.answerable]
    assert unanswerable
    assert {(case.type, case.answer_keys, case.evidence) for case in unanswerable} == {("unanswerable", (), ())}
    assert all(source in case.answer for case in unanswerable)


def test_a_case_in_the_script_of_its_document(folder: Path) -> None:
    documents, _ = read_folder(folder)
    cases = draft_cases([document for document in documents if document.source == "助餐.txt"], per_document=5)
    (case,) = (case for case in cases if "五元" in case.answer)
    assert case.question.endswith("老年人到助餐點用餐的，每餐補助多少元？")
    assert "《臨水縣老年助餐服務辦法》" in case.question
    assert (case.type, case.script, case.answer, case.answer_keys) == ("fact", "hant", "五元", ("五元|5元",))
    assert case.evidence == (Evidence("助餐.txt", "老年人到助餐點用餐的，每餐補助五元，按月發放到人。"),)


def test_the_same_seed_draws_the_same_cases_and_no_more_than_wanted() -> None:
    documents, _ = read_folder(SEEDS)
    three = draft_cases(documents, per_document=3, seed=1)
    assert three == draft_cases(documents, per_document=3, seed=1)
    assert three != draft_cases(documents, per_document=3, seed=2)
    by_source = [sum(case.evidence[0].source == document.source for case in three) for document in documents]
    assert by_source == [3, 3, 3, 3, 3]
    quotes = [item.quote for case in three for item in case.evidence]
    assert len(set(quotes)) == len(quotes)


def test_versions_of_a_document_are_named_by_their_files() -> None:
    versions = [parse_document(THIRD, source=name) for name in ("规定(2010).txt", "规定(2020).txt")]
    questions = {case.question for case in draft_cases(versions, per_document=5)}
    assert {question[question.index("《") : question.index("》")] for question in questions} == {
        "《规定(2010)",
        "《规定(2020)",
    }


def test_a_question_that_two_documents_raise_is_left_out() -> None:
    document = parse_document(THIRD, source="a/规定.txt")
    copy = parse_document(THIRD, source="b/规定.txt")
    assert draft_cases([document], per_document=5) != []
    assert {case.question.split("，", 1)[0] for case in draft_cases([document, copy], per_document=1)} <= {
        "根据《规定》", "按照《规定》", "《规定》规定",
    }  # fmt: skip


def test_drafts_of_the_seeds_pass_the_validation(seeds_bot: Chatbot, tmp_path: Path) -> None:
    drafts = make_cases(SEEDS)
    write_drafts(drafts, tmp_path / "cases.jsonl")
    cases = read_cases(tmp_path / "cases.jsonl")
    assert cases == list(drafts.cases)
    check_evidence(cases, seeds_bot)
    assert held_out_file(tmp_path / "cases.jsonl").read_text(encoding="utf-8").split() == list(drafts.held_out)
    for case in cases:
        assert all(any(key in case.answer for key in keys.split("|")) for keys in case.answer_keys), case


def test_every_kind_of_draft_is_found_in_the_seeds() -> None:
    documents, _ = read_folder(SEEDS)
    kinds = {draft.kind for document in documents for draft in drafts_of(document)}
    assert kinds == {"number", "limit", "date", "unit", "list"}  # fines and definitions are the business of laws


def test_two_documents_are_too_few_to_hold_one_out(folder: Path) -> None:
    (folder / "环境.txt").unlink()
    assert make_cases(folder).held_out == ()


def test_the_command_says_that_they_are_drafts(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "cases.jsonl"
    result = CliRunner().invoke(app, ["make-cases", str(folder), "--out", str(out), "--per-document", "1"])
    assert result.exit_code == 0, result.output
    assert "These are DRAFTS made by rules." in result.stderr
    assert "空.txt is empty" in result.stderr
    assert str(held_out_file(out)) in result.stderr
    assert [case.id for case in read_cases(out)] == ["draft-0001", "draft-0002", "draft-0003"]
    assert all(isinstance(case, Case) for case in read_cases(out))


def test_folders_without_documents(tmp_path: Path) -> None:
    with pytest.raises(DocumentNotFoundError, match="no such file or folder"):
        make_cases(tmp_path / "nowhere")
    with pytest.raises(DocumentError, match="no document in the folder"):
        make_cases(tmp_path)
    (tmp_path / "a.txt").write_text("甲。", encoding="utf-8")
    (tmp_path / "metadata.yaml").write_text("a.txt: {skip: true}", encoding="utf-8")
    with pytest.raises(DocumentError, match="skipped by its metadata"):
        make_cases(tmp_path)


def test_a_file_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        write_drafts(make_cases(folder), tmp_path)
