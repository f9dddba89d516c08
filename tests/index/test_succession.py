"""Which document supersedes which, through what the catalogue says of their chunks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.corpus.document import ReadLimits, read_document
from rag.index.catalog import Catalog
from rag.schema import Filter, Metadata
from tests.index.parts import make_document

LAWS = Path(__file__).parents[1] / "corpus" / "laws"


def put(catalog: Catalog, source: str, title: str, issued: str | None, **known: str) -> None:
    metadata = Metadata(title=title, issued=issued, **known)  # type: ignore[arg-type]
    catalog.put(replace(make_document(source), metadata=metadata), path=f"/docs/{source}")


def superseded(catalog: Catalog) -> dict[str, str | None]:
    return {old.source: old.superseded_by for old in catalog.superseded(catalog.chunk_ids()).values()}


def test_each_version_is_superseded_by_the_next(catalog: Catalog) -> None:
    put(catalog, "2018", "中华人民共和国公司法", "2018-10-26")
    put(catalog, "2023", "公司法（2023年修订）", "2023-12-29")
    put(catalog, "2005", "《公司法》", "2005-10-27")
    put(catalog, "other", "公司登记管理条例", "2022-03-01")
    assert superseded(catalog) == {"2005": "2018", "2018": "2023"}
    assert catalog.select(Filter(as_of="2018-10-25")) == frozenset({"2005"})
    assert catalog.select(Filter(as_of="2018-10-26")) == frozenset({"2018"})
    assert catalog.select(Filter(as_of="2024")) == frozenset({"2023", "other"})


def test_a_version_that_goes_or_changes_leaves_no_trace(catalog: Catalog) -> None:
    put(catalog, "a", "公司法", "2018-10-26")
    put(catalog, "b", "公司法", "2023-12-29")
    put(catalog, "c", "公司法", "2005-10-27")
    catalog.remove("a")
    assert superseded(catalog) == {"c": "b"}
    put(catalog, "b", "合伙企业法", "2023-12-29")
    assert superseded(catalog) == {}
    put(catalog, "b", "公司法", "1993-12-29")
    assert superseded(catalog) == {"b": "c"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"region": "温州"}, {"region": "遂宁"}),
        ({"issuer": "教育局"}, {"issuer": "财政局"}),
    ],
)
def test_the_rules_of_two_offices_are_no_versions(
    catalog: Catalog, first: dict[str, str], second: dict[str, str]
) -> None:
    put(catalog, "a", "物业管理办法", "2018-01-01", **first)
    put(catalog, "b", "物业管理办法", "2019-01-01", **second)
    assert superseded(catalog) == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"region": "溫州市"}, {"region": "温州"}),
        ({"region": "温州"}, {}),
        ({"issuer": "上海市第十二届人民代表大会常务委员会"}, {"issuer": "上海市第十五届人民代表大会"}),
    ],
)
def test_region_and_issuer_need_only_agree(catalog: Catalog, first: dict[str, str], second: dict[str, str]) -> None:
    put(catalog, "a", "物业管理办法", "2018-01-01", **first)
    put(catalog, "b", "物业管理办法", "2019-01-01", **second)
    assert superseded(catalog) == {"a": "b"}


@pytest.mark.parametrize(
    ("title", "first", "second"),
    [
        ("工作报告", "2018-01-01", "2019-01-01"),
        ("物业管理办法", "2018-01-01", "2018-01-01"),
        ("物业管理办法", "2018", "2018-06-01"),
        ("物业管理办法", "2018-01-01", None),
        ("物业管理办法", "2018-01-01", "二〇一九年"),
    ],
)
def test_without_two_dates_or_a_rule_there_are_no_versions(
    catalog: Catalog, title: str, first: str, second: str | None
) -> None:
    put(catalog, "a", title, first)
    put(catalog, "b", title, second)
    assert superseded(catalog) == {}


def test_versions_of_real_laws(catalog: Catalog) -> None:
    for path in sorted(LAWS.glob("*.md")):
        catalog.put(read_document(path, source=path.name, limits=ReadLimits(), overrides={}), path=str(path))
    assert superseded(catalog) == {
        "上海市促进农业科技进步若干规定(2007-10-10).md": "上海市促进农业科技进步若干规定(2024-11-28).md",
        "中国公民收养子女登记办法(2019-03-02).md": "中国公民收养子女登记办法(2023-07-20).md",
    }
    now = catalog.select(Filter(as_of="2025"))
    then = catalog.select(Filter(as_of="2020-06-01"))
    assert now is not None
    assert then is not None
    assert "上海市促进农业科技进步若干规定(2007-10-10).md" in then - now
    assert "上海市促进农业科技进步若干规定(2024-11-28).md" in now - then
