from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rag import Chatbot, Filter, Settings
from rag.corpus.script import search_key, to_traditional
from rag.errors import EmptyIndexError, FilterError
from rag.index.embeddings import embed_query
from rag.index.store import Index
from rag.index.terms import terms
from rag.retrieval.fusion import fuse
from rag.retrieval.hybrid import HybridRetriever
from rag.retrieval.rerank import CrossEncoderReranker, Reranking, passage_text
from rag.schema import Hit
from tests.conftest import ROOT, bot_on, copy_home
from tests.retrieval.parts import write_cross_encoder

DOCUMENTS = {
    "养老.txt": "青山市养老服务办法\n第一章 助餐点\n第一条 每个社区至少设一处。\n第二条 由民政局检查。\n",
    "湿地.txt": "綠水縣濕地保護辦法\n第一章 名錄\n第一條 重要濕地列入名錄，每五年調整一次。\n第二條 林業局設立界標。\n",
    "道路.txt": "白沙区道路养护办法\n第一章 巡查\n第一条 主干路每日巡查，坑槽一日内修补。\n第二条 支路每周巡查。\n",
}
RIVERS = (
    "第一条 网格员应当每周至少巡查两次河道，发现垃圾、排污口的，当日报告河长，并在三日内复查处理结果。\n"
    "第二条 河长每月巡河一次。\n"
)
# Two cities that say much the same, a rule in two versions, and one in both scripts under two titles.
LIBRARY = {
    "温州垃圾.txt": "温州市生活垃圾分类实施方案\n一、总体目标\n到2025年，我市生活垃圾回收利用率达到百分之六十。\n"
    "二、责任分工\n市综合行政执法局负责日常检查。\n三、宣传\n每年六月为宣传月。\n",
    "遂宁垃圾.txt": "遂宁市城区垃圾治理意见\n一、主要目标\n2025年底，我市垃圾资源化的比例不低于四成。\n"
    "二、职责\n市住房城乡建设局负责考核。\n三、宣传\n每季度开展一次宣传。\n",
    "登记2018.txt": "青山市公司登记条例\n（2018年3月1日青山市人民代表大会通过）\n"
    "第一条 登记费为十元。\n第二条 登记机关是市工商局。\n",
    "登记2022.txt": "青山市公司登记条例\n（2022年5月1日青山市人民代表大会修订）\n"
    "第一条 不收登记费。\n第二条 登记机关是市场监督管理局。\n",
    "巡河.txt": f"临水县河道巡查办法\n{RIVERS}",
    "巡河繁.txt": to_traditional(f"白沙县河道巡查办法\n{RIVERS}"),
}


