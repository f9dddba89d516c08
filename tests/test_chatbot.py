from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from rag import Chatbot, Settings
from rag.answer.abstention import required
from rag.answer.citations import cite, extract, pieces
from rag.corpus.chunking import body_start
from rag.corpus.sentences import sentence_spans
from rag.errors import (
    DocumentError,
    DocumentNotFoundError,
    EmptyIndexError,
    IndexMismatchError,
    ModelError,
    PolicyRagError,
    QuestionError,
    StorageError,
)
from rag.index.bundled_model import MODEL_FILE, model_folder
from rag.retrieval.hybrid import Passage
from rag.schema import (
    Answer,
    AnswerEvent,
    CitationEvent,
    Failure,
    Hit,
    HitsEvent,
    IngestReport,
    Progress,
    TextEvent,
    VerifyReport,
)
from tests.conftest import SEEDS, SMALL_DOCUMENTS

RATE = "温州到2025年的城市化率目标是多少？"
PARTLY = "温州和杭州的城市化率目标各是多少？"
WHALES = "鲸鱼怎样在深海里睡觉？"
SMALL_QUESTION = "到2025年政务服务事项网上可办率要达到多少？"
QUESTIONS = [
    RATE,
    "溫州希望到2025年經濟實力在全國地級以上城市裡排到第幾名以內?",
    "“信用溫州”的誠信日定在哪一天?",
    "溫州要持續擦亮的基層黨建品牌叫什麼?",
    "遂宁规定园区企业里党员到几个人就必须建党组织?",
    "遂宁市委城乡基层治理委员会的日常工作由谁承担,办公室挂在哪个部门?",
    "遂宁准备启动哪个县的撤县设区?",
    "搞“推进新城区域社会治理现代化”的那个新区,把多少个印章合成了一颗?",
    "《红色引领 联动融合》一文里的城市,各部门和各区之间平均一天交换多少条数据?",
    "“1+4”基层治理模式是从多少个经济发达镇先试出来的?",
    "温州要求到2020年有多少政务服务事项能“掌上办理”?",
    "温州各单位最晚什么时候要把“两强三提高”的具体落实计划做出来?",
    "长治这份工作方案是依据哪个文号的规划来的?",
    "长治打破部门“信息孤岛”、形成“全市一张网”这项任务由哪些单位牵头?",
    "长治政务服务平台的运营机构准备用什么办法选出来?",
    "龍港的行政管理模式有哪四個特點?",
    "遂宁的“五廉一体”文化格局是哪五个廉?",
    "遂宁打造一流营商环境,围绕哪八个方面的环境列目标清单和责任清单?",
    "“六增六提”最后要让社区(治理)达到哪六个“化”?",
    "会议讲话2里“六无”平安村(社区)是哪六个“无”?",
    "温州2018年“两强三提高”方案部署了哪十大行动?",
    "长治这份工作方案定了哪五条基本原则?",
    "温州企业投资项目的审批提速,2018年政府方案和后来市委全会决定各承诺多少天?",
    "温州和遂宁关于村(社区)书记兼任主任,各自是怎么规定的?",
    "遂宁、长治在社区里搭党组织,各是几级、最基层到哪里?",
    "What urbanisation rate does the Wenzhou decision aim for by 2025?",
    "According to the compilation, to how many townships was the model extended?",
    "居民总被叫去居委会开各种条子,搞“六增六提”那个区最后只留下几种?",
    "自由貿易港那份決定要全面禁止哪類塑料製品?",
    "温州",
    "第三條",
    PARTLY,
    WHALES,
    "？？？",
    "\0😀\u200b",
    "AND NOT (a:b*~^",
]


def timeless(answer: Answer) -> Answer:
    """``answer`` without what differs from run to run."""
    return replace(answer, timings={})


