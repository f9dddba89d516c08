from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.corpus.document import ReadLimits, parse_document, read_document
from rag.corpus.numerals import parse_numeral
from rag.corpus.script import to_traditional
from rag.corpus.sidecar import read_sidecar
from rag.index.catalog import Catalog
from rag.retrieval.references import Located, locate

ROOT = Path(__file__).parent.parent.parent
LAWS = sorted((ROOT / "tests" / "corpus" / "laws").glob("*.md"))
PAPERS = {
    "公司条例2018.txt": """青山市公司登记条例
（2018年3月1日青山市人民代表大会通过）
第一条 为了登记公司，制定本条例。
第二条 旧的登记费为十元。
第三条 本条例自公布之日起施行。
""",
    "公司条例2022.txt": """青山市公司登记条例
（2022年5月1日青山市人民代表大会修订）
第一条 为了登记公司，制定本条例。
第二条 新的登记费为五元。
第二条之一 小微企业免收登记费。
第三条 本条例自公布之日起施行。
第四条 本条例由市政府解释。
""",
    "办法.txt": """臨水縣老年助餐服務辦法
第一條 為了方便老年人用餐，制定本辦法。
第二條 本縣老年人可以用餐：
（一）年滿六十周歲的；
（二）經評估失能的。
特殊情形由民政局決定。
第三條 每餐補助五元。
""",
    "合同条例.txt": """青山市劳动合同条例
第一条 本条例适用于劳动合同。
第二条 劳动合同应当书面订立。
""",
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """The seeds and eight real laws."""
    catalog = Catalog(tmp_path_factory.mktemp("references") / "catalog.db")
    overrides = read_sidecar(ROOT / "seeds")
    for path in [*sorted((ROOT / "seeds").glob("*.txt")), *LAWS]:
        document = read_document(path, source=path.name, limits=ReadLimits(), overrides=overrides.get(path.name, {}))
        catalog.put(document, path=str(path))
    yield catalog
    catalog.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Catalog]:
    """Four short documents, two of them versions of one."""
    catalog = Catalog(tmp_path / "catalog.db")
    for name, text in PAPERS.items():
        catalog.put(parse_document(text, source=name), path=f"/{name}")
    yield catalog
    catalog.close()


def texts(located: Located, catalog: Catalog) -> list[str]:
    found = catalog.chunks(located.chunk_ids)
    return [found[each].text for each in located.chunk_ids]


def articles(located: Located, catalog: Catalog) -> list[str]:
    """The heading that each chunk located stands under."""
    found = catalog.chunks(located.chunk_ids)
    return [found[each].path[-1] for each in located.chunk_ids]


@pytest.mark.parametrize(
    "question",
    [
        "《教师资格条例》第四条",
        "教师资格条例第4条讲了什么？",
        "請問教師資格條例第 ４ 條是什麼",
        "根据教师资格条例的第四条，教师资格分几种？",
        "中华人民共和国国务院令第188号第四条",
        "国务院令第188号第四条",
        "「教師資格條例」第四條",
        "What does article 4 of the 教师资格条例 say?",
        "《教师资格条例》第二章第四条",
        "教师资格条例规定的第四条",
    ],
)
def test_an_article_in_any_spelling(question: str, catalog: Catalog) -> None:
    located = locate(question, catalog)
    assert located.reference == "教师资格条例 › 第四条"
    assert located.sources == {"教师资格条例(1995-12-12).md"}
    assert [text[:30] for text in texts(located, catalog)] == [
        "第二章 教师资格分类与适用\n第四条 教师资格分为：\n(一)幼"
    ]
    assert located.missing is None


def test_a_title_without_what_stands_before_it(catalog: Catalog) -> None:
    located = locate("监督法第十二条", catalog)
    assert located.reference == "中华人民共和国各级人民代表大会常务委员会监督法 › 第十二条"
    assert locate("《监督法》第十二条", catalog) == located
    assert locate("《中华人民共和国各级人民代表大会常务委员会监督法》第12条", catalog) == located


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ("温政发〔2018〕14号第二部分第(三)项", "二、主要工作任务 › (三)大力实施政府执行力提升行动"),
        (
            "請問溫政發［2018］第14號二、（三）2.",
            "二、主要工作任务 › (三)大力实施政府执行力提升行动 › 2.实行重点工作清单管理",
        ),
        ("温州方案第三部分讲什么", "三、工作保障措施"),
        ("《政府“两强三提高”建设实施方案》第一部分", "一、总体目标要求"),
    ],
)
def test_parts_of_a_paper_by_number_or_by_place_and_kind(question: str, reference: str, catalog: Catalog) -> None:
    title = "温州市人民政府关于印发政府“两强三提高”建设实施方案(2018-2022年)的通知"
    located = locate(question, catalog)
    assert located.reference == f"{title} › {reference}"
    assert located.sources == {"wenzhou-government-improvement-plan-2018.txt"}


