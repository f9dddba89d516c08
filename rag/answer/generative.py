"""Answers that a language model writes from the passages; every sentence is checked before it is shown."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, cast

from rag.answer.assembly import Context, as_data, assemble
from rag.answer.composing import Begun, Composer, events
from rag.answer.enforcement import Enforcement, Rules
from rag.answer.markers import SentenceStream
from rag.answer.notices import Notice, notice
from rag.answer.prompts import LANGUAGE, MISSING, Message, load_prompt
from rag.errors import ConfigurationError, LLMError
from rag.retrieval.hybrid import Retrieved
from rag.schema import AnswerEvent, CitationEvent, TextEvent

if TYPE_CHECKING:
    from rag.answer.grounding import SupportChecker
    from rag.answer.llm import Cancelled, ChatModel
    from rag.settings import LLMSettings

Events = Generator[CitationEvent | TextEvent | AnswerEvent, None, None]
USES = ("passages", "question")
"""What a prompt for answers cannot do without."""


@dataclass
class _Writing:
    """An answer on its way: what it begins from, what the model was given, what has been shown of what it wrote."""

    begun: Begun
    retrieved: Retrieved
    messages: Sequence[Message]
    context: Context
    shown: Enforcement
    waited: float = field(default=0.0)  # seconds the model took


class GenerativeAnswerer:
    """Has ``model`` write what ``composer`` finds answerable, checked by ``checker`` against what was retrieved."""

    def __init__(self, model: ChatModel, composer: Composer, checker: SupportChecker, settings: LLMSettings) -> None:
        self._model = model
        self._composer = composer
        self._checker = checker
        self._settings = settings
        self._prompt = load_prompt(settings.prompt, uses=USES)

    def stream(self, question: str, retrieved: Retrieved, *, cancelled: Cancelled | None = None) -> Events:
        """Citations and sentences as they are checked, and last the answer, without hits and all timings.

        Where the evidence says refuse, the model is not asked. Closing the generator stops the model, and so does
        ``cancelled`` once it is true; then there is no answer.

        Raises:
            LLMError: the model failed, and the settings name no fallback. ConfigurationError: no passage has room.
        """
        begun = self._composer.begin(question, retrieved)
        if begun.answer.refused:
            yield from events(begun.answer)
            return
        writing = self._prepare(begun, retrieved)
        failure = None
        try:
            yield from self._write(writing, cancelled)
        except LLMError as error:
            if not self._settings.fallback:
                raise
            failure = error
        if cancelled and cancelled():
            return
        if failure is not None and not writing.shown.sentences:
            quoted = self._composer.quote(begun, retrieved)
            yield from events(replace(quoted, notice=notice("fallback", begun.asked.script, failure)))
            return
        yield from self._end(writing, failure)

    def _prepare(self, begun: Begun, retrieved: Retrieved) -> _Writing:
        instructions = self._messages(begun, "")
        room = self._settings.context_tokens - sum(self._model.count_tokens(text) for _, text in instructions)
        context = assemble(retrieved.passages, budget=room, count=self._model.count_tokens)
        if not context.blocks:
            raise ConfigurationError(
                f"llm.context_tokens is {self._settings.context_tokens}, which leaves no room for a passage beside the "
                "prompt. Raise RAG_LLM__CONTEXT_TOKENS."
            )
        rules = Rules(
            begun.asked.text,
            begun.asked.script,
            self._settings.flag_unsupported,
            instructions=f"{self._prompt.system}\n{self._prompt.user}",
        )
        shown = Enforcement(context.blocks, self._checker, retrieved.originals.__getitem__, rules=rules)
        return _Writing(begun, retrieved, self._messages(begun, context.text), context, shown)

    def _messages(self, begun: Begun, passages: str) -> list[Message]:
        script = begun.asked.script
        question = as_data(begun.asked.text)
        return self._prompt.render(
            passages=passages, question=question, language=LANGUAGE[script], missing=MISSING[script]
        )

    def _write(self, writing: _Writing, cancelled: Cancelled | None) -> Iterator[CitationEvent | TextEvent]:
        sentences = SentenceStream({block.number for block in writing.context.blocks})
        with closing(
            cast("Generator[str, None, None]", self._model.until(cancelled).stream(writing.messages))
        ) as deltas:
            for delta in _timed(deltas, writing):
                for said in sentences.feed(delta):
                    yield from writing.shown.add(said)
        if cancelled and cancelled():
            return  # what came last is no whole sentence
        for said in sentences.finish():
            yield from writing.shown.add(said)

    def _end(self, writing: _Writing, failure: LLMError | None) -> Events:
        """What is said after the model has ended: what is missing, or that there is nothing to show."""
        shown, script, begun = writing.shown, writing.begun.asked.script, writing.begun
        answer = replace(
            begun.answer,
            provider=self._model.name,
            prompt=self._prompt.name,
            left_out=writing.context.left_out,
            invented=shown.invented,
            timings={"model": writing.waited * 1000},
        )
        if not shown.sentences:
            kind: Notice = "silent" if shown.declined else "unfounded"
            begun = replace(begun, answer=answer)
            yield from events(self._composer.refuse(begun, writing.retrieved, reason=notice(kind, script)))
            return
        partial = begun.answer.partial or shown.partial
        if partial:
            yield TextEvent(f"\n{partial}")
        yield AnswerEvent(
            replace(
                answer,
                text=f"{shown.text}\n{partial}" if partial else shown.text,
                citations=tuple(shown.citations),
                sentences=tuple(shown.sentences),
                partial=partial,
                notice=self._notice(writing, failure),
            )
        )

    def _notice(self, writing: _Writing, failure: LLMError | None) -> str | None:
        script, dropped = writing.begun.asked.script, writing.shown.dropped
        told = [notice("broken", script, failure)] if failure else []
        told += [notice("dropped", script, dropped)] if dropped else []
        return (" " if script == "en" else "").join(told) or None


def _timed(deltas: Iterator[str], writing: _Writing) -> Iterator[str]:
    """``deltas``, and the time spent waiting for them."""
    while True:
        start = perf_counter()
        delta = next(deltas, None)
        writing.waited += perf_counter() - start
        if delta is None:
            return
        yield delta
