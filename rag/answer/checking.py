"""A text somebody else wrote, checked sentence by sentence against the indexed documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.answer.citations import cite, extract
from rag.answer.claims import without_markers
from rag.answer.grounding import Support, SupportChecker
from rag.answer.prepared import Evidence
from rag.corpus.script import HAN
from rag.corpus.sentences import sentence_spans
from rag.errors import QuestionError
from rag.retrieval.hybrid import EVERYTHING, HybridRetriever, Passage, Retrieved
from rag.schema import Citation, Filter

_PASSAGES = 8
_SEARCHED_CHARS = 300  # a longer sentence is searched by its beginning, and checked as a whole
_MARKUP = re.compile(r"^>\s*|\*\*|__|`")
_HEADING = re.compile(r"#+\s")
_ENGLISH_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])")
_HAN = re.compile(f"[{HAN}]")
_SAYS = re.compile(rf"[{HAN}]{{2}}|[A-Za-z]{{2,}}")


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence of a text, whether the documents support it, and the words that do (or that contradict it)."""

    text: str
    support: Support
    citation: Citation | None


def check_text(
    text: str, retriever: HybridRetriever, checker: SupportChecker, *, where: Filter = EVERYTHING
) -> list[Checked]:
    """Each sentence of ``text`` with its verdict, in order; citation markers and Markdown are left out.

    A citation has the number of its sentence, from 1, and there is none where no passage speaks of it.

    Raises:
        QuestionError: ``text`` has no sentence. FilterError: no document fits ``where``.
    """
    said = list(sentences(text))
    if not said:
        raise QuestionError("the text holds no sentence to check. Give one that says something.")
    texts: dict[str, str] = {}  # a text that many sentences are found in is kept once
    found = []
    for sentence in said:
        retrieved = retriever.retrieve(sentence[:_SEARCHED_CHARS], _PASSAGES, where=where)
        originals = {source: texts.setdefault(each, each) for source, each in retrieved.originals.items()}
        found.append(replace(retrieved, originals=originals))
    pairs = [
        (sentence, [as_evidence(passage) for passage in retrieved.passages])
        for sentence, retrieved in zip(said, found, strict=True)
    ]
    return [
        Checked(sentence, support, _citation(support, retrieved, number))
        for number, (sentence, retrieved, support) in enumerate(
            zip(said, found, checker.check_pairs(pairs), strict=True), start=1
        )
    ]


def sentences(text: str) -> Iterator[str]:
    """The sentences of ``text`` that say something, without markers, Markdown and headings."""
    for line in text.splitlines():
        if _HEADING.match(line):
            continue
        bare = _MARKUP.sub("", line.strip())
        for start, end in sentence_spans(bare):
            piece = without_markers(bare[start:end])
            pieces = [piece] if _HAN.search(piece) else _ENGLISH_END.split(piece)
            yield from (each for each in pieces if _SAYS.search(each))


def as_evidence(passage: Passage) -> Evidence:
    """What of a retrieved passage may support a sentence."""
    hit = passage.hit
    return Evidence(passage.chunk.text, hit.title, hit.section, passage.metadata.region, hit.issued)


def _citation(support: Support, retrieved: Retrieved, number: int) -> Citation | None:
    tells = support.verdict != "unsupported" or support.problems
    if support.passage is None or not tells or support.end <= support.start:
        return None
    words = extract(retrieved.passages[support.passage], support.start, support.end)
    return cite(words, number=number, original=retrieved.originals[words.hit.source])
