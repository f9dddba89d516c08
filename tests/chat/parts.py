"""Answers made by hand."""

from __future__ import annotations

from dataclasses import replace

from rag.schema import Answer, Citation, Hit, Sentence, Span

QUOTE = "到2025年，全市\n網上可辦率達到98%。"
CITATION = Citation(1, "數字.txt", "青山市方案", "一、總體目標", 50, 50 + len(QUOTE), QUOTE)
HIT = Hit(QUOTE, 0.9, "數字.txt", "青山市方案", "一、總體目標", 50, 95, "c1", {"dense": 0.5}, None, "2021-03-05")
SENTENCE = Sentence("網上可辦率達到98%。", (1,), "supported", Span("數字.txt", 59, 70))
ANSWER = Answer(
    "可办率？",
    "網上可辦率達到98%。[1]",
    False,
    None,
    0.9,
    (CITATION,),
    (SENTENCE,),
    (HIT,),
    {"answer": 1.5},
    "extractive",
)
REFUSAL = replace(
    ANSWER, question="鲸鱼？", text="资料中没有。", refused=True, reason="无关。", citations=(), sentences=()
)


def answer_with(text: str) -> Answer:
    return replace(ANSWER, text=text)
