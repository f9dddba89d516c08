"""Which of a model's sentences are shown, how, and with which citations: what the documents do not say never passes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answer.assembly import Block
from rag.answer.citations import Extract, cite, markers, separator
from rag.answer.claims import without_markers
from rag.answer.grounding import NOTHING, Support, SupportChecker
from rag.answer.inert import plain
from rag.answer.markers import Said
from rag.answer.notices import flag
from rag.answer.question import analyse
from rag.answer.refusal import not_covered
from rag.corpus.places import find_places
from rag.corpus.script import HAN, search_key
from rag.corpus.sentences import clause_spans
from rag.schema import Citation, CitationEvent, Script, Sentence, Span, TextEvent, Verdict

_HAN = re.compile(f"[{HAN}]")
_SAYS = re.compile(rf"[{HAN}A-Za-z\d]")
_HEADING = re.compile(r"\s*#{1,6}\s")
# What only introduces an answer says nothing that could be supported; compared as a search key.
_EMPTY = re.compile(
    r"(?:好的|当然|您好|你好|以下是?(?:我的)?回答|答案?|回答)?[,.!:。]*"
    r"(?:(?:根据|依据|按照|基于)(?:所给|提供的?|给出的?|上述|以上|这些|有关|相关|现有)*的?"
    r"(?:资料|文件|段落|材料|文档|内容|信息)*[,:]?)?"
    r"(?:(?:主要|具体)?(?:内容|要点|情况|规定|措施|回答|答案)?(?:有|包括|为|是)?"
    r"(?:如下|以下(?:几)?(?:个|点|方面|项)?(?:内容)?))?[.:。,]*"
    r"|希望.{0,8}(?:帮助|帮到).{0,4}|(?:sure|certainly|of course|here is the answer|answer)[.,:! ]*"
)
_REFERENCES = re.compile(
    r"[\W_]*(?:参考(?:资料|文献|来源)|资料来源|引用来源|来源|引用|references?|sources?|citations?)[\s:*]*"
)
_ABSENT = re.compile(
    r"(?:资料|材料|文件|文档|段落|上文|原文|文中|内容|信息).{0,12}?(?:没有|未|不|无法).{0,8}?"
    r"(?:提到|提及|说明|说到|涉及|包含|包括|记载|给出|规定|找到|显示|提供|明确|回答|覆盖)"
    r"|(?:无法|不能|没法|难以).{0,12}(?:回答|确定|得知|判断|作答|提供)|没有(?:找到|相关|足够).{0,12}(?:资料|信息|内容|答案)"
    r"|\b(?:do(?:es)?(?: not|n't)|cannot|can't|unable to|not able to)\b.{0,40}"
    r"\b(?:mention|say|contain|provide|cover|specify|include|state|answer|determine|help|comply|find)"
    r"|\bno (?:information|mention|answer)\b|\b(?:sorry|apologi[sz]e)\b"
)
_ENCODED = re.compile(r"[A-Za-z0-9+/_=:.-]{20,}")  # a key, a path, something in base64; no document says it
_RELATED = 0.5  # a sentence of which less stands in the passages has nothing to do with them
_RELATED_ENGLISH = 0.84  # cosine; the bundled model gives unrelated sentences up to this
_LEAKS = 0.4  # share of a sentence's 5-grams that stand in the instructions
_GRAM = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """For whom the answer is, and what becomes of what is not supported.

    ``unsupported``: ``flag`` shows with a flag what at least speaks of the same as the passages, ``drop`` shows nothing
    unsupported. ``instructions`` are the words of the prompt, which no answer repeats.
    """

    question: str
    script: Script
    unsupported: Literal["flag", "drop"] = "flag"
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class _Judged:
    verdict: Verdict
    support: tuple[tuple[Block, Support], ...]
    score: float = 0.0


class Enforcement:
    """Judges the sentences of one answer as they come; ``original`` gives the text of a document by its source.

    What is shown first is supported at least in part: unsupported sentences wait for one that is, and an answer without
    any shows nothing.
    """

    def __init__(
        self, blocks: Sequence[Block], checker: SupportChecker, original: Callable[[str], str], *, rules: Rules
    ) -> None:
        self._blocks: Mapping[int, Block] = {block.number: block for block in blocks}
        self._checker = checker
        self._original = original
        self._rules = rules
        self._instructions = _grams(rules.instructions)
        self._spoken = search_key("\n".join(f"{b.evidence.title} {b.evidence.region} {b.text}" for b in blocks))
        self._waiting: list[tuple[Said, str]] = []
        self._over = False
        self._absent: list[str] = []
        self.sentences: list[Sentence] = []
        self.citations: list[Citation] = []
        self.text = ""
        self.invented = 0
        self.dropped = 0

    @property
    def declined(self) -> bool:
        """Whether the model has shown nothing and said that it has no answer."""
        return not self.sentences and bool(self._absent)

    @property
    def partial(self) -> str | None:
        """What the model says the documents do not cover, in our words, as far as the passages show it to be so."""
        asked = search_key(self._rules.question)
        named = []
        for sentence in self._absent:
            said = analyse(sentence)
            named += [(place, place) for place in said.places] + [(year, f"{year}年") for year in said.years]
        absent = {name: shown for name, shown in named if name in asked and name not in self._spoken}
        english = self._rules.script == "en"
        found = tuple(absent if english else absent.values())
        return not_covered(self._rules.script, found) if self.sentences else None

    def add(self, said: Said) -> Iterator[CitationEvent | TextEvent]:
        """What of a sentence is shown now: its new citations, then its text."""
        self.invented += said.invented
        text = plain(said.text, evidence=self._evidence)
        key = search_key(text)
        self._over = self._over or bool(_REFERENCES.fullmatch(key))
        if self._over or not _SAYS.search(text) or _HEADING.match(said.text) or _EMPTY.fullmatch(key):
            return
        if any(sentence.text == text for sentence in self.sentences):
            return
        judged = self._judge(text, said.cited)
        if judged.verdict != "supported" and _ABSENT.search(key):
            self._absent.append(text)
        elif judged.verdict != "unsupported":
            waiting, self._waiting = self._waiting, []
            for earlier, earlier_text in waiting:
                yield self._shown(earlier, Sentence(earlier_text, (), "unsupported"))
            yield from self._cited(said, text, judged)
        elif self._passes(text, judged):
            if self.sentences:
                yield self._shown(said, Sentence(text, (), "unsupported"))
            else:
                self._waiting.append((said, text))

    @property
    def _evidence(self) -> str:
        return "\n".join(block.text for block in self._blocks.values())

    def _passes(self, text: str, judged: _Judged) -> bool:
        """Whether an unsupported sentence may be shown with a flag; counts what may not."""
        if _ENCODED.search(text):
            self.dropped += 1
            return False
        related = judged.score >= (_RELATED if _HAN.search(text) else _RELATED_ENGLISH)
        grams = _grams(text)
        leaks = len(grams & self._instructions) >= _LEAKS * max(len(grams), 1)
        if self._rules.unsupported == "flag" and related and not leaks:
            return True
        self.dropped += 1
        return False

    def _judge(self, text: str, cited: Sequence[int]) -> _Judged:
        """The verdict by the passages cited, else by the one that supports the sentence best."""
        blocks = [self._blocks[number] for number in cited]
        named = list(zip(blocks, self._checker.check_pairs([(text, [b.evidence]) for b in blocks]), strict=True))
        if found := [(block, support) for block, support in named if support.verdict == "supported"]:
            return _Judged("supported", tuple(found), 1.0)
        every = list(self._blocks.values())
        best = self._checker.check(text, [block.evidence for block in every]) if every else NOTHING
        if best.verdict == "supported" and best.passage is not None:
            return _Judged("supported", ((every[best.passage], best),), best.score)
        if sides := self._sides(text, every):
            return _Judged("supported", sides, 1.0)
        if found := [(block, support) for block, support in named if support.verdict == "partly"][:1]:
            return _Judged("partly", tuple(found), best.score)
        if best.verdict == "partly" and best.passage is not None:
            return _Judged("partly", ((every[best.passage], best),), best.score)
        return _Judged("unsupported", (), best.score)

    def _sides(self, text: str, every: Sequence[Block]) -> tuple[tuple[Block, Support], ...]:
        """What supports a sentence that tells of several places, where each place's part is supported by itself."""
        parts = _by_place(without_markers(text))
        evidence = [block.evidence for block in every]
        found = self._checker.check_pairs([(part, evidence) for part in parts]) if len(parts) > 1 else []
        if not found or any(support.verdict != "supported" for support in found):
            return ()
        return tuple((every[support.passage], support) for support in found if support.passage is not None)

    def _cited(self, said: Said, text: str, judged: _Judged) -> Iterator[CitationEvent | TextEvent]:
        numbers: list[int] = []
        place: Span | None = None
        for block, support in judged.support:
            known = len(self.citations)
            start, end = (support.start, support.end) if support.end > support.start else (0, len(block.text))
            words = block.extract(start, end)
            citation = self._citation(words)
            if len(self.citations) > known:
                yield CitationEvent(citation)
            numbers.append(citation.number)
            place = place or Span(words.hit.source, words.start, words.end)
        cited = tuple(sorted(set(numbers)))
        yield self._shown(said, Sentence(text, cited, judged.verdict, place))

    def _citation(self, words: Extract) -> Citation:
        """The citation of the words that support a sentence; one that holds them already is used again."""
        for known in self.citations:
            if known.source == words.hit.source and known.start <= words.start and words.end <= known.end:
                return known
        citation = cite(words, number=len(self.citations) + 1, original=self._original(words.hit.source))
        self.citations.append(citation)
        return citation

    def _shown(self, said: Said, sentence: Sentence) -> TextEvent:
        before = ""
        if self.text:
            english = not _HAN.search(sentence.text[:1]) and not _HAN.search(self.text)
            before = "\n" if said.begins_line else " " if english else separator(sentence.text)
        piece = before + sentence.text + markers(sentence.citations) + flag(sentence.verdict, self._rules.script)
        self.sentences.append(sentence)
        self.text += piece
        return TextEvent(piece)


def _by_place(text: str) -> list[str]:
    """``text`` cut before each clause that names another place than the one before."""
    parts: list[str] = []
    current: list[str] = []
    for start, end in clause_spans(text, 0, len(text)):
        clause = text[start:end]
        places = find_places(search_key(clause))
        if places and (not parts or places != current):
            parts.append(clause)
            current = list(places)
        elif parts:
            parts[-1] += clause
        else:
            return []
    return parts


def _grams(text: str) -> frozenset[str]:
    key = "".join(search_key(text).split())
    return frozenset(key[start : start + _GRAM] for start in range(len(key) - _GRAM + 1))
