"""The support check: whether a passage says what a sentence says. Offline, for sentences whoever wrote them.

Exact comparisons come first (see ``gates``); what passes them is judged by how much of its words the passage holds, and
an English sentence by its meaning. A sentence may say less than its source, never more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.answer.alignment import Alignment, align, replaced
from rag.answer.claims import Claims, Reading, claims, without_markers
from rag.answer.compared import Compared, Problem
from rag.answer.foreign import renderings, renders_numbers
from rag.answer.gates import find_problems
from rag.answer.prepared import Evidence, Prepared, prepare
from rag.answer.source import Source, restates, shared, weight
from rag.index.embeddings import embed_passages
from rag.schema import Verdict

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

# Fitted on the development part of evals/cases/support_contrast.jsonl; weights are those of ``alignment.weight``.
_MISSING_SHARE, _MISSING_ROW = 0.18, 0.9  # what of a supported sentence may stand nowhere: of all, and in a row
_ADDED = 0.7  # words that only add weigh less than those in whose place the passage has others
_INSTEAD, _OTHERS = 0.5, 1.0
_PARTLY_SHARE = 0.5
_LOOSE_SHARE, _LOOSE = 0.2, frozenset({"order", "negation", "obligation", "words"})
# Cosine of an English sentence and the one it renders, bundled model: with numbers, at least partly, without any.
_ALIKE, _PARTLY_ALIKE, _ONLY_ALIKE = 0.80, 0.78, 0.84
_READ = 2  # passages compared word by word: those that share most with the sentence
_BOUNDARY = re.compile(r"[\s，。、；：！？,;:!?”’」』)）】》\"]")


@dataclass(frozen=True, slots=True)
class Support:
    """The verdict on a sentence, the passage (an index) that supports it best, and what contradicts it there.

    ``start:end`` is the part of the passage's text that speaks of it, ``score`` how much of it is there (0 to 1).
    """

    verdict: Verdict
    passage: int | None
    start: int
    end: int
    score: float
    problems: tuple[Problem, ...] = ()


NOTHING = Support("unsupported", None, 0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A sentence beside one passage: how much of it is nowhere in there, in all and in a row, and what contradicts."""

    passage: int
    alignment: Alignment
    missing: float
    row: float
    problems: tuple[Problem, ...]

    @property
    def rank(self) -> tuple[float, float]:
        """Smaller is better; a contradiction counts less than a passage that speaks of something else."""
        return 0.15 * len(self.problems) + self.missing, self.row


