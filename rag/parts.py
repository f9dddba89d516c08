"""The parts that a chatbot is made of, as its settings ask for: opened at first use, after a close opened again."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Self

from rag.errors import LLMError
from rag.settings import Settings
from rag.shared import LanguageModel, Made, Shared

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from rag.answer.composing import Composer
    from rag.answer.extractive import ExtractiveAnswerer
    from rag.answer.generative import GenerativeAnswerer
    from rag.answer.grounding import SupportChecker
    from rag.answer.llm import ChatModel
    from rag.chat.sessions import Conversations
    from rag.index.store import Index
    from rag.reader.reader import Reader
    from rag.retrieval.hybrid import HybridRetriever


class Parts:
    """What a chatbot with ``settings`` is made of; safe to share between threads.

    What rests on the index alone is shared with its siblings, chatbots on the same index under other settings.
    """

    def __init__(self, settings: Settings, *, model: BaseChatModel | ChatModel | None = None) -> None:
        self.settings = settings
        self._shared = Shared(settings)
        self._worded_by = LanguageModel(settings.llm, model)
        self._made = Made()
        self._is_sibling = False

    def close(self) -> None:
        """Release the index's files, unless this is a sibling of who opened them; the next use opens them again."""
        if not self._is_sibling:
            self._shared.close()

    def _sibling(self, settings: Settings) -> Self:
        """The same on the same index under other ``settings``; with another language model only for another ``llm``."""
        other = copy(self)
        other.settings, other._made, other._is_sibling = settings, Made(), True
        if settings.llm != self.settings.llm:
            other._worded_by = LanguageModel(settings.llm, self._worded_by.given)
        return other

    @property
    def conversations(self) -> Conversations:
        """The conversations of whoever uses this computer; ``.of(owner)`` gives those of another.

        Raises:
            ConfigurationError, StorageError, IndexMismatchError: as ``rag.chat.database.Database``.
        """
        return self._shared.conversations

    @property
    def retriever(self) -> HybridRetriever:
        """What finds passages; ``EmptyIndexError`` when nothing has been ingested."""
        return self._shared.retriever(self.settings)

    @property
    def reader(self) -> Reader:
        """What reads a question and passages together."""
        return self._shared.reader

    @property
    def answerer(self) -> ExtractiveAnswerer:
        """What finds the words of an answer in passages."""
        return self._shared.answerer

    @property
    def checker(self) -> SupportChecker:
        """What judges whether passages support a sentence."""
        return self._shared.checker

    @property
    def composer(self) -> Composer:
        """What makes an answer or a refusal of passages."""
        from rag.answer.composing import Composer

        return self._made.once("composer", self._index, lambda: Composer(self.answerer, self.checker, self.settings))

    @property
    def model(self) -> ChatModel | None:
        """The language model that is given or configured; ``None``: answers are the documents' own words.

        Raises:
            LLMError, ConfigurationError: it cannot be used as configured.
        """
        return self._worded_by.opened()

    @property
    def writer(self) -> GenerativeAnswerer | None:
        """What has a language model write answers; ``None`` without one."""
        model = self.model
        if model is None:
            return None
        from rag.answer.generative import GenerativeAnswerer

        return self._made.once(
            "writer",
            self._index,
            lambda: GenerativeAnswerer(model, self.composer, self.checker, self.settings.llm),
        )

    @property
    def _index(self) -> Index:
        return self._shared.index

    def _model_in_reach(self) -> ChatModel | None:
        """The language model where there is one; why it cannot be had is told when an answer needs it, not before."""
        try:
            return self.model
        except LLMError:
            return None
