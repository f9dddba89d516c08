from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Filter
from rag.errors import FilterError
from rag.index.catalog import Catalog
from rag.index.selection import Listed
from rag.schema import Metadata
from tests.index.parts import make_document
from tests.postgres import database_of_its_own

DOCUMENTS = {
    "plan.txt": Metadata(
        title="政府建设实施方案",
        issuer="温州市人民政府",
        number="温政发〔2018〕14号",
        issued="2018-06-20",
        published="2018-07-04",
        region="溫州",
    ),
    "decision.txt": Metadata(
        title="现代化的决定", issuer="中国共产党遂宁市第七届委员会", issued="2019-12-25", region="遂宁"
    ),
    "month.txt": Metadata(title="行政复议法实施条例", issued="2020-02"),
    "page.txt": Metadata(title="行政复议法", published="2021-05-01"),
    "undated.txt": Metadata(),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    url = database_of_its_own(request.getfixturevalue("postgres")) if request.param == "postgresql" else None
    catalog = filled(Catalog(tmp_path_factory.mktemp("catalog") / "catalog.db", url=url), DOCUMENTS)
    yield catalog
    catalog.close()


def filled(catalog: Catalog, documents: dict[str, Metadata]) -> Catalog:
    for source, metadata in documents.items():
        catalog.put(replace(make_document(source), metadata=metadata), path=f"/docs/{source}")
    return catalog


def test_a_filter_that_asks_for_nothing_restricts_nothing(catalog: Catalog) -> None:
    assert catalog.select(Filter()) is None


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(sources=("page.txt", "plan.txt")), {"page.txt", "plan.txt"}),
        (Filter(issuer="溫州市政府"), {"plan.txt"}),
        (Filter(issuer="市"), {"plan.txt", "decision.txt"}),
        (Filter(issuer="遂宁市委"), {"decision.txt"}),
        (Filter(region="温州市"), {"plan.txt"}),
        (Filter(number="溫政發[２０１８]第14號"), {"plan.txt"}),
        (Filter(since="2019"), {"decision.txt", "month.txt", "page.txt"}),
        (Filter(since="2019-12-26"), {"month.txt", "page.txt"}),
        (Filter(since="2020-02-15", until="2020-02-20"), {"month.txt"}),
        (Filter(until="2018-06-20"), {"plan.txt"}),
        (Filter(until="2019-12"), {"plan.txt", "decision.txt"}),
        (Filter(as_of="2019-12-24"), {"plan.txt"}),
        (Filter(as_of="2021"), {"plan.txt", "decision.txt", "month.txt", "page.txt"}),
        (Filter(issuer="市", since="2019"), {"decision.txt"}),
    ],
)
def test_what_a_filter_selects(catalog: Catalog, where: Filter, expected: set[str]) -> None:
    assert catalog.select(where) == frozenset(expected)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (Filter(issuer="温洲"), r"is issued by '温洲'\. Did you mean 温州市人民政府\?"),
        (Filter(issuer="海关总署"), r"is issued by '海关总署'\. Known: 中国共产党遂宁市第七届委员会, 温州市人民政府$"),
        (Filter(region="溫洲"), r"is about the region '溫洲'\. Did you mean 溫州\?"),
        (
            Filter(number="温政发〔2018〕15号"),
            r"'温政发〔2018〕15号'\. Did you mean 温政发〔2018〕14号\?",
        ),
        (Filter(number="发改委令第3号"), r"Known: 温政发〔2018〕14号$"),
        (Filter(sources=("plan.txt", "plan")), r"no document 'plan' is indexed\. Did you mean plan\.txt\?"),
        (Filter(since="2030"), r"dated in or after 2030\. The dates run from 2018-06-20 to 2021-05-01\."),
        (Filter(until="1999-12"), r"dated in or before 1999-12\. The dates run"),
        (Filter(as_of="1999"), r"was issued by 1999\. The dates run"),
        (Filter(region="遂宁", until="2018"), r"no document fits region='遂宁', until='2018' together"),
        (Filter(since="2019-13"), r"since is '2019-13', which is no date\. Write 2019, 2019-06 or 2019-06-20\."),
        (Filter(until="2019年"), r"until is '2019年', which is no date"),
        (Filter(as_of="2019-02-30"), r"as_of is '2019-02-30', which is no date"),
        (Filter(since="2020", until="2019"), r"since is 2020, after until, 2019\. Exchange them\."),
        (Filter(region=" "), r"region is ' ', which says nothing"),
    ],
)
def test_a_filter_that_fits_nothing_says_why(catalog: Catalog, where: Filter, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        catalog.select(where)


def test_a_library_without_the_metadata(open_catalog: Callable[[], Catalog]) -> None:
    catalog = filled(open_catalog(), {"undated.txt": Metadata()})
    with pytest.raises(FilterError, match=r"'温州': none says its issuer\. Leave it away\."):
        catalog.select(Filter(issuer="温州"))
    with pytest.raises(FilterError, match=r"2019: none has a date\. Leave since away\."):
        catalog.select(Filter(since="2019"))


def test_a_date_that_is_none_selects_nothing(open_catalog: Callable[[], Catalog]) -> None:
    catalog = filled(open_catalog(), {"a.txt": Metadata(issued="2018年"), "b.txt": Metadata(issued="2018")})
    assert catalog.select(Filter(since="1900")) == frozenset({"b.txt"})


def test_documents_by_title_and_number(catalog: Catalog) -> None:
    law = Listed("page.txt", "行政复议法", None, None, None, None)
    rules = Listed("month.txt", "行政复议法实施条例", None, "2020-02", None, None)
    plan = Listed("plan.txt", "政府建设实施方案", "温政发(2018)14号", "2018-06-20", "溫州", None)
    assert catalog.listed(title="行政複議法") == [law, rules]
    assert catalog.listed(number="温政发[2018]14号") == [plan]
    assert catalog.listed(title="方案", number="温政发[2018]14号") == [plan]
    assert catalog.listed(title="方案", number="温政发[2018]1号") == []
    assert catalog.listed() == []
    assert catalog.listed(title="行政复议法", at_most=1) == [law]
    assert catalog.listed(number=["温政办发[2018]14号", "温政发[2018]14号"]) == [plan]
    assert catalog.listed(number=[]) == []


def test_the_only_document(catalog: Catalog, tmp_path: Path) -> None:
    law = Listed("page.txt", "行政复议法", None, None, None, None)
    assert catalog.sole(None) is None
    assert catalog.sole(frozenset({"page.txt"})) == law
    assert catalog.sole(frozenset({"page.txt", "month.txt"})) is None
    assert catalog.sole(frozenset({"gone.txt"})) is None
    single = filled(Catalog(tmp_path / "single.db"), {"page.txt": DOCUMENTS["page.txt"]})
    assert single.sole(None) == law
    single.close()


def test_the_chunks_of_sections(catalog: Catalog) -> None:
    first, second = make_document("plan.txt").chunks
    assert (first.section, second.section) == (1, None)
    assert catalog.section_chunks("plan.txt", [1]) == [first.chunk_id]
    assert catalog.section_chunks("plan.txt", [0, 2]) == []
    assert catalog.section_chunks("gone.txt", [1]) == []
