"""From a draft to an answer: refused, partial or whole, every sentence checked and cited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answer.abstention import required
from rag.answer.citations import Extract, cite, pieces
from rag.answer.extractive import PROVIDER, Draft, ExtractiveAnswerer
from rag.answer.prepared import Evidence
from rag.answer.question import Question, analyse
from rag.answer.refusal import not_covered, refusal
from rag.retrieval.hybrid import Retrieved
from rag.schema import Answer, Citation, Sentence, Span

if TYPE_CHECKING:
    from rag.answer.grounding import SupportChecker
    from rag.index.catalog import Catalog
    from rag.settings import Settings


class Composer:
    """Makes answers of what was retrieved, with ``answerer``'s words, as sure as ``settings`` ask for."""

    def __init__(
        self, answerer: ExtractiveAnswerer, checker: SupportChecker, catalog: Catalog, settings: Settings
    ) -> None:
        self._answerer = answerer
        self._checker = checker
        self._catalog = catalog
        self._needed = required(settings.strictness) if settings.min_confidence is None else settings.min_confidence

    def compose(self, question: str, retrieved: Retrieved) -> Answer:
        """The answer to ``question``, without hits and timings, which the caller knows."""
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
        if nowhere or not draft.extracts or draft.confidence < self._needed:
            return self._refused(answer, asked, draft, retrieved, nowhere)
        sentences, citations = self._cited(draft.extracts)
        if not sentences:
            return self._refused(answer, asked, draft, retrieved, None)
        partial = not_covered(asked.script, draft.uncovered) or retrieved.located.missing
        text = "".join(pieces(sentences))
        text = f"{text}\n{partial}" if partial else text
        return replace(answer, text=text, citations=citations, sentences=sentences, partial=partial)

    def _refused(
        self, answer: Answer, asked: Question, draft: Draft, retrieved: Retrieved, nowhere: str | None
    ) -> Answer:
        nearest = retrieved.passages[0] if retrieved.passages else None
        text, reason = refusal(asked.script, draft.missing, draft.confidence, needed=self._needed, nearest=nearest)
        return replace(answer, refused=True, text=text, reason=nowhere or reason)

    def _cited(self, extracts: Sequence[Extract]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
        """The sentences that the documents support, and their citations; neighbours in a document share one."""
        verdicts = self._checker.check_pairs([(words.text, [_evidence(words)]) for words in extracts])
        kept = [
            (words, support) for words, support in zip(extracts, verdicts, strict=True) if support.passage is not None
        ]
        originals = {source: self._catalog.text(source) for source in {words.hit.source for words, _ in kept}}
        groups = _neighbours([words for words, _ in kept], originals)
        numbers = {id(words): number for number, group in enumerate(groups, 1) for words in group}
        sentences = tuple(
            Sentence(words.text, (numbers[id(words)],), support.verdict, Span(words.hit.source, words.start, words.end))
            for words, support in kept
        )
        citations = tuple(
            cite(_joined(group), number=number, original=originals[group[0].hit.source])
            for number, group in enumerate(groups, 1)
        )
        return sentences, citations


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