class SupportChecker:
    """Checks sentences against passages; ``embeddings`` are asked only for sentences in English."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings

    def check(self, sentence: str, passages: Sequence[Evidence]) -> Support:
        """Whether one of ``passages`` supports ``sentence``; citation markers in it are ignored."""
        return self.check_pairs([(sentence, passages)])[0]

    def check_all(self, sentences: Sequence[str], passages: Sequence[Evidence]) -> list[Support]:
        """The verdict on each sentence, in order, with at most one call of the model for all of them."""
        return self.check_pairs([(sentence, passages) for sentence in sentences])

    def check_pairs(self, pairs: Sequence[tuple[str, Sequence[Evidence]]]) -> list[Support]:
        """As ``check_all``, where each sentence has passages of its own."""
        found: list[Support | None] = []
        english: list[tuple[Claims, Sequence[Evidence], _Weighed]] = []
        for sentence, passages in pairs:
            text = without_markers(sentence)
            support = _verbatim(text, passages) if text and passages else NOTHING
            if support is None:
                said = claims(text)
                best = min(_weigh(said, passages), key=lambda each: each.rank)
                if said.english:
                    english.append((said, passages, best))
                else:
                    support = _judged(best, prepare(passages[best.passage]))
            found.append(support)
        rendered = iter(self._rendered(english))
        return [support or next(rendered) for support in found]

    def _rendered(self, sentences: Sequence[tuple[Claims, Sequence[Evidence], _Weighed]]) -> list[Support]:
        """The verdicts on English sentences, by the sentence of the passage nearest in meaning."""
        if not sentences:
            return []
        candidates = [renderings(said, prepare(passages[best.passage]).source) for said, passages, best in sentences]
        texts: list[str] = []
        for (said, passages, best), numbers in zip(sentences, candidates, strict=True):
            evidence = passages[best.passage]
            spans = prepare(evidence).spans
            texts += [said.text, *(evidence.text[slice(*spans[number])] for number in numbers)]
        vectors = embed_passages(self._embeddings, texts)
        supports, row = [], 0
        for (said, passages, best), numbers in zip(sentences, candidates, strict=True):
            alike = vectors[row + 1 : row + 1 + len(numbers)] @ vectors[row]
            row += 1 + len(numbers)
            nearest = max(zip(alike.tolist(), numbers, strict=True), default=(0.0, None))
            supports.append(_judged_english(said, best, prepare(passages[best.passage]), nearest))
        return supports


def _verbatim(sentence: str, passages: Sequence[Evidence]) -> Support | None:
    """A sentence that stands in a passage word for word, from where a clause begins to where one ends."""
    for index, passage in enumerate(passages):
        start = passage.text.find(sentence)
        end = start + len(sentence)
        if start >= 0 and _begins(passage.text, start) and (_ends(passage.text, end) or _ends(passage.text, end - 1)):
            return Support("supported", index, start, end, 1.0)
    return None


def _begins(text: str, start: int) -> bool:
    """Whether a clause may begin here; 使用 in 不得销售、使用 is no clause, 5% in 2.5% no number."""
    before = text[start - 1 : start]
    return not before or (_ends(text, start - 1) and before != "、") or (before == "." and not text[start].isdigit())


def _ends(text: str, position: int) -> bool:
    return not 0 <= position < len(text) or _BOUNDARY.match(text[position]) is not None


def _weigh(sentence: Claims, passages: Sequence[Evidence]) -> list[_Weighed]:
    """The sentence beside the passages that share most with it."""
    prepared = [prepare(passage) for passage in passages]
    order = sorted(range(len(passages)), key=lambda index: -shared(sentence.reading, prepared[index].source))
    found = []
    for index in order[:_READ]:
        weighed = _beside(sentence, index, prepared[index], wide=False)
        if any(problem.kind == "order" for problem in weighed.problems):
            weighed = min(weighed, _beside(sentence, index, prepared[index], wide=True), key=lambda each: each.rank)
        found.append(weighed)
    return found


def _beside(sentence: Claims, index: int, passage: Prepared, *, wide: bool) -> _Weighed:
    alignment = align(sentence.reading, passage.source, wide=wide)
    compared = Compared(sentence, passage.source, alignment, passage.key, passage.frame)
    missing, row = _missing(sentence.reading, passage.source, alignment)
    problems = tuple(find_problems(compared))
    if restates(sentence.reading, passage.source):
        problems = tuple(problem for problem in problems if problem.kind in ("quotation", "name", "place"))
    return _Weighed(index, alignment, missing, row, problems)


def _missing(reading: Reading, source: Source, alignment: Alignment) -> tuple[float, float]:
    """The share of the words that stand nowhere, and the weight of the heaviest row of them.

    A row of particles weighs more where the passage has words of weight in their place.
    """
    tokens, place = reading.tokens, alignment.place
    nowhere = heaviest = 0.0
    start = 0
    while start < len(tokens):
        end = start
        while end < len(tokens) and place[end] is None and tokens[end].clause == tokens[start].clause:
            end += 1
        if end > start:
            row = sum(weight(token) for token in tokens[start:end])
            nowhere += row
            instead = replaced(tokens, source, place, start, end)
            length = sum(len(token.text) for token in tokens[start:end])
            strange = not any(pair in source.pairs for pair in pairwise(token.text for token in tokens[start:end]))
            added = row * _ADDED if strange else row  # what the passage says of something else is no mere addition
            put = max(row, _INSTEAD * min(instead, length)) if instead >= _OTHERS else added
            heaviest = max(heaviest, put)
        start = max(end, start + 1)
    return nowhere / (sum(weight(token) for token in tokens) or 1.0), heaviest


def _judged(weighed: _Weighed, passage: Prepared) -> Support:
    verdict: Verdict = "unsupported"
    # Where the words differ much, what seems turned round may only be said in another way.
    loose = weighed.missing > _LOOSE_SHARE
    doubtful = all(not problem.sure or (loose and problem.kind in _LOOSE) for problem in weighed.problems)
    if not weighed.problems and weighed.missing <= _MISSING_SHARE and weighed.row <= _MISSING_ROW:
        verdict = "supported"
    elif (not weighed.problems or doubtful) and weighed.missing <= _PARTLY_SHARE:
        verdict = "partly"
    start, end = _span(weighed.alignment, passage)
    return Support(verdict, weighed.passage, start, end, 1 - weighed.missing, weighed.problems)


def _judged_english(said: Claims, weighed: _Weighed, passage: Prepared, nearest: tuple[float, int | None]) -> Support:
    """Meaning alone never makes more than ``partly``: ``supported`` needs numbers that are those of one sentence."""
    alike, number = nearest
    verdict: Verdict = "unsupported"
    if number is None:
        return replace(NOTHING, passage=weighed.passage, problems=weighed.problems)
    numbers = renders_numbers(said, passage.source, number)
    if not weighed.problems and (numbers or not said.reading.numbers):
        if numbers and alike >= _ALIKE:
            verdict = "supported"
        elif alike >= (_PARTLY_ALIKE if numbers else _ONLY_ALIKE):
            verdict = "partly"
    return Support(verdict, weighed.passage, *passage.spans[number], alike, weighed.problems)


def _span(alignment: Alignment, passage: Prepared) -> tuple[int, int]:
    """From the first to the last sentence of the passage that holds words of the sentence; all of it if none does."""
    homes = sorted({home for each in alignment.home for home in each}) or range(len(passage.spans))
    return (passage.spans[homes[0]][0], passage.spans[homes[-1]][1]) if homes else (0, 0)