# --- answers on the seeds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_contract_of_an_answer(seeds_bot: Chatbot, question: str) -> None:
    answer = seeds_bot.ask(question)
    for citation in answer.citations:
        assert citation.quote == seeds_bot.document(citation.source).text[citation.start : citation.end]
        assert citation.quote.strip() != ""
    assert (answer.question, answer.rewritten, answer.provider, answer.prompt) == (question, None, "extractive", None)
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    check_support(seeds_bot, answer)
    assert 0 <= answer.confidence <= 1
    assert answer.timings.keys() == {"retrieve", "answer"}
    assert all(value >= 0 for value in answer.timings.values())
    assert answer.refused == (answer.reason is not None) == (not answer.citations)
    assert answer.refused == (answer.confidence < required(seeds_bot.settings.strictness))
    if not answer.refused:
        cited = "".join(pieces(answer.sentences))
        assert answer.text == (f"{cited}\n{answer.partial}" if answer.partial else cited)
    assert answer.hits == tuple(seeds_bot.search(question))
    assert len(answer.hits) == 8
    for hit in answer.hits:
        check_hit(seeds_bot, hit)


def check_support(bot: Chatbot, answer: Answer) -> None:
    """Every sentence is supported, by the words of one citation, without what was taken out of them for reading."""
    assert sorted({number for each in answer.sentences for number in each.citations}) == [
        citation.number for citation in answer.citations
    ]
    for sentence in answer.sentences:
        [number] = sentence.citations
        citation, span = answer.citations[number - 1], sentence.support
        assert span is not None
        assert (sentence.verdict, span.source) == ("supported", citation.source)
        assert citation.start <= span.start < span.end <= citation.end
        document = bot.document(span.source)
        furniture = {n for piece in document.furniture for n in range(piece.start, piece.end)}
        kept = [document.text[n] for n in range(span.start, span.end) if n not in furniture]
        assert "".join(kept) == sentence.text


def check_hit(bot: Chatbot, hit: Hit) -> None:
    document = bot.document(hit.source)
    [chunk] = [chunk for chunk in document.chunks if chunk.chunk_id == hit.chunk_id]
    assert (hit.text, hit.start, hit.end) == (chunk.text, chunk.start, chunk.end)
    assert (hit.title, hit.section) == (document.metadata.title, " › ".join(chunk.path))


def test_the_question_of_the_readme(seeds_bot: Chatbot) -> None:
    answer = seeds_bot.ask(RATE)
    assert "72%" in answer.text
    [citation] = [citation for citation in answer.citations if "72%" in citation.quote]
    assert citation.source == "wenzhou-governance-decision-2020.txt"
    assert citation.title == "中共溫州市委關於高水平推進市域治理現代化的決定"
    assert "力爭到2025年全市城市化率達72%以上" in citation.quote


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("“信用溫州”的誠信日定在哪一天?", "8·8誠信日"),
        ("遂宁准备启动哪个县的撤县设区?", "大英县"),
        ("长治这份工作方案是依据哪个文号的规划来的?", "长政发(2023)25号"),
        ("“1+4”基层治理模式是从多少个经济发达镇先试出来的?", "48 个经济发达镇"),
        ("遂宁的“五廉一体”文化格局是哪五个廉?", "诗廉、书廉、莲廉、盐廉、助廉"),
        ("What urbanisation rate does the Wenzhou decision aim for by 2025?", "72%"),
    ],
)
def test_answers_hold_what_was_asked_for(seeds_bot: Chatbot, question: str, words: str) -> None:
    assert words in seeds_bot.ask(question).text


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        (RATE, "溫州到2025年的城市化率目標是多少？"),
        ("遂宁准备启动哪个县的撤县设区？", "遂寧準備啟動哪個縣的撤縣設區？"),
        ("温州要持续擦亮的基层党建品牌叫什么？", "溫州要持續擦亮的基層黨建品牌叫什麼？"),
        ("长治的基本医保经办服务要下沉覆盖到哪几级？", "長治的基本醫保經辦服務要下沉覆蓋到哪幾級？"),
        ("温州和遂宁关于村书记兼任主任，各自是怎么规定的？", "溫州和遂寧關於村書記兼任主任，各自是怎麼規定的？"),
    ],
)
def test_both_scripts_get_the_same_answer_from_the_same_sources(
    seeds_bot: Chatbot, simplified: str, traditional: str
) -> None:
    first, second = seeds_bot.ask(simplified), seeds_bot.ask(traditional)
    assert first.text == second.text
    assert first.citations == second.citations != ()
    assert first.hits == second.hits
    assert first.confidence == second.confidence