def test_simplified_and_traditional_ask_for_the_same(catalog: Catalog) -> None:
    question = "温州市委决定第三部分"
    located = locate(question, catalog)
    assert (
        located.reference == "中共溫州市委關於高水平推進市域治理現代化的決定 › 三、高水平推進市域治理現代化的組織保障"
    )
    assert locate(to_traditional(question), catalog) == located


def test_a_section_is_all_its_chunks_in_order(catalog: Catalog) -> None:
    located = locate("温州决定第三部分", catalog)
    document = catalog.get("wenzhou-governance-decision-2020.txt")
    section = next(each for each in document.sections if each.label == "三、")
    assert located.chunk_ids == tuple(each.chunk_id for each in document.chunks if each.start >= section.start)


def test_a_number_that_the_scan_damaged(catalog: Catalog) -> None:
    located = locate("长治方案第三部分第11项", catalog)
    assert (located.reference or "").endswith("› 三、目标任务 › I1持续加强基层组织建设…")


def test_several_references_take_turns(catalog: Catalog) -> None:
    located = locate("《教师资格条例》第三章和第十八条，与监督法第6条有什么不同？", catalog)
    assert located.reference == (
        "教师资格条例 › 第三章 教师资格条件; 教师资格条例 › 第十八条; "
        "中华人民共和国各级人民代表大会常务委员会监督法 › 第六条"
    )
    assert articles(located, catalog) == ["第六条", "第十八条", "第六条", "第七条"]


def test_a_number_outside_the_document_is_missing(catalog: Catalog) -> None:
    source = frozenset({"教师资格条例(1995-12-12).md"})
    sentence = "资料中的《教师资格条例》没有第二百条,只有第一条至第二十三条。"
    assert locate("《教师资格条例》第200条", catalog) == Located(missing=sentence, sources=source)
    assert locate("教師資格條例第二百條說什麼", catalog).missing == to_traditional(sentence)
    assert locate("《教师资格条例》第99999条", catalog).missing == sentence.replace("二百", "99999")
    assert locate("第二百条", catalog, source) == Located(missing=sentence, sources=source)
    assert locate("What does article 200 say?", catalog, source).missing == (
        "教师资格条例 in this corpus has no 第二百条: it has 第一条 to 第二十三条."
    )
    assert locate("《教师资格条例》第三章第二十条", catalog).missing == (
        "资料中的《教师资格条例》第三章没有第二十条,只有第六条至第七条。"
    )
    assert locate("《民法典》第一条", catalog).missing == (
        "资料中的《中华人民共和国民法典》没有第一条,只有第二百零五条至第三百八十六条。"
    )


@pytest.mark.parametrize(
    "question",
    [
        "温州到2025年的城市化率目标是多少？",
        "第十二条是什么",  # of many documents
        "刑法第三条",
        "《刑法》第三条",
        "《行政许可法》第十二条",
        "决定第三部分",  # of several
        "本法第三条",
        "教师法第三条",
        "温州有哪些第三产业目标？",
        "",
    ],
)
def test_what_is_no_reference(question: str, catalog: Catalog) -> None:
    assert locate(question, catalog) == Located()


def test_a_document_named_without_a_section(catalog: Catalog) -> None:
    assert locate("国务院令第188号有哪些要求？", catalog) == Located(
        reference="教师资格条例", sources=frozenset({"教师资格条例(1995-12-12).md"})
    )


def test_a_filter_that_leaves_one_document_names_it(catalog: Catalog) -> None:
    source = "教师资格条例(1995-12-12).md"
    assert locate("第三条怎么说", catalog, frozenset({source})).reference == "教师资格条例 › 第三条"
    others = frozenset(info.source for info in catalog.infos()) - {source}
    assert locate("教师资格条例第三条", catalog, others) == Located()


