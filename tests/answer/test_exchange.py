from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from rag import Chatbot
from rag.answer.exchange import from_json, to_json
from rag.errors import ExchangeError, PolicyRagError
from rag.schema import Answer, Citation, Copy, Hit, Sentence, Span

FULL = Answer(
    question="那2035年呢？",
    text="到2035年达到“八成”。[1]\n资料没有说到杭州的情况。",
    refused=False,
    reason=None,
    confidence=0.1 + 0.2,
    citations=(
        Citation(1, "a.txt", "办法", "第一章 › 第二条", 7, 18, "到２０３５年\n达到“八成”😀", damaged=True, page=3),
    ),
    sentences=(
        Sentence("到2035年达到“八成”。", (1, 2), "partly", Span("a.txt", 7, 18)),
        Sentence("由市政府负责。", (), "unsupported"),
    ),
    hits=(
        Hit(
            text="到2035年",
            score=0.5,
            source="a.txt",
            title="办法",
            section="第二条",
            start=7,
            end=18,
            chunk_id="c1",
            scores={"dense": 0.87, "lexical": 12.0},
            superseded_by="b.txt",
            issued="2021-03-05",
            copies=(Copy("c.txt", "办法", "", 0, 11, "c2"),),
            page=2,
        ),
    ),
    timings={"retrieve": 12.5, "answer": 3.25},
    provider="extractive",
    prompt="问：",
    rewritten="温州到2025年？ 那2035年呢？",
    partial="资料没有说到杭州的情况。",
    left_out=("c3", "c4"),
    invented=1,
    notice="模型写的1句话没有资料支持，已略去。",
    correction="资料中的说法相反：",
)


def test_an_answer_comes_back_as_it_was() -> None:
    assert from_json(to_json(FULL)) == FULL


@pytest.mark.parametrize(
    "question",
    ["宁波的老年人每餐补助多少元？", "宁波和金华的老年人每餐补助各自是多少元？", "鲸鱼怎样在深海里睡觉？"],
)
def test_so_do_the_answers_of_a_chatbot(small_bot: Chatbot, question: str) -> None:
    answer = small_bot.ask(question)
    assert from_json(to_json(answer)) == answer


def test_it_is_plain_json_by_the_names_of_the_fields() -> None:
    text = to_json(FULL)
    assert "资料没有说到杭州的情况" in text
    assert json.loads(text) == json.loads(json.dumps(asdict(FULL)))


def test_an_answer_that_was_stored_before_there_were_pages_comes_back() -> None:
    told = json.loads(to_json(FULL))
    for place in (*told["citations"], *told["hits"]):
        del place["page"]
    [citation], [hit] = FULL.citations, FULL.hits
    unpaged = replace(FULL, citations=(replace(citation, page=None),), hits=(replace(hit, page=None),))
    assert from_json(json.dumps(told)) == unpaged


def test_what_others_wrote_may_leave_out_what_has_a_default_and_say_more() -> None:
    told = json.loads(to_json(FULL))
    for name in ("prompt", "rewritten", "partial", "left_out", "invented", "notice", "correction"):
        del told[name]
    told |= {"sentences": [], "citations": [], "hits": [], "version": 2}
    assert from_json(json.dumps(told, indent=2)) == Answer(
        question=FULL.question,
        text=FULL.text,
        refused=False,
        reason=None,
        confidence=FULL.confidence,
        citations=(),
        sentences=(),
        hits=(),
        timings=FULL.timings,
        provider="extractive",
    )


def changed(**fields: object) -> str:
    return json.dumps({**json.loads(to_json(FULL)), **fields})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the text: Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("72%[1]", "the text: Invalid JSON: trailing characters at line 1 column 3"),
        ('"\\ud800"', "the text: Invalid JSON: unexpected end of hex escape at line 1 column 8"),
        (changed(refused="no"), "refused: Input should be a valid boolean"),
        (changed(confidence=None), "confidence: Input should be a valid number"),
        (
            changed(sentences=[{"text": "一", "citations": ["1"], "verdict": "supported"}]),
            "sentences.0.citations.0: Input should be a valid integer",
        ),
        (
            changed(sentences=[{"text": "一", "citations": [1], "verdict": "true"}]),
            "sentences.0.verdict: Input should be 'supported', 'partly' or 'unsupported'",
        ),
    ],
)
def test_what_is_no_answer_is_named(text: str, fault: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        from_json(text)
    assert str(caught.value) == f"this is not an answer as JSON ({fault}). Give the output of to_json, unchanged."
    assert isinstance(caught.value, PolicyRagError)


def test_of_many_faults_the_first_are_named() -> None:
    with pytest.raises(ExchangeError) as caught:
        from_json("{}")
    assert str(caught.value) == (
        "this is not an answer as JSON (question: Field required; text: Field required; refused: Field required; "
        "and 7 more). Give the output of to_json, unchanged."
    )
