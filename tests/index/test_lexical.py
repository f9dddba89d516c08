from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from rag.errors import StorageError
from rag.index.lexical import LexicalEntry, LexicalIndex

BODIES = {
    "urban": "到2025年,全市城市化率达到72%,吸引外资1,200万元",
    "party": "坚持党的全面领导,健全网格化服务管理",
    "tech": "推进5g网络和covid-19防控,落实gb18030标准",
}


def entry(chunk_id: str, body: str, *, title: str = "", heading: str = "") -> LexicalEntry:
    return LexicalEntry(chunk_id, "a.txt", title, heading, body)


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    index = LexicalIndex(tmp_path / "lexical")
    index.add([entry(chunk_id, body) for chunk_id, body in BODIES.items()])
    return index


def found(index: LexicalIndex, key: str, n: int = 10) -> list[str]:
    return [chunk_id for chunk_id, _ in index.search(key, n)]


def test_any_two_neighbours_of_a_chunk_find_it(index: LexicalIndex) -> None:
    for chunk_id, body in BODIES.items():
        pairs = [a + b for a, b in pairwise(body) if "\u4e00" <= a <= "\u9fff" and "\u4e00" <= b <= "\u9fff"]
        missed = [pair for pair in pairs if chunk_id not in found(index, pair)]
        assert len(pairs) > 5
        assert missed == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("2025", ["urban"]),
        ("72", ["urban"]),
        ("1200万", ["urban"]),
        ("covid", ["tech"]),
        ("gb18030", ["tech"]),
        ("5g", ["tech"]),
        ("党", ["party"]),
        ("202", []),
        ("cov", []),
        ("领城", []),
        ("火星", []),
        ("", []),
    ],
)
def test_words_and_numbers_are_found_whole(index: LexicalIndex, key: str, expected: list[str]) -> None:
    assert found(index, key) == expected


@pytest.mark.parametrize("key", ["城市 AND (", '"城市', "body:城市^ [a TO", "城市*~2", "+城市 -城市", "\\城市\x00"])
def test_no_text_is_a_syntax_error(index: LexicalIndex, key: str) -> None:
    assert found(index, key) == ["urban"]


def test_a_single_character_weighs_less_than_a_word(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    index.add([entry("character", "法法法"), entry("word", "治理"), entry("neither", "城市")])
    assert found(index, "法 治理") == ["word", "character"]


def test_the_better_match_comes_first_and_n_limits(index: LexicalIndex) -> None:
    index.add([entry("half", "城市更新")])
    hits = index.search("城市化率", 10)
    assert [chunk_id for chunk_id, _ in hits] == ["urban", "half"]
    assert hits[0][1] > hits[1][1] > 0
    assert found(index, "城市化率", 1) == ["urban"]


def test_title_and_heading_are_searched_with_their_weights(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    index.add([entry("t", "", title="遂宁决定"), entry("h", "", heading="遂宁目标"), entry("b", "遂宁实际")])
    assert found(index, "遂宁") == ["b", "h", "t"]
    assert [chunk_id for chunk_id, _ in index.search("遂宁", 10, weights={"title": 1.0})] == ["t"]


def test_a_search_within_documents_keeps_the_scores(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    bodies = {"城市治理": "a.txt", "城市更新治理": "b.txt", "乡村治理": "温州 方案.txt"}
    index.add([LexicalEntry(body, source, "", "", body) for body, source in bodies.items()])
    everywhere = index.search("城市治理", 10)
    assert [body for body, _ in everywhere] == ["城市治理", "城市更新治理", "乡村治理"]
    for sources in (["a.txt"], {"b.txt", "温州 方案.txt", "unknown.txt"}, frozenset(bodies.values()), []):
        expected = [hit for hit in everywhere if bodies[hit[0]] in sources]
        assert index.search("城市治理", 10, sources=sources) == expected
    assert index.search("火星", 10, sources=["a.txt"]) == []


def test_an_entry_added_again_replaces_the_old_one(index: LexicalIndex) -> None:
    index.add([entry("urban", "乡村振兴")])
    assert found(index, "城市") == []
    assert found(index, "乡村") == ["urban"]
    assert index.count() == 3


def test_deleted_chunks_are_neither_found_nor_listed(index: LexicalIndex) -> None:
    index.delete(["party", "unknown"])
    assert found(index, "党的") == []
    assert index.ids() == {"urban", "tech"}
    assert index.count() == 2


def test_it_lasts_and_an_open_index_sees_what_another_commits(index: LexicalIndex, tmp_path: Path) -> None:
    other = LexicalIndex(tmp_path / "lexical")
    assert other.ids() == set(BODIES)
    index.add([entry("new", "海洋经济")])
    assert found(other, "海洋") == ["new"]


def test_reset_leaves_an_empty_index(index: LexicalIndex) -> None:
    index.reset()
    assert index.ids() == set()
    index.add([entry("new", "海洋经济")])
    assert found(index, "海洋") == ["new"]


def damaged(folder: Path) -> None:
    for path in folder.iterdir():
        data = path.read_bytes()
        # Past the check sums in the last bytes, where Tantivy panics instead of raising.
        path.write_bytes(bytes(byte ^ 0x5A for byte in data[:-120]) + data[-120:])


def test_damage_is_named_and_reset_mends_it(index: LexicalIndex, tmp_path: Path) -> None:
    damaged(tmp_path / "lexical")
    again = LexicalIndex(tmp_path / "lexical")
    with pytest.raises(StorageError, match=r"lexical index in .*lexical cannot be used.*rag verify --repair"):
        again.search("城市", 5)
    again.reset()
    assert again.count() == 0


def test_a_store_of_texts_that_panics_is_an_error_of_ours(
    index: LexicalIndex, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (store,) = (tmp_path / "lexical").glob("*.store")
    data = store.read_bytes()
    store.write_bytes(bytes(byte ^ 0x5A for byte in data[:-120]) + data[-120:])
    with pytest.raises(StorageError, match="rag verify --repair"):
        LexicalIndex(tmp_path / "lexical").ids()


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "lexical").write_text("not a folder")
    with pytest.raises(StorageError, match=r"lexical cannot be used"):
        LexicalIndex(tmp_path / "lexical").count()