def test_the_version_in_force_unless_the_question_names_the_year(shelf: Catalog) -> None:
    assert texts(locate("青山市公司登记条例第二条", shelf), shelf) == ["第二条 新的登记费为五元。"]
    for question in (
        "2018年青山市公司登记条例第二条",
        "《青山市公司登记条例》（2018）第二条",
        "青山市公司登记条例(2018年版)第2条",
    ):
        assert texts(locate(question, shelf), shelf) == ["第二条 旧的登记费为十元。"]
    old = frozenset({"公司条例2018.txt"})
    assert texts(locate("《公司登记条例》第二条", shelf, old), shelf) == ["第二条 旧的登记费为十元。"]


def test_an_inserted_article_and_a_range(shelf: Catalog) -> None:
    for question in ("公司登记条例第二条之一", "公司登記條例第 2-1 條"):
        assert texts(locate(question, shelf), shelf) == ["第二条之一 小微企业免收登记费。"]
    for question in (
        "公司登记条例第三至四条",
        "公司登记条例第3-4条",
        "公司登记条例第三条到第四条",
        "公司登记条例第三、四条",
    ):
        assert [text[:4] for text in texts(locate(question, shelf), shelf)] == ["第三条 ", "第四条 "]


def test_the_law_of_another_name_is_not_taken(shelf: Catalog) -> None:
    assert locate("合同条例第二条", shelf).reference == "青山市劳动合同条例 › 第二条"
    for question in (
        "《合同法》第二条",
        "劳动合同法第二条",
        "中华人民共和国劳动合同条例第二条",
        "白河市劳动合同条例第二条",
    ):
        assert locate(question, shelf) == Located()


def test_a_reference_without_a_document_means_the_one_before_unless_another_is_named(shelf: Catalog) -> None:
    located = locate("老年助餐服务办法第一条讲什么？第三条呢？", shelf)
    assert articles(located, shelf) == ["第一條", "第三條"]
    assert articles(locate("老年助餐服务办法第一条与慈善法第三条", shelf), shelf) == ["第一條"]


def test_items_and_paragraphs_of_an_article_are_named(shelf: Catalog) -> None:
    located = locate("老年助餐服务办法第二条第(二)项", shelf)
    assert located.reference == "臨水縣老年助餐服務辦法 › 第二條 › 第二项"
    assert locate("老年助餐服务办法第2条第2款", shelf).reference == "臨水縣老年助餐服務辦法 › 第二條 › 第二款"
    # A part that is not there leaves the article.
    assert locate("老年助餐服务办法第二条第九款", shelf).reference == "臨水縣老年助餐服務辦法 › 第二條"


def test_the_chunk_with_the_item_comes_first(tmp_path: Path) -> None:
    items = "".join(f"（{n}）{'申请材料应当真实完整，' * 8}第{n}类材料；\n" for n in "一二三四五六七八九")
    text = f"青山市材料办法\n第一条 申请人提交下列材料：\n{items}第二条 本办法自公布之日起施行。\n"
    catalog = Catalog(tmp_path / "catalog.db")
    document = parse_document(text, source="a.txt")
    catalog.put(document, path="/a.txt")
    article = [chunk.chunk_id for chunk in document.chunks if chunk.path[0] == "第一条"]
    fifth = next(chunk.chunk_id for chunk in document.chunks if "（五）" in chunk.text)
    assert len(article) > 2
    assert locate("第一条", catalog).chunk_ids == tuple(article)
    assert locate("第一条第（五）项", catalog).chunk_ids == (fifth, *(each for each in article if each != fifth))
    catalog.close()


SPELLINGS = (
    "《{title}》{label}",
    "{title}第{number}条怎么规定的？",
    "请问{title}第 {number} 条说了什么",
    "根据《{title}》的{label}，应当怎么办？",
)


@pytest.mark.parametrize("path", LAWS, ids=lambda path: path.stem)
def test_every_article_of_real_laws_is_found_in_four_spellings(path: Path, catalog: Catalog) -> None:
    document = catalog.get(path.name)
    title = document.metadata.title or ""
    versions = {other.source for other in catalog.listed(title=title)} - {path.name}
    sources = frozenset(info.source for info in catalog.infos()) - versions
    sections = [section for section in document.sections if section.label.endswith("条")]
    wrong = []
    for place, section in enumerate(sections[::3]):
        number = parse_numeral(section.label[1:-1])
        question = SPELLINGS[place % 4].format(title=title, label=section.label, number=number)
        expected = [chunk.chunk_id for chunk in document.chunks if chunk.section == section.index]
        if list(locate(to_traditional(question) if place % 2 else question, catalog, sources).chunk_ids) != expected:
            wrong.append(question)
    assert wrong == []