@pytest.fixture(scope="module")
def bot(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    return bot_on(DOCUMENTS, tmp_path_factory.mktemp("hybrid"), model_home)


@pytest.fixture(scope="module")
def index(bot: Chatbot) -> Index:
    return bot._index


@pytest.fixture(scope="module")
def shelf(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    return bot_on(LIBRARY, tmp_path_factory.mktemp("shelf"), model_home)


def sources(hits: Sequence[Hit]) -> list[str]:
    return [hit.source for hit in hits]


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
    assert (best.hit.issued, best.hit.superseded_by, best.hit.copies) == (None, None, ())


def test_the_score_is_that_of_the_two_arms_fused(index: Index) -> None:
    key = "湿地名录多久调整一次"
    vector = embed_query(index.embeddings, key)
    retrieved = HybridRetriever(index).retrieve(key, 20)
    every = index.catalog.chunk_ids()
    fused = fuse(
        index.vectors.similarities(vector, every), index.lexical.scores(key, every), terms=len(set(terms(key)))
    )
    assert [(p.hit.chunk_id, p.hit.score, dict(p.hit.scores)) for p in retrieved.passages] == [
        (each.chunk_id, pytest.approx(each.score, abs=1e-5), pytest.approx(dict(each.arms), abs=1e-5)) for each in fused
    ]
    assert len(fused) == len(every)
    assert np.allclose(retrieved.vector, vector)


@pytest.mark.parametrize("question", ["主干路每日巡查", "Who repairs the potholes?", "湿地由谁设立界标", "办法"])
def test_every_hit_has_the_scores_of_both_arms_whichever_found_it(index: Index, question: str) -> None:
    key = search_key(question)
    vector = embed_query(index.embeddings, key)
    by_meaning = [chunk_id for chunk_id, _ in index.vectors.search(vector, 1)]
    by_words = [chunk_id for chunk_id, _ in index.lexical.search(key, 1)]
    hits = [passage.hit for passage in HybridRetriever(index, candidates=1).retrieve(question, 9).passages]
    assert sorted(hit.chunk_id for hit in hits) == sorted({*by_meaning, *by_words})
    similarities = index.vectors.similarities(vector, [hit.chunk_id for hit in hits])
    words = index.lexical.scores(key, [hit.chunk_id for hit in hits])
    for hit in hits:
        assert hit.scores == {
            "dense": pytest.approx(similarities[hit.chunk_id], abs=1e-5),
            "lexical": pytest.approx(words.get(hit.chunk_id, 0.0)),
        }


def test_both_scripts_and_widths_find_the_same(index: Index) -> None:
    questions = ["重要湿地的名录几年调整一次？", "重要濕地的名錄幾年調整一次？", "重要湿地的名录几年调整一次?"]
    found = [[p.hit for p in HybridRetriever(index).retrieve(each, 5).passages] for each in questions]
    assert found[0] == found[1] == found[2]
    assert found[0][0].source == "湿地.txt"


def test_the_title_is_searched(index: Index) -> None:
    found = HybridRetriever(index).retrieve("白沙区养护办法", 2).passages
    assert [passage.hit.source for passage in found] == ["道路.txt", "道路.txt"]
    assert not any("白沙" in passage.hit.text for passage in found)


def test_the_heading_path_is_searched(index: Index) -> None:
    found = HybridRetriever(index).retrieve("助餐点由谁检查？", 2).passages
    assert {passage.hit.section for passage in found} == {"第一章 助餐点 › 第一条", "第一章 助餐点 › 第二条"}


def test_what_shares_no_word_has_a_lexical_score_of_nothing(index: Index) -> None:
    found = HybridRetriever(index).retrieve("Which office repairs potholes?", 6).passages
    assert len(found) == 6
    assert {passage.hit.scores["lexical"] for passage in found} == {0.0}


def test_no_more_than_k_and_no_more_than_there_are(index: Index) -> None:
    retriever = HybridRetriever(index)
    every = retriever.retrieve("办法", 1000).passages
    assert {passage.hit.chunk_id for passage in every} == index.catalog.chunk_ids()
    assert [len(retriever.retrieve("办法", k).passages) for k in (1, 2, 5)] == [1, 2, 5]
    for few, many in pairwise([retriever.retrieve("办法", k).passages for k in (2, 3, 4)]):
        assert many[: len(few)] == few


def test_each_arm_contributes_no_more_than_its_candidates(index: Index) -> None:
    assert 1 <= len(HybridRetriever(index, candidates=1).retrieve("主干路每日巡查", 100).passages) <= 2


# --- filters ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", [("湿地.txt",), ("养老.txt", "湿地.txt")])
@pytest.mark.parametrize("question", ["主干路坑槽多久修补？", "《白沙区道路养护办法》第一条", "potholes", "巡查"])
def test_a_filter_holds_for_every_arm(bot: Chatbot, index: Index, question: str, inside: tuple[str, ...]) -> None:
    every = {chunk.chunk_id for source in inside for chunk in bot.document(source).chunks}
    found = HybridRetriever(index).retrieve(question, 10, where=Filter(sources=inside)).passages
    assert {passage.hit.chunk_id for passage in found} == every
    assert {passage.hit.source for passage in found} == set(inside)
    assert not any("reference" in passage.hit.scores for passage in found)


def test_a_filter_does_not_change_the_scores(index: Index) -> None:
    everywhere = HybridRetriever(index).retrieve("主干路坑槽多久修补？", 10).passages
    inside = HybridRetriever(index).retrieve("主干路坑槽多久修补？", 10, where=Filter(sources=("道路.txt",))).passages
    assert len(inside) == 2
    assert [(each.hit.chunk_id, each.hit.score) for each in inside] == [
        (each.hit.chunk_id, pytest.approx(each.hit.score, abs=1e-5))
        for each in everywhere
        if each.hit.source == "道路.txt"
    ]


def test_a_filter_that_fits_nothing_says_so(index: Index) -> None:
    with pytest.raises(FilterError, match=r"no document '没有\.txt' is indexed"):
        HybridRetriever(index).retrieve("办法", 3, where=Filter(sources=("没有.txt",)))


def test_a_filter_holds_for_the_sides_of_a_question_too(shelf: Chatbot) -> None:
    question = "温州和遂宁的垃圾目标各是什么？"
    only = Filter(sources=("温州垃圾.txt", "巡河.txt"))
    assert set(sources(shelf.search(question, k=20, where=only))) == set(only.sources)


# --- references, versions, sides, copies ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["《白沙区道路养护办法》第二条是什么？", "《白沙區道路養護辦法》第2條", "道路养护办法第二条"]
)
def test_what_a_question_points_at_comes_first(index: Index, question: str) -> None:
    retrieved = HybridRetriever(index).retrieve(question, 6)
    first, *rest = [passage.hit for passage in retrieved.passages]
    assert (first.source, first.text) == ("道路.txt", "第二条 支路每周巡查。")
    assert first.scores.keys() == {"dense", "lexical", "reference"}
    assert first.scores["reference"] == 1.0
    assert retrieved.located.chunk_ids == (first.chunk_id,)
    assert len(rest) == 5
    assert all(hit.scores.keys() == {"dense", "lexical"} for hit in rest)
    assert [hit.score for hit in rest] == sorted((hit.score for hit in rest), reverse=True)


def test_what_a_question_points_at_is_found_even_where_no_arm_finds_it(index: Index) -> None:
    located = "《白沙区道路养护办法》第二条，也就是青山市养老服务办法社区助餐点民政局检查"
    hits = [passage.hit for passage in HybridRetriever(index, candidates=1).retrieve(located, 3).passages]
    assert (hits[0].text, hits[0].scores["reference"]) == ("第二条 支路每周巡查。", 1.0)
    assert hits[0].score == min(hit.score for hit in hits) < hits[1].score


def test_a_reference_that_the_document_lacks_is_a_refusal_with_its_reason(bot: Chatbot) -> None:
    question = "《白沙区道路养护办法》第九条规定了什么？"
    answer = bot.ask(question)
    assert answer.refused
    assert answer.reason == "资料中的《白沙区道路养护办法》没有第九条,只有第一条至第二条。"
    assert (answer.text, answer.citations, answer.sentences) == ("资料中没有找到可以回答这个问题的内容。", (), ())
    assert answer.hits == tuple(bot.search(question)) != ()
    assert not any("reference" in hit.scores for hit in answer.hits)
    traditional = bot.ask(to_traditional(question))
    assert traditional.reason == "資料中的《白沙區道路養護辦法》沒有第九條,只有第一條至第二條。"
    english = bot.ask("What does article 9 say?", where=Filter(sources=("道路.txt",)))
    assert english.reason == "白沙区道路养护办法 in this corpus has no 第九条: it has 第一条 to 第二条."


def test_the_version_in_force_is_found_and_the_old_one_left_out(shelf: Chatbot) -> None:
    hits = shelf.search("公司登记费是多少？", k=20)
    assert hits[0].text == "第一条 不收登记费。"
    assert "登记2018.txt" not in sources(hits)
    found = [hit for hit in hits if hit.source == "登记2022.txt"]
    assert {(hit.issued, hit.superseded_by) for hit in found} == {("2022-05-01", None)}


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("2018年的公司登记条例规定登记费是多少？", Filter()),
        ("公司登记费以前的规定是多少？", Filter()),
        ("公司登记费是多少？", Filter(as_of="2019-06-01")),
        ("公司登记费是多少？", Filter(sources=("登记2018.txt",))),
        ("公司登记费是多少？", Filter(until="2018")),
    ],
)
def test_an_old_version_that_is_asked_for_says_what_supersedes_it(shelf: Chatbot, question: str, where: Filter) -> None:
    hits = shelf.search(question, k=20, where=where)
    [old] = [hit for hit in hits if hit.text == "第一条 登记费为十元。"]
    assert (old.source, old.issued, old.superseded_by) == ("登记2018.txt", "2018-03-01", "登记2022.txt")
    assert {hit.superseded_by for hit in hits if hit.source != "登记2018.txt"} <= {None}