def test_asking_again_gives_the_same(seeds_bot: Chatbot) -> None:
    assert timeless(seeds_bot.ask(RATE)) == timeless(seeds_bot.ask(RATE))


def test_white_space_around_a_question_is_not_searched(seeds_bot: Chatbot) -> None:
    padded = seeds_bot.ask(f"  {RATE}\n")
    assert padded.question == f"  {RATE}\n"
    assert timeless(replace(padded, question=RATE)) == timeless(seeds_bot.ask(RATE))


def test_a_quote_spans_what_was_taken_out_of_the_text(seeds_bot: Chatbot) -> None:
    """Every sentence the seeds could be cited with that has furniture (a slice number, a line break) inside."""
    spanning = 0
    for info in seeds_bot.documents():
        document = seeds_bot.document(info.source)
        hit = Hit("", 0.0, info.source, "", "", 0, 0, "")
        for chunk in (chunk for chunk in document.chunks if chunk.gaps):
            for start, end in sentence_spans(chunk.text, body_start(chunk)):
                words = extract(Passage(hit, chunk, document.metadata), start, end)
                quote = cite(words, number=1, original=document.text).quote
                assert quote == document.text[words.start : words.end]
                without = "".join(
                    char
                    for offset, char in enumerate(quote, words.start)
                    if not any(gap_start <= offset < gap_end for gap_start, gap_end in chunk.gaps)
                )
                assert without == words.text == chunk.text[start:end]
                spanning += quote != words.text
    assert spanning > 0


def test_answers_are_json(seeds_bot: Chatbot) -> None:
    for answer in (seeds_bot.ask(RATE), seeds_bot.ask(WHALES)):
        told = json.loads(json.dumps(asdict(answer)))
        assert told.keys() == asdict(answer).keys()
        assert told["text"] == answer.text
        assert told["hits"] == [
            {**asdict(hit), "scores": dict(hit.scores), "copies": list(map(asdict, hit.copies))} for hit in answer.hits
        ]
        assert told["citations"] == [asdict(citation) for citation in answer.citations]


# --- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "text", "reason"),
    [
        ("杭州“城市大脑”的建设总投资是多少?", "资料中没有找到可以回答这个问题的内容。", "最接近的段落说的不是杭州。"),
        ("溫州的決定裡2030年的城市化率目標是多少?", "資料中沒有找到可以回答這個問題的內容。", "2030年"),
        (WHALES, "资料中没有找到可以回答这个问题的内容。", "作答需要 40%"),
        ("Why do whales sing?", "The corpus does not say.", "40% needed"),
    ],
)
def test_a_refusal_says_why_and_shows_the_nearest_passages(
    seeds_bot: Chatbot, question: str, text: str, reason: str
) -> None:
    answer = seeds_bot.ask(question)
    assert (answer.refused, answer.text, answer.citations, answer.sentences) == (True, text, (), ())
    assert answer.reason is not None
    assert reason in answer.reason
    assert answer.hits == tuple(seeds_bot.search(question)) != ()


def test_how_sure_it_has_to_be_is_a_setting(library: Path) -> None:
    timid = Chatbot.open(Settings(home=library, min_confidence=1))
    bold = Chatbot.open(Settings(home=library, min_confidence=0))
    assert timid.ask(SMALL_QUESTION).refused
    assert not bold.ask(WHALES).refused
    assert timid.ask(SMALL_QUESTION).confidence == bold.ask(SMALL_QUESTION).confidence


