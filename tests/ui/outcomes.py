"""Answers and what they are made of, for rendering."""

from __future__ import annotations

from dataclasses import replace

from rag.schema import Answer, Citation, DocumentInfo, Hit, Metadata

QUOTE = "到2025年達到72%。"


def citation(number: int = 1, text: str = QUOTE) -> Citation:
    return Citation(number, text, text, text, 0, len(text), text)


def hit(text: str = "最接近的一段。") -> Hit:
    return Hit(text, 0.5, text, text, text, 0, len(text), "c1")


def answer(text: str = f"{QUOTE}[1]", **changes: object) -> Answer:
    plain = Answer(
        question="目标？",
        text=text,
        refused=False,
        reason=None,
        confidence=0.9,
        citations=(citation(),),
        sentences=(),
        hits=(hit(),),
        timings={},
        provider="extractive",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def info(source: str, chunks: int = 1200) -> DocumentInfo:
    return DocumentInfo(source, source, Metadata(), "utf-8", "0", 2000, 1990, 10, 3, chunks, "2026-01-01T00:00:00Z")
