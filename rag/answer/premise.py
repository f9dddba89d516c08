"""Questions that take for granted what the documents contradict: 为什么取消…, where they say 全面实行….

Only what is explicit counts: the same words, affirmed where the question denies them, or forbidden, or with another
number, as the support check finds it. Chinese only, since the words have to match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answer.belonging import is_from
from rag.answer.evidence import Candidate, Weighing
from rag.answer.prepared import Evidence
from rag.answer.question import Question
from rag.corpus.sentences import clause_spans
from rag.index.terms import terms

if TYPE_CHECKING:
    from rag.answer.grounding import Support, SupportChecker

_WHY = re.compile("为什么|为何|为啥|凭什么|怎么会|何以")
_WHEN = re.compile("(?:是在?|从)?(?:什么时候|何时|哪一?年|哪一?天)(?:起|开始)?")
_DENIES = re.compile(
    "(?:已经?|要|全面)?(?:取消|废止|废除|停止|终止|撤销|放弃|叫停|停办|暂停|禁止|严禁|不得|不准|不允许|不许|不让|不再|不能|不(?=[建设推实开支鼓允搞做])"
    "|没有(?!多少)|拒绝)了?(?:对|在)?"
)
_NEGATIVE = re.compile(
    "取消|废止|废除|停止|终止|撤销|放弃|停办|暂停|禁止|严禁|不得|不准|不许|不再|不能|不应|不宜|不搞|没有|未(?!来|成年)|避免|杜绝|防止|除外"
)
_AFFIRMS = re.compile(
    "实行|建立|健全|推行|推进|推动|落实|实施|加强|完善|深化|打造|坚持|应当|必须|鼓励|支持|允许|可以|继续|加快|建设|开展|扩大|提升|提高|形成|优化|做好|推广|用好|给予"
)
_END = re.compile(r"[?!。,\s呢吗]+$")
_SAME = 0.7  # share of the information of what is denied that the sentence must hold
_AGREES = 0.7  # how much of it the support check must find there
_CONTRADICTS = 0.8
_LEAST, _FEW = 4, 6  # letters: fewer say too little to be contradicted; so few must all be there
_READ = 8
_PER_CHARACTER = 0.0005  # of sentences that hold as much, the shorter
_SAYS_NO = re.compile("forbid|not")
_VALUES = frozenset({"number", "percentage", "money"})


@dataclass(frozen=True, slots=True)
class Premise:
    """What a question takes for granted: ``statement``; where it denies something, that thing is the statement."""

    statement: str
    denied: bool


def premise(question: Question) -> Premise | None:
    """What ``question`` takes for granted; ``None`` where it only asks."""
    if question.script == "en":
        return None
    asks = _WHY.search(question.key)
    parts = _WHY.split(question.key, maxsplit=1) if asks else _WHEN.split(question.key, maxsplit=1)
    if len(parts) != 2:
        return None
    statement = _END.sub("", "".join(parts)).strip(",")
    denial = _DENIES.search(statement)
    if denial:
        done = _AFFIRMS.match(statement, denial.end())  # what is not 推行 may well be 深化
        return Premise(statement[: denial.start()] + statement[(done or denial).end() :], denied=True)
    return Premise(statement, denied=False) if asks else None


def contradiction(question: Question, candidates: Sequence[Candidate], checker: SupportChecker) -> Candidate | None:
    """The sentence that says the contrary of what ``question`` takes for granted; ``None``, unless it is explicit."""
    assumed = premise(question)
    if assumed is None:
        return None
    near = sorted(_about(question, assumed, candidates), key=lambda each: -each[0])[:_READ]
    pairs = [(assumed.statement, [_evidence(each)]) for _, each in near]
    judged = zip(near, checker.check_pairs(pairs), strict=True)
    return next((each for (_, each), support in judged if _contrary(assumed, each, support)), None)


def _about(question: Question, assumed: Premise, candidates: Sequence[Candidate]) -> Iterator[tuple[float, Candidate]]:
    """The sentences from the places asked that hold nearly all of what is taken for granted, and how much of it."""
    bare = re.sub("|".join(map(re.escape, question.places)) or "(?!)", " ", assumed.statement)
    weights = {term: 1.0 for term in terms(bare) if len(term) > 1}
    weighing = Weighing({term: weight / len(weights) for term, weight in weights.items()})
    letters = len(re.sub(r"\W", "", bare))
    if letters < _LEAST:
        return
    same = _SAME if letters > _FEW else 1.0 - 1e-9
    for candidate in candidates:
        here = not question.places or any(is_from(candidate.passage, place) for place in question.places)
        if here and (share := weighing.share(candidate.key)) >= same:
            yield share - _PER_CHARACTER * len(candidate.key), candidate


def _contrary(assumed: Premise, candidate: Candidate, support: Support) -> bool:
    if assumed.denied:
        # That it is only striven for is no objection here.
        agrees = all(problem.kind == "obligation" for problem in support.problems) and support.score >= _AGREES
        return agrees and _affirmed(assumed, candidate)
    problems = support.problems
    if len(problems) != 1 or support.score < _CONTRADICTS or _NEGATIVE.search(assumed.statement):
        return False
    [problem] = problems
    if problem.kind == "negation":
        return bool(_SAYS_NO.search(problem.found)) and bool(_NEGATIVE.search(candidate.key))
    return problem.kind in _VALUES and bool(problem.found)


def _affirmed(assumed: Premise, candidate: Candidate) -> bool:
    """Whether the clause that holds most of what is denied affirms it, and nothing in the sentence says no."""
    if _NEGATIVE.search(candidate.key):
        return False
    words = {term for term in terms(assumed.statement) if len(term) > 1}
    clauses = [candidate.key[start:end] for start, end in clause_spans(candidate.key, 0, len(candidate.key))]
    best = max(clauses, key=lambda clause: sum(term in clause for term in words), default="")
    return bool(_AFFIRMS.search(best))


def _evidence(candidate: Candidate) -> Evidence:
    hit = candidate.passage.hit
    return Evidence(candidate.text, hit.title, hit.section, candidate.passage.metadata.region, hit.issued)