# --- search, streams and conversations --------------------------------------------------------------------------


def test_search_gives_as_many_as_asked_for(seeds_bot: Chatbot) -> None:
    many = seeds_bot.search(RATE, k=20)
    assert len(many) == 20
    assert [hit.score for hit in many] == sorted((hit.score for hit in many), reverse=True)
    assert seeds_bot.search(RATE, k=3) == many[:3]
    assert seeds_bot.search(RATE) == many[:8]
    assert len(Chatbot.open(replace_settings(seeds_bot, k=2)).ask(RATE).hits) == 2


def replace_settings(bot: Chatbot, **changes: Any) -> Settings:
    return Settings(**{**bot.settings.model_dump(), **changes})


@pytest.mark.parametrize("k", [0, -1])
def test_a_search_for_nothing_is_refused(seeds_bot: Chatbot, k: int) -> None:
    with pytest.raises(QuestionError, match=rf"^k is {k}, but a search gives at least 1 passage\."):
        seeds_bot.search(RATE, k=k)


@pytest.mark.parametrize(
    "question", [RATE, "遂宁的“五廉一体”文化格局是哪五个廉?", "温州和遂宁各有什么做法？", PARTLY, WHALES]
)
def test_a_stream_ends_with_the_answer_that_ask_gives(seeds_bot: Chatbot, question: str) -> None:
    first, *middle, last = seeds_bot.stream(question)
    asked = seeds_bot.ask(question)
    assert isinstance(last, AnswerEvent)
    assert timeless(last.answer) == timeless(asked)
    assert first == HitsEvent(asked.hits)
    texts = [event.text for event in middle if isinstance(event, TextEvent)]
    cited = [event.citation for event in middle if isinstance(event, CitationEvent)]
    assert len(texts) == max(1, len(asked.sentences) + (asked.partial is not None))
    assert tuple(cited) == asked.citations
    assert len(texts) + len(cited) == len(middle)
    assert "".join(texts) == asked.text


def test_a_stream_that_is_left_early_does_no_harm(seeds_bot: Chatbot) -> None:
    events = seeds_bot.stream(RATE)
    assert isinstance(next(events), HitsEvent)
    events.close()  # type: ignore[attr-defined]
    assert "72%" in seeds_bot.ask(RATE).text


HISTORY = [{"role": "user", "content": RATE}, {"role": "assistant", "content": "72%以上。[1]"}]


def test_a_follow_up_is_completed_and_says_so(seeds_bot: Chatbot) -> None:
    answer = seeds_bot.ask("那2035年呢？", history=HISTORY)
    completed = RATE.replace("2025", "2035")
    assert (answer.question, answer.rewritten) == ("那2035年呢？", completed)
    assert answer.hits == tuple(seeds_bot.search(completed))
    assert seeds_bot.search("那2035年呢？", history=HISTORY) == list(answer.hits)
    *_, last = seeds_bot.stream("那2035年呢？", history=HISTORY)
    assert isinstance(last, AnswerEvent)
    assert timeless(last.answer) == timeless(answer)


def test_a_question_that_stands_alone_ignores_the_history(seeds_bot: Chatbot) -> None:
    question = "遂宁准备启动哪个县的撤县设区？"
    assert timeless(seeds_bot.ask(question, history=HISTORY)) == timeless(seeds_bot.ask(question))


def test_threads_that_ask_at_once_get_the_same_answers(seeds_bot: Chatbot) -> None:
    fresh = Chatbot.open(seeds_bot.settings)  # index and model are opened by whichever thread comes first
    with ThreadPoolExecutor(8) as pool:
        answers = [timeless(answer) for answer in pool.map(fresh.ask, QUESTIONS[:8])]
    assert answers == [timeless(fresh.ask(question)) for question in QUESTIONS[:8]]


