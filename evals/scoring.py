"""One case through the chatbot: what came back, as a scored row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from time import perf_counter

from evals.datasets import Case
from evals.metrics import DIRECTIONS, Scores, score, score_hits
from evals.ranking import holds
from evals.results import Retrieved, Row
from rag.chatbot import Chatbot
from rag.errors import PolicyRagError
from rag.schema import Answer, Hit

SEARCHED = 30
"""Hits looked at: enough to fill 1,500 characters, and for ten documents when documents are ranked."""
_KEPT = 10
_BEGINNING = 200
_SILENCE = Answer("", "", False, None, 0.0, (), (), (), {}, "")


class Scorer:
    """Asks ``bot`` cases and scores what comes back; with ``retrieval_only`` it only searches.

    With ``replay`` the user's earlier turns are asked anew, one after the other, and the chatbot's own answers to them
    stand in the history; otherwise the history is given as the case has it.
    """

    def __init__(self, bot: Chatbot, *, retrieval_only: bool = False, replay: bool = False) -> None:
        self.bot = bot
        self._retrieval_only = retrieval_only
        self._replay = replay
        self._originals: dict[str, str] = {}

    def row(self, case: Case) -> Row:
        """The row of ``case``; whatever goes wrong is its ``error``.

        An error counts as an answer that says nothing: 0 where higher is better, left out of every other mean.
        """
        try:
            return self._row(case)
        except Exception as error:  # noqa: BLE001 - one bad case must not cost the run
            text = str(error) if isinstance(error, PolicyRagError) else f"{type(error).__name__}: {error}"
            empty = score_hits(case, ()) if self._retrieval_only else score(case, _SILENCE, (), {})
            scores = {name: value if DIRECTIONS[name] == "higher" else None for name, value in empty.items()}
            return replace(_blank(case), scores=_with_times(scores, {}), error=text)

    def _row(self, case: Case) -> Row:
        history = self._replayed(case) if self._replay else case.history
        start = perf_counter()
        if self._retrieval_only:
            hits = self.bot.search(case.question, k=SEARCHED, history=history)
            spent = (perf_counter() - start) * 1000
            timings = {"retrieve": spent, "total": spent}
            return self._finish(_blank(case), case, hits, score_hits(case, hits), timings)
        answer = self.bot.ask(case.question, history=history)
        timings = {**answer.timings, "total": (perf_counter() - start) * 1000}
        hits = self.bot.search(case.question, k=SEARCHED, history=history)
        row = replace(
            _blank(case),
            rewritten=answer.rewritten,
            answer=answer.text,
            refused=answer.refused,
            reason=answer.reason,
            confidence=answer.confidence,
            citations=tuple(asdict(citation) for citation in answer.citations),
        )
        return self._finish(row, case, hits, score(case, answer, hits, self._texts(answer)), timings)

    def _replayed(self, case: Case) -> Sequence[Mapping[str, str]]:
        turns: list[dict[str, str]] = []
        for asked in (turn["content"] for turn in case.history if turn["role"] == "user"):
            answer = self.bot.ask(asked, history=turns)
            turns += [{"role": "user", "content": asked}, {"role": "assistant", "content": answer.text}]
        return turns

    def _finish(self, row: Row, case: Case, hits: Sequence[Hit], scores: Scores, timings: dict[str, float]) -> Row:
        retrieved = tuple(_retrieved(case, hit) for hit in hits[:_KEPT])
        return replace(row, retrieved=retrieved, scores=_with_times(scores, timings), timings=timings)

    def _texts(self, answer: Answer) -> dict[str, str]:
        """The text of each document cited; a source that is not in the index has none."""
        known = {info.source for info in self.bot.documents()} if answer.citations else set()
        for source in {citation.source for citation in answer.citations} - self._originals.keys():
            self._originals[source] = self.bot.document(source).text if source in known else ""
        return self._originals


def _blank(case: Case) -> Row:
    return Row(
        id=case.id,
        type=case.type,
        script=case.script,
        question=case.question,
        rewritten=None,
        answerable=case.answerable,
        expected=case.answer,
        answer_keys=case.answer_keys,
        evidence=case.evidence,
        answer="",
        refused=False,
        reason=None,
        confidence=0.0,
        citations=(),
        retrieved=(),
        scores={},
        timings={},
    )


def _retrieved(case: Case, hit: Hit) -> Retrieved:
    return Retrieved(
        source=hit.source,
        section=hit.section,
        start=hit.start,
        end=hit.end,
        score=hit.score,
        scores=dict(hit.scores),
        relevant=any(holds(hit, item) for item in case.evidence),
        text=hit.text[:_BEGINNING],
    )


def _with_times(scores: Scores, timings: dict[str, float]) -> Scores:
    return {**scores, **{f"ms_{stage}": timings.get(stage) for stage in ("total", "retrieve", "answer")}}