def test_as_of_finds_the_version_of_that_day_only(shelf: Chatbot) -> None:
    assert set(sources(shelf.search("公司登记费", k=20, where=Filter(as_of="2019-06-01")))) == {"登记2018.txt"}
    assert set(sources(shelf.search("公司登记费", k=20, where=Filter(as_of="2023")))) == {"登记2022.txt"}


@pytest.mark.parametrize(
    "question",
    ["温州和遂宁的垃圾目标各是多少？", "溫州與遂寧，垃圾由誰負責？", "遂宁、温州宣传多久一次"],
)
def test_both_sides_of_a_comparison_are_at_the_top(shelf: Chatbot, question: str) -> None:
    hits = shelf.search(question, k=4)
    assert set(sources(hits[:2])) == {"温州垃圾.txt", "遂宁垃圾.txt"}
    assert len({hit.chunk_id for hit in hits}) == 4


def test_each_side_finds_what_is_asked(shelf: Chatbot) -> None:
    texts = " ".join(hit.text for hit in shelf.search("温州和遂宁的垃圾由谁负责检查考核？", k=3))
    assert "综合行政执法局" in texts
    assert "住房城乡建设局" in texts


def test_the_same_words_of_another_document_are_a_copy(shelf: Chatbot) -> None:
    question = "网格员每周巡查河道几次？"
    hits = shelf.search(question, k=20)
    [hit] = [hit for hit in hits if "兩次河道" in hit.text or "两次河道" in hit.text]
    [copy] = hit.copies
    assert hits[0] == hit
    assert {hit.source, copy.source} == {"巡河.txt", "巡河繁.txt"}
    document = shelf.document(copy.source)
    [chunk] = [chunk for chunk in document.chunks if chunk.chunk_id == copy.chunk_id]
    assert (copy.start, copy.end, copy.section) == (chunk.start, chunk.end, " › ".join(chunk.path))
    assert copy.title == document.metadata.title
    assert search_key(document.text[copy.start : copy.end]) == search_key(hit.text)
    answer = shelf.ask(question)
    assert answer.hits[0].copies == (copy,)


