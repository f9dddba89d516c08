"""The facade: the only module that chooses implementations, and the only one the shells call. Read it first."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rag.errors import LLMError, QuestionError
from rag.schema import (
    Answer,
    AnswerEvent,
    Check,
    CitationEvent,
    Document,
    DocumentInfo,
    Event,
    Filter,
    Hit,
    HitsEvent,
    IngestReport,
    Progress,
    TextEvent,
    VerifyReport,
)
from rag.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from rag.answer.checking import Checked
    from rag.answer.composing import Composer
    from rag.answer.extractive import ExtractiveAnswerer
    from rag.answer.generative import GenerativeAnswerer
    from rag.answer.grounding import SupportChecker
    from rag.answer.llm import ChatModel
    from rag.chat.sessions import Conversations
    from rag.index.store import Index
    from rag.reader.reader import Reader
    from rag.retrieval.hybrid import HybridRetriever, Ordering, Retrieved
    from rag.retrieval.langchain import PolicyRetriever

_READ = 16  # passages the answerer reads, however few are shown
_HISTORY_TOKENS = 2000  # of a conversation, for completing a question
History = Sequence[Mapping[str, str]]


class Chatbot:
    """Answers questions from the documents under ``settings.home``; every sentence of an answer is cited.

    Cheap to create: index, model and retriever are opened at first use. Safe to share between threads.
    """

    def __init__(self, settings: Settings, *, model: BaseChatModel | ChatModel | None = None) -> None:
        self.settings = settings
        self._given_model = model
        self._opening_model = threading.Lock()
        self._model: ChatModel | None = None
        self._opening = threading.Lock()
        self._opened: Index | None = None

    @classmethod
    def open(cls, settings: Settings | None = None, *, model: BaseChatModel | ChatModel | None = None) -> Chatbot:
        """A chatbot with ``settings``, or those of ``rag.toml`` and the ``RAG_*`` environment.

        ``model``, any LangChain chat model, writes the answers instead of the one that the settings name.
        """
        return cls(settings or Settings.load(), model=model)

    def close(self) -> None:
        """Release the index's files; the next use opens them again."""
        with self._opening:
            opened, self._opened = self._opened, None
            for part in ("retriever", "answerer", "checker", "composer", "writer"):
                self.__dict__.pop(part, None)
            conversations = self.__dict__.pop("conversations", None)
        if opened is not None:
            opened.close()
        if conversations is not None:
            conversations.close()

    # --- documents ------------------------------------------------------------------------------------------

    def ingest(
        self, paths: Sequence[str | Path], *, progress: Callable[[Progress], None] | None = None
    ) -> IngestReport:
        """Bring the index up to date with files and folders; what has not changed costs no embedding.

        Raises:
            DocumentNotFoundError: a path does not exist; nothing is changed. A file that cannot be read is no error
                but an entry in ``IngestReport.failed``.
            IndexStateError: the index cannot be written, or was built with another model.
        """
        from rag.index.ingest import Ingestor

        return Ingestor(self._index, read=self._read).run([Path(path) for path in paths], progress=progress)

    def documents(self) -> list[DocumentInfo]:
        """Every document in the index, sorted by source."""
        return self._index.catalog.infos()

    def document(self, source: str) -> Document:
        """The document ``source`` with its original text; ``DocumentNotFoundError`` when it is not indexed."""
        return self._index.catalog.get(source)

    def remove(self, source: str) -> None:
        """Forget the document ``source``; ``DocumentNotFoundError`` when it is not indexed."""
        self._index.remove(source)

    # --- questions ------------------------------------------------------------------------------------------

    def search(
        self, question: str, *, k: int | None = None, history: History = (), where: Filter = Filter()
    ) -> list[Hit]:
        """The ``k`` best passages for ``question`` (default: ``settings.k``) in the documents that fit ``where``.

        Best first; of a document in several versions the one in force, unless question or ``where`` ask for another.

        Raises:
            QuestionError: the question is empty, too long or no text, or ``k`` is less than 1.
            EmptyIndexError: nothing has been ingested. FilterError: no document fits ``where``.
        """
        wanted = self.settings.k if k is None else k
        if wanted < 1:
            raise QuestionError(f"k is {wanted}, but a search gives at least 1 passage. Ask for more, or leave k away.")
        retrieved = self.retriever.retrieve(self._complete(question, history), wanted, where=where)
        return [passage.hit for passage in retrieved.passages]

    def ask(self, question: str, *, history: History = (), where: Filter = Filter()) -> Answer:
        """The answer to ``question``, or a refusal; ``history`` holds earlier turns (``role``, ``content``).

        Errors are those of ``search``.
        """
        *_, last = self.stream(question, history=history, where=where)
        assert isinstance(last, AnswerEvent)
        return last.answer

    def stream(self, question: str, *, history: History = (), where: Filter = Filter()) -> Iterator[Event]:
        """The events of answering: hits, citations and pieces of text, and last the ``Answer`` that ``ask`` returns.

        A citation comes before the text that bears its number. Closing the iterator stops a language model.
        """
        start = perf_counter()
        completed = self._complete(question, history)
        retrieved = self.retriever.retrieve(completed, max(self.settings.k, _READ), where=where)
        hits = tuple(passage.hit for passage in retrieved.passages[: self.settings.k])
        found = perf_counter()
        yield HitsEvent(hits)
        answering = perf_counter()
        with closing(self._written(completed, retrieved)) as events:
            for event in events:
                if isinstance(event, AnswerEvent):
                    rewritten = completed if completed != question.strip() else None
                    timings = {"retrieve": (found - start) * 1000, "answer": (perf_counter() - answering) * 1000}
                    timings |= event.answer.timings
                    answer = replace(event.answer, question=question, rewritten=rewritten, hits=hits, timings=timings)
                    yield AnswerEvent(answer)
                else:
                    yield event

    def _written(
        self, question: str, retrieved: Retrieved
    ) -> Generator[CitationEvent | TextEvent | AnswerEvent, None, None]:
        """The answer by the language model where there is one, else in the documents' own words."""
        from rag.answer.composing import events

        if self.writer is None:
            yield from events(self.composer.compose(question, retrieved))
        else:
            yield from self.writer.stream(question, retrieved)

    def check(self, text: str, *, where: Filter = Filter()) -> list[Checked]:
        """Each sentence of ``text``, whoever wrote it, with whether the documents that fit ``where`` support it.

        Raises:
            QuestionError: the text holds no sentence. EmptyIndexError: nothing has been ingested. FilterError: no
                document fits ``where``.
        """
        from rag.answer.checking import check_text

        return check_text(text, self.retriever, self.checker, self._index.catalog, where=where)

    def as_retriever(self, *, k: int | None = None, where: Filter = Filter()) -> PolicyRetriever:
        """``search`` as a LangChain retriever that gives ``k`` passages (default: ``settings.k``) from ``where``."""
        from rag.retrieval.langchain import PolicyRetriever

        return PolicyRetriever(search=self.search, k=self.settings.k if k is None else k, where=where)

    # --- conversations --------------------------------------------------------------------------------------

    @cached_property
    def conversations(self) -> Conversations:
        """The conversations of whoever uses this computer; ``.of(owner)`` gives those of another.

        Raises:
            ConfigurationError, StorageError, IndexMismatchError: as ``rag.chat.database.Database``.
        """
        from rag.chat.database import Database
        from rag.chat.sessions import Conversations

        url = self.settings.database.url
        return Conversations(Database(self.settings.state / "catalog.db", url=url.get_secret_value() if url else None))

    def converse(
        self, conversation_id: str, question: str, *, where: Filter = Filter(), owner: str | None = None
    ) -> Iterator[Event]:
        """As ``stream``, within a conversation: it gives the history, and keeps the question and what came of it.

        The question is kept before it is searched; when the answer fails or the iterator is closed early, it stays with
        a note that says so.

        Raises:
            ConversationNotFoundError: ``owner`` has no such conversation. StorageError: it cannot be kept.
        """
        from rag.chat.conversing import keep

        self._complete(question, ())  # a question that cannot be asked is not kept
        mine = self.conversations.of(owner)

        def answer(turn_id: int) -> Iterator[Event]:
            history = self._recalled(mine, conversation_id, question, before=turn_id)
            return self.stream(question, history=history, where=where)

        yield from keep(mine, conversation_id, question, answer)

    def export(self, conversation_id: str, *, markdown: bool = True, owner: str | None = None) -> str:
        """A conversation as Markdown or else JSON, with every citation in full and whether it still opens.

        Raises:
            ConversationNotFoundError: ``owner`` has no such conversation.
        """
        from rag.chat import export

        mine = self.conversations.of(owner)
        write = export.to_markdown if markdown else export.to_json
        conversation, turns = mine.get(conversation_id), mine.turns(conversation_id)
        return write(conversation, turns, opens=export.opens_in(self._index.catalog))

    # --- health ---------------------------------------------------------------------------------------------

    def verify(self, *, repair: bool = False, progress: Callable[[Progress], None] | None = None) -> VerifyReport:
        """Whether catalogue, vectors and lexical index agree; with ``repair``, the other two rebuilt from the first."""
        from rag.corpus.document import rechunk
        from rag.index import verify

        if not repair:
            return verify.verify(self._index)
        target = self.settings.chunk_chars
        return verify.repair(self._index, rechunk=lambda document: rechunk(document, target), progress=progress)

    def doctor(self, *, build: bool = False) -> list[Check]:
        """What is configured, what is missing and how to get it; ``build`` builds the embedding model if needed."""
        from rag.doctor import examine

        return examine(self.settings, self.verify, build=build)

    # --- parts ----------------------------------------------------------------------------------------------

    @property
    def _index(self) -> Index:
        with self._opening:
            if self._opened is None:
                self._opened = self._open_index()
            return self._opened

    def _open_index(self) -> Index:
        from rag.corpus.chunking import CHUNKER_VERSION
        from rag.index.embeddings import create_embeddings, fingerprint
        from rag.index.manifest import Manifest
        from rag.index.store import Index

        home, model = self.settings.state, self.settings.embedding_model
        manifest = Manifest(fingerprint(model), self.settings.chunk_chars, CHUNKER_VERSION)
        return Index(home, create_embeddings(model, home=home), manifest)

    @cached_property
    def retriever(self) -> HybridRetriever:
        """What finds passages; ``EmptyIndexError`` when nothing has been ingested."""
        from rag.retrieval.hybrid import HybridRetriever

        self._index.require_ready()
        return HybridRetriever(self._index, candidates=self.settings.candidates, ordering=self._ordering())

    def _ordering(self) -> Ordering | None:
        if self.settings.reranker is not None:
            from rag.retrieval.rerank import CrossEncoderReranker, Reranking

            return Reranking(CrossEncoderReranker(self.settings.reranker), self.settings.rerank_passages)
        if self.settings.reader:
            from rag.retrieval.reading import ReaderOrdering

            return ReaderOrdering(self.reader, self.settings.reader_passages)
        return None

    @cached_property
    def reader(self) -> Reader:
        """What reads a question and passages together."""
        from rag.reader.reader import Reader

        return Reader(self.settings.state)

    @cached_property
    def answerer(self) -> ExtractiveAnswerer:
        """What finds the words of an answer in passages."""
        from rag.answer.extractive import ExtractiveAnswerer

        return ExtractiveAnswerer(self._index)

    @cached_property
    def checker(self) -> SupportChecker:
        """What judges whether passages support a sentence."""
        from rag.answer.grounding import SupportChecker
        from rag.answer.remembered import RememberedPassages

        return SupportChecker(RememberedPassages(self._index.embeddings))

    @cached_property
    def composer(self) -> Composer:
        """What makes an answer or a refusal of passages."""
        from rag.answer.composing import Composer

        return Composer(self.answerer, self.checker, self._index.catalog, self.settings)

    @property
    def model(self) -> ChatModel | None:
        """The language model that is given or configured; ``None``: answers are the documents' own words.

        Raises:
            LLMError, ConfigurationError: it cannot be used as configured.
        """
        with self._opening_model:  # a model of several gigabytes is loaded once, however many ask at first
            if self._model is None:
                self._model = self._open_model()
            return self._model

    def _open_model(self) -> ChatModel | None:
        given, llm = self._given_model, self.settings.llm
        if given is None and llm.model is None and llm.base_url is None:
            return None
        from rag.answer.llm import ChatModel, open_model

        if given is None:
            return open_model(llm)
        return given if isinstance(given, ChatModel) else ChatModel.wrap(given, llm)

    @cached_property
    def writer(self) -> GenerativeAnswerer | None:
        """What has a language model write answers; ``None`` without one."""
        if self.model is None:
            return None
        from rag.answer.generative import GenerativeAnswerer

        return GenerativeAnswerer(self.model, self.composer, self.checker, self._index.catalog, self.settings.llm)

    def _read(self, path: Path, *, source: str, overrides: Mapping[str, Any]) -> Document:
        from rag.corpus.document import ReadLimits, read_document

        limits = ReadLimits(self.settings.chunk_chars, int(self.settings.max_file_mb * 1_000_000))
        return read_document(path, source=source, limits=limits, overrides=overrides)

    def _complete(self, question: str, history: History) -> str:
        from rag.retrieval.followup import complete

        limit = self.settings.max_question_chars
        if not question.strip():
            raise QuestionError("the question is empty. Ask something.")
        if len(question) > limit:
            raise QuestionError(
                f"the question has {len(question)} characters, more than {limit}. "
                "Shorten it, or raise RAG_MAX_QUESTION_CHARS."
            )
        # Half of a surrogate pair is what Python makes of a byte in a command line that is no UTF-8.
        if broken := re.search("[\ud800-\udfff]", "".join([question, *(turn.get("content", "") for turn in history)])):
            raise QuestionError(f"the question holds a broken character, {broken[0]!r}. Type it again.")
        return self._rewritten(question.strip(), history) or complete(question.strip(), history)

    def _rewritten(self, question: str, history: History) -> str | None:
        """A follow-up question as the language model completes it; ``None`` without one, or when it is of no use."""
        from rag.retrieval.followup import stands_alone

        if not history or stands_alone(question) or (model := self._model_in_reach()) is None:
            return None
        from rag.answer.prompts import load_prompt
        from rag.chat.rewriting import rewrite

        prompt = load_prompt(self.settings.llm.rewrite_prompt, uses=("history", "question"))
        return rewrite(question, history, model, prompt=prompt)

    def _recalled(self, mine: Conversations, conversation_id: str, question: str, *, before: int) -> History:
        """What a question needs of what was said before it: nothing, when it can be understood without."""
        from rag.retrieval.followup import stands_alone

        if stands_alone(question.strip()):
            return ()
        summarise = None
        if (model := self._model_in_reach()) is not None:
            from rag.answer.prompts import load_prompt
            from rag.chat.summarising import summariser

            summarise = summariser(model, load_prompt("summarise.v1", uses=("history",)))
        return mine.history(conversation_id, budget=_HISTORY_TOKENS, summarise=summarise, before=before)

    def _model_in_reach(self) -> ChatModel | None:
        """The language model where there is one; why it cannot be had is told when an answer needs it, not before."""
        try:
            return self.model
        except LLMError:
            return None