# --- bad questions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "the question is empty. Ask something."),
        (" \u3000\n", "the question is empty. Ask something."),
        (
            "长" * 10_000,
            "the question has 10000 characters, more than 1000. Shorten it, or raise RAG_MAX_QUESTION_CHARS.",
        ),
        ("温州\udcff？", "the question holds a broken character, '\\udcff'. Type it again."),
    ],
)
def test_a_bad_question_is_refused_by_name(seeds_bot: Chatbot, question: str, message: str) -> None:
    for ask in (seeds_bot.ask, seeds_bot.search, lambda each: list(seeds_bot.stream(each))):
        with pytest.raises(QuestionError) as caught:
            ask(question)
        assert str(caught.value) == message


def test_a_broken_character_in_the_history_is_refused_too(seeds_bot: Chatbot) -> None:
    with pytest.raises(QuestionError, match="broken character"):
        seeds_bot.ask("那2035年呢？", history=[{"role": "user", "content": "温州\udcff"}])


def test_the_longest_question_is_a_setting(seeds_bot: Chatbot) -> None:
    longest = "长" * 1000
    assert seeds_bot.ask(longest).question == longest
    brief = Chatbot.open(replace_settings(seeds_bot, max_question_chars=10))
    with pytest.raises(QuestionError, match="has 19 characters, more than 10"):
        brief.ask(RATE)


def test_an_unknown_source_is_named_with_the_nearest(seeds_bot: Chatbot) -> None:
    name = "wenzhou-governance-decision.txt"
    with pytest.raises(DocumentNotFoundError, match=r"wenzhou-governance-decision-2020\.txt") as caught:
        seeds_bot.document(name)
    assert name in str(caught.value)
    with pytest.raises(DocumentNotFoundError, match=r"nowhere\.txt"):
        seeds_bot.document("nowhere.txt")


# --- the library ------------------------------------------------------------------------------------------------


@pytest.fixture
def bot(home: Path, papers: Path) -> Iterator[Chatbot]:
    """A chatbot on the two small documents, with a home of its own."""
    bot = Chatbot.open(Settings(home=home))
    assert bot.ingest([papers]) == IngestReport(added=tuple(sorted(SMALL_DOCUMENTS)))
    yield bot
    bot.close()


def usable(bot: Chatbot) -> bool:
    """Whether both documents are still there, whole, and answer."""
    sound = bot.verify() == VerifyReport(2, sum(info.chunks for info in bot.documents()))
    return sound and "98%" in bot.ask(SMALL_QUESTION).text


def test_documents_are_listed_and_given_back_as_they_were(seeds_bot: Chatbot) -> None:
    infos = seeds_bot.documents()
    assert [info.source for info in infos] == sorted(path.name for path in SEEDS.glob("*.txt"))
    for info in infos:
        document = seeds_bot.document(info.source)
        assert document.text == (SEEDS / info.source).read_bytes().decode("utf-8-sig")
        assert (info.metadata, info.sha256, info.encoding) == (document.metadata, document.sha256, document.encoding)
        assert (info.sections, info.chunks) == (len(document.sections), len(document.chunks))
        assert info.path == str(SEEDS / info.source)


def test_every_character_of_the_seeds_is_accounted_for(seeds_bot: Chatbot) -> None:
    counts = {info.source: (info.chunk_characters, info.furniture_characters) for info in seeds_bot.documents()}
    assert {source: sum(both) for source, both in counts.items()} == {
        info.source: len(seeds_bot.document(info.source).text) for info in seeds_bot.documents()
    }
    for source, (chunks, furniture) in counts.items():
        document = seeds_bot.document(source)
        assert chunks == sum(len(chunk.text) for chunk in document.chunks) > 0
        assert furniture == sum(span.end - span.start for span in document.furniture) > 0