def test_a_copy_is_a_hit_where_only_its_document_is_searched(shelf: Chatbot) -> None:
    for source in ("巡河.txt", "巡河繁.txt"):
        [first, *_] = shelf.search("网格员每周巡查河道几次？", where=Filter(sources=(source,)))
        assert (first.source, first.copies) == (source, ())


@pytest.fixture(scope="module")
def crowded(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    """One long section on a subject, and a few documents that mention it."""
    duties = [f"网格员巡查河道时应当{duty}" for duty in ("记录水位", "拍照留存", "劝阻垂钓", "清理漂浮物")]
    section = "".join(f"{duty}，这是第{number}号任务。" for number in range(1, 91) for duty in duties)
    documents = {"甲.txt": f"甲镇河道网格员巡查办法\n第一条 {section}\n"}
    for name in "乙丙丁戊":
        documents[f"{name}.txt"] = f"{name}镇环境卫生管理规定\n第一条 {name}镇设网格员若干名，也看一看河道。\n"
    return bot_on(documents, tmp_path_factory.mktemp("crowded"), model_home)


def test_a_question_across_documents_is_not_answered_from_one_section(crowded: Chatbot) -> None:
    question = "哪些文件规定网格员巡查河道？"
    assert len(crowded.document("甲.txt").chunks) > 20
    hits = crowded.search(question)
    assert sources(hits[:2]) == ["甲.txt"] * 2
    assert set(sources(hits[2:6])) == {"乙.txt", "丙.txt", "丁.txt", "戊.txt"}
    # However many are asked for, the first are the same.
    assert crowded.search(question, k=3) == hits[:3]
    assert crowded.search(question, k=20)[:8] == hits
    assert list(crowded.ask(question).hits) == hits


# --- the same again ---------------------------------------------------------------------------------------------

ASKED = [
    "公司登记费是多少？",
    "温州和遂宁的垃圾目标各是多少？",
    "《临水县河道巡查办法》第二条",
    "Who inspects the waste?",
]


@pytest.mark.parametrize("question", ASKED)
def test_the_same_question_finds_the_same(shelf: Chatbot, question: str) -> None:
    first = shelf.search(question)
    assert first
    assert shelf.search(question) == first
    assert Chatbot.open(shelf.settings).search(question) == first
    assert list(shelf.ask(question).hits) == first


def test_another_process_finds_the_same(shelf: Chatbot) -> None:
    script = (
        "import json, sys; from dataclasses import asdict; from rag import Chatbot, Settings\n"
        "bot = Chatbot.open(Settings(home=sys.argv[1]))\n"
        "print(json.dumps([[asdict(hit) for hit in bot.search(each)] for each in sys.argv[2:]]))\n"
    )
    command = [sys.executable, "-c", script, str(shelf.settings.home), *ASKED]
    done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    here = [[asdict(hit) for hit in shelf.search(each)] for each in ASKED]
    assert json.loads(done.stdout) == json.loads(json.dumps(here))


# --- the reranker -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    letters = "".join(sorted({char for text in DOCUMENTS.values() for char in text if not char.isspace()}))
    return write_cross_encoder(tmp_path_factory.mktemp("reranker") / "tiny", letters=letters)


def test_the_reranker_orders_the_best_passages(index: Index, model: Path) -> None:
    question = "主干路坑槽多久修补？"
    before = [passage.hit for passage in HybridRetriever(index).retrieve(question, 6).passages]
    reranker = CrossEncoderReranker(str(model))
    scores = reranker.scores(question, [passage_text(hit) for hit in before])
    assert len({round(score, 6) for score in scores}) == 6
    order = sorted(range(6), key=lambda place: -scores[place])
    assert order != list(range(6))
    found = HybridRetriever(index, ordering=Reranking(reranker, 6)).retrieve(question, 3).passages
    expected = [
        replace(
            before[place],
            score=scores[place],
            scores={**before[place].scores, "fused": before[place].score, "reranker": scores[place]},
        )
        for place in order[:3]
    ]
    assert [passage.hit for passage in found] == expected


def test_the_reranker_reads_no_more_than_it_is_given(index: Index, model: Path) -> None:
    retriever = HybridRetriever(index, ordering=Reranking(CrossEncoderReranker(str(model)), 2))
    found = retriever.retrieve("主干路坑槽多久修补？", 6).passages
    assert ["reranker" in passage.hit.scores for passage in found] == [True, True, False, False, False, False]
    assert [passage.hit.score for passage in found] == sorted((p.hit.score for p in found), reverse=True)


def test_the_reranker_is_a_setting_of_the_chatbot(bot: Chatbot, index: Index, model: Path) -> None:
    settings = Settings(home=bot.settings.home, reranker=str(model), rerank_passages=4)
    reranked = Chatbot.open(settings)
    question = "主干路坑槽多久修补？"
    reranking = Reranking(CrossEncoderReranker(str(model)), 4)
    expected = HybridRetriever(index, ordering=reranking).retrieve(question, 5).passages
    assert reranked.search(question, k=5) == [passage.hit for passage in expected]
    assert [set(hit.scores) for hit in reranked.ask(question).hits[:4]] == [
        {"dense", "lexical", "fused", "reranker"}
    ] * 4
    assert not any("reranker" in hit.scores for hit in bot.search(question))


# --- a changing index -------------------------------------------------------------------------------------------


@pytest.fixture
def changing(bot: Chatbot, tmp_path: Path) -> Iterator[Index]:
    """A copy of the index that a test may change."""
    home = tmp_path / "home"
    copy_home(bot.settings.state, home)
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
