from __future__ import annotations

import pytest

from rag.index.selection import Listed
from rag.retrieval.fusion import Fused
from rag.retrieval.versions import in_force
from rag.schema import Filter

FUSED = [Fused(name, score, {}) for name, score in (("old", 3.0), ("new", 2.0), ("trial", 1.0), ("other", 0.0))]
SUPERSEDED = {
    "old": Listed("law-2018.md", "中华人民共和国公司法", None, "2018-10-26", None, "law-2023.md"),
    "trial": Listed("trial.md", "人才住房办法(试行)", None, "2015-03-01", None, "final.md"),
}


def kept(key: str, where: Filter | None = None) -> list[str]:
    return [each.chunk_id for each in in_force(FUSED, SUPERSEDED, key=key, where=where or Filter())]


def test_superseded_versions_are_left_out() -> None:
    assert kept("公司法规定的出资期限是多久?") == ["new", "other"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("2018年公司法规定的出资期限", ["old", "new", "other"]),
        ("公司法2018版的出资期限", ["old", "new", "other"]),
        ("公司法(2018修正)的出资期限", ["old", "new", "other"]),
        ("公司法(2018)的出资期限", ["old", "new", "other"]),
        ("2018-10-26通过的公司法", ["old", "new", "other"]),
        ("《人才住房办法(试行)》第3条", ["new", "trial", "other"]),
        ("公司法修订前后有何不同?", ["old", "new", "trial", "other"]),
        ("what did the previous version say?", ["old", "new", "trial", "other"]),
        ("公司法2019年的规定", ["new", "other"]),
        ("出资2018元", ["new", "other"]),
        ("中华人民共和国公司法第3条", ["new", "other"]),
    ],
)
def test_a_version_that_is_asked_for_stays(key: str, expected: list[str]) -> None:
    assert kept(key) == expected


@pytest.mark.parametrize(
    ("where", "everything"),
    [
        (Filter(sources=("law-2018.md",)), True),
        (Filter(number="令第15号"), True),
        (Filter(since="2018"), True),
        (Filter(until="2018"), True),
        (Filter(as_of="2019"), True),
        (Filter(issuer="国务院"), False),
        (Filter(region="温州"), False),
    ],
)
def test_a_filter_that_says_which_version_it_wants(where: Filter, everything: bool) -> None:
    assert kept("出资期限", where) == (["old", "new", "trial", "other"] if everything else ["new", "other"])