def test_a_second_ingest_changes_nothing(bot: Chatbot, papers: Path) -> None:
    before = (bot.documents(), timeless(bot.ask(SMALL_QUESTION)))
    told: list[Progress] = []
    assert bot.ingest([papers], progress=told.append) == IngestReport(unchanged=tuple(sorted(SMALL_DOCUMENTS)))
    assert {progress.stage for progress in told} == {"reading"}
    assert (bot.documents(), timeless(bot.ask(SMALL_QUESTION))) == before


def test_changed_added_and_removed_files_are_followed(bot: Chatbot, papers: Path) -> None:
    changed, gone = papers / "数字政府.txt", papers / "老年助餐.txt"
    changed.write_text(changed.read_text("utf-8").replace("98%", "99%"), encoding="utf-8")
    gone.unlink()
    (papers / "新.txt").write_text("白沙区河道办法\n第一条 每周巡查河道两次。\n", encoding="utf-8")
    assert bot.ingest([str(papers)]) == IngestReport(
        added=("新.txt",), updated=("数字政府.txt",), removed=("老年助餐.txt",)
    )
    assert "99%" in bot.ask(SMALL_QUESTION).text
    assert "98%" not in bot.document("数字政府.txt").text
    assert "每周巡查河道两次" in bot.ask("白沙区每周巡查河道几次？").text
    assert bot.verify().problems == ()
    with pytest.raises(DocumentNotFoundError):
        bot.document("老年助餐.txt")


def test_bad_files_among_good_ones_are_reported_and_the_rest_is_usable(bot: Chatbot, papers: Path) -> None:
    (papers / "empty.txt").write_bytes(b"")
    (papers / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20)
    (papers / "french.txt").write_bytes("Décision du préfet à propos de l'été".encode("latin-1") * 9)
    (papers / "河道.txt").write_text("白沙区河道办法\n第一条 每周巡查河道两次。\n", encoding="utf-8")
    report = bot.ingest([papers])
    failed = {Path(failure.path).name: failure.reason for failure in report.failed}
    assert report == IngestReport(
        added=("河道.txt",),
        unchanged=tuple(sorted(SMALL_DOCUMENTS)),
        failed=tuple(Failure(str(papers / name), reason) for name, reason in failed.items()),
    )
    assert failed.keys() == {"empty.txt", "french.txt", "image.txt"}
    assert all(name in reason for name, reason in failed.items())
    assert "empty" in failed["empty.txt"]
    assert "Save it as UTF-8" in failed["french.txt"]
    assert "每周巡查河道两次" in bot.ask("白沙区每周巡查河道几次？").text
    assert "98%" in bot.ask(SMALL_QUESTION).text
    assert bot.verify().problems == ()


def test_a_file_that_goes_bad_keeps_what_was_indexed_of_it(bot: Chatbot, papers: Path) -> None:
    (papers / "数字政府.txt").write_bytes(b"")
    report = bot.ingest([papers])
    assert [Path(failure.path).name for failure in report.failed] == ["数字政府.txt"]
    assert report.unchanged == ("老年助餐.txt",)
    assert usable(bot)


def test_a_file_over_the_limit_is_refused_by_its_size(home: Path, papers: Path) -> None:
    bot = Chatbot.open(Settings(home=home, max_file_mb=0.0005))
    report = bot.ingest([papers])
    assert report.added == ("老年助餐.txt",)
    [failure] = report.failed
    assert "more than the limit of 0.0005 MB. Split it, or raise RAG_MAX_FILE_MB." in failure.reason


@pytest.mark.parametrize("name", ["missing", "missing.txt"])
def test_a_missing_path_changes_nothing(bot: Chatbot, papers: Path, tmp_path: Path, name: str) -> None:
    (papers / "新.txt").write_text("白沙区河道办法\n第一条 每周巡查河道两次。\n", encoding="utf-8")
    with pytest.raises(DocumentNotFoundError, match=name):
        bot.ingest([papers, tmp_path / name])
    assert usable(bot)


