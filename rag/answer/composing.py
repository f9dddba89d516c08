"""From a draft to an answer: refused, partial or whole, every sentence checked and cited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.answer.abstention import required
from rag.answer.citations import Extract, cite, extract, pieces
from rag.answer.evidence import Candidate
from rag.answer.extractive import PROVIDER, Draft, ExtractiveAnswerer
from rag.answer.focus import cell, focus
from rag.answer.inert import inert
from rag.answer.premise import contradiction
from rag.answer.prepared import Evidence
from rag.answer.question import Question, analyse
from rag.answer.refusal import not_covered, otherwise, refusal
from rag.retrieval.hybrid import Retrieved
from rag.schema import Answer, AnswerEvent, Citation, CitationEvent, Sentence, Span, TextEvent

if TYPE_CHECKING:
    from rag.answer.grounding import SupportChecker
    from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Begun:
    """A question taken apart, the draft of its answer in the documents' words, and the answer as far as it is known."""

    asked: Question
    draft: Draft
    answer: Answer


class Composer:
    """Makes answers of what was retrieved, with ``answerer``'s words, as sure as ``settings`` ask for."""

    def __init__(self, answerer: ExtractiveAnswerer, checker: SupportChecker, settings: Settings) -> None:
        self._answerer = answerer
        self._checker = checker
        self._needed = required(settings.strictness) if settings.min_confidence is None else settings.min_confidence

    def compose(self, question: str, retrieved: Retrieved) -> Answer:
        """The answer to ``question`` in the documents' own words, without hits and timings, which the caller knows."""
        return self.quote(self.begin(question, retrieved), retrieved)

    def begin(self, question: str, retrieved: Retrieved) -> Begun:
        """What is known before a word is written: whether the passages can answer ``question``, and what they lack."""
        asked = analyse(question)
        draft = self._answerer.draft(asked, retrieved)
        answer = Answer(
            question=question,
            text="",
            refused=False,
            reason=None,
            confidence=draft.confidence,
            citations=(),
            sentences=(),
            hits=(),
            timings={},
            provider=PROVIDER,
        )
        nowhere = None if retrieved.located.chunk_ids else retrieved.located.missing
        partial = not_covered(asked.script, draft.uncovered) or retrieved.located.missing
        begun = Begun(asked, draft, replace(answer, partial=inert(partial) if partial else None))
        if nowhere or not draft.extracts or draft.confidence < self._needed:
            return replace(begun, answer=self.refuse(begun, retrieved, reason=nowhere))
        contrary = contradiction(asked, self._answerer.sentences(asked, retrieved), self._checker)
        return replace(begun, answer=self._correct(begun, contrary, retrieved)) if contrary else begun

    def _correct(self, begun: Begun, contrary: Candidate, retrieved: Retrieved) -> Answer:
        """The refusal of a question that takes for granted what ``contrary`` contradicts, which it quotes."""
        words = extract(contrary.passage, contrary.start, contrary.end)
        sentences, citations = self._cited([words], retrieved)
        if not sentences:
            return begun.answer
        lead, reason = otherwise(begun.asked.script)
        return replace(
            begun.answer,
            refused=True,
            confidence=1 - begun.answer.confidence,  # that it can be answered as it was asked
            text=lead + "".join(pieces(sentences)),
            reason=reason,
            citations=citations,
            sentences=sentences,
            partial=None,
            correction=lead,
        )

    def quote(self, begun: Begun, retrieved: Retrieved) -> Answer:
        """The answer in the documents' own words; a refusal stays what it is."""
        if begun.answer.refused:
            return begun.answer
        asked = None if begun.asked.kind == "list" else begun.asked  # a list is no span of words
        sentences, citations = self._cited(begun.draft.extracts, retrieved, asked)
        if not sentences:
            return self.refuse(begun, retrieved)
        text, partial = "".join(pieces(sentences)), begun.answer.partial
        text = f"{text}\n{partial}" if partial else text
        return replace(begun.answer, text=text, citations=citations, sentences=sentences)

    def refuse(self, begun: Begun, retrieved: Retrieved, *, reason: str | None = None) -> Answer:
        """The refusal, with ``reason``, or with what the passages lack and where the nearest is from."""
        draft, nearest = begun.draft, retrieved.passages[0] if retrieved.passages else None
        text, why = refusal(
            begun.asked.script,
            draft.missing,
            draft.confidence,
            needed=self._needed,
            nearest=nearest,
            elsewhere=draft.elsewhere,
        )
        return replace(begun.answer, refused=True, text=text, reason=inert(reason or why), partial=None)

    def _cited(
        self, extracts: Sequence[Extract], retrieved: Retrieved, asked: Question | None = None
    ) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
        """The sentences that the documents support, and their citations; neighbours in a document share one.

        With ``asked`` the words that answer it are pointed at.
        """
        verdicts = self._checker.check_pairs([(words.text, [_evidence(words)]) for words in extracts])
        kept = [
            (words, support)
            for words, support in zip(extracts, verdicts, strict=True)
            if support.passage is not None and _inert(words).strip()
        ]
        groups = _neighbours([words for words, _ in kept], retrieved.originals)
        numbers = {id(words): number for number, group in enumerate(groups, 1) for words in group}
        sentences = tuple(
            Sentence(
                _inert(words),
                (numbers[id(words)],),
                support.verdict,
                Span(words.hit.source, words.start, words.end),
                (cell(_inert(words), asked) or focus(_inert(words), words, retrieved.passages)) if asked else None,
            )
            for words, support in kept
        )
        citations = tuple(
            cite(_joined(group), number=number, original=retrieved.originals[group[0].hit.source])
            for number, group in enumerate(groups, 1)
        )
        return sentences, citations


def events(answer: Answer) -> Iterator[CitationEvent | TextEvent | AnswerEvent]:
    """An answer that is ready, as a stream: each citation before the text that bears its number, the answer last."""
    if answer.refused:
        yield TextEvent(answer.correction or answer.text)
    told: set[int] = set()
    for sentence, piece in zip(answer.sentences, pieces(answer.sentences), strict=True):
        for citation in answer.citations:
            if citation.number in sentence.citations and citation.number not in told:
                told.add(citation.number)
                yield CitationEvent(citation)
        yield TextEvent(piece)
    if answer.partial:
        yield TextEvent(f"\n{answer.partial}")
    yield AnswerEvent(answer)


def _inert(words: Extract) -> str:
    """The words as text of ours: what is hidden in a document, or would be fetched, is in the quote alone."""
    return inert(words.text, evidence=words.text)


def _evidence(words: Extract) -> Evidence:
    """What must say the words: the passage they were taken from, or the document's heading that they are."""
    hit = words.hit
    inside = hit.start <= words.start and words.end <= hit.end and words.text in hit.text
    return Evidence(hit.text if inside else words.text, title=hit.title, section=hit.section)


def _neighbours(extracts: Sequence[Extract], originals: Mapping[str, str]) -> list[list[Extract]]:
    """Extracts that stand side by side in one section, nothing but white space between them."""
    groups: list[list[Extract]] = []
    for words in extracts:
        last = groups[-1][-1] if groups else None
        same = last is not None and (last.hit.source, last.hit.section) == (words.hit.source, words.hit.section)
        if (
            last
            and same
            and last.end <= words.start
            and not originals[words.hit.source][last.end : words.start].strip()
        ):
            groups[-1].append(words)
        else:
            groups.append([words])
    return groups


def _joined(group: Sequence[Extract]) -> Extract:
    return replace(group[0], end=group[-1].end, text="".join(words.text for words in group))
