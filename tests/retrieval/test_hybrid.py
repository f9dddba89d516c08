from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rag import Chatbot, Settings
from rag.errors import EmptyIndexError
from rag.index.embeddings import embed_query
from rag.index.store import Index
from rag.retrieval.fusion import fuse
from rag.retrieval.hybrid import WEIGHTS, HybridRetriever
from tests.conftest import bot_on

DOCUMENTS = {
    "养老.txt": "青山市养老服务办法\n第一章 助餐点\n第一条 每个社区至少设一处。\n第二条 由民政局检查。\n",
    "湿地.txt": "綠水縣濕地保護辦法\n第一章 名錄\n第一條 重要濕地列入名錄，每五年調整一次。\n第二條 林業局設立界標。\n",
    "道路.txt": "白沙区道路养护办法\n第一章 巡查\n第一条 主干路每日巡查，坑槽一日内修补。\n第二条 支路每周巡查。\n",
}


@pytest.fixture(scope="module")
def bot(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    return bot_on(DOCUMENTS, tmp_path_factory.mktemp("hybrid"), model_home)


@pytest.fixture(scope="module")
def index(bot: Chatbot) -> Index:
    return bot._index


def test_hits_come_best_first_with_their_place_and_the_score_of_each_arm(bot: Chatbot, index: Index) -> None:
    retrieved = HybridRetriever(index).retrieve("主干路坑槽多久修补？", 3)
    assert [passage.hit.score for passage in retrieved.passages] == sorted(
        (passage.hit.score for passage in retrieved.passages), reverse=True
    )
    best = retrieved.passages[0]
    assert (best.hit.source, best.hit.title) == ("道路.txt", "白沙区道路养护办法")
    assert best.hit.section == " › ".join(best.chunk.path)
    assert best.hit.section.startswith("第一章 巡查 › 第一条")
    assert "坑槽" in best.hit.text
    assert bot.document("道路.txt").text[best.hit.start : best.hit.end] == best.hit.text == best.chunk.text
    assert best.hit.chunk_id == best.chunk.chunk_id
    assert best.metadata == bot.document("道路.txt").metadata
    assert set(best.hit.scores) == {"dense", "lexical"}


def test_the_score_is_that_of_the_two_arms_fused(index: Index) -> None:
    key = "湿地名录多久调整一次"
    vector = embed_query(index.embeddings, key)
    rankings = {"dense": index.vectors.search(vector, 60), "lexical": index.lexical.search(key, 60)}
    retrieved = HybridRetriever(index).retrieve(key, 20)
    assert [(p.hit.chunk_id, p.hit.score, dict(p.hit.scores)) for p in retrieved.passages] == [
        (each.chunk_id, pytest.approx(each.score), pytest.approx(dict(each.arms))) for each in fuse(rankings, WEIGHTS)
    ]
    assert np.allclose(retrieved.vector, vector)


def test_both_scripts_and_widths_find_the_same(index: Index) -> None:
    questions = ["重要湿地的名录几年调整一次？", "重要濕地的名錄幾年調整一次？", "重要湿地的名录几年调整一次?"]
    found = [[(p.hit.chunk_id, p.hit.score) for p in HybridRetriever(index).retrieve(q, 5).passages] for q in questions]
    assert found[0] == found[1] == found[2]
    assert index.catalog.chunks([found[0][0][0]])[found[0][0][0]].source == "湿地.txt"


def test_the_title_is_searched(index: Index) -> None:
    found = HybridRetriever(index).retrieve("白沙区养护办法", 2).passages
    assert [passage.hit.source for passage in found] == ["道路.txt", "道路.txt"]
    assert not any("白沙" in passage.hit.text for passage in found)


def test_the_heading_path_is_searched(index: Index) -> None:
    found = HybridRetriever(index).retrieve("助餐点由谁检查？", 2).passages
    assert {passage.hit.section for passage in found} == {"第一章 助餐点 › 第一条", "第一章 助餐点 › 第二条"}


def test_what_only_meaning_finds_has_only_a_dense_score(index: Index) -> None:
    found = HybridRetriever(index).retrieve("Which office repairs potholes?", 1).passages
    assert [dict(passage.hit.scores).keys() for passage in found] == [{"dense"}]


def test_no_more_than_k_and_no_more_than_there_are(index: Index) -> None:
    retriever = HybridRetriever(index)
    every = retriever.retrieve("办法", 1000).passages
    assert {passage.hit.chunk_id for passage in every} == index.catalog.chunk_ids()
    assert [len(retriever.retrieve("办法", k).passages) for k in (1, 2, 5)] == [1, 2, 5]
    for few, many in pairwise([retriever.retrieve("办法", k).passages for k in (2, 3, 4)]):
        assert many[: len(few)] == few


def test_each_arm_contributes_no_more_than_its_candidates(index: Index) -> None:
    assert 1 <= len(HybridRetriever(index, candidates=1).retrieve("主干路每日巡查", 100).passages) <= 2


@pytest.fixture
def changing(bot: Chatbot, tmp_path: Path) -> Iterator[Index]:
    """A copy of the index that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(bot.settings.state, home, symlinks=True)
    index = Chatbot.open(Settings(home=home))._index
    yield index
    index.close()


def test_what_the_catalogue_no_longer_knows_is_not_found(changing: Index) -> None:
    gone = changing.catalog.remove("道路.txt")  # as a writer leaves it for a moment: vectors and words are still there
    assert gone <= changing.vectors.ids()
    found = HybridRetriever(changing).retrieve("主干路坑槽多久修补？", 2).passages
    assert len(found) == 2
    assert all(passage.hit.source != "道路.txt" for passage in found)


def test_when_the_last_document_has_gone_it_says_so(changing: Index) -> None:
    retriever = HybridRetriever(changing)
    for source in DOCUMENTS:
        changing.remove(source)
    with pytest.raises(EmptyIndexError, match="rag ingest PATH"):
        retriever.retrieve("办法", 3)