def test_an_empty_folder_changes_nothing(bot: Chatbot, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DocumentError, match=r"no document in the folder .*nothing"):
        bot.ingest([tmp_path / "nothing"])
    assert usable(bot)


def test_asking_before_ingest_says_what_to_run(home: Path) -> None:
    bot = Chatbot.open(Settings(home=home))
    for ask in (bot.ask, bot.search):
        with pytest.raises(EmptyIndexError, match=r"nothing has been ingested into .*Run `rag ingest PATH` first"):
            ask(RATE)
    assert (bot.documents(), bot.verify()) == ([], VerifyReport(0, 0))


def test_a_chatbot_that_was_asked_too_early_answers_after_ingest(home: Path, papers: Path) -> None:
    bot = Chatbot.open(Settings(home=home))
    with pytest.raises(EmptyIndexError):
        bot.ask(SMALL_QUESTION)
    bot.ingest([papers])
    assert "98%" in bot.ask(SMALL_QUESTION).text


def test_a_row_of_a_table_is_quoted_whole(bot: Chatbot, papers: Path) -> None:
    rows = [
        "任务,责任单位,完成时限",
        "整合网格；统一划分,市委政法委,2023年6月",
        "建设指挥平台；接入热线,市大数据局,2024年底",
    ]
    (papers / "分工.csv").write_text("\n".join(rows), encoding="utf-8")
    bot.ingest([papers])
    answer = bot.ask("建设指挥平台什么时候完成？")
    row = "任务：建设指挥平台；接入热线 | 责任单位：市大数据局 | 完成时限：2024年底"
    assert [sentence.text for sentence in answer.sentences] == [row]
    assert [citation.quote for citation in answer.citations] == [row]


def test_after_removing_the_last_document_it_says_what_to_run(bot: Chatbot, papers: Path) -> None:
    bot.remove("数字政府.txt")
    assert all(hit.source == "老年助餐.txt" for hit in bot.search(SMALL_QUESTION))
    with pytest.raises(DocumentNotFoundError, match=r"数字政府\.txt"):
        bot.remove("数字政府.txt")
    bot.remove("老年助餐.txt")
    for each in (bot, Chatbot.open(bot.settings)):
        with pytest.raises(EmptyIndexError, match="rag ingest PATH"):
            each.ask(SMALL_QUESTION)
    bot.ingest([papers])
    assert usable(bot)


def test_what_was_removed_can_be_put_back(bot: Chatbot, papers: Path) -> None:
    answer, infos, document = bot.ask(SMALL_QUESTION), bot.documents(), bot.document("数字政府.txt")
    with pytest.raises(DocumentError, match=r"^数字政府\.txt is in the index already\. Remove it first"):
        bot.restore(document)
    bot.remove("数字政府.txt")
    (papers / "数字政府.txt").rename(papers / "away")
    bot.configured(k=2).restore(document)
    assert (bot.documents(), bot.document("数字政府.txt")) == (infos, document)
    # The words of what was deleted count until the lexical index merges its parts, so scores may differ.
    again = bot.ask(SMALL_QUESTION)
    assert (again.text, again.citations) == (answer.text, answer.citations)
    for citation in answer.citations:
        assert citation.quote == document.text[citation.start : citation.end]
    assert usable(bot)
    (papers / "away").rename(papers / "数字政府.txt")
    assert bot.ingest([papers]) == IngestReport(unchanged=tuple(sorted(SMALL_DOCUMENTS)))


def test_a_chatbot_that_was_closed_opens_again(bot: Chatbot, papers: Path) -> None:
    answer = timeless(bot.ask(SMALL_QUESTION))
    bot.close()
    bot.close()
    assert timeless(bot.ask(SMALL_QUESTION)) == answer
    assert bot.ingest([papers]).unchanged == tuple(sorted(SMALL_DOCUMENTS))


