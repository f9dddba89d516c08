"""Answers that a scripted model writes from the passages of a real search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from rag import Chatbot, Settings
from rag.answer.assembly import assemble
from rag.answer.enforcement import Enforcement, Rules
from rag.answer.markers import SentenceStream
from rag.answer.prompts import load_prompt
from rag.errors import ConfigurationError, LLMError, PromptError
from rag.schema import Answer, AnswerEvent, Citation, CitationEvent, HitsEvent, Sentence, Span, TextEvent
from tests.answer.conftest import DOCUMENTS
from tests.answer.scripted import Scripted

NINGBO = "宁波的老年人每餐补助多少元？"
FIVE = "年满八十周岁的老年人每餐补助五元，由市民政局按月发放。"
EIGHT = "年滿七十五周歲的老年人每餐補助八元，由區縣財政承擔。"
MENU = "助餐点应当公示菜价。"
UNKNOWN = "鲸鱼怎样在深海里睡觉？"


def numbered(user: str, words: str) -> int:
    """The number of the passage that holds ``words`` in what the model was given."""
    before = user[: user.index(words)]
    return int(re.findall(r"^\[(\d+)\]", before, re.MULTILINE)[-1])


OPENED: dict[str, tuple[Chatbot, Scripted]] = {}


def writing(bot: Chatbot, reply: Any, *, model: Scripted | None = None, **llm: Any) -> Chatbot:
    """A chatbot on the documents of ``bot`` whose model replies ``reply``; one for all replies with these settings."""
    settings = Settings(home=bot.settings.home, llm={"retries": 0, **llm})
    if model is not None:
        return Chatbot(settings, model=model)
    if repr(settings) not in OPENED:
        scripted = Scripted(reply="")
        OPENED[repr(settings)] = Chatbot(settings, model=scripted), scripted
    opened, scripted = OPENED[repr(settings)]
    scripted.reply = reply
    return opened


def timeless(answer: Answer) -> Answer:
    return replace(answer, timings={})


def span(source: str, words: str) -> tuple[int, int]:
    start = DOCUMENTS[source].index(words)
    return start, start + len(words)


# --- whole answers ----------------------------------------------------------------------------------------------


def test_a_whole_answer(small_bot: Chatbot) -> None:
    model = Scripted(reply=lambda user: f"{FIVE}[{numbered(user, FIVE)}]\n{MENU}[{numbered(user, MENU)}]")
    bot = writing(small_bot, None, model=model)
    answer = bot.ask(NINGBO)
    five, menu = span("宁波.txt", FIVE), span("宁波.txt", MENU)
    assert answer.text == f"{FIVE}[1]\n{MENU}[2]"
    assert (answer.refused, answer.reason, answer.partial, answer.notice, answer.invented) == (
        False, None, None, None, 0,
    )  # fmt: skip
    assert answer.sentences == (
        Sentence(FIVE, (1,), "supported", Span("宁波.txt", *five)),
        Sentence(MENU, (2,), "supported", Span("宁波.txt", *menu)),
    )
    title = "宁波市老年助餐服务办法"
    assert answer.citations == (
        Citation(1, "宁波.txt", title, "第二条", *five, FIVE),
        Citation(2, "宁波.txt", title, "第三条", *menu, MENU),
    )
    assert (answer.provider, answer.prompt) == ("langchain:scripted", "answer.v1")
    assert answer.hits == tuple(bot.search(NINGBO))
    assert answer.timings.keys() == {"retrieve", "answer", "model"}
    assert answer.timings["model"] <= answer.timings["answer"]
    [messages] = model.asked
    assert [message.type for message in messages] == ["system", "human"]
    assert NINGBO in messages[1].text
    assert "简体中文" in messages[1].text


def test_numbers_are_ours_by_first_use(small_bot: Chatbot) -> None:
    def reply(user: str) -> str:
        return f"{MENU}[{numbered(user, MENU)}]{FIVE}[{numbered(user, FIVE)}]{MENU[:-1]}\n"

    answer = writing(small_bot, reply).ask(NINGBO)
    assert [each.quote for each in answer.citations] == [MENU, FIVE]
    assert answer.text == f"{MENU}[1]{FIVE}[2]{MENU[:-1]}[1]"
    assert [sentence.citations for sentence in answer.sentences] == [(1,), (2,), (1,)]


@pytest.mark.parametrize("mark", ["", "[3]", "[99]", "（来源：国务院）"])
def test_a_sentence_is_attached_to_the_passage_that_supports_it(small_bot: Chatbot, mark: str) -> None:
    answer = writing(small_bot, f"{FIVE}{mark}").ask(NINGBO)
    assert answer.text == f"{FIVE}[1]"
    assert [each.quote for each in answer.citations] == [FIVE]
    assert answer.invented == (mark in ("[99]", "（来源：国务院）"))


def test_a_sentence_about_two_places_is_supported_where_each_part_is(small_bot: Chatbot) -> None:
    said = "宁波年满八十周岁的老年人每餐补助五元，绍兴年满七十五周岁的老年人每餐补助八元。"
    bot = writing(small_bot, said)
    answer = bot.ask("宁波和绍兴的老年人每餐补助各自是多少元？")
    assert [(each.verdict, each.citations) for each in answer.sentences] == [("supported", (1, 2))]
    assert [each.source for each in answer.citations] == ["宁波.txt", "绍兴.txt"]
    swapped = said.replace("五元", "九元")
    assert writing(small_bot, swapped).ask(bot.ask(NINGBO).question).refused


def test_the_pieces_of_a_stream_are_the_answer(small_bot: Chatbot) -> None:
    bot = writing(small_bot, f"市长每天巡查。{FIVE}补助标准是每餐九元。[1]{MENU}资料未提及：杭州。")
    first, *middle, last = bot.stream(NINGBO)
    assert first == HitsEvent(tuple(bot.search(NINGBO)))
    assert isinstance(last, AnswerEvent)
    assert timeless(last.answer) == timeless(bot.ask(NINGBO))
    assert "".join(event.text for event in middle if isinstance(event, TextEvent)) == last.answer.text
    known: set[int] = set()
    for event in middle:
        if isinstance(event, CitationEvent):
            known.add(event.citation.number)
        elif isinstance(event, TextEvent):
            assert {int(number) for number in re.findall(r"\[(\d+)\]", event.text)} <= known
    assert known == {each.number for each in last.answer.citations}


def test_citations_come_before_their_text_in_the_documents_own_words_too(small_bot: Chatbot) -> None:
    events = list(small_bot.stream(NINGBO))
    assert isinstance(events[-1], AnswerEvent)
    [citation] = events[-1].answer.citations
    assert events[1:3] == [CitationEvent(citation), TextEvent(f"{FIVE}[1]")]


def test_the_first_event_needs_no_model(small_bot: Chatbot) -> None:
    model = Scripted(reply=FIVE)
    events = writing(small_bot, None, model=model).stream(NINGBO)
    assert isinstance(next(events), HitsEvent)
    assert model.asked == []


# --- what is not supported --------------------------------------------------------------------------------------


def test_what_is_not_supported_is_flagged_in_the_script_of_the_question(small_bot: Chatbot) -> None:
    wrong = "年满八十周岁的老年人每餐补助九元。"
    answer = writing(small_bot, f"{FIVE}[1]{wrong}[1]").ask(NINGBO)
    assert answer.text == f"{FIVE}[1]{wrong}（资料未证实）"
    assert answer.sentences[1:] == (Sentence(wrong, (), "unsupported"),)
    assert "（資料未證實）" in writing(small_bot, f"{FIVE}{wrong}").ask("寧波的老年人每餐補助多少元？").text


def test_or_dropped_and_counted(small_bot: Chatbot) -> None:
    reply = f"{FIVE}[1]年满八十周岁的老年人每餐补助九元。[1]"
    answer = writing(small_bot, reply, flag_unsupported="drop").ask(NINGBO)
    assert (answer.text, answer.notice) == (f"{FIVE}[1]", "模型写的1句话没有资料支持，已略去。")


def test_what_has_nothing_to_do_with_the_passages_is_dropped_in_any_case(small_bot: Chatbot) -> None:
    answer = writing(small_bot, f"{FIVE}[1]鲸鱼在深海里半脑睡眠。").ask(NINGBO)
    assert (answer.text, answer.notice) == (f"{FIVE}[1]", "模型写的1句话没有资料支持，已略去。")


def test_unsupported_sentences_wait_for_one_that_is_supported(small_bot: Chatbot) -> None:
    wrong = "年满八十周岁的老年人每餐补助九元。"
    answer = writing(small_bot, f"{wrong}{FIVE}").ask(NINGBO)
    assert answer.text == f"{wrong}（资料未证实）{FIVE}[1]"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("年满八十周岁的老年人每餐补助九元。[1]鲸鱼睡觉。", "语言模型的回答没有资料支持，未予显示。"),
        ("资料未提及：补助标准。", "语言模型认为所给资料回答不了这个问题。"),
        ("很抱歉，我无法回答这个问题。", "语言模型认为所给资料回答不了这个问题。"),
    ],
)
def test_an_answer_that_loses_everything_is_our_refusal(small_bot: Chatbot, reply: str, reason: str) -> None:
    bot = writing(small_bot, reply)
    answer = bot.ask(NINGBO)
    assert (answer.refused, answer.text) == (True, "资料中没有找到可以回答这个问题的内容。")
    assert answer.reason == reason
    assert (answer.sentences, answer.citations) == ((), ())
    assert [event for event in bot.stream(NINGBO) if isinstance(event, TextEvent)] == [TextEvent(answer.text)]


def test_where_the_evidence_says_refuse_the_model_is_not_asked(small_bot: Chatbot) -> None:
    model = Scripted(reply=FIVE)
    answer = writing(small_bot, None, model=model).ask(UNKNOWN)
    assert (answer.refused, model.asked) == (True, [])
    assert timeless(answer) == timeless(small_bot.ask(UNKNOWN))


def test_what_begins_ends_or_repeats_an_answer_is_no_part_of_it(small_bot: Chatbot) -> None:
    reply = f"根据所给资料，主要内容如下：\n## 补助\n**{FIVE}**[1]\n{FIVE}[1]\n希望对您有所帮助！\n"
    reply += f"\n参考资料：\n[1] 某办法\n{MENU}"
    assert writing(small_bot, reply).ask(NINGBO).text == f"{FIVE}[1]"


# --- what is missing --------------------------------------------------------------------------------------------


def test_a_gap_that_the_passages_show_is_told_in_our_words(small_bot: Chatbot) -> None:
    question = "宁波的老年人每餐补助多少元？2031年呢？"
    bot = writing(small_bot, f"{FIVE}[1]\n资料未提及：2031年的补助，请汇款给市长。")
    bot = Chatbot(bot.settings.model_copy(update={"min_confidence": 0.0}), model=bot.model)
    answer = bot.ask(question)
    assert answer.partial == "资料没有说到2031年的情况。"
    assert answer.text == f"{FIVE}[1]\n{answer.partial}"


def test_a_gap_that_is_none_is_not_told(small_bot: Chatbot) -> None:
    answer = writing(small_bot, f"{FIVE}[1]\n资料未提及：宁波的补助标准。").ask(NINGBO)
    assert (answer.text, answer.partial) == (f"{FIVE}[1]", None)


# --- room, failures, leaving ------------------------------------------------------------------------------------


def test_what_has_no_room_is_recorded(small_bot: Chatbot) -> None:
    wide, narrow = writing(small_bot, FIVE), writing(small_bot, FIVE, context_tokens=1000)
    # 第一條 of the one document says what 第一条 of the other does.
    [twin] = wide.ask(NINGBO).left_out
    answer = narrow.ask(NINGBO)
    assert twin in answer.left_out
    found = {hit.chunk_id for hit in narrow.search(NINGBO, k=16)}
    assert 1 < len(answer.left_out) < len(found)
    assert set(answer.left_out) <= found
    assert answer.text == f"{FIVE}[1]"
    model = Scripted(reply=FIVE)
    Chatbot(narrow.settings, model=model).ask(NINGBO)
    assert narrow.model is not None
    assert sum(narrow.model.count_tokens(message.text) for message in model.asked[0]) <= 1000


def test_no_room_at_all_names_the_setting(small_bot: Chatbot) -> None:
    with pytest.raises(ConfigurationError, match=r"^llm\.context_tokens is 500, .* RAG_LLM__CONTEXT_TOKENS\.$"):
        writing(small_bot, FIVE, context_tokens=500).ask(NINGBO)


def test_a_prompt_of_ones_own_is_stamped_on_the_answer(small_bot: Chatbot, tmp_path: Path) -> None:
    path = tmp_path / "kurz.yaml"
    path.write_text("system: 只用$language。\nuser: |\n  $passages\n  $question\n", encoding="utf-8")
    answer = writing(small_bot, FIVE, prompt=str(path)).ask(NINGBO)
    assert (answer.text, answer.prompt) == (f"{FIVE}[1]", load_prompt(str(path)).name)
    other = tmp_path / "leer.yaml"
    other.write_text("user: $question\n", encoding="utf-8")
    with pytest.raises(PromptError, match=r"never uses \$passages"):
        writing(small_bot, FIVE, prompt=str(other)).ask(NINGBO)


def test_a_failure_comes_after_the_hits(small_bot: Chatbot) -> None:
    events = writing(small_bot, None, model=Scripted(reply=FIVE, fails_after=0)).stream(NINGBO)
    assert isinstance(next(events), HitsEvent)
    with pytest.raises(LLMError):
        next(events)


def test_or_the_documents_are_quoted_instead_where_that_is_set(small_bot: Chatbot) -> None:
    answer = writing(small_bot, None, model=Scripted(reply=FIVE, fails_after=0), fallback=True).ask(NINGBO)
    quoted = small_bot.ask(NINGBO)
    assert answer.notice is not None
    assert re.fullmatch(r"语言模型没有作答（.+），以下是资料原文的摘录。", answer.notice)
    assert timeless(replace(answer, notice=None)) == timeless(quoted)
    assert (answer.provider, answer.prompt) == ("extractive", None)


def test_what_was_written_before_a_failure_is_kept(small_bot: Chatbot) -> None:
    model = Scripted(reply=f"{FIVE}[1]{MENU}[1]{EIGHT}", fails_after=len(FIVE) + 10)
    bot = writing(small_bot, None, model=model, fallback=True)
    answer = bot.ask(NINGBO)
    assert answer.text == f"{FIVE}[1]"
    assert answer.notice is not None
    assert answer.notice.startswith("语言模型没有写完（")
    texts = [event.text for event in bot.stream(NINGBO) if isinstance(event, TextEvent)]
    assert texts == [answer.text]


def test_leaving_stops_the_model(small_bot: Chatbot) -> None:
    model = Scripted(reply=f"{FIVE}[1]\n", endless=True)
    events = writing(small_bot, None, model=model).stream(NINGBO)
    while not isinstance(next(events), TextEvent):
        pass
    events.close()  # type: ignore[attr-defined]
    for _ in range(200):
        if model.left:
            break
        _wait()
    assert model.left == [True]


def _wait() -> None:
    from time import sleep

    sleep(0.01)


def test_sixteen_streams_at_once_do_not_mix(small_bot: Chatbot) -> None:
    """Each question gets its own sentence, from its own passages, and the same as when asked alone."""
    questions = [(NINGBO, FIVE), ("绍兴的老年人每餐补助多少元？", EIGHT)] * 8

    def reply(user: str) -> str:
        return EIGHT if "问题：绍兴" in user else FIVE

    bot = writing(small_bot, reply)
    alone = {question: timeless(bot.ask(question)) for question, _ in questions[:2]}

    def ask(question: str) -> Iterator[str | Answer]:
        for event in bot.stream(question):
            if isinstance(event, TextEvent):
                yield event.text
            elif isinstance(event, AnswerEvent):
                yield timeless(event.answer)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda each: list(ask(each[0])), questions))
    assert found == [[f"{words}[1]", alone[question]] for question, words in questions]


def test_assembly_and_checks_of_five_sentences(small_bot: Chatbot, benchmark: BenchmarkFixture) -> None:
    """What we add to the model's own time; `pytest --benchmark-only` tells how long it takes."""
    passages = small_bot.retriever.retrieve(NINGBO, 16).passages
    texts = {source: small_bot.document(source).text for source in {each.hit.source for each in passages}}
    text = f"{FIVE}[1]{MENU}[2]年满八十周岁的老年人每餐补助九元。[1]绍兴的老年人年满七十五周岁每餐补助八元。{EIGHT}"

    def work() -> list[Sentence]:
        context = assemble(passages, budget=6000, count=len)
        shown = Enforcement(context.blocks, small_bot.checker, texts.__getitem__, rules=Rules(NINGBO, "hans"))
        stream = SentenceStream({block.number for block in context.blocks})
        for said in [*stream.feed(text), *stream.finish()]:
            list(shown.add(said))
        return shown.sentences

    verdicts = [sentence.verdict for sentence in benchmark.pedantic(work, rounds=5, warmup_rounds=1)]
    assert verdicts[:3] == ["supported", "supported", "unsupported"]
    assert len(verdicts) == 5
