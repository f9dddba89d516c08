"""Passages made ready for comparing, once for all the sentences that are compared with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rag.answer.claims import read_key
from rag.answer.source import Source, make_source
from rag.corpus.places import find_places
from rag.corpus.script import search_key
from rag.corpus.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class Evidence:
    """What may support a sentence: words of a document, and what says whose and of when they are."""

    text: str
    title: str = ""
    section: str = ""
    region: str | None = None
    issued: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Evidence taken apart: search keys of its text and of what frames it, its sentences as spans, and its words."""

    key: str
    frame: str
    spans: tuple[tuple[int, int], ...]
    source: Source


@lru_cache(maxsize=256)
def prepare(evidence: Evidence) -> Prepared:
    """``evidence`` taken apart; kept for the next sentence."""
    spans = tuple(sentence_spans(evidence.text))
    keys = [search_key(evidence.text[start:end]) for start, end in spans]
    reading = read_key("\n".join(keys))
    numbered = [index for index, key in enumerate(keys) for _ in read_key(key).tokens]
    # Where two sentences meet a number could in theory be read across the line break.
    sentences = (numbered + [len(keys) - 1] * len(reading.tokens))[: len(reading.tokens)]
    parts = (evidence.title, evidence.section, evidence.region or "", evidence.issued or "")
    frame = "\n".join(search_key(part) for part in parts)
    whose = read_key("\n".join(find_places(frame)))
    return Prepared("\n".join(keys), frame, spans, make_source(reading, sentences, read_key(frame), whose))