# --- damage and change ------------------------------------------------------------------------------------------


def test_an_index_of_another_chunk_size_is_refused_and_rebuilt_from_the_catalogue(bot: Chatbot, papers: Path) -> None:
    shutil.rmtree(papers)  # the files are not needed
    other = Chatbot.open(replace_settings(bot, chunk_chars=80))
    for use in (lambda: other.ask(SMALL_QUESTION), lambda: other.ingest([SEEDS])):
        with pytest.raises(IndexMismatchError, match=r"chunk_chars 300, now 80.*`rag verify --repair`"):
            use()
    assert "98%" in bot.ask(SMALL_QUESTION).text
    [problem] = other.verify().problems
    report = other.verify(repair=True)
    assert (report.documents, report.problems, report.repaired) == (2, (problem,), True)
    assert other.verify().problems == ()
    answer = other.ask(SMALL_QUESTION)
    assert "98%" in answer.text
    for citation in answer.citations:
        assert citation.quote == other.document(citation.source).text[citation.start : citation.end]
    with pytest.raises(IndexMismatchError, match="chunk_chars 80, now 300"):
        Chatbot.open(bot.settings).ask(SMALL_QUESTION)


def test_an_index_of_another_model_is_refused(bot: Chatbot, tmp_path: Path) -> None:
    other = Chatbot.open(replace_settings(bot, embedding_model=str(tmp_path / "model")))
    with pytest.raises(IndexMismatchError, match=r"multilingual-e5-small.*rag verify --repair"):
        other.ask(SMALL_QUESTION)
    assert usable(bot)


@pytest.mark.parametrize("part", ["vectors", "lexical", "manifest.json"])
def test_a_lost_part_is_named_and_repaired(bot: Chatbot, part: str) -> None:
    home = bot.settings.state
    bot.close()
    (home / part).rename(home / "lost")
    broken = Chatbot.open(bot.settings)
    with pytest.raises(PolicyRagError, match="rag verify --repair"):
        broken.ask(SMALL_QUESTION)
    assert broken.verify(repair=True).repaired
    assert usable(broken)


def test_a_home_that_is_a_file_is_named(tmp_path: Path, papers: Path) -> None:
    home = tmp_path / "not-a-folder"
    home.write_text("a file", encoding="utf-8")
    bot = Chatbot.open(Settings(home=home))
    for use in (lambda: bot.ask(RATE), lambda: bot.ingest([papers]), bot.documents, bot.verify):
        with pytest.raises(StorageError, match=r"not-a-folder.* Set RAG_HOME to another"):
            use()
    assert home.read_text("utf-8") == "a file"


def test_a_damaged_model_is_named_and_built_anew_once_it_is_deleted(bot: Chatbot, papers: Path) -> None:
    home = bot.settings.state
    shared = (home / "models").resolve()
    (home / "models").unlink()
    shutil.copytree(shared, home / "models")
    model = model_folder(home) / MODEL_FILE
    with model.open("r+b") as file:
        file.write(b"damaged")
    damaged = Chatbot.open(bot.settings)
    (papers / "新.txt").write_text("白沙区河道办法\n第一条 每周巡查河道两次。\n", encoding="utf-8")
    for use in (lambda: damaged.ask(SMALL_QUESTION), lambda: damaged.ingest([papers])):
        with pytest.raises(ModelError) as caught:
            use()
        assert str(caught.value).startswith(f"the embedding model's file {model} is damaged")
        assert str(caught.value).endswith(f"Delete {model.parent}; the next use builds it anew.")
    assert [info.source for info in damaged.documents()] == sorted(SMALL_DOCUMENTS)
    shutil.rmtree(model.parent)
    assert "98%" in damaged.ask(SMALL_QUESTION).text
    assert damaged.ingest([papers]).added == ("新.txt",)
    assert damaged.verify().problems == ()
